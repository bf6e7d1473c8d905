"""The native core through ctypes on PyTorch tensors, host or CUDA, in place."""
import ctypes

import torch

from library import CUDA, HOST, Library, MatrixView, f64, i32, i64, u64


class Matrix(MatrixView):
    """dc4j_matrix over a row-major float32 tensor, which it keeps alive."""

    def __init__(self, tensor):
        assert tensor.dtype == torch.float32 and tensor.dim() == 2
        assert tensor.shape[1] <= 1 or tensor.stride(1) == 1
        stride = tensor.stride(0) if tensor.shape[0] > 1 else tensor.shape[1]
        super().__init__(tensor.data_ptr(), tensor.shape[0], tensor.shape[1], stride,
                         CUDA if tensor.is_cuda else HOST)
        self.tensor = tensor


class Core(Library):
    """A context on tensors; on a GPU it works on the stream that is torch's then, so that neither waits for the
    other to see its results."""

    def __init__(self, device, threads=1):
        super().__init__(device, threads)
        if device.startswith("cuda") and torch.cuda.is_available():
            where = torch.device(device)
            stream = torch.cuda.current_stream(where).cuda_stream
            self.plain("context_use_stream", self.context, ctypes.c_void_p(stream))

    def argument(self, value):
        """A float matrix as dc4j_matrix, any other tensor as its address, the rest as it is."""
        if not isinstance(value, torch.Tensor):
            return super().argument(value)
        if value.dtype == torch.float32 and value.dim() == 2:
            return super().argument(Matrix(value))
        return self.address(value)

    def held_by(self, call):
        """Bytes of workspace that a call holds at most: its allocator counts them."""
        held = {"now": 0, "most": 0}
        kept = {}

        def allocate(bytes_, stream, owner):
            memory = torch.empty(bytes_, dtype=torch.uint8, device="cuda")
            kept[memory.data_ptr()] = memory
            held["now"] += bytes_
            held["most"] = max(held["most"], held["now"])
            return memory.data_ptr()

        def release(memory, bytes_, stream, owner):
            held["now"] -= bytes_
            kept.pop(memory, None)

        allocator = (ctypes.CFUNCTYPE(ctypes.c_void_p, i64, ctypes.c_void_p, ctypes.c_void_p)(allocate),
                     ctypes.CFUNCTYPE(None, ctypes.c_void_p, i64, ctypes.c_void_p, ctypes.c_void_p)(release))
        self.plain("context_use_allocator", self.context, *allocator, None)
        try:
            call()
        finally:
            self.plain("context_use_allocator", self.context, None, None, None)
        return held["most"]

    def copy(self, to, source):
        """Between host and device, either way; both contiguous and of one size."""
        assert to.is_contiguous() and source.is_contiguous() and to.nbytes == source.nbytes
        self.plain("context_copy", self.context, self.address(to), self.address(source), i64(to.nbytes))
        return to

    @staticmethod
    def address(tensor):
        return ctypes.c_void_p(tensor.data_ptr())

    def call(self, name, *arguments):
        """dc4j_NAME(context, arguments)"""
        self.plain(name, self.context, *arguments)

    # What returns more than a status.

    def loss(self, name, *arguments):
        loss = f64()
        self.call(name, *arguments, ctypes.byref(loss))
        return loss.value

    def assign(self, x, centroids, labels=None, again=False, distances=None):
        labels = torch.full((len(x),), -1, dtype=torch.int32, device=x.device) \
            if labels is None else labels
        self.call("kmeans_reassign" if again else "kmeans_assign", x, centroids, labels,
                  distances, None)
        return labels

    def follow(self, x, centroids, previous, labels):
        self.call("kmeans_follow", x, centroids, previous, labels, None, None, None)
        return labels

    def assign2(self, x, centroids):
        first, second = (torch.empty(len(x), dtype=torch.int32, device=x.device) for _ in "12")
        self.call("kmeans_assign2", x, centroids, first, second, None, None)
        return first, second

    def seed(self, x, k, method, seed):
        centroids = torch.empty((k, x.shape[1]), device=x.device)
        rows = torch.empty(k, dtype=torch.int64, device=x.device)
        self.call("kmeans_seed", x, i32(method), u64(seed), centroids, rows)
        return centroids, rows

    def update(self, x, labels, centroids):
        counts = torch.empty(len(centroids), dtype=torch.int64, device=x.device)
        self.call("kmeans_update", x, labels, centroids, counts)
        return counts

    def lloyd(self, x, centroids, iterations):
        """As KMeans.fit does; centroids are in and out. Returns the labels of the last ones."""
        sums, moved, filled = ctypes.c_void_p(), i64(), i64()
        k = len(centroids)
        counts = torch.zeros(k, dtype=torch.int64, device=x.device)
        previous, labels = torch.empty_like(centroids), None
        self.call("kmeans_sums_begin", x, i64(k), ctypes.byref(sums))
        for iteration in range(iterations):
            labels = self.assign(x, centroids) if labels is None \
                else self.follow(x, centroids, previous, labels)
            previous.copy_(centroids)
            self.plain("kmeans_sums_update", sums, x, labels, centroids, counts,
                       ctypes.byref(moved))
            self.call("kmeans_fill_empty", x, None, None, i32(1), u64(iteration), centroids,
                      counts, ctypes.byref(filled))
        self.library.dc4j_kmeans_sums_close(sums)
        return self.follow(x, centroids, previous, labels)

    def pca(self, x, d, fast=False):
        state, rank = ctypes.c_void_p(), i64()
        mean = torch.empty((1, x.shape[1]), device=x.device)
        transform = torch.empty((d, x.shape[1]), device=x.device)
        eigenvalues = torch.empty(d, dtype=torch.float64)
        self.call("pca_begin", i64(x.shape[1]), i32(fast), ctypes.byref(state))
        self.plain("pca_add", state, x)
        self.plain("pca_finish", state, i64(d), f64(0), mean, transform, eigenvalues,
                   ctypes.byref(rank))
        self.library.dc4j_pca_close(state)
        return mean, transform, eigenvalues

    def nearest(self, queries, base, m):
        ids = torch.empty((len(queries), m), dtype=torch.int64, device=queries.device)
        distances = torch.empty((len(queries), m), device=queries.device)
        self.call("nearest", queries, base, i64(m), None, ids, ctypes.c_void_p(distances.data_ptr()))
        return ids, distances

    def nearest_self(self, x, m, itself):
        ids = torch.empty((len(x), m), dtype=torch.int64, device=x.device)
        distances = torch.empty((len(x), m), device=x.device)
        self.call("nearest_self", x, i64(m), i32(1 if itself else 0), ids,
                  ctypes.c_void_p(distances.data_ptr()))
        return ids, distances
