// FAISS's k-means and PCA: against plain fp64 loops, degenerate sets, bad arguments.
#include <dc4j/faiss.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "faiss/faiss_fixture.h"

static void kmeans() {
  currentCase() = "kmeans";
  const int64_t n = 2000, d = 19, k = 30;
  const std::vector<float> x = rows(n, d, 5);
  double single = 0;
  for (int32_t redo : {1, 5}) {
    const Clusters found(x, d, k, {12, redo, 3, 0, 256, kCpu}, 2);
    CHECK(found.status == DC4J_OK, << dc4j_faiss_last_error());
    CHECK(found.iterations == 12);
    for (int i = 1; i < 12; i++) {
      CHECK(found.objectives[i] <= found.objectives[i - 1] * (1 + 1e-5), << i);
    }
    CHECK(found.objective <= found.objectives[11] * (1 + 1e-5));
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
      double best = 1e300;
      for (int64_t j = 0; j < k; j++) {
        double distance = 0;
        for (int64_t t = 0; t < d; t++) {
          distance += std::pow(double(x[i * d + t]) - found.centroids[j * d + t], 2);
        }
        if (j == found.labels[i]) CHECK(std::fabs(distance - found.distances[i]) < 1e-4);
        best = std::min(best, distance);
      }
      CHECK(found.distances[i] <= best + 1e-4, << i);
      sum += best;
    }
    CHECK(std::fabs(sum - found.objective) < 1e-4 * sum);
    if (redo == 1) single = found.objective;
    // The best of the runs by FAISS's last sum; one more update may change the order a little.
    if (redo > 1) CHECK(found.objective <= single * 1.001, << found.objective << " " << single);
  }
}

static void degenerate() {
  currentCase() = "degenerate";
  const std::vector<float> x = rows(40, 3, 9);
  for (int64_t k : {1, 39, 40}) {
    const Clusters found(x, 3, k, {4, 1, 0, 0, 256, kCpu}, 1);
    CHECK(found.status == DC4J_OK && found.iterations >= 1, << dc4j_faiss_last_error());
    for (int32_t label : found.labels) CHECK(label >= 0 && label < k);
    if (k == 40) CHECK(found.objective < 1e-4, << found.objective);
  }
  std::vector<float> equal(50 * 3, 0.5f);
  const Clusters one_point(equal, 3, 7, {5, 2, 0, 0, 256, kCpu}, 2);
  CHECK(one_point.status == DC4J_OK && one_point.objective < 1e-3);
  std::vector<float> zeros(50 * 3, 0.0f);
  CHECK(Clusters(zeros, 3, 7, {5, 1, 0, 1, 256, kCpu}, 2).status == DC4J_OK);
  std::vector<float> far = rows(50, 3, 1);
  for (float& value : far) value *= 0x1p60f;
  const Clusters huge(far, 3, 7, {5, 1, 0, 0, 256, kCpu}, 2);
  for (int32_t label : huge.labels) CHECK(label >= 0 && label < 7);
  const Clusters few(x, 3, 5, {5, 1, 0, 0, 1, kCpu}, 2);  // FAISS draws 5 rows for 5 centroids
  CHECK(few.status == DC4J_OK && few.iterations == 1, << few.iterations);
}

static void badArguments() {
  currentCase() = "arguments";
  const auto bad = DC4J_INVALID_ARGUMENT;
  std::vector<float> x = rows(10, 2, 4);
  refused(Clusters(x, 2, 0, {5, 1, 0, 0, 256, kCpu}, 1).status, bad, "k is 0; accepted: 1..10");
  refused(Clusters(x, 2, 11, {5, 1, 0, 0, 256, kCpu}, 1).status, bad, "k is 11; accepted: 1..10");
  refused(Clusters(x, 2, 3, {0, 1, 0, 0, 256, kCpu}, 1).status, bad, "niter is 0");
  refused(Clusters(x, 2, 3, {5, 65, 0, 0, 256, kCpu}, 1).status, bad, "nredo is 65");
  refused(Clusters(x, 2, 3, {5, 1, -1, 0, 256, kCpu}, 1).status, bad, "seed is -1");
  refused(Clusters(x, 2, 3, {5, 1, 0, 0, 0, kCpu}, 1).status, bad, "max_points_per_centroid is 0");
  refused(Clusters(x, 2, 3, {5, 1, 0, 0, 256, kCpu}, -1).status, bad, "threads is -1");
  x[13] = -std::numeric_limits<float>::infinity();
  refused(Clusters(x, 2, 3, {5, 1, 0, 0, 256, kCpu}, 1).status, DC4J_NOT_FINITE, "row 6");
  refused(dc4j_faiss_kmeans(x.data(), 10, 2, 3, nullptr, 1, nullptr, nullptr, nullptr, nullptr,
                            nullptr, nullptr),
          bad, "options is NULL");
}

/** Whitened scores have scatter 1 and are uncorrelated; plain ones keep the rows' distances. */
static void pca(int64_t n, int64_t d, int64_t components, bool whiten) {
  currentCase() = "pca " + std::to_string(n) + "x" + std::to_string(d);
  std::vector<float> x = rows(n, d, 8);
  for (int64_t i = 0; i < n; i++) {
    for (int64_t t = 0; t < d; t++) x[i * d + t] = x[i * d + t] * (1 + t % 5) + 3;
  }
  dc4j_faiss_pca* trained = nullptr;
  CHECK(dc4j_faiss_pca_train(x.data(), n, d, components, whiten, 2, &trained) == DC4J_OK,
        << dc4j_faiss_last_error());
  CHECK(dc4j_faiss_pca_dims(trained) == d && dc4j_faiss_pca_components(trained) == components);
  std::vector<float> out(n * components), eigenvalues(components);
  CHECK(dc4j_faiss_pca_apply(trained, x.data(), n, d, 2, out.data()) == DC4J_OK);
  CHECK(dc4j_faiss_pca_eigenvalues(trained, eigenvalues.data()) == DC4J_OK);
  for (int64_t a = 0; a < components; a++) {
    for (int64_t b = 0; b <= a; b++) {
      double product = 0;
      for (int64_t i = 0; i < n; i++)
        product += double(out[i * components + a]) * out[i * components + b];
      const double expected = a != b ? 0 : whiten ? 1 : eigenvalues[a];
      const double scale = whiten ? 1 : eigenvalues[0];
      CHECK(std::fabs(product - expected) < 2e-3 * scale, << a << "," << b << ": " << product);
    }
    if (a > 0) CHECK(eigenvalues[a] <= eigenvalues[a - 1]);
  }
  dc4j_faiss_pca_close(trained);
}

static void badPca() {
  currentCase() = "bad pca";
  const auto bad = DC4J_INVALID_ARGUMENT;
  dc4j_faiss_pca* trained = nullptr;
  std::vector<float> x = rows(10, 4, 6), out(40);
  refused(dc4j_faiss_pca_train(x.data(), 10, 4, 5, 0, 1, &trained), bad, "accepted: 1..4");
  refused(dc4j_faiss_pca_train(x.data(), 4, 4, 4, 0, 1, &trained), bad, "accepted: 1..3");
  refused(dc4j_faiss_pca_train(x.data(), 1, 4, 1, 0, 1, &trained), bad, "n is 1");
  refused(dc4j_faiss_pca_train(x.data(), 10, 0, 1, 0, 1, &trained), bad, "d is 0");
  std::vector<float> flat(40, 2.0f);
  refused(dc4j_faiss_pca_train(flat.data(), 10, 4, 2, 1, 1, &trained), DC4J_NUMERIC, "rank");
  CHECK(trained == nullptr);
  CHECK(dc4j_faiss_pca_train(x.data(), 10, 4, 2, 0, 1, &trained) == DC4J_OK);
  refused(dc4j_faiss_pca_apply(trained, x.data(), 10, 3, 1, out.data()), bad, "d is 3");
  x[5] = std::numeric_limits<float>::quiet_NaN();
  refused(dc4j_faiss_pca_apply(trained, x.data(), 10, 4, 1, out.data()), DC4J_NOT_FINITE, "row 1");
  refused(dc4j_faiss_pca_apply(nullptr, x.data(), 10, 4, 1, out.data()), bad, "pca is NULL");
  refused(dc4j_faiss_pca_eigenvalues(trained, nullptr), bad, "eigenvalues is NULL");
  dc4j_faiss_pca_close(trained);
  dc4j_faiss_pca_close(nullptr);
}

int main() {
  kmeans();
  degenerate();
  badArguments();
  for (bool whiten : {false, true}) {
    pca(500, 12, 12, whiten);
    pca(300, 33, 7, whiten);
    pca(20, 33, 10, whiten);  // fewer rows than columns
  }
  badPca();
  return finish();
}
