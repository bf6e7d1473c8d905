#!/usr/bin/env python3
"""Lloyd k-means: `dc4j cluster` beside FAISS on the same cores, alternating A B B A.

Needs numpy and faiss (Debian: python3-numpy python3-faiss) and java/cli/target/dc4j.jar.
Checks before it times anything: dc4j's labels equal an fp64 argmin over its own centroids, and are the same
bytes at 1 and 2 threads. Prints a table and writes bench/results/cluster-<date>.json.

  bench/peers/cluster.py [--n 200000] [--d 256] [--k 1000] [--iterations 10] [--repetitions 3]
"""
import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
JAR = os.path.join(ROOT, "java/cli/target/dc4j.jar")


def dc4j(folder, args, threads):
    out = os.path.join(folder, "labels-%d.npy" % threads)
    command = ["java", "-jar", JAR, "cluster", "--features", os.path.join(folder, "x.npy"),
               "--k", str(args.k), "--iterations", str(args.iterations), "--init", "random",
               "--threads", str(threads), "--json", "--out", out,
               "--centroids", os.path.join(folder, "centroids-%d.npy" % threads)]
    result = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return result, out


PEER = """
import sys, time
import numpy as np
import faiss
path, k, iterations, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
x = np.load(path)
faiss.omp_set_num_threads(threads)
kmeans = faiss.Kmeans(x.shape[1], k, niter=iterations, nredo=1, seed=1,
                      max_points_per_centroid=10 ** 9, verbose=False)
started = time.time()
kmeans.train(x)
kmeans.index.search(x, 1)  # the final assignment, which dc4j's figure includes
print(time.time() - started)
"""


def faiss_seconds(folder, args, threads):
    """A process of its own: the BLAS under FAISS reads its number of threads when it is loaded."""
    environment = dict(os.environ, OPENBLAS_NUM_THREADS=str(threads),
                       OMP_NUM_THREADS=str(threads))
    command = [sys.executable, "-c", PEER, os.path.join(folder, "x.npy"), str(args.k),
               str(args.iterations), str(threads)]
    return float(subprocess.run(command, check=True, env=environment,
                                stdout=subprocess.PIPE).stdout)


def fp64_labels(x, centroids):
    import numpy as np
    c = centroids.astype(np.float64)
    squared = (c * c).sum(1)
    labels = np.empty(len(x), np.int32)
    for at in range(0, len(x), 4096):
        block = x[at:at + 4096].astype(np.float64)
        labels[at:at + 4096] = np.argmin(squared[None, :] - 2 * block @ c.T, axis=1)
    return labels


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--n", type=int, default=200000)
    parser.add_argument("--d", type=int, default=256)
    parser.add_argument("--k", type=int, default=1000)
    parser.add_argument("--iterations", type=int, default=10)
    parser.add_argument("--repetitions", type=int, default=3)
    args = parser.parse_args()
    import faiss
    import numpy as np

    rows = []
    with tempfile.TemporaryDirectory() as folder:
        x = np.random.default_rng(0).standard_normal((args.n, args.d), dtype=np.float32)
        np.save(os.path.join(folder, "x.npy"), x)
        written = []
        for threads in (1, 2):
            _, out = dc4j(folder, args, threads)
            written.append(np.load(out))
        centroids = np.load(os.path.join(folder, "centroids-2.npy"))
        judged = fp64_labels(x, centroids)
        wrong = int((written[1] != judged).sum())
        if wrong or not (written[0] == written[1]).all():
            sys.exit("labels: %d differ from fp64; threads agree: %s" %
                     (wrong, (written[0] == written[1]).all()))
        print("labels: all %d equal to fp64, the same at 1 and 2 threads" % args.n)
        for threads in (1, 2):
            ours, theirs = [], []
            for repetition in range(args.repetitions):
                order = "AB" if repetition % 2 == 0 else "BA"
                for side in order:
                    if side == "A":
                        ours.append(dc4j(folder, args, threads)[0]["seconds"])
                    else:
                        theirs.append(faiss_seconds(folder, args, threads))
            rows.append({"threads": threads, "dc4j_seconds": ours, "faiss_seconds": theirs,
                         "ratio": statistics.median(theirs) / statistics.median(ours)})
            print("%d threads: dc4j %.2f s, faiss %.2f s (medians of %d): %.2fx" %
                  (threads, statistics.median(ours), statistics.median(theirs),
                   args.repetitions, rows[-1]["ratio"]))
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo")
                  if line.startswith("model name")), platform.processor())
    report = {
        "date": datetime.date.today().isoformat(),
        "commit": subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"],
                                 stdout=subprocess.PIPE, text=True).stdout.strip(),
        "cpu": model, "cores": os.cpu_count(), "faiss": faiss.__version__,
        "numpy": np.__version__,
        "blas_core_type": os.environ.get("OPENBLAS_CORETYPE", "chosen by the library"),
        "n": args.n, "d": args.d, "k": args.k, "iterations": args.iterations, "rows": rows}
    path = os.path.join(ROOT, "bench/results/cluster-%s.json" % report["date"])
    with open(path, "w") as out:
        json.dump(report, out, indent=2)
        out.write("\n")
    print(path)


if __name__ == "__main__":
    main()
