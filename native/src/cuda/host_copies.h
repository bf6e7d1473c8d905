// Copies between pageable host memory and the device: through two pinned pieces in turn, which all
// threads of the context fill or empty while the other piece crosses the bus. The driver takes one
// thread for such memory.
#pragma once
#include <cstdint>

#include "cuda/event.h"

namespace dc4j {

class Workers;

namespace cuda {

class CudaState;

/** Rows of bytes, each `pitch` after the one before. */
struct ByteRows {
  unsigned char* data;
  int64_t pitch;
  unsigned char* row(int64_t i) const { return data + i * pitch; }
};

/** Copies rows of `width` bytes within host memory, on all threads. */
void copyOnHost(Workers& workers, ByteRows to, ByteRows from, int64_t width, int64_t rows);

class HostCopies {
 public:
  /** @param piece bytes of a piece */
  HostCopies(CudaState& state, int64_t piece) : state_(state), piece_(piece) {}
  HostCopies(const HostCopies&) = delete;
  HostCopies& operator=(const HostCopies&) = delete;

  /** Takes a copy on the state's stream, if it is between the device and pageable memory and has
   * several pieces; else false, and nothing is done. The caller's host rows are his again when it
   * returns: read, or complete. */
  bool take(ByteRows to, ByteRows from, int64_t width, int64_t rows);

 private:
  struct Piece {
    ByteRows to, from;
    int64_t width, rows;
  };
  template <typename Body>
  void forPieces(const Piece& whole, const Body& body) const;
  void toDevice(const Piece& whole);
  void toHost(const Piece& whole);
  void queue(ByteRows to, ByteRows from, const Piece& piece, int which);
  ByteRows pinned(int which, const Piece& piece);

  CudaState& state_;
  const int64_t piece_;
  Event crossed_[2];  // the last copy from or to either pinned piece
  bool used_[2] = {false, false};
};

}  // namespace cuda
}  // namespace dc4j
