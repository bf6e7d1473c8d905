// The functions of cuBLAS that libdc4j_cuda looks up, as plain loops: built as libcublas.so.13 for
// the tests.
#include <cmath>
#include <cstdint>
#include <cstring>

#include "cuda_fp16.h"
#include "memory.h"

#define DC4J_EXPORT extern "C" __attribute__((visibility("default")))

namespace {

constexpr int kFp32 = 0, kFp64 = 1, kFp16 = 2, kInt8 = 3, kInt32 = 10, kBf16 = 14;
constexpr int kComputeFp64 = 70, kComputeInt32 = 72, kComputeTf32 = 77;
constexpr int kInvalid = 7, kFailed = 13;

/** fp32 with the mantissa of TF32, to the nearest. */
float roundToTf32(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  bits = (bits + 0x1000u) & ~0x1fffu;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

double element(const void* matrix, int type, int64_t at) {
  if (type == kFp32) return static_cast<const float*>(matrix)[at];
  if (type == kFp64) return static_cast<const double*>(matrix)[at];
  if (type == kFp16) return __half2float(static_cast<const __half*>(matrix)[at]);
  if (type == kInt8) return static_cast<const signed char*>(matrix)[at];
  if (type == kInt32) return static_cast<const int32_t*>(matrix)[at];
  const uint32_t bits = uint32_t{static_cast<const uint16_t*>(matrix)[at]} << 16;
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

struct Factor {
  const void* values;
  int type;
  int64_t stride;
  bool transposed;
  double at(int64_t row, int64_t column) const {
    return element(values, type, transposed ? column + row * stride : row + column * stride);
  }
};

/** To the race check: columns of a matrix. */
void touch(const void* matrix, int type, int64_t stride, int64_t rows, int64_t columns, int write) {
  const int64_t bytes = type == kFp64                    ? 8
                        : type == kInt8                  ? 1
                        : type == kFp16 || type == kBf16 ? 2
                                                         : 4;
  for (int64_t j = 0; j < columns; j++) {
    dc4j_emulation_touch(static_cast<const char*>(matrix) + j * stride * bytes,
                         static_cast<size_t>(rows * bytes), write);
  }
}

}  // namespace

DC4J_EXPORT int cublasCreate_v2(void** handle) {
  *handle = new const void*(nullptr);  // its stream
  return 0;
}
DC4J_EXPORT int cublasDestroy_v2(void* handle) {
  delete static_cast<const void**>(handle);
  return 0;
}
DC4J_EXPORT int cublasSetStream_v2(void* handle, void* stream) {
  *static_cast<const void**>(handle) = stream;
  return 0;
}

DC4J_EXPORT int cublasGemmEx_64(void* handle, int transpose_a, int transpose_b, int64_t m,
                                int64_t n, int64_t k, const void* alpha, const void* a, int type_a,
                                int64_t lda, const void* b, int type_b, int64_t ldb,
                                const void* beta, void* c, int type_c, int64_t ldc, int compute,
                                int) {
  const bool integers = compute == kComputeInt32, wide = compute == kComputeFp64;
  if (integers != (type_c == kInt32) || wide != (type_c == kFp64)) return kInvalid;
  if (!integers && !wide && type_c != kFp32) return kInvalid;
  if (type_a != type_b || wide != (type_a == kFp64) ||
      (!wide && type_a != kFp32 && type_a != kFp16 && type_a != kInt8 && type_a != kBf16)) {
    return kInvalid;
  }
  if (lda < (transpose_a != 0 ? k : m) || ldb < (transpose_b != 0 ? n : k) || ldc < m)
    return kInvalid;
  const double by = element(alpha, type_c, 0), keep = element(beta, type_c, 0);
  const Factor left = {a, type_a, lda, transpose_a != 0},
               right = {b, type_b, ldb, transpose_b != 0};
  dc4j_emulation_unlock("cublasGemmEx");
  dc4j_emulation_queue("cublasGemmEx", *static_cast<const void**>(handle));
  touch(a, type_a, lda, transpose_a != 0 ? k : m, transpose_a != 0 ? m : k, 0);
  touch(b, type_b, ldb, transpose_b != 0 ? n : k, transpose_b != 0 ? k : n, 0);
  touch(c, type_c, ldc, m, n, 1);
  if (dc4j_emulation_order() != 0) return kFailed;
  for (int64_t j = 0; j < n; j++) {
    for (int64_t i = 0; i < m; i++) {
      float sum = 0;
      double wide_sum = 0;
      int64_t whole = 0;
      for (int64_t t = 0; t < k; t++) {
        double x = left.at(i, t), y = right.at(t, j);
        if (compute == kComputeTf32) {
          x = roundToTf32(static_cast<float>(x));
          y = roundToTf32(static_cast<float>(y));
        }
        if (integers) {
          whole += static_cast<int64_t>(x * y);
        } else if (wide) {
          wide_sum += x * y;
        } else {
          sum += static_cast<float>(x * y);
        }
      }
      // beta 0: what C held is not read, not even NaN.
      const double before = keep == 0 ? 0 : keep * element(c, type_c, i + j * ldc);
      if (integers) {
        static_cast<int32_t*>(c)[i + j * ldc] =
            static_cast<int32_t>(static_cast<double>(whole) * by + before);
      } else if (wide) {
        static_cast<double*>(c)[i + j * ldc] = wide_sum * by + before;
      } else {
        static_cast<float*>(c)[i + j * ldc] = static_cast<float>(sum * by + before);
      }
    }
  }
  dc4j_emulation_lock();
  return 0;
}
