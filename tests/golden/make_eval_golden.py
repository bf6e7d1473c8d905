#!/usr/bin/python3
"""Writes the expected partition scores of tests/src/test/resources/golden/eval.json.

Needs scikit-learn 1.2 and SciPy (Debian: python3-sklearn). Run from the repository root:
    /usr/bin/python3 tests/golden/make_eval_golden.py
"""
import json
import math
from pathlib import Path

import numpy as np
import sklearn
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import (adjusted_mutual_info_score, adjusted_rand_score,
                             normalized_mutual_info_score)
from sklearn.metrics.cluster import contingency_matrix

OUT = Path("tests/src/test/resources/golden/eval.json")


def accuracy(labels, clusters):
    counts = contingency_matrix(labels, clusters)
    rows, columns = linear_sum_assignment(-counts)
    return counts[rows, columns].sum() / len(labels)


def noisy(rng, n, classes, clusters, share):
    """Clusters that follow the classes (modulo their number) except for a share drawn at random."""
    labels = rng.integers(0, classes, n)
    follow = labels % clusters
    drawn = rng.integers(0, clusters, n)
    return labels, np.where(rng.random(n) < share, drawn, follow)


def skewed(rng, n, k):
    weights = 1.0 / np.arange(1, k + 1)
    return rng.choice(k, size=n, p=weights / weights.sum())


def cases():
    rng = np.random.default_rng(20261122)
    yield "one item", [0], [5]
    yield "one class, one cluster", [0] * 6, [3] * 6
    yield "one class, two clusters", [0] * 6, [0, 0, 0, 1, 1, 1]
    yield "two classes, one cluster", [0, 0, 0, 1, 1, 1], [2] * 6
    yield "one class, all singletons", [0] * 5, [0, 1, 2, 3, 4]
    yield "all singletons, one cluster", [0, 1, 2, 3, 4], [0] * 5
    yield "same up to names", [0, 0, 1, 1, 2, 2], [7, 7, 0, 0, 3, 3]
    yield "independent", [0, 0, 1, 1], [0, 1, 0, 1]
    yield "below chance", [0, 0, 1, 1, 2, 2], [0, 1, 1, 2, 2, 0]
    yield "two items apart and together", [0, 1], [4, 4]
    yield "split class", [0, 0, 0, 0, 1, 1, 1, 1], [0, 0, 1, 1, 2, 2, 2, 2]
    yield "gaps in the numbers", [10, 10, 500, 500, 2000000000], [3, 9, 9, 9, 1]
    for n, classes, clusters, share in [(50, 3, 3, 0.2), (50, 2, 9, 0.5), (200, 10, 10, 0.3),
                                        (200, 10, 4, 0.1), (500, 5, 40, 0.9), (1000, 10, 10, 1.0),
                                        (2000, 10, 100, 0.4)]:
        labels, found = noisy(rng, n, classes, clusters, share)
        yield f"noisy {n} {classes} x {clusters} {share}", labels.tolist(), found.tolist()
    yield "skewed 1500 30 x 50", skewed(rng, 1500, 30).tolist(), skewed(rng, 1500, 50).tolist()
    singletons = list(range(40))
    yield "singletons against halves", singletons, [i // 20 for i in singletons]


def scores(labels, clusters):
    return {
        "nmi": normalized_mutual_info_score(labels, clusters),
        "nmi_geometric": normalized_mutual_info_score(labels, clusters,
                                                      average_method="geometric"),
        "ami": adjusted_mutual_info_score(labels, clusters),
        "ari": adjusted_rand_score(labels, clusters),
        "accuracy": accuracy(labels, clusters),
    }


def large(n, k):
    """Labels by a formula, so that the fixture stays small: both sides do the same arithmetic."""
    i = np.arange(n, dtype=np.int64)
    labels = (i * i + 7 * i) % 10007 % k
    drawn = i * 2654435761 % 4294967296 // 65536 % k
    return labels, np.where(i % 3 == 0, drawn, (labels + i % 2) % k)


def main():
    out = {"sklearn": sklearn.__version__, "cases": [], "large": []}
    for name, labels, clusters in cases():
        values = scores(labels, clusters)
        assert all(math.isfinite(v) for v in values.values()), (name, values)
        out["cases"].append({"name": name, "labels": labels, "clusters": clusters, **values})
    for n, k in [(60000, 10), (60000, 1000)]:
        labels, clusters = large(n, k)
        out["large"].append({"n": n, "k": k, **scores(labels, clusters)})
    rows = [json.dumps(c) for c in out["cases"]]
    big = [json.dumps(c) for c in out["large"]]
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text('{"sklearn": "%s",\n"cases": [\n%s\n],\n"large": [\n%s\n]}\n'
                   % (out["sklearn"], ",\n".join(rows), ",\n".join(big)))


if __name__ == "__main__":
    main()
