#include "cuda/host_copies.h"

#include <algorithm>
#include <cstring>

#include "core/workers.h"
#include "cuda/cuda_state.h"

namespace dc4j {
namespace cuda {
namespace {

constexpr int kFirstPinned = 4;        // of CudaState::pinned; RowChunks has those before
constexpr int64_t kGrain = 256 << 10;  // bytes that a thread takes at a time
constexpr int64_t kFewestPieces = 2;   // below, nothing overlaps

cudaMemoryType typeOf(const void* pointer) {
  cudaPointerAttributes attributes = {};
  if (cudaPointerGetAttributes(&attributes, pointer) == cudaSuccess) return attributes.type;
  cudaGetLastError();
  return cudaMemoryTypeUnregistered;
}

bool isDense(ByteRows to, ByteRows from, int64_t width, int64_t rows) {
  return rows == 1 || (to.pitch == width && from.pitch == width);
}

}  // namespace

void copyOnHost(Workers& workers, ByteRows to, ByteRows from, int64_t width, int64_t rows) {
  if (width <= 0 || rows <= 0) return;
  if (isDense(to, from, width, rows)) {
    workers.forRows(width * rows, kGrain, [&](int64_t begin, int64_t end, int) {
      std::memcpy(to.data + begin, from.data + begin, static_cast<size_t>(end - begin));
    });
    return;
  }
  workers.forRows(rows, std::max<int64_t>(1, kGrain / width), [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i++) {
      std::memcpy(to.row(i), from.row(i), static_cast<size_t>(width));
    }
  });
}

bool HostCopies::take(ByteRows to, ByteRows from, int64_t width, int64_t rows) {
  if (width * rows < kFewestPieces * piece_) return false;
  if (width > piece_ && !isDense(to, from, width, rows)) return false;
  const cudaMemoryType into = typeOf(to.data), out_of = typeOf(from.data);
  const Piece whole = {to, from, width, rows};
  if (into == cudaMemoryTypeDevice && out_of == cudaMemoryTypeUnregistered) {
    toDevice(whole);
    return true;
  }
  if (into == cudaMemoryTypeUnregistered && out_of == cudaMemoryTypeDevice) {
    toHost(whole);
    return true;
  }
  return false;
}

/** Groups of whole rows, or of bytes where there are no gaps. */
template <typename Body>
void HostCopies::forPieces(const Piece& whole, const Body& body) const {
  if (isDense(whole.to, whole.from, whole.width, whole.rows)) {
    const int64_t bytes = whole.width * whole.rows;
    for (int64_t at = 0; at < bytes; at += piece_) {
      const int64_t some = std::min(piece_, bytes - at);
      body(Piece{{whole.to.data + at, some}, {whole.from.data + at, some}, some, 1});
    }
    return;
  }
  const int64_t group = piece_ / whole.width;
  for (int64_t i = 0; i < whole.rows; i += group) {
    body(Piece{{whole.to.row(i), whole.to.pitch},
               {whole.from.row(i), whole.from.pitch},
               whole.width,
               std::min(group, whole.rows - i)});
  }
}

ByteRows HostCopies::pinned(int which, const Piece& piece) {
  void* memory = state_.pinned(kFirstPinned + which, piece_);
  return {static_cast<unsigned char*>(memory), piece.width};
}

void HostCopies::queue(ByteRows to, ByteRows from, const Piece& piece, int which) {
  check(cudaMemcpy2DAsync(to.data, static_cast<size_t>(to.pitch), from.data,
                          static_cast<size_t>(from.pitch), static_cast<size_t>(piece.width),
                          static_cast<size_t>(piece.rows), cudaMemcpyDefault, state_.stream()),
        "copying");
  crossed_[which].record(state_.stream());
  used_[which] = true;
}

void HostCopies::toDevice(const Piece& whole) {
  int which = 0;
  forPieces(whole, [&](const Piece& piece) {
    const ByteRows on_way = pinned(which, piece);
    if (used_[which]) crossed_[which].wait();
    copyOnHost(state_.workers(), on_way, piece.from, piece.width, piece.rows);
    queue(piece.to, on_way, piece, which);
    which = 1 - which;
  });
}

void HostCopies::toHost(const Piece& whole) {
  int which = 0;
  Piece waiting{};
  const auto bringHome = [&](int from) {
    if (waiting.rows == 0) return;
    crossed_[from].wait();
    copyOnHost(state_.workers(), waiting.to, pinned(from, waiting), waiting.width, waiting.rows);
  };
  forPieces(whole, [&](const Piece& piece) {
    queue(pinned(which, piece), piece.from, piece, which);
    bringHome(1 - which);
    waiting = piece;
    which = 1 - which;
  });
  bringHome(1 - which);
}

}  // namespace cuda
}  // namespace dc4j
