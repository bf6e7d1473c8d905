// The lowest row in which kernels saw something wrong, whatever their order: core/first_row.h on
// the device.
#pragma once
#include "cuda/device_array.h"

namespace dc4j {
namespace cuda {

class FirstBadRow {
 public:
  /** What data() points to while no row was reported. */
  static constexpr int64_t kNone = INT64_C(0x7f7f7f7f7f7f7f7f);

  explicit FirstBadRow(CudaState& state) : row_(state, 1) { row_.fill(0x7f); }
  /** For atomicLeast. */
  int64_t* data() { return row_.data(); }
  /** Waits for the queued work; throws DC4J_NOT_FINITE if a row was reported. */
  void check(const char* name) {
    const int64_t row = this->row();
    if (row >= 0) notFinite(name, row);
  }
  /** Waits; the lowest row reported, or -1. */
  int64_t row() {
    const int64_t row = row_.read();
    return row == kNone ? -1 : row;
  }

 private:
  DeviceArray<int64_t> row_;
};

}  // namespace cuda
}  // namespace dc4j
