"""What is held against the machine instead of another library: micro-kernels against its arithmetic (T1), the
centroid update against its memory (T6), the PCA against fp64 (T7), rows left on disk against rows in memory (T8),
memory of the graph clusterings (T12), calls from Java (T16).

Every function returns rows {"target", "case", "measured", "of", "value", "unit", "wanted", "at_least"}:
`value` is to be at least, or at most, `wanted`; `unit` "%" prints both as a share.
"""
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

from out_of_core import NO_CGROUP

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
JAR = os.path.join(ROOT, "bench/target/benchmarks.jar")
# Kernels as Java calls them, each with no rows (all of the Java side, none of the work) and with 256.
OVERHEAD = "CallOverheadBenchmark"


def peak_program():
    return os.environ.get("DC4J_PEAK", os.path.join(ROOT, "native/target/cmake/bench/dc4j_peak"))


def pinned(threads):
    cores = sorted(os.sched_getaffinity(0))[:threads]
    return ["taskset", "-c", ",".join(str(c) for c in cores)]


def output(command, check=True):
    done = subprocess.run(command, stdout=subprocess.PIPE)
    if check and done.returncode != 0:
        sys.exit("%s ended with %d" % (" ".join(command), done.returncode))
    return done.stdout.decode()


def probe(threads):
    """GFLOP/s and Gop/s by instruction, GB/s by direction, of all threads together; best and median of
    many short windows."""
    return json.loads(output(pinned(threads) + [peak_program(), "probe", str(threads)]))


def row(target, case, measured, of, value, unit, wanted, at_least=True):
    return {"target": target, "case": case, "measured": measured, "of": of, "value": value,
            "unit": unit, "wanted": wanted, "at_least": at_least}


def micro_kernels(*_):
    """T1: dc4j_peak's own gate, one thread."""
    rows = []
    for line in output(pinned(1) + [peak_program(), "gate"], check=False).splitlines():
        got = json.loads(line)
        if "skipped" not in got:
            rows.append(row("T1", got["kernel"] + ", d = 256", "%.0f Gop/s" % got["gops"],
                            "%.0f Gop/s" % got["peak"], got["share"], "%", got["wanted"]))
    return rows


def side(case, folder, threads, **sizes):
    """One of the functions below main(), in a process of its own."""
    arguments = [case, folder, str(threads), json.dumps(sizes)]
    return json.loads(output(pinned(threads) + [sys.executable, __file__] + arguments))


def centroid_update(threads, quick):
    """T6: one pass over the rows against what is read at most; Lloyd's share of it."""
    n = 20000 if quick else 131072
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        before = probe(threads)
        for k, iterations in ((1024, 20), (10000, 4)):
            got = side("lloyd", folder, threads, n=n, d=256, k=k, iterations=iterations)
            rate = 4e-9 * n * 256 / got["update"]
            name = "centroid update, %d x 256, k = %d" % (n, k)
            rows.append(row("T6", name, "%.1f GB/s" % rate, None, rate, "%", 0.75))
            rows.append(row("T6", name + ": share of Lloyd's iterations",
                            "%.1f ms" % (1e3 * got["moved"]), "%.1f ms" % (1e3 * got["all"]),
                            got["moved"] / got["all"], "%", 0.05, at_least=False))
        read = max(before["read"], probe(threads)["read"])
    for entry in rows:
        if entry["of"] is None:
            entry["of"], entry["value"] = "%.1f GB/s read" % read, entry["value"] / read
    return rows


def pca_accuracy(threads, quick):
    """T7: leading subspace of rows whose mean has 100 times the energy of their spread, against fp64."""
    with tempfile.TemporaryDirectory() as folder:
        got = side("angles", folder, threads, n=6000 if quick else 60000, d=512, k=128)
    name = "PCA, mean with 100 times the spread's energy: sine of the angle to fp64's subspace"
    return [row("T7", name, "%.1e" % got["ours"], "faiss %.1e" % got["faiss"], got["ours"], "sine",
                1e-3, at_least=False)]


def out_of_core(threads, quick):
    """T8: whitening and k-means of a file four times the memory of the process; no rows where this user may not make
    a cgroup."""
    sizes = ["--n", "98304", "--cap-mib", "192", "--d", "2048"] if quick else []
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out.json")
        done = subprocess.run(pinned(threads) + [
            sys.executable, os.path.join(HERE, "out_of_core.py"), "--threads", str(threads),
            "--out", out] + sizes, stdout=sys.stderr)
        if done.returncode == NO_CGROUP:
            print("T8 left out: it needs a memory cgroup, which this user may not make")
            return []
        done.check_returncode()
        with open(out) as result:
            got = json.load(result)
    seconds = {s: sorted(r["seconds"] for r in runs) for s, runs in got["runs"].items()}
    name = "PCA-whitening and k-means of a file of %d MiB" % got["file_mib"]
    return [row("T8", name + ", rows left on disk: rate", "%.1f s" % np.median(seconds["mapped"]),
                "%.1f s in memory" % np.median(seconds["memory"]), got["rate"], "%", 0.85),
            row("T8", name + " under a cap of %d MiB: peak memory" %
                got["arguments"]["cap_mib"], "same labels" if got["same_labels"] else
                "objective %+.1e" % got["objective_difference"], "", got["peak_rss_mib"], "MiB",
                1024, at_least=False)]


def graph_memory(threads, quick):
    """T12: neighbours, Jaccard and DBSCAN of 50,000 rows in one process."""
    n = 3000 if quick else 50000
    with tempfile.TemporaryDirectory() as folder:
        got = side("graph", folder, threads, n=n, d=2048, k=30)
    return [row("T12", "neighbours + Jaccard + DBSCAN, %d x 2048: peak memory of the process" % n,
                "%.0f + %.1f s, %d clusters" % (got["search"], got["graph"], got["clusters"]),
                "%d MiB of it the rows" % (n * 2048 * 4 >> 20), got["peak_mib"], "MiB", 2048,
                at_least=False)]


def calls(threads, quick):
    """T16: JMH on benchmarks.jar."""
    if not os.path.exists(JAR):
        sys.exit("T16 needs %s: mvn -DskipTests package" % JAR)
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "jmh.json")
        subprocess.run(pinned(threads) + [
            "java", "-jar", JAR, "CallBenchmark|%s|DirectBufferBenchmark" % OVERHEAD, "-f",
            "1" if quick else "3", "-wi", "2", "-i", "3", "-w", "300ms", "-r", "300ms", "-rf",
            "json", "-rff", out, "-v", "SILENT"], check=True, stdout=sys.stderr)
        with open(out) as results:
            runs = json.load(results)
    score = {(run["benchmark"].split(".")[-2:][0], run["benchmark"].split(".")[-1],
              tuple(sorted(run.get("params", {}).items()))): run["primaryMetric"]["score"]
             for run in runs}
    one = lambda cls, name, **params: score[cls, name, tuple(sorted(params.items()))]
    getter = one("CallBenchmark", "getter")
    rows = [row("T16", "empty native call", "%.1f ns" % getter, "", getter, "ns", 100,
                at_least=False)]
    kernels = sorted({dict(params)["kernel"] for cls, _, params in score if cls == OVERHEAD})
    for kernel in kernels:
        empty, full = (one(OVERHEAD, "call", kernel=kernel, rows=r, d="256") for r in ("0", "256"))
        rows.append(row("T16", "Java side of %s, B = 256" % kernel.lower().replace("_", " "),
                        "%.0f ns" % empty, "%.1f us" % (full / 1e3), empty / full, "%", 0.01,
                        at_least=False))
    small, large = (one("DirectBufferBenchmark", "call", mebibytes=m) for m in ("1", "256"))
    rows.append(row("T16", "direct buffer of 256 MiB instead of 1 MiB: the call's extra time",
                    "%.0f ns" % large, "%.0f ns" % small, large - small, "ns", 1000,
                    at_least=False))
    return rows


GROUPS = {"T1": micro_kernels, "T7m": pca_accuracy, "T6": centroid_update, "T8": out_of_core, "T12m": graph_memory,
          "T16": calls}


def lloyd(core, folder, n, d, k, iterations):
    """Median of updates that take in every row, and sums over Lloyd's iterations."""
    import ctypes
    import time
    import cases
    from native import Matrix, f64, i64, pointer
    once = {"warm": 0, "at_least": 0, "settle": 0}
    x = cases.unit(n, d, 1)
    c = x[np.random.default_rng(7).permutation(n)[:k]].copy()
    labels, counts, moved = np.empty(n, np.int32), np.zeros(k, np.int64), i64()
    core.assign(x, c, labels)
    filled = i64()

    def begin():
        sums = ctypes.c_void_p()
        core.plain("kmeans_sums_begin", core.context, Matrix(x), i64(k), ctypes.byref(sums))
        return sums

    def renew(sums):
        core.plain("kmeans_sums_update", sums, Matrix(x), pointer(labels), Matrix(c),
                   pointer(counts), ctypes.byref(moved))
        core.plain("kmeans_fill_empty", core.context, Matrix(x), None, None, ctypes.c_int32(1),
                   ctypes.c_uint64(1), Matrix(c), pointer(counts), ctypes.byref(filled))

    full = []
    time.sleep(cases.SETTLES)
    for _ in range(12):
        sums = begin()
        full += cases.timed(1, lambda: renew(sums), **once)
        core.library.dc4j_kmeans_sums_close(sums)
    result = {"update": float(np.median(full[2:])), "moved": 0, "all": 0}
    sums = begin()
    for _ in range(iterations):
        result["all"] += cases.timed(1, lambda: core.assign(x, c, labels, hints=True), **once)[0]
        seconds = cases.timed(1, lambda: renew(sums), **once)[0]
        result["moved"] += seconds
        result["all"] += seconds
    return result


def angles(core, folder, n, d, k):
    """Largest principal angles; whitening's rows are scaled eigenvectors."""
    import faiss
    x = np.random.default_rng(3).standard_normal((n, d)) / np.sqrt(np.arange(1, d + 1))
    mean = np.random.default_rng(4).standard_normal(d)
    mean *= 10 * np.sqrt(x.var(0).sum()) / np.linalg.norm(mean)
    x = (x + mean).astype(np.float32)
    exact = np.linalg.eigh(np.cov(x.astype(np.float64), rowvar=False))[1][:, -k:]
    peer = faiss.PCAMatrix(d, k)
    peer.train(x)
    found = {"ours": core.pca(x, k)[1],
             "faiss": faiss.vector_to_array(peer.A).reshape(-1, d)[:k]}
    # The part of a subspace outside of the other: a small angle's own sine, not what 1 - cos^2 leaves.
    sine = lambda rows: float(np.linalg.norm(rows - exact @ (exact.T @ rows), 2))
    return {name: sine(np.linalg.qr(rows.astype(np.float64).T)[0]) for name, rows in found.items()}


def graph(core, folder, n, d, k):
    import cases
    import graph as peers
    x = peers.clustered(n, d)
    found = []
    search = cases.timed(1, lambda: found.append(core.nearest_self(x, k, True)[0]), warm=0)[0]
    labels = []
    seconds = cases.timed(1, lambda: labels.append(core.jaccard_dbscan(x, found[0])), warm=0)[0]
    peak = cases.resident_kib("VmHWM") >> 10  # ru_maxrss would be the parent's
    return {"search": search, "graph": seconds, "peak_mib": peak,
            "clusters": int(labels[0].max()) + 1}


def main():
    from native import Core
    case, folder, threads, sizes = sys.argv[1:]
    core = Core(int(threads))
    run = {"lloyd": lloyd, "graph": graph, "angles": angles}[case]
    print(json.dumps(run(core, folder, **json.loads(sizes))))


if __name__ == "__main__":
    main()
