#include "cuda/cuda_state.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "cuda/current_device.h"
#include "cuda/device_error.h"

namespace dc4j {
namespace cuda {
namespace {

constexpr int64_t kAlignment = 256;
/** Of the memory free at the start, what the chunks of one matrix may take; the rest is for what
 * stays, for the allocator of the training beside us, and for fragments. */
constexpr int64_t kChunkShare = 4;
/** Of that memory, what one matrix may take that stays, with what belongs to it. */
constexpr int64_t kResidentShare = 2;
/** Both chunks' bytes beyond which copying gains nothing any more and pinned memory is wasted. */
constexpr int64_t kLargestChunk = INT64_C(256) << 20;
/** Bytes of either pinned piece of a copy: enough for the bus, little to pin. */
constexpr int64_t kLargestPiece = INT64_C(8) << 20;
/** Free memory the pool keeps for the next call instead of giving it back to the device. */
constexpr uint64_t kKeptByPool = UINT64_C(2) << 30;

int64_t rounded(int64_t bytes) {
  return (std::max<int64_t>(bytes, 1) + kAlignment - 1) / kAlignment * kAlignment;
}

/** Bytes that this context may count on: DC4J_CUDA_MEMORY leaves the rest to others. */
int64_t memoryToUse() {
  size_t free_bytes = 0, total = 0;
  check(cudaMemGetInfo(&free_bytes, &total), "asking for the free memory");
  const auto is_free = static_cast<int64_t>(free_bytes);
  const char* most = std::getenv("DC4J_CUDA_MEMORY");
  if (most == nullptr || *most == 0) return is_free;
  char* end = nullptr;
  const long long bytes = std::strtoll(most, &end, 10);
  if (*end != 0 || bytes <= 0) {
    invalid(text("DC4J_CUDA_MEMORY is '", most, "'; accepted: a number of bytes"));
  }
  return std::min<int64_t>(bytes, is_free);
}

bool isHopper(int ordinal) {
  const char* most = std::getenv("DC4J_CUDA_MAX_ISA");
  if (most != nullptr && std::strcmp(most, "sm_80") == 0) return false;
  int major = 0, minor = 0;
  check(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, ordinal),
        "asking for the compute capability");
  check(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, ordinal),
        "asking for the compute capability");
  return major == 9 && minor == 0;
}

}  // namespace

CudaState::CudaState(int ordinal, const KernelTable& host) : ordinal_(ordinal), host_(host) {
  enter();
  try {
    check(cudaStreamCreateWithFlags(&own_stream_, cudaStreamNonBlocking), "making a stream");
    stream_ = own_stream_;
    check(cudaDeviceGetAttribute(&multiprocessors_, cudaDevAttrMultiProcessorCount, ordinal),
          "asking for the multiprocessors");
    hopper_ = isHopper(ordinal);
    const int64_t bytes = memoryToUse();
    chunk_bytes_ = std::min(bytes / kChunkShare, kLargestChunk);
    resident_bytes_ = bytes / kResidentShare;
    makePool();
  } catch (...) {
    if (own_stream_ != nullptr) cudaStreamDestroy(own_stream_);
    if (pool_ != nullptr) cudaMemPoolDestroy(pool_);
    leave();
    throw;
  }
  leave();
}

CudaState::~CudaState() {
  try {
    enter();
  } catch (const Error&) {  // of a device that failed; what follows then does nothing
  }
  cudaStreamSynchronize(stream_);
  cublas_.reset();
  host_copies_.reset();
  if (copy_stream_ != nullptr) cudaStreamDestroy(copy_stream_);
  for (const Pinned& buffer : pinned_) {
    if (buffer.memory != nullptr) cudaFreeHost(buffer.memory);
  }
  cudaStreamDestroy(own_stream_);
  if (pool_ != nullptr) cudaMemPoolDestroy(pool_);
  cudaGetLastError();  // nobody asks what became of it
  leave();
}

/** A pool of the context's own, so that what it keeps is given back with the context. */
void CudaState::makePool() {
  int supported = 0;
  check(cudaDeviceGetAttribute(&supported, cudaDevAttrMemoryPoolsSupported, ordinal_),
        "asking for memory pools");
  if (supported == 0) return;
  cudaMemPoolProps properties = {};
  properties.allocType = cudaMemAllocationTypePinned;
  properties.location.type = cudaMemLocationTypeDevice;
  properties.location.id = ordinal_;
  check(cudaMemPoolCreate(&pool_, &properties), "making a memory pool");
  uint64_t kept = kKeptByPool;
  check(cudaMemPoolSetAttribute(pool_, cudaMemPoolAttrReleaseThreshold, &kept),
        "setting up a memory pool");
}

cudaStream_t CudaState::copyStream() {
  if (copy_stream_ == nullptr) {
    check(cudaStreamCreateWithFlags(&copy_stream_, cudaStreamNonBlocking), "making a stream");
  }
  return copy_stream_;
}

void* CudaState::pinned(int which, int64_t bytes) {
  Pinned& buffer = pinned_[which];
  if (bytes <= buffer.bytes) return buffer.memory;
  if (buffer.memory != nullptr) check(cudaFreeHost(buffer.memory), "freeing pinned memory");
  buffer = Pinned();
  check(cudaMallocHost(&buffer.memory, static_cast<size_t>(bytes)), "allocating pinned memory");
  buffer.bytes = bytes;
  return buffer.memory;
}

Cublas& CudaState::cublas() {
  if (cublas_ == nullptr) cublas_.reset(new Cublas(stream_));
  return *cublas_;
}

void CudaState::synchronize() { check(cudaStreamSynchronize(stream_), "running the kernels"); }

void CudaState::enter() { previous_ = chooseDevice(ordinal_); }

void CudaState::leave() noexcept {
  restoreDevice(previous_);
  previous_ = -1;
}

Place CudaState::placeOf(const void* pointer) {
  cudaPointerAttributes attributes = {};
  const cudaError_t status = cudaPointerGetAttributes(&attributes, pointer);
  if (status == cudaErrorInvalidValue) {  // what drivers before CUDA 11 say of host memory
    cudaGetLastError();
    return Place::host;
  }
  check(status, "asking where memory is");
  if (attributes.type == cudaMemoryTypeManaged) return Place::both;
  if (attributes.type != cudaMemoryTypeDevice) return Place::host;
  return attributes.device == ordinal_ ? Place::device : Place::elsewhere;
}

void CudaState::copyRows(ByteRows to, ByteRows from, int64_t width, int64_t rows) {
  if (width == 0 || rows == 0) return;
  if (host_copies_ == nullptr) {
    const int64_t piece = std::max<int64_t>(1, std::min(chunk_bytes_ / 2, kLargestPiece));
    host_copies_.reset(new HostCopies(*this, piece));
  }
  if (host_copies_->take(to, from, width, rows)) return;
  if (rows == 1 || (to.pitch == width && from.pitch == width)) {  // a pitch is below 2^31
    check(cudaMemcpyAsync(to.data, from.data, static_cast<size_t>(width * rows), cudaMemcpyDefault,
                          stream_),
          "copying");
    return;
  }
  check(cudaMemcpy2DAsync(to.data, static_cast<size_t>(to.pitch), from.data,
                          static_cast<size_t>(from.pitch), static_cast<size_t>(width),
                          static_cast<size_t>(rows), cudaMemcpyDefault, stream_),
        "copying");
}

void CudaState::copy(void* to, const void* from, int64_t bytes) {
  if (bytes == 0) return;
  copyRows({static_cast<unsigned char*>(to), bytes},
           {static_cast<unsigned char*>(const_cast<void*>(from)), bytes}, bytes, 1);
  synchronize();
}

void* CudaState::allocate(int64_t bytes) {
  const int64_t size = rounded(bytes);
  void* memory = nullptr;
  if (allocate_ != nullptr) {
    memory = allocate_(size, stream_, owner_);
    if (memory == nullptr) outOfMemory(bytes);
    return memory;
  }
  const auto wanted = static_cast<size_t>(size);
  const cudaError_t status = pool_ != nullptr
                                 ? cudaMallocFromPoolAsync(&memory, wanted, pool_, stream_)
                                 : cudaMalloc(&memory, wanted);
  if (status == cudaErrorMemoryAllocation) outOfMemory(bytes);
  check(status, "allocating memory");
  return memory;
}

void CudaState::release(void* memory, int64_t bytes) noexcept {
  if (memory == nullptr) return;
  if (release_ != nullptr) {
    release_(memory, rounded(bytes), stream_, owner_);
  } else if ((pool_ != nullptr ? cudaFreeAsync(memory, stream_) : cudaFree(memory)) !=
             cudaSuccess) {
    cudaGetLastError();  // else the next launch would be blamed for it
  }
}

void* CudaState::keep(int64_t bytes, int byte) {
  void* memory = nullptr;
  const cudaError_t status = cudaMalloc(&memory, static_cast<size_t>(rounded(bytes)));
  if (status == cudaErrorMemoryAllocation) outOfMemory(bytes);
  check(status, "allocating memory");
  if (bytes == 0) return memory;
  try {
    check(cudaMemsetAsync(memory, byte, static_cast<size_t>(bytes), stream_), "filling");
    synchronize();
  } catch (...) {
    cudaFree(memory);
    throw;
  }
  return memory;
}

void (*CudaState::giveBack())(void* memory) {
  return [](void* memory) { cudaFree(memory); };
}

void CudaState::useStream(void* stream) {
  synchronize();
  stream_ = static_cast<cudaStream_t>(stream);
  if (cublas_ != nullptr) cublas_->useStream(stream_);
}

void CudaState::useAllocator(dc4j_device_allocate given, dc4j_device_release taken, void* owner) {
  synchronize();  // nothing is between two allocators
  allocate_ = given;
  release_ = taken;
  owner_ = owner;
}

int64_t CudaState::chunkRows(int64_t rows, int64_t bytes_per_row) {
  if (rows <= 0) return 0;
  // Two chunks are on the device at a time.
  const int64_t fitting = chunk_bytes_ / 2 / std::max<int64_t>(bytes_per_row, 1);
  return std::min(rows, std::max<int64_t>(fitting, 1));
}

}  // namespace cuda
}  // namespace dc4j
