"""The cases of kernels.py: data, our call, the peers' calls, what is checked."""
import time

import torch
from torch.nn import functional

from core import Core, f64, i32
import faiss_peer

BLOCK = 16384  # rows of a peer's n x k matrix at a time


def rows(n, d, seed, where):
    x = torch.randn(n, d, generator=torch.Generator(device=where).manual_seed(seed), device=where)
    return functional.normalize(x, dim=1)


def result(kernel, shape, times, labels_equal=None, shares=(), **more):
    """`times` in seconds by name, "ours" among them."""
    ours = times["ours"]
    return dict({"kernel": kernel, "shape": shape, "ms": 1e3 * ours, "labels_equal": labels_equal,
                 "ratio": {name: t / ours for name, t in times.items() if name != "ours"}}, **more)


def agree(what, ours, theirs, most):
    """Raises where an answer is further off than `most` of the right one's length: its time would say nothing."""
    ours, theirs = ours.detach().double().cpu(), theirs.detach().double().cpu()
    off = float((ours - theirs).norm() / theirs.norm())
    if not off <= most:
        raise AssertionError("%s is off by %.2e of its length, allowed %.0e" % (what, off, most))


def judged(name, arguments, gradients, most, ours):
    """Raises unless a loss and its gradients are the reference's; `ours` is the loss that filled the gradients."""
    on_host = [a.cpu() if isinstance(a, torch.Tensor) else a for a in arguments]
    wanted = [torch.empty_like(g, device="cpu") for g in gradients]
    loss = Core("reference").loss(name, *on_host, *wanted)
    agree(name, torch.tensor([ours]), torch.tensor([loss]), most)
    for mine, right in zip(gradients, wanted):
        agree(name + "'s gradient", mine, right, most)


def fp64_labels(x, c, sample=512):
    """The exact argmin of sampled rows, and which rows they are."""
    pick = torch.linspace(0, len(x) - 1, min(sample, len(x)), device=x.device).long()
    c = c.double()
    return pick, ((c * c).sum(1)[None, :] - 2 * x[pick].double() @ c.t()).argmin(1)


def share_of(core, name, call):
    """The share of a call's time that goes to dc4j_NAME, whose results are complete when it returns."""
    plain, inside = core.plain, [0.0]
    def timed(function, *arguments):
        began = time.perf_counter()
        plain(function, *arguments)
        inside[0] += (time.perf_counter() - began) * (function == name)
    core.plain = timed
    try:
        began = time.perf_counter()
        call()
        return inside[0] / (time.perf_counter() - began)
    finally:
        del core.plain


def blockwise(x, c, labels, kind):
    """matmul + argmin as one writes it in torch, in blocks whose products fit."""
    left, right = (x, c) if kind is None else (x.to(kind), c.to(kind))
    half = 0.5 * (c * c).sum(1)
    def call():
        for at in range(0, len(x), BLOCK):
            product = left[at:at + BLOCK] @ right.t()
            labels[at:at + BLOCK] = (half - product).argmin(1).int()
    return call


def tf32(call):
    def with_tf32():
        torch.backends.cuda.matmul.allow_tf32 = True
        call()
        torch.backends.cuda.matmul.allow_tf32 = False
    return with_tf32


def product_alone(x, c):
    """The fp16 product by cuBLAS, nothing else."""
    left, right = x.half(), c.half()
    out = torch.empty((min(BLOCK, len(x)), len(c)), dtype=torch.half, device=x.device)
    def call():
        for at in range(0, len(x), BLOCK):
            block = left[at:at + BLOCK]
            torch.matmul(block, right.t(), out=out[:len(block)])
    return call


def assign(core, clock, where, quick):
    for n, d, k in ((20000, 64, 300),) if quick else ((1280000, 256, 10000), (1280000, 256, 1000),
                                                     (131072, 256, 100000)):
        x, c = rows(n, d, 1, where), rows(k, d, 2, where)
        labels = torch.empty(n, dtype=torch.int32, device=where)
        theirs = torch.empty_like(labels)
        calls = {"ours": lambda: core.assign(x, c, labels), "torch_fp32": blockwise(x, c, theirs, None),
                 "torch_bf16": blockwise(x, c, theirs, torch.bfloat16)}
        if where.type == "cuda":
            calls["torch_tf32"] = tf32(blockwise(x, c, theirs, None))
            calls["torch_fp16"] = blockwise(x, c, theirs, torch.half)
            calls["cublas_fp16"] = product_alone(x, c)
        core.assign(x, c, labels)
        pick, exact = fp64_labels(x, c)
        equal = bool((labels[pick] == exact).all())
        yield result("kmeans_assign", "%d x %d, k = %d" % (n, d, k), clock.compare(calls), equal)


def update(core, clock, where, quick):
    n, d, k = (20000, 64, 300) if quick else (1280000, 256, 10000)
    x, c = rows(n, d, 1, where), rows(k, d, 2, where)
    labels = core.assign(x, c)
    index, sums, ones = labels.long(), torch.empty_like(c), torch.ones(n, device=where)
    def by_torch():
        sums.zero_().index_add_(0, index, x)
        counts = torch.zeros(k, device=where).index_add_(0, index, ones)
        torch.where(counts[:, None] > 0, sums / counts[:, None], c)
    got, exact = c.clone(), torch.zeros(k, d, dtype=torch.double, device=where)
    held = core.update(x, labels, got)[:, None]
    agree("kmeans_update", got, torch.where(held > 0, exact.index_add_(0, index, x.double()) / held, c.double()), 1e-6)
    times = clock.compare({"ours": lambda: core.update(x, labels, c.clone()), "torch_fp32": by_torch})
    yield result("kmeans_update", "%d x %d, k = %d" % (n, d, k), times,
                 gb_s=4e-9 * n * d / times["ours"])


def lloyd(core, clock, where, quick):
    n, d, k, iterations = (20000, 64, 300, 3) if quick else (1280000, 256, 10000, 5)
    x = rows(n, d, 1, where)
    start, host = x[:k].clone(), x.cpu()
    labels = torch.empty(n, dtype=torch.int32, device=where)
    def by_torch():
        c = start.clone()
        for _ in range(iterations):
            blockwise(x, c, labels, None)()
            index = labels.long()
            counts = torch.bincount(index, minlength=k)[:, None]
            c = torch.where(counts > 0, torch.zeros_like(c).index_add_(0, index, x) / counts, c)
        blockwise(x, c, labels, None)()
    final = start.clone()
    last = core.lloyd(x, final, iterations)
    pick, exact = fp64_labels(x, final)
    calls = {"ours": lambda: core.lloyd(x, start.clone(), iterations), "torch_fp32": by_torch}
    times = clock.compare(calls)
    shares = sorted(share_of(core, "kmeans_sums_update", calls["ours"]) for _ in range(5))
    yield result("Lloyd, %d iterations" % iterations, "%d x %d, k = %d" % (n, d, k), times,
                 bool((last[pick] == exact).all()), update_share=shares[2])
    # As KMeans.fit does with rows in host memory: they go to the device once.
    def from_host():
        return core.lloyd(core.copy(torch.empty_like(x), host), start.clone(), iterations)
    calls = {"ours": from_host}
    if faiss_peer.available():
        calls["faiss_gpu"] = lambda: faiss_peer.kmeans(host, k, iterations)
        times = clock.few().compare({"ours": lambda: core.lloyd(x, start.clone(), iterations),
                                     "faiss_gpu": lambda: faiss_peer.kmeans(x, k, iterations)})
        yield result("Lloyd beside FAISS", "%d x %d, k = %d" % (n, d, k), times)
    yield result("Lloyd from host", "%d x %d, k = %d" % (n, d, k), clock.few().compare(calls))


def seed(core, clock, where, quick):
    n, d, k = (20000, 64, 100) if quick else (131072, 256, 1024)
    x = rows(n, d, 1, where)
    def by_torch():
        nearest = ((x - x[0]) ** 2).sum(1)
        for _ in range(k - 1):
            row = torch.multinomial(nearest, 1)
            nearest = torch.minimum(nearest, ((x - x[row]) ** 2).sum(1))
    centroids, picked = core.seed(x, k, 1, 1)
    if not (torch.equal(centroids, x[picked]) and len(picked.unique()) == k):
        raise AssertionError("kmeans_seed: centroids are not %d different rows" % k)
    times = clock.compare({"ours": lambda: core.seed(x, k, 1, 1), "torch_fp32": by_torch})
    yield result("kmeans_seed", "%d x %d, k = %d" % (n, d, k), times)


def pca(core, clock, where, quick):
    n, d, k = (5000, 128, 32) if quick else (131072, 2048, 256)
    x = rows(n, d, 3, where)
    def by_torch():
        y = x - x.mean(0)
        torch.linalg.eigh(y.t() @ y / (n - 1))
    mean, transform, _ = core.pca(x, k)
    whitened = (x.double() - mean.double()) @ transform.double().t()
    agree("PCA's covariance of whitened rows", whitened.t() @ whitened / (n - 1), torch.eye(k, device=where), 1e-3)
    times = clock.compare({"ours": lambda: core.pca(x, k), "ours_fast": lambda: core.pca(x, k, True),
                           "torch_fp32": by_torch})
    yield result("PCA", "%d x %d to %d" % (n, d, k), times)
    out = torch.empty((n, k), device=where)
    core.call("whiten_apply", x, mean, transform, i32(1), out)
    agree("whiten_apply", out, functional.normalize(whitened, dim=1), 1e-5)
    times = clock.compare({
        "ours": lambda: core.call("whiten_apply", x, mean, transform, i32(1), out),
        "torch_fp32": lambda: functional.normalize((x - mean) @ transform.t(), dim=1)})
    yield result("whiten_apply", "%d x %d to %d" % (n, d, k), times)


def neighbours(core, clock, where, quick):
    n, d, m = (2000, 128, 10) if quick else (100000, 2048, 30)
    x = rows(n, d, 4, where)
    def by_torch(kind):
        y = x.to(kind)
        def call():
            for at in range(0, n, 4096):
                (y[at:at + 4096] @ y.t()).topk(m)
        return call
    times = clock.compare({"ours": lambda: core.nearest_self(x, m, True), "torch_fp32": by_torch(torch.float32),
                           "torch_bf16": by_torch(torch.bfloat16)})
    pick = torch.arange(0, n, max(1, n // 64), device=where)
    norm = (x.double() ** 2).sum(1)
    exact = (norm[None, :] - 2 * x[pick].double() @ x.double().t()).topk(m, largest=False).indices
    ids = core.nearest_self(x, m, True)[0][pick]
    yield result("nearest_self", "%d x %d, m = %d" % (n, d, m), times, bool((ids == exact).all()))


def info_nce(core, clock, where, quick):
    for d in (256, 2048):
        b, k = (64, 2000) if quick else (256, 100000)
        x, c = rows(b, d, 5, where), rows(k, d, 6, where)
        y = torch.randint(0, k, (b,), dtype=torch.int32, device=where)
        gradient, target = torch.empty_like(x), y.long()
        def by_torch(kind):
            left, right = x.to(kind).requires_grad_(True), c.to(kind)
            def call():
                left.grad = None
                functional.cross_entropy((left @ right.t()).float() / 0.05, target).backward()
            return call
        leaf = x.clone().requires_grad_(True)
        def autocast():  # the memory is fp32, as ours is
            leaf.grad = None
            with torch.autocast(where.type, torch.bfloat16):
                functional.cross_entropy((leaf @ c.t()).float() / 0.05, target).backward()
        def ours(fast):
            return lambda: core.loss("info_nce", x, c, y, f64(0.05), i32(fast), gradient)
        right = x.double().requires_grad_(True)
        loss = functional.cross_entropy(right @ c.double().t() / 0.05, target)
        loss.backward()
        for fast, most in ((0, 1e-5), (1, 2e-3)):
            agree("info_nce", torch.tensor([ours(fast)()]), loss[None], 1e-4)
            agree("info_nce's gradient, fast = %d" % fast, gradient, right.grad, most)
        del right, loss
        times = clock.compare({"ours_fp32": ours(0), "ours": ours(1), "torch_fp32": by_torch(torch.float32),
                               "torch_bf16": by_torch(torch.bfloat16), "torch_autocast": autocast})
        yield result("info_nce fast", "B = %d, K = %d, d = %d" % (b, k, d), times,
                     gb_s=4e-9 * k * d / times["ours"],
                     extra_mib=extra_memory(core, where, ours(1), by_torch(torch.bfloat16)))


def extra_memory(core, where, ours, theirs):
    """MiB that a call needs beside its arguments: the most that either has of torch's allocator meanwhile."""
    if where.type != "cuda":
        return None
    torch.cuda.synchronize()
    torch.cuda.empty_cache()
    mine = core.held_by(ours)
    torch.cuda.reset_peak_memory_stats()
    held = torch.cuda.memory_allocated()
    theirs()
    return {"ours": mine / 2 ** 20, "torch_bf16": (torch.cuda.max_memory_allocated() - held) / 2 ** 20}


def objectives(core, clock, where, quick):
    b, k, d = (64, 2000, 128) if quick else (256, 100000, 2048)
    logits = torch.randn(b, k, device=where)
    y = torch.randint(0, k, (b,), dtype=torch.int32, device=where)
    gradient, leaf = torch.empty_like(logits), logits.clone().requires_grad_(True)
    def by_torch():
        leaf.grad = None
        functional.cross_entropy(leaf, y.long()).backward()
    judged("cross_entropy", (logits, y, None), (gradient,), 1e-6,
           core.loss("cross_entropy", logits, y, None, gradient))
    times = clock.compare({"ours": lambda: core.loss("cross_entropy", logits, y, None, gradient),
                           "torch_fp32": by_torch})
    yield result("cross_entropy", "B = %d, K = %d" % (b, k), times)
    x, c = rows(b, d, 7, where), rows(1000, d, 8, where)
    first, second = core.assign2(x, c)
    of_rows, leaf_rows = torch.empty_like(x), x.clone().requires_grad_(True)
    def ratio():
        leaf_rows.grad = None
        near = torch.cdist(leaf_rows, c).topk(2, largest=False).values
        (near[:, 0] / near[:, 1]).mean().backward()
    judged("ratio_loss", (x, c, first, second, f64(1e-6)), (of_rows,), 1e-5,
           core.loss("ratio_loss", x, c, first, second, f64(1e-6), of_rows))
    times = clock.compare({
        "ours": lambda: core.loss("ratio_loss", x, c, *core.assign2(x, c), f64(1e-6), of_rows),
        "torch_fp32": ratio})
    yield result("assign2 + ratio_loss", "B = %d, k = 1000, d = %d" % (b, d), times)
    labels = torch.randint(0, 16, (b,), dtype=torch.int32, device=where)
    support, of_supports = rows(b, d, 9, where), torch.empty_like(x)
    given = (x, labels, support, labels, f64(0.6))
    call = lambda: core.loss("label_preserving_loss", *given, of_rows, of_supports)
    judged("label_preserving_loss", given, (of_rows, of_supports), 1e-5, call())
    times = clock.compare({"ours": call})
    yield result("label_preserving_loss", "B = %d, 16 groups, d = %d" % (b, d), times)


def memory(core, clock, where, quick):
    b, k, d = (64, 100, 128) if quick else (256, 1000, 2048)
    x, kept = rows(b, d, 10, where), rows(k, d, 11, where)
    y = torch.randint(0, k, (b,), dtype=torch.int32, device=where)
    ours, theirs, order = kept.clone(), kept.clone(), y.tolist()
    def by_torch():
        for row, label in zip(x, order):
            theirs[label] = 0.1 * theirs[label] + 0.9 * row
            theirs[label] /= theirs[label].norm()
    by_torch()
    core.call("memory_update", ours, x, y, i32(0), f64(0.1))
    agree("memory_update", ours, theirs, 1e-6)
    times = clock.compare({"ours": lambda: core.call("memory_update", ours, x, y, i32(0), f64(0.1)),
                           "torch_fp32": by_torch})
    yield result("memory_update", "B = %d, d = %d" % (b, d), times)


CASES = {"assign": assign, "update": update, "lloyd": lloyd, "seed": seed, "pca": pca,
         "neighbours": neighbours, "info_nce": info_nce, "objectives": objectives, "memory": memory}
