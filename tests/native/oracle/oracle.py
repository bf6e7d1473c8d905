"""The checks of check.py, by group. Independent of the core: fp64 formulas of kernels.h and losses.h in PyTorch."""
import torch
from torch.nn import functional

from core import f64, i32

SHAPES = ((1, 3, 2), (257, 64, 31), (1000, 256, 300), (513, 100, 1000), (300, 2048, 40))


def scores(x, c):
    c = c.double()
    return (c * c).sum(1)[None, :] - 2 * x.double() @ c.t()


def assignment(checks):
    for n, d, k in SHAPES:
        for name, x, c in cases(checks, n, d, k):
            title = "%s, n = %d, d = %d, k = %d" % (name, n, d, k)
            mine, theirs = checks.to(x), checks.to(c)
            labels = checks.core.assign(mine, theirs)
            checks.same("kmeans_assign " + title, labels, checks.judge.assign(x, c))
            score = scores(x, c)
            off = score.gather(1, labels.cpu().long()[:, None])[:, 0] - score.min(1).values
            checks.close("  by torch's fp64 scores", off + 1, torch.ones_like(off),
                         1e-12 * max(1, float(score.abs().max())))
            start = torch.randint(-1, k, (n,), dtype=torch.int32)
            checks.same("kmeans_reassign " + title,
                        checks.core.assign(mine, theirs, checks.to(start), again=True), labels)
            if k >= 2:
                for got, wanted in zip(checks.core.assign2(mine, theirs),
                                       checks.judge.assign2(x, c)):
                    checks.same("kmeans_assign2 " + title, got, wanted)
            moved = c.clone()
            moved[::3] *= 1.01
            checks.same("kmeans_follow " + title,
                        checks.core.follow(mine, checks.to(moved), theirs, labels.clone()),
                        checks.judge.assign(x, moved))


def cases(checks, n, d, k):
    x, c = checks.rows(n, d, 1), checks.rows(k, d, 2)
    yield "unit rows", x, c
    ties = torch.randint(-2, 3, (n, d), generator=torch.Generator().manual_seed(3)).float()
    yield "small integers, duplicates", ties, ties[torch.arange(k) % n].clone()
    huge = x * 1e15
    huge[::7] = 0
    yield "huge and zero rows", huge, c * 1e15
    spike = x.clone()
    spike[:, 0] = 1000
    yield "one huge coordinate", spike, c


def lloyd(checks):
    for n, d, k in ((2000, 64, 50), (5000, 256, 200)):
        x = checks.rows(n, d, 5)
        title = ", n = %d, d = %d, k = %d" % (n, d, k)
        for method, name in ((0, "random"), (1, "k-means++")):
            mine, judged = checks.core.seed(checks.to(x), k, method, 3), checks.judge.seed(x, k, method, 3)
            checks.same("kmeans_seed %s: rows%s" % (name, title), mine[1], judged[1])
            checks.same("  centroids", mine[0], judged[0])
        y = checks.labels(n, k, 6)
        mine, judged = checks.to(x[:k].clone()), x[:k].clone()
        counts = checks.core.update(checks.to(x), checks.to(y), mine)
        checks.same("kmeans_update: counts" + title, counts, checks.judge.update(x, y, judged))
        checks.same("  centroids", mine, judged)
        mine, judged = checks.to(x[:k].clone()), x[:k].clone()
        labels = checks.core.lloyd(checks.to(x), mine, 5)
        checks.same("Lloyd, 5 iterations: labels" + title, labels, checks.judge.lloyd(x, judged, 5))
        checks.same("  centroids", mine, judged)


def neighbours(checks):
    for n, d, m in ((1, 3, 2), (700, 64, 30), (400, 2048, 10)):
        for name, x, _ in cases(checks, n, d, 1):
            title = " %s, n = %d, d = %d, m = %d" % (name, n, d, m)
            ids, distances = checks.judge.nearest(x, x, m)
            mine = checks.core.nearest(checks.to(x), checks.to(x), m)
            checks.same("nearest" + title, mine[0], ids)
            checks.same("nearest_self" + title, checks.core.nearest_self(checks.to(x), m, True)[0], ids)
            finite = distances.isfinite()
            checks.close("  distances", mine[1].cpu()[finite], distances[finite], 1e-6)


def pca(checks):
    for n, d, k in ((500, 20, 20), (4000, 256, 64)):
        x = checks.rows(n, d, 7, unit=False) / torch.arange(1, d + 1) + 10
        title = ", n = %d, %d to %d" % (n, d, k)
        wide = x.double() - x.double().mean(0)
        values, vectors = torch.linalg.eigh(wide.t() @ wide / (n - 1))
        values, vectors = values.flip(0)[:k], vectors.flip(1)[:, :k]
        for fast, bound in ((False, 1e-5), (True, 5e-3)):
            mean, transform, eigenvalues = checks.core.pca(checks.to(x), k, fast)
            checks.close("pca%s%s: eigenvalues" % (" fast" if fast else "", title), eigenvalues, values, bound)
            checks.close("  mean", mean[0], x.double().mean(0), 1e-6)
            if not fast:
                out = torch.empty((n, k), device=checks.where)
                checks.core.call("whiten_apply", checks.to(x), mean, transform, i32(0), out)
                plain = (x.double() - mean.cpu().double()) @ transform.cpu().double().t()
                checks.close("whiten_apply" + title, out, plain, 1e-5)
                lead = transform.cpu().double() * eigenvalues.sqrt()[:, None]
                checks.close("  first component", lead[0].abs(), vectors[:, 0].abs(), 1e-3)
                checks.core.call("whiten_apply", checks.to(x), mean, transform, i32(1), out)
                checks.close("  of length 1", out, functional.normalize(plain, dim=1), 1e-5)
        out = torch.empty_like(checks.to(x))
        checks.core.call("normalize_rows", checks.to(x), out)
        checks.close("normalize_rows" + title, out, functional.normalize(x.double(), dim=1), 1e-7)


def gradient_of(x, loss):
    """fp64 loss and its gradient by autograd; `loss` takes x."""
    leaf = x.double().clone().requires_grad_(True)
    value = loss(leaf)
    value.backward()
    return value.item(), leaf.grad


def losses(checks):
    for n, d, k in ((7, 5, 3), (256, 256, 1000), (64, 2048, 500)):
        x, c, y = checks.rows(n, d, 8), checks.rows(k, d, 9), checks.labels(n, k, 10)
        kept = y >= 0
        title = ", n = %d, d = %d, k = %d" % (n, d, k)
        info_nce(checks, x, c, y, title)
        first, second = checks.judge.assign2(x, c)
        first[~kept] = -1
        value, gradient = gradient_of(x, lambda v: ratio(v, c.double(), first, second, kept))
        mine = torch.empty_like(checks.to(x))
        got = checks.core.loss("ratio_loss", checks.to(x), checks.to(c), checks.to(first),
                               checks.to(second), f64(1e-6), mine)
        checks.number("ratio_loss" + title, got, value, 1e-9)
        checks.close("  gradient", mine, gradient, 1e-5)
        logits, weights = checks.rows(n, k, 11, unit=False) * 5, torch.rand(k) + 0.1
        value, gradient = gradient_of(logits, lambda z: functional.cross_entropy(
            z[kept], y[kept].long(), weights.double()))
        mine = torch.empty_like(checks.to(logits))
        got = checks.core.loss("cross_entropy", checks.to(logits), checks.to(y), checks.to(weights), mine)
        checks.number("cross_entropy" + title, got, value, 1e-6)
        checks.close("  gradient", mine, gradient, 1e-5)
        supports(checks, x, c, title)


def info_nce(checks, x, c, y, title):
    kept = y >= 0
    value, gradient = gradient_of(x, lambda v: functional.cross_entropy(
        v[kept] @ c.double().t() / 0.05, y[kept].long()))
    rounding = 2e-3 if len(c) >= 100 else 8e-3  # losses.h
    for fast, of_loss, of_gradient in ((0, 1e-5, 1e-5), (1, 1e-4, rounding)):
        mine = torch.empty_like(checks.to(x))
        got = checks.core.loss("info_nce", checks.to(x), checks.to(c), checks.to(y), f64(0.05), i32(fast), mine)
        checks.number("info_nce%s%s" % (" fast" if fast else "", title), got, value, of_loss)
        error = ((mine.cpu() - gradient).norm(dim=1) / gradient.norm(dim=1).clamp_min(1e-30)).max()
        checks.say("  gradient rows", float(error) <= of_gradient, "%.1e, allowed %.0e" % (error, of_gradient))


def ratio(x, c, first, second, kept):
    u = (x[kept] - c[first[kept].long()]).norm(dim=1)
    v = (x[kept] - c[second[kept].long()]).norm(dim=1)
    return (u / (v * v + 1e-12).sqrt()).mean()


def supports(checks, x, c, title):
    """ISE: supports, their gradient, the label-preserving loss, sums of gradients."""
    n, k = len(x), len(c)
    own, other = checks.labels(n, k, 12), checks.labels(n, k, 13)
    mine, judged = torch.empty_like(checks.to(x)), torch.empty_like(x)
    lists = [checks.to(own), checks.to(other), f64(0.5)]
    checks.core.call("extend_rows", checks.to(x), checks.to(c), *lists, mine)
    checks.judge.call("extend_rows", x, c, own, other, f64(0.5), judged)
    checks.same("extend_rows" + title, mine, judged)
    both = ((own >= 0) & (other >= 0)).double()[:, None]
    step = 0.5 * both * (c[other.clamp_min(0).long()] - c[own.clamp_min(0).long()]).double()
    back = torch.randn(x.shape, generator=torch.Generator().manual_seed(14))
    _, gradient = gradient_of(x, lambda v: (functional.normalize(v + step, dim=1) * back).sum())
    mine = torch.zeros_like(checks.to(x))
    checks.core.call("extend_rows_gradient", checks.to(x), checks.to(c), *lists, checks.to(back), mine)
    checks.close("extend_rows_gradient" + title, mine, gradient, 1e-5)
    checks.core.call("add_scaled", checks.to(x), f64(0.25), mine)
    checks.close("add_scaled" + title, mine, gradient + 0.25 * x.double(), 1e-5)
    y = checks.labels(n, max(2, n // 8), 15)
    left, right = x.double().requires_grad_(True), judged.double().requires_grad_(True)
    value = label_preserving(left, y, right, y, 0.6)
    value.backward()
    of_rows, of_supports = (torch.empty_like(checks.to(x)) for _ in "12")
    got = checks.core.loss("label_preserving_loss", checks.to(x), checks.to(y), checks.to(judged),
                           checks.to(y), f64(0.6), of_rows, of_supports)
    checks.number("label_preserving_loss" + title, got, value.item(), 1e-9)
    checks.close("  gradient", of_rows, left.grad, 1e-5)
    checks.close("  gradient of supports", of_supports, right.grad, 1e-5)


def label_preserving(x, labels, s, support_labels, temperature):
    e = (x @ s.t() / temperature).exp()
    groups = [g for g in support_labels.unique().tolist() if g >= 0]
    terms = []
    for i, label in enumerate(labels.tolist()):
        if label < 0 or label not in groups:
            continue
        own = e[i][support_labels == label].min()
        others = [e[i][support_labels == g].max() for g in groups if g != label]
        terms.append(-torch.log(own / (own + sum(others) + 1e-6) + 1e-6))
    return torch.stack(terms).mean()


def copies(checks):
    for n in (1, 1 << 20, (1 << 22) + 1, 10_000_003):
        x = torch.arange(n, dtype=torch.int32)
        there = checks.core.copy(torch.empty_like(x, device=checks.where), x)
        checks.same("context_copy to the device, n = %d" % n, there, x)
        checks.same("  and back", checks.core.copy(torch.empty_like(x), there + 1), x + 1)


def memory(checks):
    for n, d, k in ((1, 3, 1), (256, 2048, 60), (300, 128, 5)):
        for mode in (0, 1):
            x, c, y = checks.rows(n, d, 16), checks.rows(k, d, 17), checks.labels(n, k, 18)
            mine, judged = checks.to(c.clone()), c.clone()
            checks.core.call("memory_update", mine, checks.to(x), checks.to(y), i32(mode), f64(0.1))
            checks.judge.call("memory_update", judged, x, y, i32(mode), f64(0.1))
            checks.same("memory_update %s, n = %d, d = %d, k = %d" % (("cm", "cm_hard")[mode], n, d, k), mine, judged)
            if mode == 0:
                plain = c.double()
                for row, label in zip(x.double(), y.tolist()):
                    if label >= 0:
                        plain[label] = functional.normalize(0.1 * plain[label] + 0.9 * row, dim=0)
                checks.close("  row after row in fp64", mine, plain, 1e-5)


GROUPS = {"copies": copies, "assignment": assignment, "lloyd": lloyd, "neighbours": neighbours, "pca": pca,
          "losses": losses, "memory": memory}
