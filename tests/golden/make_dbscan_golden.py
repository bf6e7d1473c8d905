#!/usr/bin/env python3
"""Labels of scikit-learn's DBSCAN on precomputed distances, for tests/native/dbscan_test.cpp.

Needs numpy and scikit-learn. Writes tests/native/golden/dbscan_golden.inc. Distances are multiples of
1/64, so that many equal eps. Rows are shuffled, so that clusters interleave and border rows have a choice.

  python3 tests/golden/make_dbscan_golden.py
"""
import os

import numpy as np
import sklearn
from sklearn.cluster import DBSCAN

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "..", "native", "golden", "dbscan_golden.inc")


def distances(n, seed):
    """64ths between points of the plane, at most 64 (= 1, an absent pair)."""
    random = np.random.RandomState(seed)
    points = random.rand(n, 2) * np.sqrt(n) * 9
    apart = np.sqrt(((points[:, None] - points[None]) ** 2).sum(2))
    steps = np.minimum(np.rint(apart), 64).astype(int)
    steps[~np.eye(n, dtype=bool) & (steps == 0)] = 1
    return steps


def numbers(values):
    text, line = "", "   "
    for value in values:
        word = " %d," % value
        if len(line) + len(word) > 98:
            text, line = text + line + "\n", "   "
        line += word
    return text + line


def main():
    with open(OUT, "w") as out:
        out.write("// Made by tests/golden/make_dbscan_golden.py (scikit-learn %s); do not edit.\n"
                  % sklearn.__version__)
        out.write("static const GoldenDbscan kGoldenDbscan[] = {\n")
        for n, seed in [(40, 1), (90, 2), (90, 3)]:
            steps = distances(n, seed)
            matrix = (steps / 64).astype(np.float32)
            upper = np.triu_indices(n, 1)
            out.write("    {%d,\n     // 64ths above the diagonal\n    {\n%s},\n    {\n"
                      % (n, numbers(steps[upper])))
            for eps in (4, 7, 9, 12):
                for least in (1, 2, 4, 6):
                    labels = DBSCAN(eps=eps / 64, min_samples=least, metric="precomputed").fit(
                        matrix).labels_
                    out.write("     {%d, %d,\n    {\n%s}},\n" % (eps, least, numbers(labels)))
                    print(n, eps, least, labels.max() + 1, (labels < 0).sum())
            out.write("    }},\n")
        out.write("};\n")


if __name__ == "__main__":
    main()
