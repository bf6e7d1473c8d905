// The CUDA backend apart from its numbers: the library and its table, arguments on the host and on
// the device, chunks, errors. On a GPU, or on the emulation that ctest names.
#include <dc4j/kernels.h>
#include <dc4j/losses.h>
#include <dlfcn.h>

#include <cstring>
#include <sstream>

#include "backend/cuda_library.h"
#include "on_device.h"
#include "plain.h"

namespace {

/** Slots that run the host's kernel; every other must be the library's own. */
void table(const TestContext&) {
  std::string reason;
  const char* named = std::getenv("DC4J_CUDA_LIBRARY");
  Dl_info core;
  dladdr(reinterpret_cast<const void*>(&dc4j_context_open), &core);
  const std::string folder =
      std::string(core.dli_fname).substr(0, std::string(core.dli_fname).rfind('/'));
  const std::string path = named != nullptr ? named : folder + "/libdc4j_cuda.so";
  void* handle = dlopen(path.c_str(), RTLD_NOW);
  CHECK(handle != nullptr, << dlerror());
  const auto* library = reinterpret_cast<dc4j::CudaEntry>(dlsym(handle, dc4j::kCudaEntry))();
  dc4j::KernelTable host, kernels;
  std::memset(&host, 0, sizeof host);
  std::memset(&kernels, 0, sizeof kernels);
  delete library->open(0, host, kernels);
  int slots = 0;
#define DC4J_KERNEL(name, parameters)               \
  CHECK(kernels.name != nullptr, << "slot " #name); \
  slots++;
#include "backend/kernel_list.h"
#undef DC4J_KERNEL
  std::istringstream names(library->slots_on_host());
  int on_host = 0;
  for (std::string name; names >> name;) on_host++;
  std::printf("%d slots, of which on the host: %s\n", slots, library->slots_on_host());
  CHECK(on_host >= 4 && on_host < slots);  // four are not for a GPU
}

/** Every mix of places gives the same labels, and what lies on the device is used in place. */
void places(const TestContext& test) {
  TestMatrix x(150, 20, 23), c(9, 20, 21);
  fillGaussian(x, 1);
  fillGaussian(c, 2);
  std::vector<int32_t> expected(150), labels(150);
  std::vector<float> expected_distances(150);
  double objective = 0, expected_objective = 0;
  CHECK(dc4j_kmeans_assign(test.context, &x.view, &c.view, expected.data(),
                           expected_distances.data(), &expected_objective) == DC4J_OK);
  const DeviceMatrix on_x(test, x), on_c(test, c);
  OnDevice<int32_t> on_labels(test, std::vector<int32_t>(150, -7));
  OnDevice<float> on_distances(test, std::vector<float>(150, -7));
  for (int mix = 0; mix < 8; mix++) {
    const dc4j_matrix& rows = mix & 1 ? on_x.view : x.view;
    const dc4j_matrix& means = mix & 2 ? on_c.view : c.view;
    std::fill(labels.begin(), labels.end(), -7);
    on_labels.write(labels);
    CHECK(
        dc4j_kmeans_assign(test.context, &rows, &means, mix & 4 ? on_labels.data() : labels.data(),
                           on_distances.data(), &objective) == DC4J_OK,
        << mix << dc4j_last_error());
    if (mix & 4) labels = on_labels.read();
    CHECK(labels == expected, << mix);
    CHECK(on_distances.read() == expected_distances, << mix);
    CHECK(objective == expected_objective, << mix);
  }
  CHECK(on_x.values.read() == x.values && on_c.values.read() == c.values);
}

/** A kernel that runs on the host takes device memory all the same, both ways. */
void hostKernels(const TestContext& test) {
  TestMatrix z(12, 7, 9), gradient(12, 7, 8);
  fillGaussian(z, 3);
  fillGaussian(gradient, 4);
  std::vector<int32_t> labels = {0, 1, 2, 3, 4, 5, 6, -1, 0, 1, 2, 3};
  const std::vector<float> weights = {1, 2, 3, 4, 5, 6, 7};
  double loss = 0, device_loss = 0;
  const DeviceMatrix on_z(test, z), on_gradient(test, gradient);
  dc4j_matrix to = on_gradient.view;
  const OnDevice<int32_t> on_labels(test, labels);
  const OnDevice<float> on_weights(test, weights);
  CHECK(dc4j_cross_entropy(test.context, &z.view, labels.data(), weights.data(), &gradient.view,
                           &loss) == DC4J_OK);
  CHECK(dc4j_cross_entropy(test.context, &on_z.view, on_labels.data(), on_weights.data(), &to,
                           &device_loss) == DC4J_OK,
        << dc4j_last_error());
  CHECK(loss == device_loss);
  CHECK(on_gradient.values.read() == gradient.values);
}

/** A view that says the wrong place, and device arrays with wrong entries, are refused by name. */
void refusals(const TestContext& test) {
  TestMatrix x(5, 3), c(2, 3);
  fillGaussian(x, 1);
  fillGaussian(c, 2);
  const DeviceMatrix on_x(test, x);
  std::vector<int32_t> labels(5, 0);
  std::vector<int64_t> counts(2);
  dc4j_matrix wrong = x.view;
  wrong.place = DC4J_CUDA;
  CHECK(dc4j_kmeans_assign(test.context, &wrong, &c.view, labels.data(), nullptr, nullptr) ==
        DC4J_INVALID_ARGUMENT);
  CHECK(errorHas("x is marked as CUDA memory, but its address is host memory"));
  wrong = on_x.view;
  wrong.place = DC4J_HOST;
  CHECK(dc4j_kmeans_assign(test.context, &wrong, &c.view, labels.data(), nullptr, nullptr) ==
        DC4J_INVALID_ARGUMENT);
  CHECK(errorHas("x is marked as host memory, but its address is CUDA memory"));
  wrong.place = 2;
  CHECK(dc4j_kmeans_assign(test.context, &wrong, &c.view, labels.data(), nullptr, nullptr) ==
        DC4J_INVALID_ARGUMENT);
  CHECK(errorHas("place 2"));
  for (const int32_t bad : {2, -2}) {
    const OnDevice<int32_t> on_labels(test, {0, 1, 0, bad, -5});
    CHECK(dc4j_kmeans_update(test.context, &on_x.view, on_labels.data(), &c.view, counts.data()) ==
          DC4J_INVALID_ARGUMENT);
    CHECK(errorHas("labels[3]") && errorHas("accepted: -1..1"), << dc4j_last_error());
  }
  const OnDevice<int64_t> exclude(test, {0, 1, -1, 2, 9});
  std::vector<int64_t> ids(5);
  CHECK(dc4j_nearest(test.context, &on_x.view, &c.view, 1, exclude.data(), ids.data(), nullptr) ==
        DC4J_INVALID_ARGUMENT);
  CHECK(errorHas("exclude[3] is 2"), << dc4j_last_error());
  const OnDevice<int32_t> near(test, {0, 1, 0, 1, 0}), far(test, {1, 0, 1, 1, 1});
  double loss = 0;
  CHECK(dc4j_ratio_loss(test.context, &on_x.view, &c.view, near.data(), far.data(), 1e-6, nullptr,
                        &loss) == DC4J_INVALID_ARGUMENT);
  CHECK(errorHas("first[3] and second[3]"), << dc4j_last_error());
  x.row(4)[1] = NAN;
  const DeviceMatrix bad_x(test, x);
  CHECK(dc4j_kmeans_assign(test.context, &bad_x.view, &c.view, labels.data(), nullptr, nullptr) ==
        DC4J_NOT_FINITE);
  CHECK(errorHas("x holds NaN") && errorHas("row 4"), << dc4j_last_error());
}

/** The CPU takes nothing but host memory, and says so. */
void cpuRefuses(const TestContext& test) {
  TestMatrix x(5, 3);
  fillGaussian(x, 1);
  DeviceMatrix on_x(test, x);
  const TestContext cpu = openContext("cpu", "", 1);
  CHECK(dc4j_normalize_rows(cpu.context, &on_x.view, &on_x.view) == DC4J_INVALID_ARGUMENT);
  CHECK(errorHas("not in host memory"), << dc4j_last_error());
  CHECK(dc4j_context_use_stream(cpu.context, nullptr) == DC4J_UNSUPPORTED);
  int64_t rows = 0, bytes = -1;
  CHECK(dc4j_context_chunk_rows(cpu.context, 1000, 1 << 20, &rows) == DC4J_OK && rows == 1000);
  CHECK(dc4j_context_resident_bytes(cpu.context, &bytes) == DC4J_OK && bytes == 0);
  dc4j_context_close(cpu.context);
}

struct Counted {
  const TestContext* test;
  int64_t given = 0, taken_back = 0;
  std::vector<std::pair<void*, int64_t>> used = {};  // maybe, by what is still queued
};

/** Workspace from a caller's functions, on a caller's stream; all of it comes back. */
void allocators(const TestContext& test) {
  const TestContext other = openContext("cuda", "", 1);  // whose memory is handed out
  Counted counted = {&other};
  const auto allocate = [](int64_t bytes, void*, void* owner) -> void* {
    auto* to = static_cast<Counted*>(owner);
    void* memory = nullptr;
    dc4j_context_alloc(to->test->context, bytes, &memory);
    to->given += bytes;
    return memory;
  };
  const auto release = [](void* memory, int64_t bytes, void*, void* owner) {
    auto* to = static_cast<Counted*>(owner);
    to->used.push_back({memory, bytes});
    to->taken_back += bytes;
  };
  TestMatrix x(40, 8), c(3, 8);
  fillGaussian(x, 1);
  fillGaussian(c, 2);
  std::vector<int32_t> expected(40), labels(40);
  CHECK(dc4j_kmeans_assign(test.context, &x.view, &c.view, expected.data(), nullptr, nullptr) ==
        DC4J_OK);
  CHECK(dc4j_context_use_allocator(test.context, allocate, nullptr, &counted) ==
        DC4J_INVALID_ARGUMENT);
  CHECK(dc4j_context_use_allocator(test.context, allocate, release, &counted) == DC4J_OK);
  CHECK(dc4j_context_use_stream(test.context, nullptr) == DC4J_OK);
  CHECK(dc4j_kmeans_assign(test.context, &x.view, &c.view, labels.data(), nullptr, nullptr) ==
            DC4J_OK,
        << dc4j_last_error());
  CHECK(labels == expected);
  CHECK(counted.given > 0 && counted.given == counted.taken_back);
  for (const auto& [memory, bytes] : counted.used) {
    dc4j_context_free(other.context, memory, bytes);
  }
  CHECK(dc4j_context_use_allocator(test.context, nullptr, nullptr, nullptr) == DC4J_OK);
  dc4j_context_close(other.context);
}

/** What DC4J_CUDA_MEMORY leaves a context: a chunk is an eighth of it. */
void memoryToUse(const TestContext& test) {
  setenv("DC4J_CUDA_MEMORY", "65536", 1);
  const TestContext little = openContext("cuda", "", 1);
  int64_t rows = 0;
  CHECK(dc4j_context_chunk_rows(little.context, 1 << 30, 64, &rows) == DC4J_OK && rows == 128,
        << rows);
  int64_t bytes = 0;
  CHECK(dc4j_context_resident_bytes(little.context, &bytes) == DC4J_OK && bytes == 32768);
  dc4j_context_close(little.context);
  for (const char* wrong : {"1GB", "0", "-5"}) {
    setenv("DC4J_CUDA_MEMORY", wrong, 1);
    dc4j_context* context = nullptr;
    CHECK(dc4j_context_open("cuda", 1, &context) == DC4J_INVALID_ARGUMENT);
    CHECK(errorHas(wrong) && errorHas("a number of bytes"), << dc4j_last_error());
  }
  unsetenv("DC4J_CUDA_MEMORY");
  CHECK(dc4j_context_chunk_rows(test.context, 1 << 30, 64, &rows) == DC4J_OK && rows > 128);
}

/** Memory that no device has. */
void outOfMemory(const TestContext& test) {
  void* memory = nullptr;
  CHECK(dc4j_context_alloc(test.context, int64_t{1} << 45, &memory) == DC4J_OUT_OF_MEMORY);
  CHECK(errorHas("35184372088832") && errorHas("are free"), << dc4j_last_error());
  CHECK(dc4j_context_alloc(test.context, -1, &memory) == DC4J_INVALID_ARGUMENT);
}

void chunks(const TestContext& test) {
  int64_t rows = -1;
  CHECK(dc4j_context_chunk_rows(test.context, 0, 4, &rows) == DC4J_OK && rows == 0);
  CHECK(dc4j_context_chunk_rows(test.context, 10, 4, &rows) == DC4J_OK && rows == 10);
  CHECK(dc4j_context_chunk_rows(test.context, 10, int64_t{1} << 60, &rows) == DC4J_OK && rows == 1);
  CHECK(dc4j_context_chunk_rows(test.context, -1, 4, &rows) == DC4J_INVALID_ARGUMENT);
}

void openings() {
  dc4j_context* context = nullptr;
  for (const char* device : {"cuda:", "cuda:x", "cuda0", "cuda:-1", "cuda:12345"}) {
    CHECK(dc4j_context_open(device, 1, &context) == DC4J_INVALID_ARGUMENT, << device);
    CHECK(errorHas("accepted: auto, cpu, reference, cuda[:i]"), << dc4j_last_error());
  }
  CHECK(dc4j_context_open("cuda:999", 1, &context) == DC4J_UNSUPPORTED);
  CHECK(errorHas("no CUDA device 999"), << dc4j_last_error());
  CHECK(dc4j_cuda_device_count() >= 1);
  CHECK(dc4j_context_open("auto", 1, &context) == DC4J_OK, << dc4j_last_error());
  CHECK(std::string(dc4j_context_backend(context)) == "cuda");
  CHECK(std::string(dc4j_context_isa(context)).rfind("sm_", 0) == 0);
  dc4j_context_close(context);
}

}  // namespace

int main() {
  onEveryBackend([](const TestContext& test) {
    if (!test.is_cuda) return;
    table(test);
    places(test);
    hostKernels(test);
    refusals(test);
    cpuRefuses(test);
    allocators(test);
    memoryToUse(test);
    outOfMemory(test);
    chunks(test);
    openings();
  });
  return finish();
}
