// The check of rows that labels name.
#pragma once
#include "core/view.h"
#include "cuda/first_bad_row.h"

namespace dc4j {
namespace cuda {

/** Reports to `bad` the rows of matrix that labels [n] name and that have NaN or infinity; negative
 * labels name none. Everything lies on the device; queued. */
void findNotFiniteNamed(CudaState& state, ConstMatrix matrix, const int32_t* labels, int64_t n,
                        FirstBadRow& bad);

}  // namespace cuda
}  // namespace dc4j
