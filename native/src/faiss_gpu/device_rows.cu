#include "cuda/current_device.h"
#include "cuda/device_error.h"
#include "cuda/platform.h"
#include "cuda/warp.h"
#include "faiss_gpu/device_rows.h"

namespace dc4j {
namespace faiss_gpu {

using namespace cuda;

constexpr int kBlock = 256;
constexpr int64_t kNone = INT64_C(0x7f7f7f7f7f7f7f7f);

/** A warp a row: to[p] = x[ids[p]]. */
__global__ void copyRowsKernel(const float* x, int64_t d, const int32_t* ids, int64_t count,
                               float* to) {
  for (int64_t p = warpOfGrid(); p < count; p += warpsOfGrid()) {
    for (int64_t t = laneOf(); t < d; t += kWarp) to[p * d + t] = x[ids[p] * d + t];
  }
}

/** A thread an entry of sums [k x d], so that each is added up in the order of the rows. */
__global__ void sumRowsKernel(const float* x, int64_t d, const int32_t* order,
                              const int64_t* starts, int64_t k, float* sums) {
  for (int64_t p = threadOfGrid(); p < k * d; p += threadsOfGrid()) {
    const int64_t j = p / d, t = p % d;
    float sum = 0;
    for (int64_t i = starts[j]; i < starts[j + 1]; i++) sum += x[order[i] * d + t];
    sums[p] = sum;
  }
}

/** A warp a row. */
__global__ void findBeyondKernel(const float* x, int64_t n, int64_t d, double most, int64_t* bad) {
  for (int64_t i = warpOfGrid(); i < n; i += warpsOfGrid()) {
    double square = 0;
    for (int64_t t = laneOf(); t < d; t += kWarp) {
      const double value = static_cast<double>(x[i * d + t]);
      square += value * value;
    }
    square = foldLanes(square);
    if (laneOf() == 0 && !(square <= most)) atomicLeast(bad, i);
  }
}

/** `count` elements of the current device's memory. */
template <typename T>
class Memory {
 public:
  explicit Memory(int64_t count) : bytes_(static_cast<size_t>(count) * sizeof(T)) {
    void* memory = nullptr;
    if (bytes_ > 0 && cudaMalloc(&memory, bytes_) != cudaSuccess) {
      outOfMemory(static_cast<int64_t>(bytes_));
    }
    data_ = static_cast<T*>(memory);
  }
  Memory(const T* host, int64_t count) : Memory(count) {
    check(cudaMemcpyAsync(data_, host, bytes_, cudaMemcpyHostToDevice, nullptr), "copying");
  }
  ~Memory() { cudaFree(data_); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  T* data() const { return data_; }
  /** Once what was queued is done. */
  void read(T* host) const {
    check(cudaMemcpyAsync(host, data_, bytes_, cudaMemcpyDeviceToHost, nullptr), "copying");
    check(cudaStreamSynchronize(nullptr), "waiting");
  }

 private:
  size_t bytes_;
  T* data_ = nullptr;
};

class DeviceRows : public GpuRows {
 public:
  DeviceRows(int32_t device, const float* x, int64_t n, int64_t d)
      : device_(device), x_(x), n_(n), d_(d) {}
  DeviceRows(int32_t device, std::unique_ptr<Memory<float>> own, int64_t n, int64_t d)
      : device_(device), own_(std::move(own)), x_(own_->data()), n_(n), d_(d) {}
  ~DeviceRows() override {
    int previous = -1;
    try {
      previous = chooseDevice(device_);
    } catch (const Error&) {  // of a device that failed; its memory is gone then
    }
    own_.reset();
    restoreDevice(previous);
  }

  const float* data() const override { return x_; }

  void read(const int32_t* ids, int64_t count, float* to) const override {
    const OnDevice scope(device_);
    copy(ids, count)->read(to);
  }

  std::unique_ptr<GpuRows> subset(const int32_t* ids, int64_t count) const override {
    const OnDevice scope(device_);
    return std::make_unique<DeviceRows>(device_, copy(ids, count), count, d_);
  }

  void sum(const int32_t* order, const int64_t* starts, int64_t k, float* sums) const override {
    const OnDevice scope(device_);
    const Memory<int32_t> rows(order, starts[k]);
    const Memory<int64_t> bounds(starts, k + 1);
    const Memory<float> out(k * d_);
    DC4J_LAUNCH(sumRowsKernel, blocksForLoop(k * d_, kBlock), kBlock, 0, nullptr, x_, d_,
                rows.data(), bounds.data(), k, out.data());
    out.read(sums);
  }

  int64_t firstBeyond(double most) const override {
    const OnDevice scope(device_);
    int64_t first = kNone;
    const Memory<int64_t> bad(&first, 1);
    DC4J_LAUNCH(findBeyondKernel, blocksForLoop(n_, kBlock / kWarp), kBlock, 0, nullptr, x_, n_, d_,
                most, bad.data());
    bad.read(&first);
    return first == kNone ? -1 : first;
  }

 private:
  std::unique_ptr<Memory<float>> copy(const int32_t* ids, int64_t count) const {
    const Memory<int32_t> rows(ids, count);
    auto out = std::make_unique<Memory<float>>(count * d_);
    DC4J_LAUNCH(copyRowsKernel, blocksForLoop(count, kBlock / kWarp), kBlock, 0, nullptr, x_, d_,
                rows.data(), count, out->data());
    check(cudaStreamSynchronize(nullptr), "waiting");
    return out;
  }

  int32_t device_;
  std::unique_ptr<Memory<float>> own_;
  const float* x_;
  int64_t n_, d_;
};

std::unique_ptr<GpuRows> openRows(int32_t device, const float* x, int64_t n, int64_t d) {
  return std::make_unique<DeviceRows>(device, x, n, d);
}

std::string whyNoKernels(int32_t device) {
#ifdef __CUDACC__
  // FAISS would end the process; its kernels are compiled for the same architectures as these.
  const OnDevice scope(device);
  cudaFuncAttributes attributes;
  if (cudaFuncGetAttributes(&attributes, sumRowsKernel) != cudaSuccess) {
    cudaGetLastError();
    return text("it was compiled for ", DC4J_FAISS_GPU_ARCHITECTURES_TEXT,
                ", none of which runs on device ", device);
  }
#else
  static_cast<void>(device);
#endif
  return "";
}

}  // namespace faiss_gpu
}  // namespace dc4j
