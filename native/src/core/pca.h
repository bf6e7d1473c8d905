// Streaming PCA with whitening: shifted scatter of all rows seen, then the leading eigenvectors.
//
// y_i = x_i - shift (shift: mean of the first non-empty block's first rows, in fp32), S = sum y
// y^T, s = sum y; mean = shift + s / n, C = (S - s s^T / n) / (n - 1). The products are the
// backend's (covariance_add); what is added up across blocks and the solve are fp64. O(n d^2 +
// d^3), memory 8 d^2 bytes (+ as much again while solving).
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "backend/table.h"
#include "core/kept_array.h"

namespace dc4j {

class Pca {
 public:
  /** @param workers of the context whose kernels add rows: the scatter lies where they run */
  Pca(Workers& workers, int64_t dims, Precision precision);
  int64_t dims() const { return dims_; }

  /** The rows of the next block that add() itself looks at; none but in the first block. */
  ConstMatrix firstRows(ConstMatrix x) const;

  /** A block with NaN or infinity is refused and changes nothing.
   *  @param first firstRows(x), on the host */
  void add(const KernelTable& kernels, Workers& workers, ConstMatrix x, ConstMatrix first);

  /** See dc4j_pca_finish. Rows may be added, and finish called again, afterwards. */
  void finish(const KernelTable& kernels, Workers& workers, int64_t components, double floor_ratio,
              Matrix mean, Matrix transform, double* eigenvalues, int64_t* rank) const;

 private:
  struct Free {
    void operator()(double* memory) const;
  };
  using Doubles = std::unique_ptr<double[], Free>;
  static Doubles zeros(int64_t count);
  /** The covariance matrix, lower triangle of column-major storage. */
  Doubles covariance(const double* sum) const;

  int64_t dims_, rows_ = 0;
  Precision precision_;
  std::vector<float> shift_;
  KeptArray<double> sum_, scatter_;
};

}  // namespace dc4j
