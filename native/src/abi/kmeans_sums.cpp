#include <dc4j/kernels.h>

#include <memory>
#include <utility>

#include "abi/guard.h"
#include "core/checks.h"
#include "core/fixed_point.h"
#include "core/kept_array.h"

namespace {

/** What is kept from update to update; at first of no row. */
struct Kept {
  dc4j::KeptArray<int64_t> sums, counts;
  dc4j::KeptArray<int32_t> labels;  // of the last update
  Kept(dc4j::Workers& workers, int64_t rows, int64_t cols, int64_t k)
      : sums(workers, k * cols), counts(workers, k), labels(workers, rows, 0xff) {}
};

}  // namespace

struct dc4j_kmeans_sums {
  dc4j_context* context;
  int64_t rows, cols, clusters;
  int shift;
  std::unique_ptr<Kept> kept;  // NULL after an update that failed halfway
  dc4j_kmeans_sums(dc4j_context* opened, dc4j::ConstMatrix x, int64_t k, float largest)
      : context(opened),
        rows(x.rows),
        cols(x.cols),
        clusters(k),
        shift(dc4j::fixedPointShift(x.rows, largest)),
        kept(makeKept()) {}
  std::unique_ptr<Kept> makeKept() const {
    return std::make_unique<Kept>(context->workers, rows, cols, clusters);
  }
};

using namespace dc4j;

static void requireClusterCount(int64_t k) {
  if (k < 1 || k > INT32_MAX) invalid(text("k is ", k, "; accepted: 1..", INT32_MAX));
}

extern "C" {

dc4j_status dc4j_kmeans_sums_begin(dc4j_context* context, const dc4j_matrix* x, int64_t k,
                                   dc4j_kmeans_sums** out) {
  return guardOn(context, [&](const KernelTable& kernels, Workers& workers) {
    requirePointer(out, "out");
    *out = nullptr;
    const ConstMatrix rows = input(workers, x, "x");
    requireClusterCount(k);
    float largest = 0;
    kernels.largest_magnitude(workers, rows, "x", &largest);
    *out = new dc4j_kmeans_sums(context, rows, k, largest);
  });
}

dc4j_status dc4j_kmeans_sums_update(dc4j_kmeans_sums* sums, const dc4j_matrix* x,
                                    const int32_t* labels, dc4j_matrix* centroids, int64_t* counts,
                                    int64_t* moved) {
  return guard([&] {
    if (sums == nullptr) invalid("sums is NULL");
    Workers& workers = sums->context->workers;
    const Turn turn(*sums->context);
    const ConstMatrix rows = input(workers, x, "x");
    const Matrix means = output(workers, centroids, "centroids");
    const int64_t k = sums->clusters;
    requireShape(rows, "x", sums->rows, sums->cols);
    requireShape(means, "centroids", k, sums->cols);
    requirePointer(labels, "labels", rows.rows);
    requirePointer(counts, "counts");
    onHost(workers, counts, "counts");  // throws where it is on another device
    requirePointer(moved, "moved");
    requireDisjoint(rows, "x", means, "centroids");
    requireLabels(workers, labels, rows.rows, -1, k);
    const KernelTable& kernels = sums->context->backend.kernels;
    // Taken out until all is done: what fails on the way may have moved some rows and not others.
    std::unique_ptr<Kept> kept = std::move(sums->kept);
    if (kept == nullptr) kept = sums->makeKept();
    kernels.kmeans_move(workers, rows, kept->labels.data(), labels, k, sums->shift,
                        kept->sums.data(), kept->counts.data(), moved);
    kept->labels.assign(labels, rows.rows);
    kept->counts.write(counts, k);
    kernels.kmeans_means(workers, kept->sums.data(), kept->counts.data(), sums->shift, means);
    sums->kept = std::move(kept);
  });
}

void dc4j_kmeans_sums_close(dc4j_kmeans_sums* sums) { delete sums; }

}  // extern "C"
