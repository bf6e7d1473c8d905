#include "cuda/row_chunks.h"

#include <algorithm>

#include "cuda/device_array.h"
#include "cuda/event.h"

namespace dc4j {
namespace cuda {
namespace {

constexpr int64_t kFloat = static_cast<int64_t>(sizeof(float));

ByteRows bytesOf(const float* rows, int64_t stride) {
  return {reinterpret_cast<unsigned char*>(const_cast<float*>(rows)), stride * kFloat};
}

}  // namespace

/** One of the two chunks on their way. */
struct RowChunks::Slot {
  /** @param which 0 or 1 @param in_floats, out_floats of the largest chunk */
  Slot(CudaState& state, int which, int64_t in_floats, int64_t out_floats)
      : device_in(state, in_floats),
        device_out(state, out_floats),
        in(static_cast<float*>(state.pinned(2 * which, in_floats * kFloat))),
        out(static_cast<float*>(state.pinned(2 * which + 1, out_floats * kFloat))) {}
  DeviceArray<float> device_in, device_out;
  float *in, *out;  // pinned
  Event arrived, computed, returned;
  int64_t first = 0, rows = 0;  // of the chunk whose results are due
  bool used = false;
};

RowChunks::RowChunks(CudaState& state, ConstMatrix x, Matrix out, int64_t workspace, int64_t padded)
    : state_(state), x_(x), out_(out) {
  const auto away = [&](const float* data, int64_t rows, int64_t cols) {
    return rows > 0 && cols > 0 && state.placeOf(data) == Place::host;
  };
  copies_x_ = away(x.data, x.rows, x.cols);
  copies_out_ = away(out.data, out.rows, out.cols);
  const int64_t staged = (copies_x_ ? x.cols : 0) + (copies_out_ ? out.cols : 0);
  rows_ = state.chunkRows(x.rows, staged * kFloat + workspace);
  // Fewer rows would take as much memory, and as long.
  if (rows_ < padded) rows_ = std::min(padded, state.chunkRows(x.rows, staged * kFloat));
}

RowChunks::~RowChunks() {
  // Copies that an error left queued use the slots' memory.
  if (slots_[0] == nullptr) return;
  cudaStreamSynchronize(state_.copyStream());
  cudaStreamSynchronize(state_.stream());
}

void RowChunks::open(Slot& slot) {
  slot.arrived.record(state_.stream());  // the memory is the stream's until here
  slot.arrived.block(state_.copyStream());
}

/** Host rows into the slot, on the copy stream, once the kernels of its chunk before are done. */
void RowChunks::send(Slot& slot, int64_t first, int64_t rows) {
  if (slot.used) slot.arrived.wait();  // the pinned rows are on their way no more
  copyOnHost(state_.workers(), bytesOf(slot.in, x_.cols), bytesOf(x_.row(first), x_.stride),
             x_.cols * kFloat, rows);
  if (slot.used) slot.computed.block(state_.copyStream());
  check(
      cudaMemcpyAsync(slot.device_in.data(), slot.in, static_cast<size_t>(rows * x_.cols * kFloat),
                      cudaMemcpyHostToDevice, state_.copyStream()),
      "copying rows");
  slot.arrived.record(state_.copyStream());
  slot.arrived.block(state_.stream());
}

/** The results that a slot brought back go to the caller. */
void RowChunks::collect(Slot& slot) {
  if (!slot.used || !copies_out_) return;
  slot.returned.wait();
  copyOnHost(state_.workers(), bytesOf(out_.row(slot.first), out_.stride),
             bytesOf(slot.out, out_.cols), out_.cols * kFloat, slot.rows);
}

/** Queues what follows the kernels of the chunk that was given out. */
void RowChunks::settle() {
  if (current_ == nullptr) return;
  Slot& slot = *current_;
  current_ = nullptr;
  slot.computed.record(state_.stream());
  slot.used = true;
  if (!copies_out_) return;
  slot.computed.block(state_.copyStream());
  check(cudaMemcpyAsync(slot.out, slot.device_out.data(),
                        static_cast<size_t>(slot.rows * out_.cols * kFloat), cudaMemcpyDeviceToHost,
                        state_.copyStream()),
        "copying results");
  slot.returned.record(state_.copyStream());
}

bool RowChunks::next(RowChunk& chunk) {
  settle();
  if (next_ >= x_.rows) return false;
  const int64_t first = next_, rows = std::min(rows_, x_.rows - first);
  next_ += rows;
  chunk.first = first;
  chunk.x = {x_.data == nullptr ? nullptr : x_.row(first), rows, x_.cols, x_.stride};
  chunk.out = out_;
  if (out_.data != nullptr) chunk.out.data = out_.row(first);
  if (out_.rows > 0) chunk.out.rows = rows;
  if (!copies_x_ && !copies_out_) return true;
  std::unique_ptr<Slot>& place = slots_[turn_];
  if (place == nullptr) {
    place.reset(new Slot(state_, turn_, copies_x_ ? rows_ * x_.cols : 0,
                         copies_out_ ? rows_ * out_.cols : 0));
    open(*place);
  }
  turn_ = 1 - turn_;
  collect(*place);
  if (copies_x_) {
    send(*place, first, rows);
    chunk.x = {place->device_in.data(), rows, x_.cols, x_.cols};
  }
  if (copies_out_) chunk.out = {place->device_out.data(), rows, out_.cols, out_.cols};
  place->first = first;
  place->rows = rows;
  current_ = place.get();
  return true;
}

void RowChunks::finish() {
  settle();
  for (int s = 0; s < 2; s++) {
    Slot* slot = slots_[(turn_ + s) % 2].get();
    if (slot != nullptr) collect(*slot);
  }
  state_.synchronize();
}

}  // namespace cuda
}  // namespace dc4j
