#!/usr/bin/python3
"""Writes the expected average precisions of tests/src/test/resources/golden/retrieval.json.

Needs scikit-learn and numpy. Run from the repository root:
    python3 tests/golden/make_retrieval_golden.py
Small whole numbers as embeddings, so that the file is exact and both sides see the same rows; cases
with equal distances in a ranking are rejected, because scikit-learn groups ties.
"""
import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.metrics import average_precision_score

OUT = Path("tests/src/test/resources/golden/retrieval.json")


def unit(rows):
    """As the product has it: fp32 rows; the distances are compared in fp64."""
    rows = rows.astype(np.float64)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float32).astype(np.float64)


def score(query, gallery, single, ks=(1, 5, 10)):
    x, y, cams = unit(query["rows"]), query["ids"], query["cameras"]
    g, gy, gcams = unit(gallery["rows"]), gallery["ids"], gallery["cameras"]
    aps, first = [], []
    for i in range(len(y)):
        keep = ~((gy == y[i]) & (gcams == cams[i]))
        if single:
            keep[i] = False
        distance = ((g[keep] - x[i]) ** 2).sum(axis=1)
        match = gy[keep] == y[i]
        if not match.any():
            continue
        gaps = np.diff(np.sort(distance))
        assert gaps.min() > 1e-7, "a tie"
        aps.append(average_precision_score(match, -distance))
        first.append(np.flatnonzero(match[np.argsort(distance)])[0])
    first = np.array(first)
    return {"map": float(np.mean(aps)), "cmc": [float((first < k).mean()) for k in ks],
            "queries": len(aps)}


def items(rng, n, d, identities, cameras):
    return {"rows": rng.integers(-2000, 2000, (n, d)), "ids": rng.integers(0, identities, n),
            "cameras": rng.integers(0, cameras, n)}


def plain(part):
    return {key: value.tolist() for key, value in part.items()}


def main():
    rng = np.random.default_rng(20261125)
    cases = []
    for n, m, d, identities, cameras in [(12, 40, 6, 5, 3), (30, 60, 8, 9, 4), (20, 25, 5, 14, 2)]:
        query = items(rng, n, d, identities, cameras)
        gallery = items(rng, m, d, identities, cameras)
        cases.append({"query": plain(query), "gallery": plain(gallery),
                      **score(query, gallery, False)})
    for n, d, identities, cameras in [(40, 6, 8, 3), (60, 8, 20, 5)]:
        one = items(rng, n, d, identities, cameras)
        cases.append({"query": plain(one), "gallery": None, **score(one, one, True)})
    OUT.write_text('{"sklearn": "%s",\n"cases": [\n%s\n]}\n'
                   % (sklearn.__version__, ",\n".join(json.dumps(case) for case in cases)))


if __name__ == "__main__":
    main()
