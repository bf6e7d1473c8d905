#include <dc4j/faiss.h>
#include <faiss/VectorTransform.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "faiss/arguments.h"
#include "faiss/guard.h"
#include "faiss/threads.h"

struct dc4j_faiss_pca {
  ::faiss::PCAMatrix matrix;
};

namespace dc4j {
namespace {

// FAISS hands the number of rows to BLAS, which takes 32 bits.
constexpr int64_t kApplyRows = 1 << 20;

/** Whitening divides by square roots of eigenvalues that FAISS solved in fp32. */
void requireUsable(const ::faiss::PCAMatrix& matrix, int64_t components, bool whiten) {
  for (int64_t i = 0; i < components; i++) {
    const float value = matrix.eigenvalues[i];
    if (!std::isfinite(value) || (whiten && !(value > 0))) {
      throw Error(DC4J_NUMERIC, text("eigenvalue ", i, " is ", value,
                                     "; ask for fewer components than the rank of the rows"));
    }
  }
  for (const float value : matrix.A) {
    if (!std::isfinite(value)) throw Error(DC4J_NUMERIC, "the transform is not finite");
  }
}

const dc4j_faiss_pca& open(const dc4j_faiss_pca* pca) {
  requireFaissPointer(pca, "pca");
  return *pca;
}

}  // namespace
}  // namespace dc4j

using namespace dc4j;

extern "C" {

dc4j_status dc4j_faiss_pca_train(const float* x, int64_t n, int64_t d, int64_t components,
                                 int32_t whiten, int32_t threads, dc4j_faiss_pca** out) {
  return faissGuard([&] {
    requireFaissPointer(out, "out");
    requireFaissRange("d", d, 1, INT16_MAX);
    requireFaissRange("n", n, 2, INT32_MAX);
    requireFaissRange("components", components, 1, std::min(d, n - 1));
    requireFaissRows(x, "x", n, d);
    const FaissThreads scope(threads);
    std::unique_ptr<dc4j_faiss_pca> trained(new dc4j_faiss_pca{::faiss::PCAMatrix(
        static_cast<int>(d), static_cast<int>(components), whiten != 0 ? -0.5f : 0.0f)});
    trained->matrix.train(n, x);
    requireUsable(trained->matrix, components, whiten != 0);
    *out = trained.release();
  });
}

void dc4j_faiss_pca_close(dc4j_faiss_pca* pca) { delete pca; }

int64_t dc4j_faiss_pca_dims(const dc4j_faiss_pca* pca) {
  return pca == nullptr ? 0 : pca->matrix.d_in;
}

int64_t dc4j_faiss_pca_components(const dc4j_faiss_pca* pca) {
  return pca == nullptr ? 0 : pca->matrix.d_out;
}

dc4j_status dc4j_faiss_pca_eigenvalues(const dc4j_faiss_pca* pca, float* eigenvalues) {
  return faissGuard([&] {
    const ::faiss::PCAMatrix& matrix = open(pca).matrix;
    requireFaissPointer(eigenvalues, "eigenvalues");
    std::copy_n(matrix.eigenvalues.begin(), matrix.d_out, eigenvalues);
  });
}

dc4j_status dc4j_faiss_pca_apply(const dc4j_faiss_pca* pca, const float* x, int64_t n, int64_t d,
                                 int32_t threads, float* out) {
  return faissGuard([&] {
    const ::faiss::PCAMatrix& matrix = open(pca).matrix;
    requireFaissRange("d", d, matrix.d_in, matrix.d_in);
    requireFaissRows(x, "x", n, d);
    requireFaissPointer(out, "out", n);
    const FaissThreads scope(threads);
    for (int64_t from = 0; from < n; from += kApplyRows) {
      matrix.apply_noalloc(std::min(kApplyRows, n - from), x + from * d, out + from * matrix.d_out);
    }
  });
}

}  // extern "C"
