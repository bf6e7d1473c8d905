// Lloyd's iterations over rows on the device: the labels and centroids of the host's, and nothing
// of the rows' number crosses the bus. Copies are counted by the emulation; a GPU shows the
// results. And copies themselves, in one piece and in many.
#include <dc4j/kernels.h>
#include <dc4j/losses.h>
#include <dlfcn.h>

#include <algorithm>

#include "on_device.h"
#include "plain.h"

namespace {

constexpr int64_t kRows = 6000, kWidth = 12, kClusters = 17;

/** Bytes copied between host and device since the call before, or -1: nobody counts. */
int64_t crossed() {
  const char* named = std::getenv("DC4J_CUDA_LIBRARY");
  void* library = named == nullptr ? nullptr : dlopen(named, RTLD_NOW);
  using Count = uint64_t (*)();
  const auto count = library == nullptr
                         ? nullptr
                         : reinterpret_cast<Count>(dlsym(library, "dc4j_emulation_crossed"));
  return count == nullptr ? -1 : int64_t(count());
}

/** What an iteration reads and writes, in one place. */
struct Arrays {
  dc4j_matrix x, centroids, previous;
  int32_t* labels;
  float* distances;
  int64_t* counts;
};

struct Iteration {
  double objective;
  int64_t moved, compared;
};

Iteration iterate(const TestContext& test, dc4j_kmeans_sums* sums, Arrays& a) {
  Iteration result = {};
  const int64_t bytes = kClusters * kWidth * int64_t(sizeof(float));
  CHECK(dc4j_context_copy(test.context, a.previous.data, a.centroids.data, bytes) == DC4J_OK);
  CHECK(dc4j_kmeans_sums_update(sums, &a.x, a.labels, &a.centroids, a.counts, &result.moved) ==
            DC4J_OK,
        << dc4j_last_error());
  CHECK(dc4j_kmeans_follow(test.context, &a.x, &a.centroids, &a.previous, a.labels, a.distances,
                           &result.objective, &result.compared) == DC4J_OK,
        << dc4j_last_error());
  return result;
}

void sameAsOnHost(const TestContext& test) {
  TestMatrix x(kRows, kWidth), c(kClusters, kWidth), previous(kClusters, kWidth);
  fillGaussian(x, 1);
  CHECK(dc4j_kmeans_seed(test.context, &x.view, DC4J_SEED_KMEANS_PLUS_PLUS, 7, &c.view, nullptr) ==
            DC4J_OK,
        << dc4j_last_error());
  std::vector<int32_t> labels(kRows, -1);
  std::vector<float> distances(kRows);
  std::vector<int64_t> counts(kClusters);
  const DeviceMatrix on_x(test, x), on_c(test, c), on_previous(test, previous);
  const OnDevice<float> on_distances(test, distances);
  const OnDevice<int64_t> on_counts(test, counts);
  const OnDevice<int32_t> on_labels(test, labels);
  Arrays host = {x.view, c.view, previous.view, labels.data(), distances.data(), counts.data()};
  Arrays device = {on_x.view,        on_c.view,           on_previous.view,
                   on_labels.data(), on_distances.data(), on_counts.data()};
  dc4j_kmeans_sums* sums[2] = {};
  for (Arrays* a : {&host, &device}) {
    dc4j_kmeans_sums** of = a == &host ? &sums[0] : &sums[1];
    CHECK(dc4j_kmeans_assign(test.context, &a->x, &a->centroids, a->labels, nullptr, nullptr) ==
          DC4J_OK);
    CHECK(dc4j_kmeans_sums_begin(test.context, &a->x, kClusters, of) == DC4J_OK);
  }
  for (int iteration = 0; iteration < 6; iteration++) {
    const Iteration expected = iterate(test, sums[0], host);
    crossed();
    const Iteration got = iterate(test, sums[1], device);
    const int64_t bytes = crossed();
    if (iteration == 0) std::printf("an iteration copies %lld bytes\n", (long long)bytes);
    CHECK(bytes < 1000, << iteration << ": " << bytes << " bytes");
    CHECK(bytes != 0, << "the iteration's own numbers come back");
    CHECK(got.objective == expected.objective && got.moved == expected.moved, << iteration);
    CHECK(got.compared == expected.compared, << got.compared << " " << expected.compared);
    CHECK(on_labels.read() == labels && on_distances.read() == distances, << iteration);
    CHECK(on_counts.read() == counts && on_c.values.read() == c.values, << iteration);
  }
  for (dc4j_kmeans_sums* some : sums) dc4j_kmeans_sums_close(some);
}

std::vector<int32_t> numbers(int64_t count, int32_t first) {
  std::vector<int32_t> all(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; i++) all[i] = first + int32_t(i);
  return all;
}

/** There and back: pieces are 8 MiB on a GPU and 8 KiB where little memory is to be
 * used. One after another, so that a piece is used again while its last copy may be on its way. */
void thereAndBack(const TestContext& test) {
  const int64_t kibi = 1 << 10, most = (5 << 20) + 1;
  std::vector<int32_t> expected = numbers(most, 0);
  const OnDevice<int32_t> there(test, expected);
  int32_t first = 1;
  for (int64_t count : {int64_t{1}, 2 * kibi, 4 * kibi - 1, 4 * kibi, 4 * kibi + 1, 20 * kibi + 3,
                        4096 * kibi + 1}) {
    const std::vector<int32_t> sent = numbers(count, first);
    std::copy(sent.begin(), sent.end(), expected.begin());
    std::vector<int32_t> back(static_cast<size_t>(count));
    CHECK(dc4j_context_copy(test.context, there.data(), sent.data(), 4 * count) == DC4J_OK);
    CHECK(dc4j_context_copy(test.context, back.data(), there.data(), 4 * count) == DC4J_OK);
    CHECK(back == sent, << count);
    first += 1000;
  }
  CHECK(there.read() == expected);
  // On the device in one piece, which no pitch bounds.
  const OnDevice<int32_t> beside(test, std::vector<int32_t>(static_cast<size_t>(most), -1));
  CHECK(dc4j_context_copy(test.context, beside.data(), there.data(), 4 * most) == DC4J_OK,
        << dc4j_last_error());
  CHECK(beside.read() == expected);
}

/** Rows with gaps: add_scaled takes both matrices to the device and brings one back, whose gaps are
 * untouched. */
void rowsWithGaps(const TestContext& test) {
  for (int64_t rows : {3, 400, 3000}) {
    TestMatrix x(rows, 37, 39), out(rows, 37, 42);
    fillGaussian(x, 1);
    fillGaussian(out, 2);
    const std::vector<float> before = out.values;
    CHECK(dc4j_add_scaled(test.context, &x.view, 0.3, &out.view) == DC4J_OK, << dc4j_last_error());
    for (int64_t i = 0; i < rows; i++) {
      for (int64_t t = 0; t < 42; t++) {
        const int64_t at = i * 42 + t;
        const double sum = before[at] + 0.3 * double(x.row(i)[t % 37]);
        CHECK(out.values[at] == (t < 37 ? float(sum) : before[at]),
              << rows << " " << i << " " << t);
      }
    }
  }
}

}  // namespace

int main() {
  onEveryBackend([](const TestContext& test) {
    if (!test.is_cuda) return;
    sameAsOnHost(test);
    thereAndBack(test);
    rowsWithGaps(test);
  });
  return finish();
}
