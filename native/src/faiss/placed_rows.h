// Rows that a caller passes for an index, in host memory or beside the index on its device.
#pragma once
#include <faiss/Index.h>

namespace dc4j {

/** x [n x index.d] can be read by the index, its rows are finite and short enough for squared
 *  distances in fp32; throws otherwise. */
void requireRowsFor(const ::faiss::Index& index, const float* x, const char* name, int64_t n);

}  // namespace dc4j
