// FAISS on a CUDA device beside FAISS on the CPU, with rows in host memory and on the device. An
// argument names the driver of the emulated device: there both are the same code, so results are
// the same bits. Without, on a GPU, they agree as far as fp32 sums in another order do.
#include <dc4j/device.h>
#include <dc4j/faiss.h>
#include <dlfcn.h>

#include <cmath>
#include <cstdio>
#include <limits>
#include <vector>

#include "faiss/faiss_fixture.h"

namespace {

constexpr int32_t kGpu = 0;
bool emulated = false;
dc4j_context* context = nullptr;

/** A copy in device memory. */
struct OnDevice {
  float* data = nullptr;
  int64_t bytes;
  explicit OnDevice(const std::vector<float>& host)
      : bytes(static_cast<int64_t>(host.size() * sizeof(float))) {
    void* memory = nullptr;
    CHECK(dc4j_context_alloc(context, bytes, &memory) == DC4J_OK);
    CHECK(dc4j_context_copy(context, memory, host.data(), bytes) == DC4J_OK);
    data = static_cast<float*>(memory);
  }
  ~OnDevice() { dc4j_context_free(context, data, bytes); }
};

/** Bytes copied between host and device since the call before, or -1: nobody counts. */
int64_t crossed() {
  const auto count =
      reinterpret_cast<uint64_t (*)()>(dlsym(RTLD_DEFAULT, "dc4j_emulation_crossed"));
  return count == nullptr ? -1 : static_cast<int64_t>(count());
}

void compare(const Clusters& found, const Clusters& cpu) {
  CHECK(found.status == DC4J_OK && cpu.status == DC4J_OK, << dc4j_faiss_last_error());
  if (emulated) {
    CHECK(found.centroids == cpu.centroids && found.labels == cpu.labels);
    CHECK(found.distances == cpu.distances && found.objective == cpu.objective);
    CHECK(found.objectives == cpu.objectives);
  }
  CHECK(found.iterations == cpu.iterations);
  CHECK(std::fabs(found.objective - cpu.objective) <= 0.02 * std::fabs(cpu.objective) + 1e-3,
        << found.objective << " " << cpu.objective);
}

void kmeans(const char* name, const std::vector<float>& x, int64_t d, int64_t k,
            dc4j_faiss_kmeans_options how) {
  currentCase() = name;
  const int64_t n = static_cast<int64_t>(x.size()) / d;
  how.device = kCpu;
  const Clusters cpu(x.data(), n, d, k, how, 2);
  how.device = kGpu;
  compare(Clusters(x.data(), n, d, k, how, 2), cpu);
  const OnDevice there(x);
  crossed();
  const Clusters resident(there.data, n, d, k, how, 2);
  const int64_t bytes = crossed();
  compare(resident, cpu);
  // Each way at most: centroids and the order of the rows, each iteration.
  const int64_t most = 4 * (how.nredo * (how.niter + 1) * (n + 3 * k * (d + 2)) + 2 * n + k * d);
  CHECK(bytes < 0 || bytes <= most, << bytes << " of " << most);
}

void everyKmeans() {
  const std::vector<float> x = rows(900, 24, 3);
  kmeans("kmeans", x, 24, 17, {8, 1, 3, 0, 256, kGpu});
  kmeans("runs", x, 24, 9, {5, 4, 1, 0, 256, kGpu});
  kmeans("spherical", x, 24, 17, {8, 2, 3, 1, 256, kGpu});
  kmeans("drawn", x, 24, 10, {6, 2, 3, 0, 20, kGpu});
  kmeans("drawn to k", x, 24, 10, {6, 1, 3, 0, 1, kGpu});
  kmeans("one", x, 24, 1, {3, 1, 3, 0, 1000, kGpu});
  kmeans("each", rows(40, 5, 1), 5, 40, {3, 1, 3, 0, 256, kGpu});
  kmeans("narrow", rows(300, 1, 1), 1, 7, {6, 1, 3, 0, 256, kGpu});
  std::vector<float> few = rows(4, 3, 1);
  for (int i = 0; i < 6; i++) few.insert(few.end(), few.begin(), few.end());
  kmeans("empty clusters", few, 3, 9, {6, 2, 3, 0, 256, kGpu});
  kmeans("zeros", std::vector<float>(150, 0.0f), 3, 4, {4, 1, 3, 1, 256, kGpu});
}

struct Index {
  dc4j_faiss_index* handle = nullptr;
  int64_t d;
  Index(int64_t width, const char* kind, int32_t metric, int32_t device) : d(width) {
    CHECK(dc4j_faiss_index_create(d, kind, metric, device, &handle) == DC4J_OK,
          << dc4j_faiss_last_error());
    CHECK(dc4j_faiss_index_device(handle) == device);
  }
  explicit Index(const char* file) {
    CHECK(dc4j_faiss_index_load(file, &handle) == DC4J_OK, << dc4j_faiss_last_error());
    d = dc4j_faiss_index_dims(handle);
  }
  ~Index() { dc4j_faiss_index_close(handle); }

  void fill(const float* x, int64_t n) {
    CHECK(dc4j_faiss_index_train(handle, x, n, d, 2) == DC4J_OK, << dc4j_faiss_last_error());
    CHECK(dc4j_faiss_index_add(handle, x, n, d, 2) == DC4J_OK, << dc4j_faiss_last_error());
    CHECK(dc4j_faiss_index_size(handle) == n);
  }
  std::vector<int64_t> search(const float* queries, int64_t q, int64_t m) const {
    std::vector<int64_t> ids(q * m);
    std::vector<float> distances(q * m);
    CHECK(dc4j_faiss_index_search(handle, queries, q, d, m, 2, ids.data(), distances.data()) ==
              DC4J_OK,
          << dc4j_faiss_last_error());
    return ids;
  }
};

void agree(const std::vector<int64_t>& found, const std::vector<int64_t>& cpu) {
  size_t different = 0;
  for (size_t i = 0; i < cpu.size(); i++) different += found[i] != cpu[i] ? 1 : 0;
  CHECK(different <= (emulated ? 0 : cpu.size() / 50), << different << " of " << cpu.size());
}

void index(const char* kind, int32_t metric) {
  currentCase() = kind;
  const int64_t n = 700, d = 16, q = 60, m = 5;
  const std::vector<float> x = rows(n, d, 7), queries = rows(q, d, 8);
  const bool lists = kind[0] == 'I';
  const OnDevice there(x), asked(queries);
  Index cpu(d, kind, metric, kCpu), host(d, kind, metric, kGpu), resident(d, kind, metric, kGpu);
  cpu.fill(x.data(), n);
  host.fill(x.data(), n);
  crossed();
  resident.fill(there.data, n);
  CHECK(lists || crossed() <= 64);  // the first bad row
  if (lists) {
    // All of them: centres that differ in a bit give the same neighbours.
    for (const Index* each : {&cpu, &host, &resident}) {
      CHECK(dc4j_faiss_index_set(each->handle, "nprobe", 9) == DC4J_OK);
    }
    refused(dc4j_faiss_index_set(host.handle, "nprobe", 10), DC4J_INVALID_ARGUMENT, "1..9");
  } else {
    refused(dc4j_faiss_index_set(host.handle, "nprobe", 1), DC4J_INVALID_ARGUMENT, "no inverted");
  }
  const std::vector<int64_t> expected = cpu.search(queries.data(), q, m);
  for (const Index* each : {&host, &resident}) {
    agree(each->search(queries.data(), q, m), expected);
    agree(each->search(asked.data, q, m), expected);
  }
  CHECK(dc4j_faiss_index_save(resident.handle, "faiss_gpu_test.faiss") == DC4J_OK,
        << dc4j_faiss_last_error());
  const Index loaded("faiss_gpu_test.faiss");
  std::remove("faiss_gpu_test.faiss");
  CHECK(dc4j_faiss_index_device(loaded.handle) == kCpu);
  if (lists) CHECK(dc4j_faiss_index_set(loaded.handle, "nprobe", 9) == DC4J_OK);
  agree(loaded.search(queries.data(), q, m), expected);
}

/** Without DC4J_FAISS_GPU_IVF there are none. */
bool hasLists() {
  dc4j_faiss_index* made = nullptr;
  const dc4j_status status = dc4j_faiss_index_create(4, "IVF3,Flat", 1, kGpu, &made);
  dc4j_faiss_index_close(made);
  if (status != DC4J_OK) refused(status, DC4J_UNSUPPORTED, "flat indexes alone");
  return status == DC4J_OK;
}

void untrained() {
  currentCase() = "untrained";
  const auto bad = DC4J_INVALID_ARGUMENT;
  const std::vector<float> x = rows(40, 4, 2);
  const OnDevice there(x);
  const Index lists(4, "IVF30,Flat", 1, kGpu);
  refused(dc4j_faiss_index_train(lists.handle, there.data, 20, 4, 1), bad, "Number of training");
  refused(dc4j_faiss_index_train(lists.handle, x.data(), 20, 4, 1), bad, "Number of training");
  refused(dc4j_faiss_index_add(lists.handle, there.data, 40, 4, 1), bad, "not trained");
  CHECK(dc4j_faiss_index_save(lists.handle, "faiss_gpu_test.faiss") == DC4J_OK);
  CHECK(dc4j_faiss_index_is_trained(Index("faiss_gpu_test.faiss").handle) == 0);
  std::remove("faiss_gpu_test.faiss");
}

void refusals() {
  currentCase() = "refusals";
  const auto bad = DC4J_INVALID_ARGUMENT;
  std::vector<float> x = rows(40, 4, 2);
  dc4j_faiss_index* none = nullptr;
  for (const char* kind : {"PQ2", "SQ8", "HNSW8", "IVF3,PQ2", "L2norm,Flat", "PCA2,IVF3,Flat"}) {
    refused(dc4j_faiss_index_create(4, kind, 1, kGpu, &none), bad, "accepted on a CUDA device");
  }
  refused(dc4j_faiss_index_create(4, "Flat", 1, -2, &none), bad, "device is -2");
  refused(dc4j_faiss_index_create(4, "Flat", 1, 99, &none), DC4J_UNSUPPORTED, "no CUDA device 99");
  Index cpu(4, "Flat", 1, kCpu), gpu(4, "Flat", 1, kGpu);
  {
    const OnDevice there(x);
    const std::string words = "x lies in the memory of CUDA device 0, the index on the CPU";
    refused(dc4j_faiss_index_add(cpu.handle, there.data, 40, 4, 1), bad, words);
    CHECK(dc4j_faiss_index_add(gpu.handle, there.data, 40, 4, 1) == DC4J_OK);
    int64_t id = 0;
    refused(dc4j_faiss_index_search(gpu.handle, x.data(), 1, 4, 1, 1, &id, there.data), bad,
            "distances lies in the memory of CUDA device 0; accepted: host memory");
    dc4j_faiss_kmeans_options how = {3, 1, 0, 0, 256, kCpu};
    float distance[40], centroid[4];
    int32_t label[40], iterations;
    double objective, objectives[3];
    refused(dc4j_faiss_kmeans(there.data, 40, 4, 1, &how, 1, centroid, label, distance, &objective,
                              objectives, &iterations),
            bad, words);
    how.device = kGpu;
    refused(dc4j_faiss_kmeans(x.data(), 40, 4, 1, &how, 1, there.data, label, distance, &objective,
                              objectives, &iterations),
            bad, "centroids lies in");
  }
  x[7 * 4 + 2] = std::numeric_limits<float>::quiet_NaN();
  x[9 * 4] = std::numeric_limits<float>::infinity();
  refused(dc4j_faiss_index_add(gpu.handle, OnDevice(x).data, 40, 4, 1), DC4J_NOT_FINITE, "row 7");
  refused(dc4j_faiss_index_add(gpu.handle, x.data(), 40, 4, 1), DC4J_NOT_FINITE, "row 7");
  x[7 * 4 + 2] = 3e38f;
  refused(dc4j_faiss_index_add(gpu.handle, OnDevice(x).data, 40, 4, 1), bad, "row 7 of x has norm");
  CHECK(dc4j_faiss_index_size(gpu.handle) == 40);
}

}  // namespace

int main(int count, char** arguments) {
  emulated = count > 1;
  if (emulated && dlopen(arguments[1], RTLD_NOW | RTLD_GLOBAL) == nullptr) {
    std::printf("%s\n", dlerror());
    return 1;
  }
  const std::string reason = dc4j_faiss_gpu_status(kGpu);
  if (!reason.empty()) {
    std::printf("skipped: FAISS-GPU: %s\n", reason.c_str());
    return emulated ? 1 : 77;
  }
  if (dc4j_context_open("cuda", 1, &context) != DC4J_OK) {
    std::printf("FAISS uses the device, dc4j does not: %s\n", dc4j_last_error());
    return 1;
  }
  everyKmeans();
  CHECK(hasLists() || !emulated);
  for (int32_t metric : {DC4J_FAISS_L2, DC4J_FAISS_INNER_PRODUCT}) {
    index("Flat", metric);
    if (hasLists()) index("IVF9,Flat", metric);
  }
  if (hasLists()) untrained();
  refusals();
  dc4j_context_close(context);
  return finish();
}
