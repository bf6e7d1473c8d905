"""The cases of run.py: data, our side, the peers' sides, what is checked. As a program: one side of one case,
`cases.py CASE SIDE FOLDER THREADS`; prints {"seconds": [...], "info": {...}}."""
import json
import os
import statistics
import sys
import time

import numpy as np

from rows import clusters, unit, write_data  # noqa: F401 (for run.py)

FP32 = {"DC4J_SEARCH_FORMAT": "fp32", "DC4J_MAX_ISA": "avx512"}
PRECISIONS = {"fp32": {}, "fast": {"DC4J_BENCH_PRECISION": "fast"}}  # read by run_ours alone
# Our LAPACK is an OpenBLAS, too; its kernels are those the peers' fastest setting has. One thread, as
# the Java library has it: bytes of the result depend on their number.
LAPACK = {"OPENBLAS_CORETYPE": "SkylakeX", "OPENBLAS_NUM_THREADS": "1"}
TIERS = {"best": {}, "vnni": {"DC4J_MAX_ISA": "vnni"}, "fp32": FP32}


def assign_case(n, k, wanted, ours=None, rows="unit"):
    name = "assign %d x 256, k = %d" % (n, k) + (", " + rows if rows != "unit" else "")
    return {"name": name, "ours": ours or TIERS, "wanted": wanted, "peers": ["faiss"],
            "blas": ["faiss"], "n": n, "k": k, "d": 256, "rows": rows}


def lloyd_case(ours, wanted, peers, rows="unit"):
    name = "Lloyd 131072 x 256, k = 1024, 20 iterations" + (", " + rows if rows != "unit" else "")
    return {"name": name, "ours": ours, "n": 131072, "k": 1024, "d": 256, "wanted": wanted,
            "iterations": 20, "peers": peers, "blas": peers,
            "rows": rows}


CASES = {
    "T2": assign_case(100000, 10000, {"faiss": 3.5}),
    "T3a": assign_case(8000, 100000, {"faiss": 3.5}),
    "T3b": assign_case(200000, 1000, {"faiss": 3.0}),
    "T3c": assign_case(400000, 100, {"faiss": 2.0}),
    "T3d": assign_case(100000, 10000, {"faiss": 1.9}, {"int16": {"DC4J_SEARCH_FORMAT": "int16"}}),
    # The same on other data than isotropic unit rows: centroids are rows of it.
    "T2m": assign_case(100000, 10000, {"faiss": 3.5}, {"best": {}}, "mixture"),
    "T2s": assign_case(100000, 10000, {"faiss": 3.5}, {"best": {}}, "spectrum 1/i"),
    "T2r": assign_case(10000, 1000, {"faiss": 3.0}, {"best": {}}, "whitened Fashion-MNIST"),
    "T4": lloyd_case(TIERS, {"faiss": 3.0, "superkmeans": 1.6},
                     ["faiss", "superkmeans", "sklearn"]),
    "T4m": lloyd_case({"best": {}}, {"faiss": 3.0, "superkmeans": 1.6}, ["faiss", "superkmeans"],
                      "mixture"),
    "T4j": {"name": "Lloyd 131072 x 256, k = 1024, 2 iterations, JVM peers", "ours": {"best": {}},
            "n": 131072, "k": 1024, "d": 256, "wanted": {}, "peers": ["spark", "tribuo"],
            "blas": [], "iterations": 2},
    "T5": {"name": "k-means++ 131072 x 256, k = 1024", "ours": {"best": {}}, "n": 131072,
           "k": 1024, "d": 256, "wanted": {"faiss": 10.0}, "peers": ["faiss"], "blas": ["faiss"]},
    "T7": {"name": "PCA 131072 x 2048 to 256",
           "ours": {name: {**settings, **LAPACK} for name, settings in PRECISIONS.items()},
           "n": 131072, "k": 256, "d": 2048, "wanted": {"faiss": 4.0, "sklearn": 1.3},
           "peers": ["faiss", "sklearn"], "blas": ["faiss", "sklearn"]},
    "T9a": {"name": "InfoNCE forward + backward, B = 256, K = 100000, d = 256",
            "ours": PRECISIONS, "n": 256, "k": 100000, "d": 256,
            "wanted": {"torch": 3.0, "fast/torch_bf16": 1.2},
            "peers": ["torch", "torch_bf16"], "blas": [], "pages": ["torch", "torch_bf16"]},
    "T9b": {"name": "InfoNCE forward + backward, B = 256, K = 100000, d = 2048",
            "ours": PRECISIONS, "n": 256, "k": 100000, "d": 2048,
            "wanted": {"torch": 2.0, "fast/torch_bf16": 1.2},
            "peers": ["torch", "torch_bf16"], "blas": [], "pages": ["torch", "torch_bf16"]},
    "T10": {"name": "memory update, B = 256, d = 2048", "ours": {"best": {}}, "n": 256, "k": 1000,
            "d": 2048, "wanted": {"torch": 50.0}, "peers": ["torch"], "blas": []},
    "T11": {"name": "30 nearest of 20000 x 2048, each to all", "ours": TIERS, "n": 20000,
            "k": 30, "d": 2048, "wanted": {"faiss": 3.0}, "peers": ["faiss"], "blas": ["faiss"]},
    "T12": {"name": "Jaccard + DBSCAN, 12936 x 2048", "ours": {"best": {}}, "n": 12936, "k": 30,
            "d": 2048, "wanted": {"numpy": 50.0}, "peers": ["numpy"], "blas": ["numpy"]},
    "T13": {"name": "PIC, 100000 rows, 200 steps", "ours": {"best": {}}, "n": 100000, "k": 5, "d": 64,
            "wanted": {"scipy": 10.0}, "peers": ["scipy"], "blas": []},
}

# Cases that wait for memory rather than for arithmetic: the machine's reading rate has to hold.
READING = ("T5", "T6", "T9a", "T9b", "T10", "T12", "T12m", "T13")


def line(row):
    ratio = statistics.median(row["theirs"]) / statistics.median(row["ours"])
    wanted = row["wanted"]
    met = "" if wanted is None else "  wanted %.1f: %s" % (wanted, "met" if ratio >= wanted else "missed")
    return "%-4s %-50s %-6s %8.1f ms  %-12s %-10s %9.1f ms  ratio %6.2f%s %s" % (
        row["target"], row["case"], row["variant"], 1e3 * statistics.median(row["ours"]),
        row["peer"], row["blas"], 1e3 * statistics.median(row["theirs"]), ratio, met,
        row["ours_info"])


# Threads of an OpenBLAS that was just loaded look for work this long, on the cores that are measured.
SETTLES = 0.3


def timed(repetitions, call, warm=1, at_least=0.3, settle=SETTLES):
    """Seconds of each call, so many that they last `at_least` in all."""
    time.sleep(settle)
    for _ in range(warm):
        call()
    seconds = []
    while len(seconds) < repetitions or (sum(seconds) < at_least and len(seconds) < 100):
        started = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - started)
    return seconds


def resident_kib(what="VmRSS"):
    """Resident KiB now, which also starts the high-water mark anew; or that mark, VmHWM."""
    if what == "VmRSS":
        with open("/proc/self/clear_refs", "w") as refs:
            refs.write("5")
    with open("/proc/self/status") as status:
        return int(next(line.split()[1] for line in status if line.startswith(what)))


def exact_share(x, c, labels, rows=512):
    """Share of `rows` sampled rows whose label is the fp64 argmin."""
    pick = np.linspace(0, len(x) - 1, min(rows, len(x))).astype(int)
    c64 = c.astype(np.float64)
    score = (c64 ** 2).sum(1)[None, :] - 2 * x[pick].astype(np.float64) @ c64.T
    return float((score.argmin(1) == labels[pick]).mean())


class Side:
    """One side's run: `self.x`, `self.c`, `self.k` are the case's data."""

    def __init__(self, folder, threads):
        self.threads = threads
        load = lambda name: np.load(os.path.join(folder, name + ".npy")) \
            if os.path.exists(os.path.join(folder, name + ".npy")) else None
        self.x, self.c, self.ids, self.squared = (load(n) for n in ("x", "c", "ids", "squared"))
        self.k = clusters(folder)
        self.folder, self.info = folder, {}

    def keep(self, labels):
        """For run.py, which compares the sides' labels."""
        np.save(os.path.join(self.folder, "labels.npy"), np.asarray(labels, np.int64))

    def labels(self):
        return np.random.default_rng(5).integers(0, self.k, len(self.x)).astype(np.int32)

    def start(self):
        """The first centroids of T4: the same rows for everybody who takes them."""
        return self.x[np.random.default_rng(7).permutation(len(self.x))[:self.k]].copy()


def run_ours(case, side):
    from native import Core, PicOptions
    core = Core(side.threads)
    side.info["isa"] = core.isa
    x, c, k = side.x, side.c, side.k
    fast = os.environ.get("DC4J_BENCH_PRECISION") == "fast"
    if fast:
        side.info["products"] = core.fast_products
    if case[:2] in ("T2", "T3"):
        labels = np.empty(len(x), np.int32)
        seconds = timed(4, lambda: core.assign(x, c, labels))
        side.info["labels_exact"] = exact_share(x, c, labels)
        return seconds
    if case[:2] == "T4":
        got, iterations = [], CASES[case]["iterations"]
        seconds = timed(2, lambda: got.append(core.lloyd(x, side.start(), iterations)), warm=0)
        side.info["objective"] = got[-1][1]
        return seconds
    if case == "T5":
        got = []
        seconds = timed(3, lambda: got.append(core.seed(x, k, 1)))
        side.info["objective"] = objective(x, got[-1])
        return seconds
    if case == "T7":
        return timed(1, lambda: core.pca(x, k, fast), warm=0)
    if case in ("T9a", "T9b"):
        y, got = side.labels(), [None]
        before = resident_kib()

        def step():  # as torch's, without the gradient of the step before
            got[0] = None
            got[0] = core.info_nce(x, c, y, 0.05, fast)
        seconds = timed(5, step)
        side.info["more_KiB"] = resident_kib("VmHWM") - before
        side.info["loss"] = got[-1][0]
        return seconds
    if case == "T10":
        y, memory = side.labels(), c.copy()
        seconds = timed(500, core.memory_update(memory, x, y, 0.1, False), warm=20)
        # The least that could be done: a copy of as many rows, by one thread, in cache or not as
        # above.
        to = np.empty_like(x)
        side.info["copy_ms"] = 1e3 * float(np.median(timed(500, lambda: np.copyto(to, x), warm=20)))
        return seconds
    if case == "T11":
        got = []
        seconds = timed(2, lambda: got.append(core.nearest_self(x, k, True)), warm=0)
        side.info["ids"] = int(got[-1][0].sum())
        return seconds
    if case == "T12":
        before = resident_kib()
        got = []
        seconds = timed(3, lambda: got.append(core.jaccard_dbscan(x, side.ids)), warm=0)
        side.info["clusters"] = int(got[-1].max()) + 1
        side.keep(got[-1])
        side.info["more_MiB"] = (resident_kib("VmHWM") - before) >> 10
        return seconds
    options, got = PicOptions(0.2, 0.001, 200), []
    seconds = timed(5, lambda: got.append(core.pic(side.ids, side.squared, options)), warm=0)
    side.info["clusters"] = int(got[-1].max()) + 1
    side.keep(got[-1])
    return seconds


def objective(x, c):
    import faiss
    index = faiss.IndexFlatL2(x.shape[1])
    index.add(c)
    return float(index.search(x, 1)[0].sum(dtype=np.float64))


def run_faiss(case, side):
    import faiss
    faiss.omp_set_num_threads(side.threads)
    side.info["faiss"] = faiss.__version__
    x, c, k = side.x, side.c, side.k
    if case[:2] in ("T2", "T3"):
        index = faiss.IndexFlatL2(x.shape[1])
        index.add(c)
        got = []
        seconds = timed(2, lambda: got.append(index.search(x, 1)[1][:, 0]), warm=0)
        side.info["labels_exact"] = exact_share(x, c, got[-1])
        return seconds
    if case[:2] == "T4":
        got = []

        def cluster():
            index = faiss.IndexFlatL2(x.shape[1])
            clustering = faiss.Clustering(x.shape[1], k)
            clustering.niter, clustering.max_points_per_centroid = 20, 10 ** 9
            faiss.copy_array_to_vector(side.start().ravel(), clustering.centroids)
            clustering.train(x, index)
            distances, _ = index.search(x, 1)
            got.append(distances.sum(dtype=np.float64))
        seconds = timed(1, cluster, warm=0)
        side.info["objective"] = float(got[-1])
        return seconds
    if case == "T5":
        clustering = faiss.Clustering(x.shape[1], k)
        clustering.niter, clustering.max_points_per_centroid = 0, 10 ** 9
        clustering.init_method = faiss.ClusteringInitMethod_KMEANS_PLUS_PLUS
        seconds = timed(1, lambda: clustering.train(x, faiss.IndexFlatL2(x.shape[1])), warm=0)
        c = faiss.vector_to_array(clustering.centroids).reshape(k, -1)
        side.info["objective"] = objective(x, c)
        return seconds
    if case == "T7":
        return timed(1, lambda: faiss.PCAMatrix(x.shape[1], k, -0.5).train(x), warm=0)
    index = faiss.IndexFlatL2(x.shape[1])
    index.add(x)
    return timed(1, lambda: index.search(x, k), warm=0)


def run_superkmeans(_, side):
    import faiss
    faiss.omp_set_num_threads(side.threads)
    x, got = side.x, []

    def cluster():
        clustering = faiss.SuperKMeans(x.shape[1], side.k)
        clustering.niter = 20
        clustering.max_points_per_centroid = 10 ** 9
        clustering.train(x)
        got.append(faiss.vector_to_array(clustering.centroids).reshape(side.k, -1))
    seconds = timed(1, cluster, warm=0)
    side.info["objective"] = objective(x, got[-1])
    return seconds


def run_sklearn(case, side):
    import sklearn
    side.info["sklearn"] = sklearn.__version__
    if case == "T7":
        from sklearn.decomposition import PCA
        return timed(1, lambda: PCA(side.k, whiten=True, svd_solver="covariance_eigh").fit(side.x),
                     warm=0)
    from sklearn.cluster import KMeans
    model = KMeans(side.k, init=side.start(), n_init=1, max_iter=20, tol=0, algorithm="lloyd")
    seconds = timed(1, lambda: model.fit(side.x), warm=0)
    side.info["objective"] = float(model.inertia_)
    return seconds


def run_torch(case, side, bf16=False):
    import torch
    torch.set_num_threads(side.threads)
    side.info["torch"] = torch.__version__
    c, y = torch.from_numpy(side.c), torch.from_numpy(side.labels()).long()
    x = torch.from_numpy(side.x)
    if case == "T10":
        def update():
            for row, label in zip(x, y.tolist()):
                c[label] = 0.1 * c[label] + 0.9 * row
                c[label] /= c[label].norm()
        return timed(10, update, warm=2)
    x.requires_grad_(True)

    def step():
        x.grad = None
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
            logits = x @ c.t() / 0.05
        loss = torch.nn.functional.cross_entropy(logits.float(), y)
        loss.backward()
        side.info["loss"] = loss.item()
    before = resident_kib()
    seconds = timed(4, step)
    side.info["more_KiB"] = resident_kib("VmHWM") - before
    return seconds


def run_graph(case, side):
    import graph
    got = []
    before = resident_kib()
    if case == "T12":
        run = lambda: got.append(graph.dbscan(graph.jaccard(side.x, side.ids)))
    else:
        run = lambda: got.append(graph.pic(side.ids, side.squared))
    seconds = timed(1, run, warm=0)
    labels = got[-1][0] if isinstance(got[-1], tuple) else got[-1]
    side.keep(labels)
    side.info["clusters"] = len(set(np.asarray(labels).tolist()) - {-1})
    side.info["more_MiB"] = (resident_kib("VmHWM") - before) >> 10
    return seconds


PEERS = {"faiss": run_faiss, "superkmeans": run_superkmeans, "sklearn": run_sklearn,
         "torch": run_torch, "torch_bf16": lambda case, side: run_torch(case, side, True),
         "numpy": run_graph, "scipy": run_graph}


def libraries():
    """Every BLAS and OpenMP in this process: version, kernels chosen, threads."""
    import threadpoolctl
    return ["%s %s%s, %d threads" % (found["internal_api"], found.get("version") or "",
                                     " (%s)" % found["architecture"] if "architecture" in found
                                     else "", found["num_threads"])
            for found in threadpoolctl.threadpool_info()] + ["numpy " + np.__version__]


def main():
    case, which, folder, threads = sys.argv[1:]
    side = Side(folder, int(threads))
    if which == "ours":
        seconds = run_ours(case, side)
    else:
        seconds = PEERS[which](case, side)
    if which != "ours":
        side.info["libraries"] = libraries()
    print(json.dumps({"seconds": seconds, "info": side.info}))


if __name__ == "__main__":
    main()
