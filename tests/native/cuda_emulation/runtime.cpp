// CUDA's runtime over host memory. Streams run at once, so events say nothing but to the race
// check.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>

#include "cuda.h"
#include "last_error.h"
#include "memory.h"
#include "race_check.h"

namespace {

using namespace dc4j_emulation;

thread_local cudaError_t last_error = cudaSuccess;
thread_local int current_device = 0;
std::atomic<uint64_t> crossed_bytes{0};
std::atomic<unsigned> used_devices{0};  // a bit each: whether they have a context

int number(const char* name, int otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::atoi(value);
}

cudaError_t fail(cudaError_t error) {
  last_error = error;
  return error;
}

int devices() { return number("DC4J_EMULATED_DEVICES", 1); }

cudaError_t say(const char* what) {
  std::fprintf(stderr, "emulated CUDA: %s\n", what);
  return fail(cudaErrorInvalidValue);
}

/** Whether a copy may touch these bytes: device memory in one block, host memory anything. */
bool copyable(const void* pointer, size_t bytes) {
  return !isDevice(pointer) || inOneBlock(pointer, bytes);
}

/** Kinds other than `default` must say where the addresses are. */
bool matches(cudaMemcpyKind kind, const void* to, const void* from) {
  const bool to_device = isDevice(to), from_device = isDevice(from);
  switch (kind) {
    case cudaMemcpyHostToHost:
      return !to_device && !from_device;
    case cudaMemcpyHostToDevice:
      return to_device && !from_device;
    case cudaMemcpyDeviceToHost:
      return !to_device && from_device;
    case cudaMemcpyDeviceToDevice:
      return to_device && from_device;
    default:
      return true;
  }
}

/** cudaSuccess, or what the race check found in the operation that was just queued. */
cudaError_t checkOrder() {
  const char* race = races::found();
  if (race[0] == 0) return cudaSuccess;
  std::fprintf(stderr, "emulated CUDA: %s\n", race);
  return fail(cudaErrorLaunchFailure);
}

}  // namespace

namespace dc4j_emulation {
void setLastError(cudaError_t error) { last_error = error; }
}  // namespace dc4j_emulation

/** Bytes that copies took between host and device since the last call; for tests. */
extern "C" {
void dc4j_emulation_queue(const char* what, const void* stream) { races::operation(what, stream); }
void dc4j_emulation_touch(const void* memory, size_t bytes, int write) {
  write != 0 ? races::writes(memory, bytes) : races::reads(memory, bytes);
}
int dc4j_emulation_order() { return checkOrder(); }
}

extern "C" __attribute__((visibility("default"))) uint64_t dc4j_emulation_crossed();
uint64_t dc4j_emulation_crossed() { return crossed_bytes.exchange(0); }

CUresult cuDevicePrimaryCtxGetState(int device, unsigned* flags, int* active) {
  *flags = 0;
  *active = static_cast<int>(used_devices >> device & 1);
  return CUDA_SUCCESS;
}
/** For tests: the devices in use, a bit each. */
extern "C" __attribute__((visibility("default"))) unsigned dc4j_emulation_used();
unsigned dc4j_emulation_used() { return used_devices; }

cudaError_t cudaGetDriverEntryPointByVersion(const char* symbol, void** function, unsigned,
                                             unsigned long long,
                                             cudaDriverEntryPointQueryResult* found) {
  const std::map<std::string, void*> functions = {
      {"cuTensorMapEncodeTiled", reinterpret_cast<void*>(&cuTensorMapEncodeTiled)},
      {"cuDevicePrimaryCtxGetState", reinterpret_cast<void*>(&cuDevicePrimaryCtxGetState)}};
  const auto named = functions.find(symbol);
  if (named == functions.end()) return fail(cudaErrorInvalidValue);
  *function = named->second;
  *found = cudaDriverEntryPointSuccess;
  return cudaSuccess;
}

cudaError_t cudaDriverGetVersion(int* version) {
  *version = number("DC4J_EMULATED_DRIVER", 13000);
  return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = 13000;
  return cudaSuccess;
}
cudaError_t cudaGetDeviceCount(int* count) {
  *count = devices();
  return *count > 0 ? cudaSuccess : fail(cudaErrorNoDevice);
}
cudaError_t cudaGetDevice(int* device) {
  *device = current_device;
  return cudaSuccess;
}
cudaError_t cudaSetDevice(int device) {
  if (device < 0 || device >= devices()) return fail(cudaErrorInvalidDevice);
  if (number("DC4J_EMULATED_BUSY", -1) == device) return fail(cudaErrorDevicesUnavailable);
  current_device = device;
  used_devices |= 1u << device;  // since CUDA 12
  return cudaSuccess;
}
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int) {
  const int capability = number("DC4J_EMULATED_CAPABILITY", 90);
  if (attribute == cudaDevAttrMultiProcessorCount) *value = 2;
  if (attribute == cudaDevAttrComputeCapabilityMajor) *value = capability / 10;
  if (attribute == cudaDevAttrComputeCapabilityMinor) *value = capability % 10;
  if (attribute == cudaDevAttrMemoryPoolsSupported) *value = 1;
  return cudaSuccess;
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int) {
  std::strcpy(properties->name, "emulated on the CPU");
  return cudaSuccess;
}
cudaError_t cudaFuncSetAttribute(const void*, cudaFuncAttribute, int value) {
  return value > (227 << 10) ? fail(cudaErrorInvalidValue) : cudaSuccess;
}
cudaError_t cudaGetLastError() {
  const cudaError_t error = last_error;
  last_error = cudaSuccess;
  return error;
}
const char* cudaGetErrorName(cudaError_t error) {
  return error == cudaErrorLaunchFailure ? "cudaErrorLaunchFailure" : "cudaError";
}
const char* cudaGetErrorString(cudaError_t error) {
  switch (error) {
    case cudaSuccess:
      return "no error";
    case cudaErrorInvalidValue:
      return "invalid argument";
    case cudaErrorMemoryAllocation:
      return "out of memory";
    case cudaErrorInvalidConfiguration:
      return "invalid configuration argument";
    case cudaErrorNoDevice:
      return "no CUDA-capable device is detected";
    case cudaErrorDevicesUnavailable:
      return "CUDA-capable device(s) is/are busy or unavailable";
    case cudaErrorInvalidDevice:
      return "invalid device ordinal";
    default:
      return "unspecified launch failure";
  }
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  *stream = reinterpret_cast<cudaStream_t>(new char);
  races::streamMade(*stream);
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  delete reinterpret_cast<char*>(stream);
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  races::hostWaitsForStream(stream);
  lockDevice();
  return cudaSuccess;
}
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  races::streamWaits(stream, event);
  return cudaSuccess;
}
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  *event = reinterpret_cast<cudaEvent_t>(new char);
  return cudaSuccess;
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete reinterpret_cast<char*>(event);
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  races::eventRecorded(event, stream);
  return cudaSuccess;
}
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  races::hostWaitsForEvent(event);
  lockDevice();
  return cudaSuccess;
}

cudaError_t cudaMemGetInfo(size_t* free_bytes, size_t* total) {
  if (number("DC4J_EMULATED_BUSY", -1) == current_device) {
    return fail(cudaErrorDevicesUnavailable);
  }
  *free_bytes = freeDevice();
  *total = totalDevice();
  return cudaSuccess;
}
cudaError_t cudaMalloc(void** memory, size_t bytes) {
  *memory = allocateDevice(bytes);
  if (*memory == nullptr) return fail(cudaErrorMemoryAllocation);
  races::forget(*memory, bytes, true);
  return cudaSuccess;
}
cudaError_t cudaFree(void* memory) {
  races::hostWaitsForAll();  // as CUDA does
  if (memory == nullptr || releaseDevice(memory)) return cudaSuccess;
  return say("freed what is no block of device memory");
}
cudaError_t cudaMallocHost(void** memory, size_t bytes) {
  *memory = std::malloc(bytes == 0 ? 1 : bytes);
  return cudaSuccess;
}
cudaError_t cudaFreeHost(void* memory) {
  std::free(memory);
  return cudaSuccess;
}
cudaError_t cudaMallocFromPoolAsync(void** memory, size_t bytes, cudaMemPool_t,
                                    cudaStream_t stream) {
  const cudaError_t status = cudaMalloc(memory, bytes);
  if (status != cudaSuccess) return status;
  races::operation("the allocation", stream);
  races::forget(*memory, bytes, false);
  return cudaSuccess;
}
cudaError_t cudaFreeAsync(void* memory, cudaStream_t stream) {
  races::operation("freeing", stream);
  races::writes(memory, bytesOf(memory));
  if (checkOrder() != cudaSuccess) std::abort();  // nobody looks at what freeing returns
  if (memory == nullptr || releaseDevice(memory)) return cudaSuccess;
  return say("freed what is no block of device memory");
}
cudaError_t cudaMemPoolCreate(cudaMemPool_t* pool, const cudaMemPoolProps*) {
  *pool = reinterpret_cast<cudaMemPool_t>(new char);
  return cudaSuccess;
}
cudaError_t cudaMemPoolDestroy(cudaMemPool_t pool) {
  delete reinterpret_cast<char*>(pool);
  return cudaSuccess;
}
cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t, cudaMemPoolAttr, void*) { return cudaSuccess; }

cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* pointer) {
  attributes->type = isDevice(pointer) ? cudaMemoryTypeDevice : cudaMemoryTypeUnregistered;
  attributes->device = 0;
  return cudaSuccess;
}

static cudaError_t copyBytes2D(void* to, size_t to_pitch, const void* from, size_t from_pitch,
                               size_t width, size_t height, cudaMemcpyKind kind,
                               cudaStream_t stream) {
  if (!copyable(to, (height - 1) * to_pitch + width) ||
      !copyable(from, (height - 1) * from_pitch + width)) {
    return say("a copy beyond a block of device memory");
  }
  if (!matches(kind, to, from)) return say("a copy of another kind than its addresses");
  if (isDevice(to) != isDevice(from)) crossed_bytes += width * height;
  const Unlocked unlocked("a copy");
  races::operation("a copy", stream);
  for (size_t i = 0; i < height; i++) {
    races::reads(static_cast<const char*>(from) + i * from_pitch, width);
    races::writes(static_cast<const char*>(to) + i * to_pitch, width);
    std::memmove(static_cast<char*>(to) + i * to_pitch,
                 static_cast<const char*>(from) + i * from_pitch, width);
  }
  return checkOrder();
}

cudaError_t cudaMemcpy2DAsync(void* to, size_t to_pitch, const void* from, size_t from_pitch,
                              size_t width, size_t height, cudaMemcpyKind kind,
                              cudaStream_t stream) {
  if (width == 0 || height == 0) return cudaSuccess;
  if (width > to_pitch || width > from_pitch) return say("a copy of rows wider than their pitch");
  const auto most = static_cast<size_t>(number("DC4J_EMULATED_PITCH", INT32_MAX));
  if (to_pitch > most || from_pitch > most) return say("a copy of rows too far apart");
  return copyBytes2D(to, to_pitch, from, from_pitch, width, height, kind, stream);
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  return bytes == 0 ? cudaSuccess : copyBytes2D(to, bytes, from, bytes, bytes, 1, kind, stream);
}
cudaError_t cudaMemsetAsync(void* memory, int byte, size_t bytes, cudaStream_t stream) {
  if (bytes == 0) return cudaSuccess;
  if (!isDevice(memory) || !inOneBlock(memory, bytes)) return say("a fill beyond device memory");
  const Unlocked unlocked("a fill");
  races::operation("a fill", stream);
  races::writes(memory, bytes);
  std::memset(memory, byte, bytes);
  return checkOrder();
}
