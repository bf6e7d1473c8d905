#include "cuda/usable.h"

#include <cstring>

#include "cuda/cublas.h"
#include "cuda/current_device.h"
#include "cuda/device_error.h"

namespace dc4j {
namespace cuda {
namespace {

constexpr int kOldestCapability = 80;  // what the kernels are compiled for, and later

/** 13020 -> "13.2", as CUDA counts. */
std::string versionText(int version) { return text(version / 1000, ".", version % 1000 / 10); }

int attribute(cudaDeviceAttr which, int32_t ordinal) {
  int value = 0;
  check(cudaDeviceGetAttribute(&value, which, ordinal), "asking for a device's attribute");
  return value;
}

/** Of the driver alone: "", and then devices may be counted. */
std::string whyNoDriver() {
  int driver = 0, runtime = 0;
  if (cudaDriverGetVersion(&driver) != cudaSuccess) {
    cudaGetLastError();
    driver = 0;
  }
  check(cudaRuntimeGetVersion(&runtime), "asking for the runtime's version");
  if (driver == 0) return "no CUDA driver: libcuda.so.1 was not found";
  // A driver runs what was built with any minor version of its major one.
  if (driver / 1000 < runtime / 1000) {
    return text("the driver supports CUDA <= ", versionText(driver), ", this build needs ",
                versionText(runtime));
  }
  return "";
}

}  // namespace

int32_t deviceCount() {
  if (!whyNoDriver().empty()) return 0;
  int count = 0;
  if (cudaGetDeviceCount(&count) == cudaSuccess) return count;
  cudaGetLastError();
  return 0;
}

std::string whyNot(int32_t ordinal) {
  const std::string driver = whyNoDriver();
  if (!driver.empty()) return driver;
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status != cudaSuccess) {
    cudaGetLastError();
    if (status != cudaErrorNoDevice) return text("no CUDA device: ", cudaGetErrorString(status));
    count = 0;
  }
  if (count == 0) return "no CUDA device";
  if (ordinal >= count) {
    return text("no CUDA device ", ordinal, "; there ", count == 1 ? "is " : "are ", count);
  }
  const int major = attribute(cudaDevAttrComputeCapabilityMajor, ordinal);
  const int minor = attribute(cudaDevAttrComputeCapabilityMinor, ordinal);
  if (10 * major + minor < kOldestCapability) {
    return text("device ", ordinal, " has compute capability ", major, ".", minor,
                ", this build needs 8.0");
  }
  return Cublas::whyNot();
}

void describe(int32_t ordinal, dc4j_cuda_device* out) {
  cudaDeviceProp properties;
  check(cudaGetDeviceProperties(&properties, ordinal), "asking for a device's properties");
  *out = dc4j_cuda_device();
  static_assert(sizeof properties.name <= sizeof out->name, "the name fits");
  std::memcpy(out->name, properties.name, sizeof properties.name);
  out->name[sizeof out->name - 1] = 0;
  out->major = attribute(cudaDevAttrComputeCapabilityMajor, ordinal);
  out->minor = attribute(cudaDevAttrComputeCapabilityMinor, ordinal);
  out->multiprocessors = attribute(cudaDevAttrMultiProcessorCount, ordinal);
  check(cudaDriverGetVersion(&out->driver), "asking for the driver's version");
  check(cudaRuntimeGetVersion(&out->runtime), "asking for the runtime's version");
  const OnDevice scope(ordinal);
  size_t free_bytes = 0, total = 0;
  check(cudaMemGetInfo(&free_bytes, &total), "asking for the free memory");
  out->total_bytes = static_cast<int64_t>(total);
  out->free_bytes = static_cast<int64_t>(free_bytes);
}

}  // namespace cuda
}  // namespace dc4j
