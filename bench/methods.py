#!/usr/bin/env python3
"""Trains every method on real images by its small preset and scores it beside raw pixels and the
untrained network; labels serve the scores only.

    python3 bench/methods.py --work DIR [--seeds 0,1,2] [--methods odc,ratio] [--kanji DIR]

Fashion-MNIST: the 10,000 + 2,000 images that ship in the command line's jar. Cluster-Contrast, ISE
and SpCL run on identities x cameras, the kanji set of `dc4j data fetch kanji`. One run after the
other; a run that is there already (the same plan and commit) is not made again. Writes
bench/results/methods.json, from which bench/results.py makes the README's table.
"""
import argparse
import json
import os
import subprocess
import sys
import time
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
JAR = os.path.join(HERE, "..", "java", "cli", "target", "dc4j.jar")
RESULT = os.path.join(HERE, "results", "methods.json")
CLASSES = ("deepcluster", "pic", "deepcluster-v2", "odc", "ratio")
IDENTITIES = ("cluster-contrast", "ise", "spcl")


def dc4j(*arguments):
    command = ["java", "-jar", JAR, *arguments, "--json", "-q"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit("%s ended with %d" % (" ".join(command), done.returncode))
    return json.loads(done.stdout)


def fashion(work):
    folder = os.path.join(work, "fashion-mnist")
    with zipfile.ZipFile(JAR) as jar:
        for name in jar.namelist():
            if name.endswith("ubyte.gz"):
                os.makedirs(folder, exist_ok=True)
                path = os.path.join(folder, os.path.basename(name))
                with open(path, "wb") as out:
                    out.write(jar.read(name))
    return "fashion-mnist:%s" % folder


def trained(run, preset, data, seed):
    """Seconds of training; the run is continued if it is there."""
    started = time.time()
    if os.path.exists(os.path.join(run, "plan.yaml")):
        dc4j("train", "--resume", "--out", run)
    else:
        dc4j("train", "--preset", preset, "--data", data, "--seed", str(seed), "--out", run)
    return time.time() - started


def score(method, run, data):
    if method in IDENTITIES:
        return dc4j("eval", "--model", run, "--data", data + "?split=test", "--protocol", "reid")
    return dc4j("eval", "--model", run, "--data", data, "--test", data + "?split=test")


def cpu():
    for line in open("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return "unknown"


def commit():
    return subprocess.run(["git", "-C", HERE, "rev-parse", "--short", "HEAD"],
                          stdout=subprocess.PIPE, text=True).stdout.strip()


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    arguments.add_argument("--work", required=True, help="folder for data and runs")
    arguments.add_argument("--seeds", default="0,1,2")
    arguments.add_argument("--methods", default=",".join(CLASSES + IDENTITIES))
    arguments.add_argument("--kanji", help="folder of `dc4j data fetch kanji`")
    given = arguments.parse_args()
    os.makedirs(given.work, exist_ok=True)
    images = fashion(given.work)
    rows = json.load(open(RESULT))["rows"] if os.path.exists(RESULT) else []
    for method in given.methods.split(","):
        data = "kanji:%s" % given.kanji if method in IDENTITIES else images
        for seed in map(int, given.seeds.split(",")):
            run = os.path.join(given.work, "%s-%d" % (method, seed))
            seconds = trained(run, method + "-small", data, seed)
            row = {"method": method, "seed": seed, "data": data.split(":")[0],
                   "commit": commit(), "train_seconds": round(seconds, 1),
                   "scores": score(method, run, data)}
            rows = [old for old in rows if (old["method"], old["seed"]) != (method, seed)] + [row]
            rows.sort(key=lambda found: (found["method"], found["seed"]))
            with open(RESULT, "w") as out:
                json.dump({"cpu": cpu(), "date": time.strftime("%Y-%m-%d"), "rows": rows}, out,
                          indent=1)
                out.write("\n")
            print(method, seed, round(seconds), "s", flush=True)


if __name__ == "__main__":
    main()
