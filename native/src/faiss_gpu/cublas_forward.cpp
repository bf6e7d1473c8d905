// The functions of cublas_v2.h, each passed on to the cuBLAS of this machine. FAISS ends the
// process where one fails; these throw first.
#include <cublas_v2.h>

#include "core/error.h"
#include "cuda/cublas.h"

namespace {

constexpr int kOutOfMemory = 3;  // CUBLAS_STATUS_ALLOC_FAILED

template <typename... Parameters>
cublasStatus_t call(const char* name, Parameters... parameters) {
  using Function = cublasStatus_t (*)(Parameters...);
  return reinterpret_cast<Function>(dc4j::cuda::Cublas::symbol(name))(parameters...);
}

template <typename... Parameters>
cublasStatus_t forward(const char* name, Parameters... parameters) {
  const cublasStatus_t status = call(name, parameters...);
  if (status == CUBLAS_STATUS_SUCCESS) return status;
  throw dc4j::Error(static_cast<int>(status) == kOutOfMemory ? DC4J_OUT_OF_MEMORY : DC4J_INTERNAL,
                    dc4j::text("cuBLAS: ", name, " failed with status ", static_cast<int>(status)));
}

}  // namespace

extern "C" {

cublasStatus_t cublasCreate_v2(cublasHandle_t* handle) { return forward(__func__, handle); }

// Called by a destructor.
cublasStatus_t cublasDestroy_v2(cublasHandle_t handle) { return call(__func__, handle); }

cublasStatus_t cublasSetStream_v2(cublasHandle_t handle, cudaStream_t stream) {
  return forward(__func__, handle, stream);
}

cublasStatus_t cublasSetMathMode(cublasHandle_t handle, cublasMath_t mode) {
  return forward(__func__, handle, mode);
}

cublasStatus_t cublasSgemmEx(cublasHandle_t handle, cublasOperation_t transpose_a,
                             cublasOperation_t transpose_b, int m, int n, int k, const float* alpha,
                             const void* a, cudaDataType_t type_a, int lda, const void* b,
                             cudaDataType_t type_b, int ldb, const float* beta, void* c,
                             cudaDataType_t type_c, int ldc) {
  return forward(__func__, handle, transpose_a, transpose_b, m, n, k, alpha, a, type_a, lda, b,
                 type_b, ldb, beta, c, type_c, ldc);
}

cublasStatus_t cublasGemmEx(cublasHandle_t handle, cublasOperation_t transpose_a,
                            cublasOperation_t transpose_b, int m, int n, int k, const void* alpha,
                            const void* a, cudaDataType_t type_a, int lda, const void* b,
                            cudaDataType_t type_b, int ldb, const void* beta, void* c,
                            cudaDataType_t type_c, int ldc, cublasComputeType_t compute,
                            cublasGemmAlgo_t algorithm) {
  return forward(__func__, handle, transpose_a, transpose_b, m, n, k, alpha, a, type_a, lda, b,
                 type_b, ldb, beta, c, type_c, ldc, compute, algorithm);
}

cublasStatus_t cublasGemmStridedBatchedEx(cublasHandle_t handle, cublasOperation_t transpose_a,
                                          cublasOperation_t transpose_b, int m, int n, int k,
                                          const void* alpha, const void* a, cudaDataType_t type_a,
                                          int lda, long long stride_a, const void* b,
                                          cudaDataType_t type_b, int ldb, long long stride_b,
                                          const void* beta, void* c, cudaDataType_t type_c, int ldc,
                                          long long stride_c, int batches,
                                          cublasComputeType_t compute, cublasGemmAlgo_t algorithm) {
  return forward(__func__, handle, transpose_a, transpose_b, m, n, k, alpha, a, type_a, lda,
                 stride_a, b, type_b, ldb, stride_b, beta, c, type_c, ldc, stride_c, batches,
                 compute, algorithm);
}

}  // extern "C"
