// The few functions of cuBLAS that kernels use, found at run time: neither its headers are needed
// to build nor its library to start. Column-major, as cuBLAS is; the callers turn their row-major
// products round.
#pragma once
#include <cuda_runtime_api.h>

#include <cstdint>

namespace dc4j {
namespace cuda {

/** Element types of gemm, by cuBLAS's cudaDataType_t. */
enum class Element : int { fp32 = 0, fp64 = 1, fp16 = 2, bf16 = 14, int8 = 3, int32 = 10 };

/** What products are computed in, by cublasComputeType_t. */
enum class Compute : int { fp32 = 68, fp64 = 70, tf32 = 77, int32 = 72 };

/** C [m x n] = alpha op(A) op(B) + beta C, column-major with leading dimensions. */
struct Product {
  bool transpose_a, transpose_b;
  int64_t m, n, k;
  const void* a;
  Element type_a;
  int64_t lda;
  const void* b;
  Element type_b;
  int64_t ldb;
  void* c;
  Element type_c;
  int64_t ldc;
  Compute compute;
  float alpha = 1, beta = 0;
};

class Cublas {
 public:
  /** Throws DC4J_UNSUPPORTED where cuBLAS is not found. */
  explicit Cublas(cudaStream_t stream);
  ~Cublas();
  Cublas(const Cublas&) = delete;
  Cublas& operator=(const Cublas&) = delete;

  void useStream(cudaStream_t stream);
  /** cublasGemmEx. alpha and beta of an int32 product are rounded. */
  void multiply(const Product& product);

  /** Why cuBLAS cannot be used, or "". */
  static const char* whyNot();
  /** A function of it by name, for code that is not ours; throws DC4J_UNSUPPORTED without it. */
  static void* symbol(const char* name);
  /** The file it was found in, or "". */
  static const char* path();

 private:
  void* handle_ = nullptr;
};

}  // namespace cuda
}  // namespace dc4j
