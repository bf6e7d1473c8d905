"""libdc4j.so through ctypes: found, loaded with its LAPACK, one context; arrays are the business of who uses it."""
import ctypes
import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
# What the core was linked with; where it is not there, the system's LAPACK was.
OPENBLAS = os.path.join(ROOT, "native/target/openblas/org/bytedeco/openblas/linux-x86_64")
HOST, CUDA = 0, 1
i32, i64, u64, f32, f64 = (ctypes.c_int32, ctypes.c_int64, ctypes.c_uint64, ctypes.c_float,
                           ctypes.c_double)


class MatrixView(ctypes.Structure):
    """dc4j_matrix"""
    _fields_ = [("data", ctypes.c_void_p), ("rows", i64), ("cols", i64), ("stride", i64),
                ("place", i32)]


class Library:
    """One context; a call that fails raises with the library's own sentence."""

    def __init__(self, device, threads=1):
        path = os.environ.get("DC4J_LIBRARY", os.path.join(ROOT, "native/target/cmake/libdc4j.so"))
        for name in ("libquadmath.so.0", "libgfortran.so.5", "libopenblas.so.0"):
            if os.path.exists(os.path.join(OPENBLAS, name)):
                ctypes.CDLL(os.path.join(OPENBLAS, name), mode=ctypes.RTLD_GLOBAL)
        self.library = ctypes.CDLL(path)
        for name in ("last_error", "context_isa", "context_fast_products"):
            getattr(self.library, "dc4j_" + name).restype = ctypes.c_char_p
        self.context = ctypes.c_void_p()
        self.plain("context_open", device.encode(), i32(threads), ctypes.byref(self.context))
        self.isa = self.library.dc4j_context_isa(self.context).decode()
        self.fast_products = self.library.dc4j_context_fast_products(self.context).decode()

    def argument(self, value):
        """What ctypes is given for an argument; of matrices and arrays, their views."""
        return ctypes.byref(value) if isinstance(value, ctypes.Structure) else value

    def plain(self, name, *arguments):
        """dc4j_NAME(arguments)"""
        status = getattr(self.library, "dc4j_" + name)(*[self.argument(a) for a in arguments])
        if status != 0:
            raise RuntimeError("%s: %s" % (name, self.library.dc4j_last_error().decode()))

    def close(self):
        self.library.dc4j_context_close(self.context)
        self.context = ctypes.c_void_p()
