#!/usr/bin/env python3
"""Neighbour graphs with numpy, scipy and scikit-learn: what JaccardBenchmark, DbscanBenchmark and
PicBenchmark are held against. One JSON row per case on stdout; the functions are for other scripts as well.

Needs numpy, scipy and scikit-learn (Debian: python3-numpy python3-scipy python3-sklearn). The dense Jaccard
distance holds three n x n matrices in fp32, the way it is published: 2 GB at n = 12936.

  bench/peers/graph.py [--n 12936] [--d 2048] [--pic-n 100000] [--pic-d 64] [--only jaccard,dbscan,pic]
"""
import argparse
import json
import resource
import time

import numpy as np


def clustered(n, d, seed=1):
    """Unit rows around n / 18 directions, distributed as those of the benchmarks in Java."""
    random = np.random.default_rng(seed)
    groups = max(1, n // 18)
    x = random.standard_normal((n, d), dtype=np.float32)
    centres = random.standard_normal((groups, d), dtype=np.float32)
    for at in range(0, n, 4096):  # in place: the rows are the largest thing some callers hold
        block = x[at:at + 4096]
        block *= np.float32(0.7)
        block += centres[np.arange(at, at + len(block)) % groups]
        block /= np.linalg.norm(block, axis=1, keepdims=True)
    return x


def neighbours(x, k, exclude_itself):
    """ids and squared distances of the k nearest rows of unit rows, nearest first."""
    ids = np.empty((len(x), k), np.int64)
    squared = np.empty((len(x), k), np.float32)
    for at in range(0, len(x), 1024):
        apart = 2 - 2 * (x[at:at + 1024] @ x.T)
        own = np.arange(at, at + len(apart))
        apart[np.arange(len(apart)), own] = np.inf if exclude_itself else -1
        near = np.argpartition(apart, k, axis=1)[:, :k]
        found = np.take_along_axis(apart, near, axis=1)
        order = np.argsort(found, axis=1)
        ids[at:at + 1024] = np.take_along_axis(near, order, axis=1)
        squared[at:at + 1024] = np.maximum(np.take_along_axis(found, order, axis=1), 0)
    return ids, squared


def mutual(rank, i, k):
    forward = rank[i, :k + 1]
    return forward[(rank[forward, :k + 1] == i).any(axis=1)]


def jaccard(x, rank, k1=30, k2=6):
    """k-reciprocal Jaccard distance, n x n in fp32; rank [n x k1] holds the row itself first."""
    n, half_k1 = len(x), int(np.around(k1 / 2))
    near = [mutual(rank, i, k1) for i in range(n)]
    half = [mutual(rank, i, half_k1) for i in range(n)]
    weights = np.zeros((n, n), np.float32)
    for i in range(n):
        grown = [near[i]]
        for q in near[i]:
            if len(np.intersect1d(half[q], near[i])) > 2 / 3 * len(half[q]):
                grown.append(half[q])
        grown = np.unique(np.concatenate(grown))
        e = np.exp(-(2 - 2 * (x[grown] @ x[i])))
        weights[i, grown] = e / e.sum()
    if k2 != 1:
        means = np.zeros_like(weights)
        for i in range(n):
            means[i] = weights[rank[i, :k2]].mean(axis=0)
        weights = means
    holders = [np.flatnonzero(weights[:, t]) for t in range(n)]
    distance = np.zeros((n, n), np.float32)
    for i in range(n):
        shared = np.zeros(n, np.float32)
        for t in np.flatnonzero(weights[i]):
            rows = holders[t]
            shared[rows] += np.minimum(weights[i, t], weights[rows, t])
        distance[i] = 1 - shared / (2 - shared)
    np.maximum(distance, 0, out=distance)
    return distance


def dbscan(distance, eps=0.6, min_samples=4):
    from sklearn.cluster import DBSCAN
    return DBSCAN(eps=eps, min_samples=min_samples, metric="precomputed", n_jobs=-1).fit(
        distance).labels_


def pic(ids, squared, sigma=0.2, alpha=0.001, iterations=200):
    """Power iteration clustering; ids [n x k] without the row itself. Labels by lowest row."""
    from scipy.sparse import csr_matrix
    n, k = ids.shape
    w = csr_matrix((np.exp(-squared.astype(np.float64).ravel() / sigma ** 2),
                    (np.repeat(np.arange(n), k), ids.ravel())), shape=(n, n))
    graph = (w + w.T).tocsr()
    graph.sort_indices()
    v = np.full(n, 1 / n)
    for _ in range(iterations):
        v = alpha * (graph @ v) + (1 - alpha) / n
        v /= v.sum()
    peaks = np.arange(n)
    for i in range(n):
        columns = graph.indices[graph.indptr[i]:graph.indptr[i + 1]]
        gains = graph.data[graph.indptr[i]:graph.indptr[i + 1]] * (v[columns] - v[i])
        if len(gains) and gains.max() > 0:
            peaks[i] = columns[np.argmax(gains)]
    while (peaks[peaks] != peaks).any():
        peaks = peaks[peaks]
    sizes = np.bincount(peaks, minlength=n)
    joined = peaks.copy()
    for i in np.flatnonzero(sizes[peaks] == 1):
        for j in ids[i]:
            if sizes[peaks[j]] > 1:
                joined[i] = peaks[j]
                break
    _, first, labels = np.unique(joined, return_index=True, return_inverse=True)
    numbers = np.empty(len(first), np.int32)
    numbers[np.argsort(first)] = np.arange(len(first))
    return numbers[labels]


def timed(call, *args):
    started = time.time()
    result = call(*args)
    return result, time.time() - started


def row(case, seconds, **more):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"case": case, "seconds": seconds, "process_peak_mib": round(peak), **more}),
          flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--n", type=int, default=12936)
    parser.add_argument("--d", type=int, default=2048)
    parser.add_argument("--pic-n", type=int, default=100000)
    parser.add_argument("--pic-d", type=int, default=64)
    parser.add_argument("--only", default="jaccard,dbscan,pic")
    args = parser.parse_args()
    only = args.only.split(",")
    if "jaccard" in only or "dbscan" in only:
        x = clustered(args.n, args.d)
        rank, _ = neighbours(x, 30, False)
        distance, seconds = timed(jaccard, x, rank)
        row("jaccard, numpy dense", seconds, n=args.n, d=args.d,
            pairs_below_1=int((distance < 1).sum()))
        if "dbscan" in only:
            labels, seconds = timed(dbscan, distance)
            row("dbscan, scikit-learn precomputed", seconds, n=args.n,
                clusters=int(labels.max()) + 1, noise=int((labels < 0).sum()))
    if "pic" in only:
        x = clustered(args.pic_n, args.pic_d)
        labels, seconds = timed(pic, *neighbours(x, 5, True))
        row("pic, scipy", seconds, n=args.pic_n, clusters=int(labels.max()) + 1)


if __name__ == "__main__":
    main()
