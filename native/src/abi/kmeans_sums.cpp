#include <dc4j/kernels.h>

#include <vector>

#include "abi/guard.h"
#include "core/checks.h"
#include "core/fixed_point.h"

struct dc4j_kmeans_sums {
  dc4j_context* context;
  int64_t rows, cols;
  int shift;
  std::vector<int64_t> sums, counts;
  std::vector<int32_t> labels;  // of the last update
};

using namespace dc4j;

static void requireClusterCount(int64_t k) {
  if (k < 1 || k > INT32_MAX) invalid(text("k is ", k, "; accepted: 1..", INT32_MAX));
}

static void writeMeans(const dc4j_kmeans_sums& sums, Matrix centroids) {
  const double unit = std::ldexp(1.0, -sums.shift);
  for (int64_t j = 0; j < centroids.rows; j++) {
    const int64_t count = sums.counts[j];
    for (int64_t t = 0; t < centroids.cols && count > 0; t++) {
      centroids.row(j)[t] = fixedPointMean(sums.sums[j * sums.cols + t], unit, count);
    }
  }
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
    const auto n = static_cast<size_t>(rows.rows), clusters = static_cast<size_t>(k);
    *out = new dc4j_kmeans_sums{context,
                                rows.rows,
                                rows.cols,
                                fixedPointShift(rows.rows, largest),
                                std::vector<int64_t>(clusters * static_cast<size_t>(rows.cols)),
                                std::vector<int64_t>(clusters),
                                std::vector<int32_t>(n, -1)};
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
    const auto k = static_cast<int64_t>(sums->counts.size());
    requireShape(rows, "x", sums->rows, sums->cols);
    requireShape(means, "centroids", k, sums->cols);
    requirePointer(labels, "labels", rows.rows);
    requirePointer(counts, "counts");
    requirePointer(moved, "moved");
    requireDisjoint(rows, "x", means, "centroids");
    requireLabels(workers, labels, rows.rows, -1, k);
    *moved = 0;
    const HostArray<int32_t> to(workers, labels, rows.rows, "labels");
    for (int64_t i = 0; i < rows.rows; i++) *moved += to[i] != sums->labels[i];
    sums->context->backend.kernels.kmeans_move(workers, rows, sums->labels.data(), labels, k,
                                               sums->shift, sums->sums.data(), sums->counts.data());
    std::copy(to.data(), to.data() + rows.rows, sums->labels.begin());
    writeArray(workers, counts, sums->counts.data(), k, "counts");
    HostMatrix to_means(workers, means, "centroids");
    writeMeans(*sums, to_means.view());
    to_means.write();
  });
}

void dc4j_kmeans_sums_close(dc4j_kmeans_sums* sums) { delete sums; }

}  // extern "C"
