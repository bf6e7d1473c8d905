#!/usr/bin/env python3
"""The target table: every case runs in our core and in its peer, A B B A, in processes of their own on the same
cores, on the same arrays.

Needs a built native core (mvn package) and Python with numpy, scipy, scikit-learn, faiss-cpu and torch. Checks
answers first (labels against fp64). Peers run in the fastest of the settings named under BLAS.
Writes bench/results/kernels-<date>.json; bench/results.py makes the table, CSV and chart from it.

  bench/peers/run.py [--only T2,T4] [--threads 2] [--rounds 2] [--quick]
"""
import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile

import cases

HERE = os.path.dirname(os.path.abspath(__file__))
RESULTS = os.path.join(os.path.dirname(HERE), "results")
BLAS = {"given": {}, "SkylakeX": {"OPENBLAS_CORETYPE": "SkylakeX"},
        # OpenBLAS's own threads and spinning OpenMP ones get in each other's way.
        "SkylakeX, passive": {"OPENBLAS_CORETYPE": "SkylakeX", "OMP_WAIT_POLICY": "PASSIVE"}}


def environment(threads, blas, settings):
    """Of a child. `blas`: given = as this process has it."""
    variables = dict(os.environ, OMP_NUM_THREADS=str(threads), OPENBLAS_NUM_THREADS=str(threads),
                     MKL_NUM_THREADS=str(threads), **settings)
    variables.update(BLAS[blas])
    return variables


def child(case, side, folder, threads, blas, settings):
    command = ["taskset", "-c", ",".join(str(c) for c in sorted(os.sched_getaffinity(0))[:threads]),
               sys.executable, os.path.join(HERE, "cases.py"), case, side, folder, str(threads)]
    out = subprocess.run(command, env=environment(threads, blas, settings), check=True,
                         stdout=subprocess.PIPE)
    return json.loads(out.stdout.decode().strip().splitlines()[-1])


def probe(folder, threads):
    return child("probe", "peer", folder, threads, "SkylakeX", {})


def measure(name, case, folder, threads, rounds, quick):
    cases.write_data(case, folder, quick)
    ours, peers = {}, {}
    for order in range(rounds):
        sides = [("ours", v) for v in case["ours"]] + [("peer", p) for p in case["peers"]]
        for side, which in sides if order % 2 == 0 else reversed(sides):
            if side == "ours":
                got = child(name, "ours", folder, threads, "given", case["ours"][which])
                ours.setdefault(which, []).append(got)
                continue
            types = tuple(BLAS) if which in case["blas"] else ("given",)
            for blas in types:
                got = child(name, which, folder, threads, blas, {})
                peers.setdefault((which, blas), []).append(got)
    rows = []
    for variant, mine in ours.items():
        for which in case["peers"]:
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
            print(cases.line(rows[-1]), flush=True)
    return rows


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default=",".join(cases.CASES))
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that all runs")
    args = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        before = probe(folder, args.threads)
        for name in args.only.split(","):
            rows += measure(name, cases.CASES[name], folder, args.threads, args.rounds, args.quick)
        after = probe(folder, args.threads)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=HERE, check=True,
                            stdout=subprocess.PIPE).stdout.decode().strip()
    drift = max(abs(after["info"][k] / before["info"][k] - 1) for k in before["info"])
    result = {"date": datetime.date.today().isoformat(), "commit": commit, "cpu": cpu(),
              "python": platform.python_version(), "probe_before": before["info"],
              "probe_after": after["info"], "drift": drift, "void": drift > 0.1, "rows": rows}
    print("probe before %s after %s%s" % (before["info"], after["info"],
                                          ": VOID, the machine changed" if drift > 0.1 else ""))
    if args.quick:
        return
    path = os.path.join(RESULTS, "kernels-%s.json" % result["date"])
    with open(path, "w") as out:
        json.dump(result, out, indent=1)
        out.write("\n")
    print("wrote bench/results/" + os.path.basename(path))


def cpu():
    with open("/proc/cpuinfo") as info:
        names = [line.split(":")[1].strip() for line in info if line.startswith("model name")]
    return "%d cores of %s" % (len(os.sched_getaffinity(0)), names[0])


if __name__ == "__main__":
    main()
