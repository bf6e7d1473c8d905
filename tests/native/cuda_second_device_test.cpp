// A context on the second device does not start up the first. On the emulation alone, which is told
// to have two.
#include <dc4j/kernels.h>
#include <dlfcn.h>

#include "plain.h"

static unsigned used() {
  void* library = dlopen(std::getenv("DC4J_CUDA_LIBRARY"), RTLD_NOW);
  return reinterpret_cast<unsigned (*)()>(dlsym(library, "dc4j_emulation_used"))();
}

static void run(const char* device) {
  dc4j_context* context = nullptr;
  CHECK(dc4j_context_open(device, 1, &context) == DC4J_OK, << dc4j_last_error());
  TestMatrix x(40, 8), c(3, 8);
  fillGaussian(x, 1);
  fillGaussian(c, 2);
  std::vector<int32_t> labels(40, -1);
  CHECK(dc4j_kmeans_assign(context, &x.view, &c.view, labels.data(), nullptr, nullptr) == DC4J_OK,
        << dc4j_last_error());
  CHECK(labels[39] >= 0);
  dc4j_context_close(context);
}

int main() {
  const char* devices = std::getenv("DC4J_EMULATED_DEVICES");
  if (devices == nullptr || std::string(devices) != "2") {
    std::printf("skipped: two devices are there on the emulation alone\n");
    return 77;
  }
  dc4j_cuda_device device = {};
  CHECK(dc4j_cuda_device_count() == 2);
  CHECK(*dc4j_cuda_status() == 0);
  CHECK(dc4j_cuda_describe(1, &device) == DC4J_OK, << dc4j_last_error());
  run("cuda:1");
  CHECK(used() == 2, << used());
  run("cuda");
  run("cuda:1");
  CHECK(used() == 3);
  return finish();
}
