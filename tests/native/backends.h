// Every usable backend, tier and thread count, to run one case list on all of them.
#pragma once
#include <dc4j/context.h>
#include <dc4j/device.h>
#include <dc4j/matrix.h>

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "check.h"

struct TestContext {
  std::string name;
  dc4j_context* context = nullptr;
  bool is_reference = false;
  bool is_cuda = false;
};

inline TestContext openContext(const std::string& device, const std::string& isa, int threads) {
  TestContext test;
  test.name = device + (isa.empty() ? "" : "/" + isa) + "/" + std::to_string(threads);
  test.is_reference = device == "reference";
  if (isa.empty()) {
    unsetenv("DC4J_MAX_ISA");
  } else {
    setenv("DC4J_MAX_ISA", isa.c_str(), 1);
  }
  CHECK(dc4j_context_open(device.c_str(), threads, &test.context) == DC4J_OK, << dc4j_last_error());
  return test;
}

/** reference, and every CPU tier this machine has with 1, 2 and 3 threads. */
inline void addCpu(std::vector<TestContext>& all) {
  all.push_back(openContext("reference", "", 1));
  for (const char* isa : {"generic", "avx2", "avx512", "vnni", "amx"}) {
    for (int threads : {1, 2, 3}) {
      TestContext test = openContext("cpu", isa, threads);
      if (std::string(dc4j_context_isa(test.context)) != isa) {
        if (threads == 1) std::printf("skipped: this processor has no %s\n", isa);
        dc4j_context_close(test.context);
        continue;
      }
      all.push_back(test);
    }
  }
  unsetenv("DC4J_MAX_ISA");
}

/** What ctest gives as the exit code of a test that is skipped. */
constexpr int kSkipped = 77;

/** Whether the backend is among DC4J_TEST_DEVICES: "cpu" (which is reference and cpu) or "cuda";
 * unset: all that is usable. */
inline bool isTested(const std::string& device) {
  const char* devices = std::getenv("DC4J_TEST_DEVICES");
  return devices == nullptr || *devices == 0 || devices == device;
}

/** The CUDA context, named after the GPU or the emulation; ends the program as skipped where there
 * is none, unless an emulated library is named: then that must work. */
inline void addCuda(std::vector<TestContext>& all) {
  if (!isTested("cuda")) return;
  const std::string reason = dc4j_cuda_status();
  const bool is_named = std::getenv("DC4J_CUDA_LIBRARY") != nullptr;
  if (!reason.empty() && !is_named) {
    std::printf("skipped on cuda: %s\n", reason.c_str());
    if (!isTested("cpu")) std::exit(kSkipped);
    return;
  }
  TestContext test = openContext("cuda", "", 2);
  dc4j_cuda_device device = {};
  CHECK(dc4j_cuda_describe(0, &device) == DC4J_OK, << dc4j_last_error());
  test.name = std::string("cuda/") + device.name;
  test.is_cuda = true;
  std::printf("on %s\n", test.name.c_str());
  all.push_back(test);
}

/** Runs body on reference, then on every CPU tier this machine has with 1, 2 and 3 threads, then on
 * CUDA where there is a GPU or its emulation. */
inline void onEveryBackend(const std::function<void(const TestContext&)>& body) {
  std::vector<TestContext> all;
  if (isTested("cpu")) addCpu(all);
  addCuda(all);
  for (const TestContext& test : all) {
    currentCase() = test.name;
    body(test);
    dc4j_context_close(test.context);
  }
}

/** A host matrix with a view of it. */
struct TestMatrix {
  std::vector<float> values;
  dc4j_matrix view;
  TestMatrix(int64_t rows, int64_t cols, int64_t stride = -1)
      : values(static_cast<size_t>(rows * (stride < 0 ? cols : stride))),
        view{values.data(), rows, cols, stride < 0 ? cols : stride, DC4J_HOST} {}
  TestMatrix(const TestMatrix&) = delete;
  TestMatrix& operator=(const TestMatrix&) = delete;
  float* row(int64_t i) { return values.data() + i * view.stride; }
};

/** Standard normal entries times scale. */
inline void fillGaussian(TestMatrix& matrix, uint64_t seed, float scale = 1) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<float> normal;
  for (float& value : matrix.values) value = scale * normal(engine);
}
