#include "faiss/placed_rows.h"

#include <vector>

#include "core/error.h"
#include "faiss/arguments.h"
#include "faiss/cuda_pointer.h"
#include "faiss/remote_index.h"

namespace dc4j {

void requireRowsFor(const ::faiss::Index& index, const float* x, const char* name, int64_t n) {
  const int64_t d = index.d;
  requireFaissShape(x, name, n, d);
  const int32_t place = n == 0 ? -1 : cudaDeviceOf(x);
  if (place < 0) return requireFaissRows(x, name, n, d);
  const auto* remote = dynamic_cast<const RemoteIndex*>(&index);
  if (remote == nullptr || remote->device() != place) {
    const std::string where =
        remote == nullptr ? "on the CPU" : text("on CUDA device ", remote->device());
    invalid(text(name, " lies in the memory of CUDA device ", place, ", the index ", where,
                 "; accepted: rows in host memory, or an index on that device"));
  }
  requireFaissRange("the number of rows on a device", n, 0, INT32_MAX);
  const auto rows = faissGpu(place).open_rows(place, x, n, d);
  const int64_t bad = rows->firstBeyond(kLargestFaissSquare);
  if (bad < 0) return;
  std::vector<float> row(static_cast<size_t>(d));
  const auto id = static_cast<int32_t>(bad);
  rows->read(&id, 1, row.data());
  refuseFaissRow(name, bad, faissSquare(row.data(), d));
}

}  // namespace dc4j
