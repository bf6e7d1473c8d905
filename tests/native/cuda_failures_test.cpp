// Memory that is not to be had in the middle of a call: the call says so, and what follows is as if
// it had not been made. Every allocation of a call fails once.
#include <dc4j/kernels.h>
#include <dc4j/losses.h>

#include <functional>

#include "on_device.h"
#include "plain.h"

namespace {

constexpr int64_t kRows = 1200, kWidth = 16, kClusters = 5;

/** Hands out another context's memory, but not at one of its turns. */
struct Failing {
  dc4j_context* owner;
  int turn = 0, fails_at = -1;
  std::vector<std::pair<void*, int64_t>> used = {};  // maybe, by what is still queued
};

void* allocate(int64_t bytes, void*, void* owner) {
  auto* from = static_cast<Failing*>(owner);
  void* memory = nullptr;
  if (from->turn++ == from->fails_at) return nullptr;
  dc4j_context_alloc(from->owner, bytes, &memory);
  return memory;
}
void release(void* memory, int64_t bytes, void*, void* owner) {
  static_cast<Failing*>(owner)->used.push_back({memory, bytes});
}

/** Runs `call` with every allocation failing in turn; `after` is what must hold once it did. */
void everyTurn(const TestContext& test, const char* what, const std::function<dc4j_status()>& call,
               const std::function<void(int)>& after) {
  const TestContext other = openContext("cuda", "", 1);
  int failed = 0;
  for (int at = 0;; at++) {
    Failing failing = {other.context, 0, at};
    CHECK(dc4j_context_use_allocator(test.context, allocate, release, &failing) == DC4J_OK);
    const dc4j_status status = call();
    CHECK(dc4j_context_use_allocator(test.context, nullptr, nullptr, nullptr) == DC4J_OK);
    for (const auto& [memory, bytes] : failing.used) {
      dc4j_context_free(other.context, memory, bytes);
    }
    if (failing.turn <= at) {
      CHECK(status == DC4J_OK, << what << " " << dc4j_last_error());
      break;
    }
    failed++;
    CHECK(status == DC4J_OUT_OF_MEMORY, << what << " " << at << ": " << status);
    after(at);
  }
  CHECK(failed > 0, << what);
  dc4j_context_close(other.context);
}

struct Sums {
  TestMatrix x{kRows, kWidth}, means{kClusters, kWidth}, expected{kClusters, kWidth};
  std::vector<int32_t> labels = std::vector<int32_t>(kRows), changed = labels;
  std::vector<int64_t> counts = std::vector<int64_t>(kClusters), wanted = counts;
  int64_t moved = 0;
  Sums() {
    fillGaussian(x, 1);
    for (int64_t i = 0; i < kRows; i++) {
      labels[size_t(i)] = int32_t(i % kClusters);
      changed[size_t(i)] = int32_t(i * 7 / 3 % kClusters);
    }
  }
};

void keptSums(const TestContext& test) {
  Sums s;
  dc4j_kmeans_sums* sums = nullptr;
  CHECK(dc4j_kmeans_sums_begin(test.context, &s.x.view, kClusters, &sums) == DC4J_OK);
  const auto update = [&](const std::vector<int32_t>& labels) {
    return dc4j_kmeans_sums_update(sums, &s.x.view, labels.data(), &s.means.view, s.counts.data(),
                                   &s.moved);
  };
  CHECK(update(s.labels) == DC4J_OK);
  CHECK(dc4j_kmeans_update(test.context, &s.x.view, s.changed.data(), &s.expected.view,
                           s.wanted.data()) == DC4J_OK);
  everyTurn(
      test, "kmeans_sums_update", [&] { return update(s.changed); },
      [&](int at) {
        CHECK(update(s.changed) == DC4J_OK, << dc4j_last_error());
        CHECK(s.counts == s.wanted, << at);
        CHECK(s.means.values == s.expected.values, << at);
        CHECK(update(s.labels) == DC4J_OK);
      });
  dc4j_kmeans_sums_close(sums);
}

/** Kernels that keep nothing: the next call is right. */
void others(const TestContext& test) {
  TestMatrix x(300, kWidth), c(kClusters, kWidth), few(8, kWidth);
  fillGaussian(x, 1);
  fillGaussian(c, 2);
  fillGaussian(few, 3);
  std::vector<int32_t> labels(300), expected(300);
  const auto assign = [&] {
    return dc4j_kmeans_assign(test.context, &x.view, &c.view, labels.data(), nullptr, nullptr);
  };
  CHECK(assign() == DC4J_OK);
  expected = labels;
  everyTurn(test, "kmeans_assign", assign, [&](int at) {
    std::fill(labels.begin(), labels.end(), -7);
    CHECK(assign() == DC4J_OK && labels == expected, << at);
  });
  std::vector<int64_t> ids(8 * 3), neighbours;
  const auto nearest = [&] {
    return dc4j_nearest(test.context, &few.view, &x.view, 3, nullptr, ids.data(), nullptr);
  };
  CHECK(nearest() == DC4J_OK);
  neighbours = ids;
  everyTurn(test, "nearest", nearest, [&](int at) {
    std::fill(ids.begin(), ids.end(), -7);
    CHECK(nearest() == DC4J_OK && ids == neighbours, << at);
  });
  TestMatrix memory(40, 256), rows(3, 256), gradient(3, 256);  // wide enough for tensor cores
  fillGaussian(memory, 4);
  fillGaussian(rows, 5);
  std::vector<int32_t> targets(3, 3);
  double loss = 0, right = 0;
  const auto nce = [&] {
    return dc4j_info_nce(test.context, &rows.view, &memory.view, targets.data(), 0.5,
                         DC4J_PRECISION_FAST, &gradient.view, &loss);
  };
  CHECK(nce() == DC4J_OK, << dc4j_last_error());
  right = loss;
  everyTurn(test, "info_nce", nce,
            [&](int at) { CHECK(nce() == DC4J_OK && loss == right, << at); });
}

/** An allocator that calls the context it serves is told so instead of waiting for itself. */
void selfCalls(const TestContext& test) {
  static dc4j_status inner;
  const auto asks = [](int64_t, void*, void* owner) -> void* {
    int64_t bytes = 0;
    inner = dc4j_context_resident_bytes(static_cast<dc4j_context*>(owner), &bytes);
    return nullptr;
  };
  TestMatrix x(9, 4);
  fillGaussian(x, 1);
  CHECK(dc4j_context_use_allocator(test.context, asks, release, test.context) == DC4J_OK);
  CHECK(dc4j_normalize_rows(test.context, &x.view, &x.view) == DC4J_OUT_OF_MEMORY);
  CHECK(inner == DC4J_INVALID_ARGUMENT);
  CHECK(dc4j_context_use_allocator(test.context, nullptr, nullptr, nullptr) == DC4J_OK);
  CHECK(dc4j_normalize_rows(test.context, &x.view, &x.view) == DC4J_OK, << dc4j_last_error());
}

}  // namespace

int main() {
  setenv("DC4J_CUDA_MEMORY", "120000", 0);  // matrices in chunks
  onEveryBackend([](const TestContext& test) {
    if (!test.is_cuda) return;
    keptSums(test);
    others(test);
    selfCalls(test);
  });
  return finish();
}
