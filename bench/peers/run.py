#!/usr/bin/env python3
"""The target table: every case runs in our core and in its peer, A B B A, in processes of their own on the same
cores, on the same arrays; then what is held against the machine itself (ceilings.py).

Needs mvn -DskipTests package, and Python with numpy, scipy, scikit-learn, faiss-cpu and torch; for the JVM
peers mvn -f bench/jvm-peers/pom.xml package (left out with a note where that is missing). Checks
answers first (labels against fp64). Peers run in the fastest of the settings named under BLAS and PAGES. The
machine's ceilings are measured before and after every case: where they moved by more than 10 % it is measured
again, and void after the third time. Writes bench/results/kernels-<date>.json (.part until all is measured) and the
table, CSV and chart made from it. With --only nothing of that is touched, the table goes to stdout, the raw figures to --out; unless
--into names a result of the same machine, whose other cases then stay as they are.

  bench/peers/run.py [--only T1,T4] [--threads 2] [--rounds 2] [--quick] [--out FILE] [--into FILE]
"""
import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile

import numpy as np

import cases
import ceilings

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import kernel_table  # noqa: E402 (the folder above)

RESULTS = os.path.join(os.path.dirname(HERE), "results")
# Where page faults are dear, arrays of megabytes that come and go are; glibc gives huge pages if asked.
HUGE = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
BLAS = {"given": {}, "SkylakeX": {"OPENBLAS_CORETYPE": "SkylakeX", **HUGE},
        # OpenBLAS's own threads and spinning OpenMP ones get in each other's way.
        "SkylakeX, passive": {"OPENBLAS_CORETYPE": "SkylakeX", "OMP_WAIT_POLICY": "PASSIVE", **HUGE}}
PAGES = {"given": {}, "huge pages": HUGE}
SETTINGS = {**BLAS, **PAGES}
JVM = ("spark", "tribuo")
ATTEMPTS = 3
JVM_PEERS = os.path.join(os.path.dirname(HERE), "jvm-peers/target")
# What Spark's own launcher opens, and the vector instructions its BLAS can use.
OPENED = ["java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.net", "java.nio",
          "java.util", "java.util.concurrent", "java.util.concurrent.atomic", "sun.nio.ch",
          "sun.nio.cs", "sun.security.action", "sun.util.calendar"]


def environment(threads, blas, settings):
    """Of a child. `blas`: given = as this process has it."""
    variables = dict(os.environ, OMP_NUM_THREADS=str(threads), OPENBLAS_NUM_THREADS=str(threads),
                     MKL_NUM_THREADS=str(threads))
    variables.update({**settings, **SETTINGS[blas]})
    return variables


def java(which, case, folder, threads):
    return ["java", "-Xmx8g", "-XX:+UseTransparentHugePages", "--add-modules=jdk.incubator.vector"] + [
        "--add-opens=java.base/%s=ALL-UNNAMED" % name for name in OPENED] + [
        "-cp", "%s/classes:%s/lib/*" % (JVM_PEERS, JVM_PEERS), "org.dc4j.bench.peers.KMeansPeer",
        which, folder, str(cases.clusters(folder)), str(case["iterations"]), str(threads)]


def child(name, side, folder, threads, blas, settings):
    command = [sys.executable, os.path.join(HERE, "cases.py"), name, side, folder, str(threads)]
    if side in JVM:
        command = java(side, cases.CASES[name], folder, threads)
    quiet = subprocess.DEVNULL if side in JVM else None  # Spark's log
    out = subprocess.run(ceilings.pinned(threads) + command, check=True, stderr=quiet,
                         env=environment(threads, blas, settings), stdout=subprocess.PIPE)
    got = json.loads(out.stdout.decode().strip().splitlines()[-1])
    if side in JVM:
        c = np.fromfile(os.path.join(folder, "centroids.bin")).reshape(cases.clusters(folder), -1)
        x = np.load(os.path.join(folder, "x.npy"))
        got["info"]["objective"] = cases.objective(x, c.astype(np.float32))
    labels = os.path.join(folder, "labels.npy")
    if os.path.exists(labels):
        got["labels"] = np.load(labels)
        os.remove(labels)
    return got


def present(case):
    """The peers that are there."""
    missing = [p for p in case["peers"] if p in JVM and not os.path.isdir(JVM_PEERS + "/lib")]
    if missing:
        print("left out: %s, which need mvn -f bench/jvm-peers/pom.xml package" % missing)
    return [p for p in case["peers"] if p not in missing]


def measure(name, case, folder, threads, rounds, quick):
    for left in os.listdir(folder):
        os.remove(os.path.join(folder, left))
    cases.write_data(case, folder, quick)
    ours, peers, names = {}, {}, present(case)
    for order in range(rounds):
        sides = [("ours", v) for v in case["ours"]] + [("peer", p) for p in names]
        for side, which in sides if order % 2 == 0 else reversed(sides):
            if side == "ours":
                got = child(name, "ours", folder, threads, "given", case["ours"][which])
                ours.setdefault(which, []).append(got)
                continue
            types = tuple(BLAS) if which in case["blas"] else tuple(PAGES) \
                if which in case.get("pages", ()) else ("given",)
            for blas in types:
                got = child(name, which, folder, threads, blas, {})
                peers.setdefault((which, blas), []).append(got)
    rows = []
    for variant, mine in ours.items():
        for which in names:
            runs = {b: r for (p, b), r in peers.items() if p == which}
            best = min(runs, key=lambda b: min(t for r in runs[b] for t in r["seconds"]))
            rows.append({"target": name, "case": case["name"], "variant": variant, "peer": which,
                         "blas": best, "threads": threads,
                         "wanted": case["wanted"].get(variant + "/" + which,
                                                      case["wanted"].get(which)),
                         "ours": [t for r in mine for t in r["seconds"]],
                         "theirs": [t for r in runs[best] for t in r["seconds"]],
                         "ours_info": mine[0].get("info", {}),
                         "peer_info": runs[best][0].get("info", {})})
            if "labels" in mine[0]:
                rows[-1]["labels_equal"] = bool(
                    np.array_equal(mine[0]["labels"], runs[best][0]["labels"]))
            print(cases.line(rows[-1]), flush=True)
    return rows


def drift(name, before, after):
    """The largest change of what the case leans on: arithmetic, for those that wait for memory its reading; medians.
    Sides alternate, so what is left of a change is in the intervals."""
    names = [n for n in ("fp32", "fp32_256") if n in before] + ["read"] * (name in cases.READING)
    return max(abs(after[n + "_median"] / before[n + "_median"] - 1) for n in names)


def steadily(name, args, run):
    """run() between two probes of the machine, again where it changed meanwhile. Returns the rows and how
    steady it was; void if it was not in ATTEMPTS attempts."""
    for attempt in range(1, ATTEMPTS + 1):
        before = ceilings.probe(args.threads)
        rows = run()
        after = ceilings.probe(args.threads)
        moved = drift(name, before, after)
        if moved <= 0.1:
            break
        print("%s: the machine changed by %.1f %% meanwhile, attempt %d" % (name, 100 * moved, attempt),
              flush=True)
    return rows, {"commit": commit(), "date": datetime.date.today().isoformat(), "drift": moved,
                  "attempts": attempt, "void": moved > 0.1, "probe_before": before,
                  "probe_after": after}


def commit():
    return subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=HERE, check=True,
                          stdout=subprocess.PIPE).stdout.decode().strip()


def report(result):
    """Versions, BLAS kernels and threads of every process that was measured; how steady it was."""
    for row in result["rows"]:
        info = row["peer_info"]
        print("%-4s %-12s %s; %s" % (row["target"], row["peer"], row["blas"],
                                     "; ".join(info.get("libraries", [])) or info))
    for name, how in result["cases"].items():
        print("%-4s of %s: drift %.1f %%%s" % (name, how["commit"], 100 * how["drift"],
                                             ": VOID, the machine changed" if how["void"] else ""))


def begin(args, chosen):
    """The result so far: empty, or that of --into without the cases that are measured again."""
    result = {"rows": [], "ceilings": [], "cases": {}}
    if args.into:
        with open(args.into) as given:
            result = json.load(given)
        result.setdefault("cases", {})
        result["rows"] = [r for r in result["rows"] if r["target"] not in chosen]
        result["ceilings"] = [r for r in result["ceilings"] if r.get("group") not in chosen]
    if result.get("cpu", cpu()) != cpu():
        sys.exit("--into: %s is of %s, not of %s" % (args.into, result["cpu"], cpu()))
    result.update({"date": datetime.date.today().isoformat(), "commit": commit(), "cpu": cpu(),
                   "python": platform.python_version(), "threads": args.threads})
    return result


def in_order(rows, key, names):
    return sorted(rows, key=lambda row: names.index(row[key]))


def write(result, path):
    with open(path, "w") as out:
        json.dump(result, out, indent=1)
        out.write("\n")


def main():
    known = list(cases.CASES) + list(ceilings.GROUPS)
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", help="names of cases, of %s" % ",".join(known))
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that all runs")
    parser.add_argument("--out", help="where the raw figures go; needed to keep those of --only")
    parser.add_argument("--into", help="a result of this machine that --only renews in part")
    args = parser.parse_args()
    chosen = args.only.split(",") if args.only else known
    unknown = [name for name in chosen if name not in known]
    if unknown:
        parser.error("no case %s; there are %s" % (unknown, ",".join(known)))
    result = begin(args, chosen)
    whole = not args.only or args.into
    path = args.out or (os.path.join(RESULTS, "kernels-%s.json" % result["date"])
                        if whole and not args.quick else None)
    with tempfile.TemporaryDirectory() as folder:
        for number, name in enumerate(chosen):
            print("-- %s, %d of %d" % (name, number + 1, len(chosen)), flush=True)
            if name in cases.CASES:
                rows, how = steadily(name, args, lambda: measure(
                    name, cases.CASES[name], folder, args.threads, args.rounds, args.quick))
                result["rows"] += rows
            else:
                rows, how = steadily(name, args,
                                     lambda: ceilings.GROUPS[name](args.threads, args.quick))
                result["ceilings"] += [dict(row, group=name) for row in rows]
            result["cases"][name] = how
            result["rows"] = in_order(result["rows"], "target", known)
            result["ceilings"] = in_order(result["ceilings"], "group", known)
            if path:  # the whole takes most of an hour: what was measured stays if it is stopped
                write(result, path + ".part")
    report(result)
    if path and not args.out:
        print(kernel_table.write(result, RESULTS))
    else:
        print(kernel_table.markdown(result))
    if path:
        os.replace(path + ".part", path)
        print("wrote " + path)
    sys.exit(3 if any(how["void"] for how in result["cases"].values()) else 0)


def cpu():
    with open("/proc/cpuinfo") as info:
        names = [line.split(":")[1].strip() for line in info if line.startswith("model name")]
    return "%d cores of %s" % (len(os.sched_getaffinity(0)), names[0])


if __name__ == "__main__":
    main()
