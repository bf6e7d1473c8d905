#!/usr/bin/env python3
"""PCA-whitening and k-means of a .npy larger than the process's memory: `dc4j cluster --mapped --whiten` in a memory
cgroup beside the same clustering with all rows in memory.

Needs numpy, java/cli/target/dc4j.jar and a cgroup that this user may make children of (root in a container). The
file's pages are dropped from the page cache before every run, so both sides read it from disk; whole processes are
timed, A B B A. Checks that the objectives agree within 0.1 % and says whether the labels are the same bytes.
Writes bench/results/out-of-core-<date>.json. T8 of run.py calls it.

  bench/peers/out_of_core.py [--n 786432] [--d 512] [--whiten 32] [--k 100] [--cap-mib 384] [--rounds 2] [--out FILE]
"""
import argparse
import datetime
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
JAR = os.path.join(ROOT, "java/cli/target/dc4j.jar")


NO_CGROUP = 4  # exit code where this user may not make one


class MemoryCap:
    """A child memory cgroup, version 1 or 2, with a limit on all its pages: heap, file pages, kernel."""

    def __init__(self, mib):
        with open("/proc/self/cgroup") as groups:
            lines = [line.strip().split(":", 2) for line in groups]
        paths = [("/sys/fs/cgroup/memory", p) for _, c, p in lines if "memory" in c.split(",")]
        paths += [("/sys/fs/cgroup", p) for _, c, p in lines if c == ""]
        root, path = paths[0]
        self.old = root.endswith("memory")
        base = root + path
        self.folder = os.path.join(base if os.path.isdir(base) else root, "dc4j-out-of-core")
        os.makedirs(self.folder, exist_ok=True)
        limit = "memory.limit_in_bytes" if self.old else "memory.max"
        with open(os.path.join(self.folder, limit), "w") as out:
            out.write(str(mib << 20))

    def enter(self):
        with open(os.path.join(self.folder, "cgroup.procs"), "w") as out:
            out.write(str(os.getpid()))

    def peak(self):
        name = "memory.max_usage_in_bytes" if self.old else "memory.peak"
        with open(os.path.join(self.folder, name)) as value:
            return int(value.read())

    def close(self):
        os.rmdir(self.folder)


def write_rows(path, n, d, clusters, seed):
    """Clusters of unequal size with correlated columns about a mean, written a block at a time."""
    random = np.random.default_rng(seed)
    centres = (random.standard_normal((clusters, 24)) * 2).astype(np.float32)
    mix = (random.standard_normal((24, d)) / np.sqrt(np.arange(1, 25))[:, None]).astype(np.float32)
    rows = np.lib.format.open_memmap(path, "w+", np.float32, (n, d))
    for begin in range(0, n, 8192):
        count = min(8192, n - begin)
        which = (clusters * random.random(count) ** 1.5).astype(int)
        inner = centres[which] + random.standard_normal((count, 24), dtype=np.float32)
        noise = random.standard_normal((count, d), dtype=np.float32)
        rows[begin:begin + count] = inner @ mix + 0.2 * noise + 3
    rows.flush()


def drop_pages(path):
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def run(folder, args, cap):
    """One process; its result, wall seconds, peak resident MiB and the hash of its labels."""
    path, out = os.path.join(folder, "x.npy"), os.path.join(folder, "labels.npy")
    drop_pages(path)
    command = ["java", "-Xmx96m", "-XX:+UseSerialGC", "-jar", JAR, "cluster", "--features", path,
               "--k", str(args.k), "--iterations", str(args.iterations), "--whiten",
               str(args.whiten), "--precision", args.precision, "--threads", str(args.threads),
               "--json", "--out", out] + (["--mapped"] if cap else [])
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE,
                               preexec_fn=cap.enter if cap else None)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status != 0:
        raise SystemExit("dc4j cluster ended with status %d: %s" % (status, output.decode()))
    with open(out, "rb") as labels:
        digest = hashlib.sha256(labels.read()).hexdigest()
    result = json.loads(output)
    return {"seconds": seconds, "peak_rss_mib": usage.ru_maxrss >> 10, "user": usage.ru_utime,
            "system": usage.ru_stime, "group_peak_mib": cap.peak() >> 20 if cap else None,
            "labels": digest, "result": result}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--n", type=int, default=786432)
    parser.add_argument("--d", type=int, default=512)
    parser.add_argument("--whiten", type=int, default=32)
    parser.add_argument("--k", type=int, default=100)
    parser.add_argument("--iterations", type=int, default=10)
    parser.add_argument("--precision", default="fp32")
    parser.add_argument("--cap-mib", type=int, default=384)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--out", help="instead of the file in bench/results")
    parser.add_argument("--folder", help="where the file is written (default: a temporary folder)")
    args = parser.parse_args()
    bytes_ = args.n * args.d * 4
    if bytes_ < 4 * args.cap_mib << 20:
        raise SystemExit("the file has %d MiB; accepted: 4 times --cap-mib or more" % (bytes_ >> 20))
    runs = {"memory": [], "mapped": []}
    try:
        cap = MemoryCap(args.cap_mib)
    except OSError as error:
        print("no memory cgroup: %s" % error, file=sys.stderr)
        sys.exit(NO_CGROUP)
    try:
        with tempfile.TemporaryDirectory(dir=args.folder) as folder:
            write_rows(os.path.join(folder, "x.npy"), args.n, args.d, 150, 1)
            for order in range(args.rounds):
                for side in ["memory", "mapped"] if order % 2 == 0 else ["mapped", "memory"]:
                    runs[side].append(run(folder, args, cap if side == "mapped" else None))
                    print(side, {k: v for k, v in runs[side][-1].items() if k != "labels"}, flush=True)
    finally:
        cap.close()
    report(args, bytes_, runs)


def report(args, bytes_, runs):
    objective = {s: r[0]["result"]["objective"] for s, r in runs.items()}
    median = {s: statistics.median(r["seconds"] for r in runs[s]) for s in runs}
    arguments = {name: value for name, value in vars(args).items() if name not in ("folder", "out")}
    result = {"date": datetime.date.today().isoformat(), "arguments": arguments,
              "file_mib": bytes_ >> 20, "load": os.getloadavg(),
              "times_cap": bytes_ / (args.cap_mib << 20),
              "objective_difference": objective["mapped"] / objective["memory"] - 1,
              "same_labels": len({r["labels"] for s in runs for r in runs[s]}) == 1,
              "peak_rss_mib": max(r["peak_rss_mib"] for r in runs["mapped"]),
              "rate": median["memory"] / median["mapped"], "runs": runs}
    print("file %d MiB = %.1f x cap; objective differs by %.2e; same labels: %s; peak RSS %d MiB;"
          " rate %.2f of in-memory" % (result["file_mib"], result["times_cap"],
                                       result["objective_difference"], result["same_labels"],
                                       result["peak_rss_mib"], result["rate"]))
    path = args.out or os.path.join(ROOT, "bench/results/out-of-core-%s.json" % result["date"])
    with open(path, "w") as out:
        json.dump(result, out, indent=1)
        out.write("\n")
    if abs(result["objective_difference"]) > 1e-3:
        sys.exit("the objectives differ by more than 0.1 %")


if __name__ == "__main__":
    main()
