// A context's device: ordinal, streams, memory, cuBLAS. What every slot of the table asks its
// Workers for.
#pragma once
#include <cuda_runtime_api.h>

#include <memory>

#include "backend/table.h"
#include "core/backend_state.h"
#include "cuda/cublas.h"
#include "cuda/host_copies.h"

namespace dc4j {
namespace cuda {

class CudaState final : public BackendState {
 public:
  CudaState(int ordinal, const KernelTable& host);
  ~CudaState() override;

  static CudaState& of(Workers& workers) { return *static_cast<CudaState*>(workers.backend()); }

  int ordinal() const { return ordinal_; }
  int multiprocessors() const { return multiprocessors_; }
  /** Whether kernels for Hopper (sm_90a) are used: on such a device, unless the environment's
   * DC4J_CUDA_MAX_ISA is sm_80. */
  bool hopper() const { return hopper_; }
  /** Where all work of the context is queued. */
  cudaStream_t stream() const { return stream_; }
  /** For copies beside the work; ordered with stream() by events alone. */
  cudaStream_t copyStream();
  /** Queues a copy of rows of `width` bytes between any two places. Host rows that are pageable
   * are the caller's again when it returns: read, or complete. */
  void copyRows(ByteRows to, ByteRows from, int64_t width, int64_t rows);
  /** Host memory that copies run from and to beside the work: one of kPinned buffers, kept until
   * the context is closed and valid until it is asked for with more bytes. */
  void* pinned(int which, int64_t bytes);
  /** The kernels of the CPU backend, for slots without one of their own. */
  const KernelTable& host() const { return host_; }
  /** cuBLAS on stream(); DC4J_UNSUPPORTED where it is not found. */
  Cublas& cublas();

  void enter() override;
  void leave() noexcept override;
  Place placeOf(const void* pointer) override;
  void copy(void* to, const void* from, int64_t bytes) override;
  void synchronize() override;
  void* allocate(int64_t bytes) override;
  void release(void* memory, int64_t bytes) noexcept override;
  void* keep(int64_t bytes, int byte) override;
  void (*giveBack())(void* memory) override;
  int64_t firstOutside(const int32_t* values, int64_t n, int64_t lowest, int64_t end) override;
  int64_t firstOutside(const int64_t* values, int64_t n, int64_t lowest, int64_t end) override;
  void useStream(void* stream) override;
  void useAllocator(dc4j_device_allocate allocate, dc4j_device_release release,
                    void* owner) override;
  int64_t chunkRows(int64_t rows, int64_t bytes_per_row) override;
  int64_t residentBytes() const override { return resident_bytes_; }

 private:
  static constexpr int kPinned = 6;
  struct Pinned {
    void* memory = nullptr;
    int64_t bytes = 0;
  };
  void makePool();

  int ordinal_, multiprocessors_ = 0, previous_ = -1;
  bool hopper_ = false;
  int64_t chunk_bytes_ = 0, resident_bytes_ = 0;
  KernelTable host_;
  cudaStream_t own_stream_ = nullptr, stream_ = nullptr, copy_stream_ = nullptr;
  cudaMemPool_t pool_ = nullptr;
  dc4j_device_allocate allocate_ = nullptr;
  dc4j_device_release release_ = nullptr;
  void* owner_ = nullptr;
  Pinned pinned_[kPinned];
  std::unique_ptr<HostCopies> host_copies_;
  std::unique_ptr<Cublas> cublas_;
};

}  // namespace cuda
}  // namespace dc4j
