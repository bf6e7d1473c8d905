// Rows of a matrix on the device, some at a time: in place where the matrix lies there, else copied
// through pinned memory on a stream of its own while the kernels of the chunk before compute.
//
//   RowChunks chunks(state, x, out, workspace_bytes_per_row);
//   for (RowChunk chunk; chunks.next(chunk);) { ... queue kernels on state.stream() ... }
//   chunks.finish();
//
// The body queues; waiting in it only costs the overlap.
#pragma once
#include <memory>

#include "core/view.h"
#include "cuda/cuda_state.h"

namespace dc4j {
namespace cuda {

struct RowChunk {
  int64_t first = 0;  // its first row in the whole
  ConstMatrix x{};    // on the device
  Matrix out{};       // on the device, the same rows; empty where the whole is
};

class RowChunks {
 public:
  /** @param x [n x d] of either place @param out [n x any] of either place that the body fills, or
   * empty; may be x itself @param workspace bytes a kernel keeps for every row of a chunk
   * @param padded rows that it keeps them for where a chunk has fewer */
  RowChunks(CudaState& state, ConstMatrix x, Matrix out, int64_t workspace, int64_t padded = 1);
  /** Without finish() the results of the last chunks may be missing. */
  ~RowChunks();
  RowChunks(const RowChunks&) = delete;
  RowChunks& operator=(const RowChunks&) = delete;

  /** Rows of the largest chunk. */
  int64_t rows() const { return rows_; }
  bool next(RowChunk& chunk);
  /** Brings the last results home and waits for all queued work. */
  void finish();

 private:
  struct Slot;
  void open(Slot& slot);
  void send(Slot& slot, int64_t first, int64_t rows);
  void collect(Slot& slot);
  void settle();

  CudaState& state_;
  ConstMatrix x_;
  Matrix out_;
  bool copies_x_, copies_out_;
  int64_t rows_, next_ = 0;
  int turn_ = 0;  // slot of the next chunk
  std::unique_ptr<Slot> slots_[2];
  Slot* current_ = nullptr;  // given out, not queued for return yet
};

}  // namespace cuda
}  // namespace dc4j
