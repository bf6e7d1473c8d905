#!/usr/bin/env python3
"""k-reciprocal Jaccard distances from dense numpy in fp64, for tests/native/jaccard_test.cpp.

Written from the definition (native/include/dc4j/graph.h), sharing no code with the library. Needs numpy.
Writes tests/native/golden/jaccard_golden.inc; the points are small integers over 16, then divided by
their norm in fp32, so that C++ can make the same bits again.

  python3 tests/golden/make_jaccard_golden.py
"""
import os

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "..", "native", "golden", "jaccard_golden.inc")


def points(n, d, seed):
    """n points around n / 12 centres."""
    random = np.random.RandomState(seed)
    centres = random.randint(-40, 41, (max(1, n // 12), d))
    return centres[random.randint(0, len(centres), n)] + random.randint(-14, 15, (n, d))


def unit(grid):
    x = grid.astype(np.float64)
    return (x / np.sqrt((x * x).sum(1, keepdims=True))).astype(np.float32)


def table(x, k1):
    """The k1 nearest with the point itself first."""
    f = x.astype(np.float64)
    squared = ((f[:, None, :] - f[None, :, :]) ** 2).sum(2)
    np.fill_diagonal(squared, -1)
    return np.argsort(squared, axis=1, kind="stable")[:, :k1]


def mutual(rank, i, k):
    forward = rank[i, :k + 1]
    backward = rank[forward, :k + 1]
    return forward[np.where(backward == i)[0]]


def jaccard(x, rank, k1, k2):
    n, f = len(x), x.astype(np.float64)
    weights = np.zeros((n, n))
    for i in range(n):
        near = mutual(rank, i, k1)
        grown = near
        for q in near:
            half = mutual(rank, q, int(np.around(k1 / 2)))
            if len(np.intersect1d(half, near)) > 2 / 3 * len(half):
                grown = np.append(grown, half)
        grown = np.unique(grown)
        e = np.exp(-(2 - 2 * f[grown] @ f[i]))
        weights[i, grown] = e / e.sum()
    if k2 != 1:
        weights = np.stack([weights[rank[i, :k2]].mean(0) for i in range(n)])
    out = np.empty((n, n))
    for i in range(n):
        shared = np.minimum(weights[i], weights).sum(1)
        out[i] = 1 - shared / (2 - shared)
    out[out < 0] = 0
    return out


def numbers(values, form):
    text, line = "", "   "
    for value in values:
        word = " " + form % value + ","
        if len(line) + len(word) > 98:
            text, line = text + line + "\n", "   "
        line += word
    return text + line


def main():
    with open(OUT, "w") as out:
        out.write("// Made by tests/golden/make_jaccard_golden.py (numpy %s); do not edit.\n"
                  % np.__version__)
        out.write("static const GoldenJaccard kGoldenJaccard[] = {\n")
        for n, d, k1, k2, seed in [(96, 8, 30, 6, 1), (48, 5, 15, 1, 2), (40, 6, 6, 3, 3)]:
            grid = points(n, d, seed)
            x = unit(grid)
            rank = table(x, k1)
            dense = jaccard(x, rank, k1, k2)
            i, j = np.triu_indices(n, 1)
            out.write("    {%d, %d, %d, %d,\n" % (n, d, k1, k2))
            for name, values, form in [("points", grid.ravel(), "%d"), ("ids", rank.ravel(), "%d"),
                                       ("pairs above the diagonal", dense[i, j], "%.9g")]:
                out.write("     // %s\n    {\n%s},\n" % (name, numbers(values, form)))
            out.write("    },\n")
            print(n, k1, k2, "share below 1:", (dense[i, j] < 1).mean(),
                  "closest to 1:", 1 - dense[i, j][dense[i, j] < 1].max())
        out.write("};\n")


if __name__ == "__main__":
    main()
