"""FAISS's k-means on the GPU through libdc4j_faiss, where DC4J_FAISS_LIBRARY names it and libdc4j_faiss_gpu.so lies
beside it (or DC4J_FAISS_GPU_LIBRARY names that)."""
import ctypes
import functools
import os

import torch

from core import i32, i64

THREADS = os.cpu_count()


class Options(ctypes.Structure):
    """dc4j_faiss_kmeans_options"""
    _fields_ = [(name, ctypes.c_int32) for name in
                ("niter", "nredo", "seed", "spherical", "max_points_per_centroid", "device")]


@functools.lru_cache
def library():
    path = os.environ.get("DC4J_FAISS_LIBRARY")
    if not path:
        return None
    found = ctypes.CDLL(os.path.abspath(path))
    found.dc4j_faiss_last_error.restype = ctypes.c_char_p
    return found


def available():
    return library() is not None and torch.cuda.is_available()


def kmeans(x, k, iterations):
    """Of x [n x d] on the host or the device, all rows, on device 0; results are on the host."""
    n, d = x.shape
    options = Options(iterations, 1, 1, 0, 2 ** 31 - 1, 0)
    centroids, labels, distances = torch.empty(k, d), torch.empty(n, dtype=torch.int32), torch.empty(n)
    objective, objectives, done = ctypes.c_double(), (ctypes.c_double * iterations)(), ctypes.c_int32()
    if x.is_cuda:
        torch.cuda.synchronize()
    addresses = [ctypes.c_void_p(t.data_ptr()) for t in (centroids, labels, distances)]
    status = library().dc4j_faiss_kmeans(
        ctypes.c_void_p(x.data_ptr()), i64(n), i64(d), i64(k), ctypes.byref(options), i32(THREADS), *addresses,
        ctypes.byref(objective), objectives, ctypes.byref(done))
    if status != 0:
        raise RuntimeError(library().dc4j_faiss_last_error().decode())
