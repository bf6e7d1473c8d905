#!/usr/bin/env python3
"""Power iteration clustering with scipy in fp64, for tests/native/pic_test.cpp.

Written from the definition (native/include/dc4j/graph.h), sharing no code with the library. Needs numpy
and scipy. Writes tests/native/golden/pic_golden.inc.

  python3 tests/golden/make_pic_golden.py
"""
import os

import numpy as np
import scipy
from scipy.sparse import csr_matrix

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "..", "native", "golden", "pic_golden.inc")


def neighbours(n, d, k, seed):
    random = np.random.RandomState(seed)
    x = random.randn(n, d) * 0.4 + random.randn(max(2, n // 15), d)[random.randint(0, max(2, n // 15), n)]
    x /= np.sqrt((x * x).sum(1, keepdims=True))
    squared = ((x[:, None] - x[None]) ** 2).sum(2)
    np.fill_diagonal(squared, np.inf)
    ids = np.argsort(squared, axis=1)[:, :k]
    return ids, np.take_along_axis(squared, ids, axis=1).astype(np.float32)


def pic(ids, squared, sigma, alpha, iterations):
    n, k = ids.shape
    rows = np.repeat(np.arange(n), k)
    w = csr_matrix((np.exp(-squared.astype(np.float64).ravel() / sigma ** 2), (rows, ids.ravel())),
                   shape=(n, n))
    g = (w + w.T).tocsr()
    g.sort_indices()
    v = np.full(n, 1 / n)
    for _ in range(iterations):
        v = alpha * (g @ v) + (1 - alpha) / n
        v /= v.sum()
    peaks, closest = np.arange(n), np.inf
    for i in range(n):
        columns = g.indices[g.indptr[i]:g.indptr[i + 1]]
        gains = g.data[g.indptr[i]:g.indptr[i + 1]] * (v[columns] - v[i])
        ordered = np.sort(np.append(gains, 0))
        if ordered[-1] > 0:
            peaks[i] = columns[np.argmax(gains)]
            closest = min(closest, (ordered[-1] - ordered[-2]) / ordered[-1])
    while (peaks[peaks] != peaks).any():
        peaks = peaks[peaks]
    sizes = np.bincount(peaks, minlength=n)
    joined = peaks.copy()
    for i in range(n):
        if sizes[peaks[i]] == 1:
            for j in ids[i]:
                if sizes[peaks[j]] > 1:
                    joined[i] = peaks[j]
                    break
    numbers = {}
    labels = [numbers.setdefault(peak, len(numbers)) for peak in joined]
    print(n, k, sigma, alpha, "clusters", len(numbers), "single before", (sizes == 1).sum(),
          "closest gains, relative", closest)
    return labels


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
        out.write("// Made by tests/golden/make_pic_golden.py (scipy %s); do not edit.\n"
                  % scipy.__version__)
        out.write("static const GoldenPic kGoldenPic[] = {\n")
        for n, d, k, seed, sigma, alpha, iterations in [
                (120, 8, 5, 1, 0.2, 0.001, 200), (90, 3, 5, 2, 0.2, 0.001, 200),
                (90, 6, 3, 3, 0.5, 0.2, 50), (60, 4, 1, 4, 0.3, 0.001, 200)]:
            ids, squared = neighbours(n, d, k, seed)
            labels = pic(ids, squared, sigma, alpha, iterations)
            out.write("    {%d, %d, {%r, %r, %d},\n" % (n, k, sigma, alpha, iterations))
            for name, values, form in [("ids", ids.ravel(), "%d"),
                                       ("squared distances", squared.ravel(), "%.9gf"),
                                       ("labels", labels, "%d")]:
                out.write("     // %s\n    {\n%s},\n" % (name, numbers(values, form)))
            out.write("    },\n")
        out.write("};\n")


if __name__ == "__main__":
    main()
