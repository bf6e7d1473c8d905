"""The native core through ctypes, on numpy arrays in place: what run.py measures peers against."""
import ctypes
import os
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../tests/native/oracle"))
from library import Library, MatrixView, f64, i64  # noqa: E402 (the folder above)


class Matrix(MatrixView):
    """dc4j_matrix over a C-ordered float32 array, which it keeps alive."""

    def __init__(self, array):
        assert array.dtype == np.float32 and array.flags.c_contiguous
        super().__init__(array.ctypes.data, array.shape[0], array.shape[1], array.shape[1], 0)
        self.array = array


class PicOptions(ctypes.Structure):
    _fields_ = [("sigma", f64), ("alpha", f64), ("iterations", i64)]


def pointer(array):
    return ctypes.c_void_p(array.ctypes.data)


class Core(Library):
    """A context on arrays, on the CPU."""

    def __init__(self, threads):
        super().__init__("cpu", threads)

    def assign(self, x, c, labels, hints=False):
        name = "kmeans_reassign" if hints else "kmeans_assign"
        self.plain(name, self.context, Matrix(x), Matrix(c), pointer(labels), None, None)

    def follow(self, x, c, previous, labels, objective=None):
        """Returns how many pairs of a row and a centroid were compared."""
        compared = i64()
        self.plain("kmeans_follow", self.context, Matrix(x), Matrix(c), Matrix(previous),
                   pointer(labels), None, objective, ctypes.byref(compared))
        return compared.value

    def seed(self, x, k, method, seed=1):
        c = np.empty((k, x.shape[1]), np.float32)
        self.plain("kmeans_seed", self.context, Matrix(x), ctypes.c_int32(method),
                   ctypes.c_uint64(seed), Matrix(c), None)
        return c

    def lloyd(self, x, c, iterations):
        """As KMeans.fit does; c becomes the centroids. Returns labels and objective."""
        k, labels = len(c), np.full(len(x), -1, np.int32)
        counts, moved, filled = np.zeros(k, np.int64), i64(), i64()
        sums, objective = ctypes.c_void_p(), f64()
        self.plain("kmeans_sums_begin", self.context, Matrix(x), i64(k), ctypes.byref(sums))
        labelled = np.empty_like(c)
        for iteration in range(iterations):
            if iteration == 0:
                self.assign(x, c, labels)
            else:
                self.follow(x, c, labelled, labels)
            labelled[:] = c
            self.plain("kmeans_sums_update", sums, Matrix(x), pointer(labels), Matrix(c),
                       pointer(counts), ctypes.byref(moved))
            self.plain("kmeans_fill_empty", self.context, Matrix(x), None, None, ctypes.c_int32(1),
                       ctypes.c_uint64(iteration), Matrix(c), pointer(counts),
                       ctypes.byref(filled))
        self.follow(x, c, labelled, labels, ctypes.byref(objective))
        self.library.dc4j_kmeans_sums_close(sums)
        return labels, objective.value

    def pca(self, x, d, fast=False):
        state, rank = ctypes.c_void_p(), i64()
        mean = np.empty((1, x.shape[1]), np.float32)
        transform = np.empty((d, x.shape[1]), np.float32)
        eigenvalues = np.empty(d, np.float64)
        self.plain("pca_begin", self.context, i64(x.shape[1]), ctypes.c_int32(fast),
                   ctypes.byref(state))
        self.plain("pca_add", state, Matrix(x))
        self.plain("pca_finish", state, i64(d), f64(0), Matrix(mean), Matrix(transform),
                   pointer(eigenvalues), ctypes.byref(rank))
        self.library.dc4j_pca_close(state)
        return mean, transform, eigenvalues

    def nearest(self, queries, base, m):
        ids = np.empty((len(queries), m), np.int64)
        distances = np.empty((len(queries), m), np.float32)
        self.plain("nearest", self.context, Matrix(queries), Matrix(base), i64(m), None,
                   pointer(ids), pointer(distances))
        return ids, distances

    def nearest_self(self, x, m, itself):
        ids = np.empty((len(x), m), np.int64)
        distances = np.empty((len(x), m), np.float32)
        self.plain("nearest_self", self.context, Matrix(x), i64(m),
                   ctypes.c_int32(1 if itself else 0), pointer(ids), pointer(distances))
        return ids, distances

    def info_nce(self, x, memory, labels, temperature, fast=False):
        gradient, loss = np.empty_like(x), f64()
        self.plain("info_nce", self.context, Matrix(x), Matrix(memory), pointer(labels),
                   f64(temperature), ctypes.c_int32(fast), Matrix(gradient), ctypes.byref(loss))
        return loss.value, gradient

    def memory_update(self, memory, x, labels, old_weight, hardest):
        """The call itself, to be made again and again: building its arguments in Python takes as long as
        a tenth of it."""
        arguments = (self.context, Matrix(memory), Matrix(x), pointer(labels),
                     ctypes.c_int32(1 if hardest else 0), f64(old_weight))
        return lambda: self.plain("memory_update", *arguments)

    def jaccard_dbscan(self, x, ids, k1=30, k2=6, eps=0.6, min_samples=4):
        graph, clusters, labels = ctypes.c_void_p(), i64(), np.empty(len(x), np.int32)
        self.plain("jaccard", self.context, Matrix(x), pointer(ids), i64(k1), i64(k2),
                   ctypes.c_float(eps + 0.1), ctypes.byref(graph))  # all that eps sees
        self.plain("dbscan", self.context, graph, ctypes.c_float(eps), i64(min_samples),
                   pointer(labels), ctypes.byref(clusters))
        self.library.dc4j_graph_close(graph)
        return labels

    def pic(self, ids, squared, options):
        labels, clusters = np.empty(len(ids), np.int32), i64()
        self.plain("pic", self.context, pointer(ids), Matrix(squared), options, pointer(labels),
                   ctypes.byref(clusters))
        return labels
