#include "cuda/driver.h"
#include "cuda/hopper/tensor_map.h"

namespace dc4j {
namespace cuda {
namespace hopper {
CUtensorMap mapOf(const __half* values, int64_t rows, int64_t cols, unsigned box_rows) {
  static const auto encode =
      driverFunction<decltype(&cuTensorMapEncodeTiled)>("cuTensorMapEncodeTiled");
  constexpr unsigned kBoxColumns = 64;
  const cuuint64_t sizes[] = {static_cast<cuuint64_t>(cols), static_cast<cuuint64_t>(rows)};
  const cuuint64_t strides[] = {static_cast<cuuint64_t>(cols) * sizeof(__half)};
  const cuuint32_t box[] = {kBoxColumns, box_rows}, steps[] = {1, 1};
  CUtensorMap map;
  const CUresult result =
      encode(&map, CU_TENSOR_MAP_DATA_TYPE_FLOAT16, 2, const_cast<__half*>(values), sizes, strides,
             box, steps, CU_TENSOR_MAP_INTERLEAVE_NONE, CU_TENSOR_MAP_SWIZZLE_128B,
             CU_TENSOR_MAP_L2_PROMOTION_L2_256B, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
  if (result != CUDA_SUCCESS) {
    throw Error(DC4J_INTERNAL, text("CUDA: a tensor map of ", rows, " x ", cols,
                                    " was refused with status ", static_cast<int>(result)));
  }
  return map;
}

}  // namespace hopper
}  // namespace cuda
}  // namespace dc4j
