#include "core/pca.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "core/eigen_solve.h"
#include "core/error.h"

namespace dc4j {
namespace {

constexpr int64_t kMaxDims = 1 << 20;
constexpr int64_t kShiftRows = 4096;       // any point near the mean will do
constexpr double kLibraryFloor = 0x1p-24;  // times dims, times the largest eigenvalue

/** shift[t] = mean of column t, from the first row's value on: exact where a column is constant. */
void meanOf(Workers& workers, ConstMatrix x, float* shift) {
  workers.forRows(x.cols, 256, [&](int64_t begin, int64_t end, int) {
    double sum[256] = {};
    const float* first = x.row(0);
    for (int64_t i = 1; i < x.rows; i++) {
      const float* row = x.row(i);
      for (int64_t t = begin; t < end; t++) {
        sum[t - begin] += static_cast<double>(row[t]) - static_cast<double>(first[t]);
      }
    }
    for (int64_t t = begin; t < end; t++) {
      shift[t] = static_cast<float>(first[t] + sum[t - begin] / static_cast<double>(x.rows));
    }
  });
}

/** +1 or -1, so that the entry of largest magnitude (the lowest such) becomes positive. */
double signOf(const double* vector, int64_t dims) {
  int64_t largest = 0;
  for (int64_t t = 1; t < dims; t++) {
    if (std::fabs(vector[t]) > std::fabs(vector[largest])) largest = t;
  }
  return vector[largest] < 0 ? -1 : 1;
}

}  // namespace

void Pca::Free::operator()(double* memory) const { std::free(memory); }

Pca::Doubles Pca::zeros(int64_t count) {
  // calloc: pages are had from the system when first written, not all at pca_begin.
  Doubles memory(static_cast<double*>(std::calloc(static_cast<size_t>(count), sizeof(double))));
  if (!memory) {
    throw Error(DC4J_OUT_OF_MEMORY, text("no memory for a PCA: ", count * 8, " bytes"));
  }
  preferHugePages(memory.get(), static_cast<size_t>(count) * sizeof(double));
  return memory;
}

static int64_t checkedDims(int64_t dims) {
  if (dims < 1 || dims > kMaxDims) {
    invalid(text("dims is ", dims, "; accepted: 1..", kMaxDims));
  }
  return dims;
}

Pca::Pca(Workers& workers, int64_t dims, Precision precision)
    : dims_(checkedDims(dims)),
      precision_(precision),
      shift_(static_cast<size_t>(dims)),
      sum_(workers, dims),
      scatter_(workers, dims * dims, 0, Touched::densely) {}

ConstMatrix Pca::firstRows(ConstMatrix x) const {
  return {x.data, rows_ == 0 ? std::min(x.rows, kShiftRows) : 0, x.cols, x.stride};
}

void Pca::add(const KernelTable& kernels, Workers& workers, ConstMatrix x, ConstMatrix first) {
  if (x.rows == 0) return;
  if (rows_ == 0) meanOf(workers, first, shift_.data());
  kernels.covariance_add(workers, x, shift_.data(), precision_, scatter_.data(), sum_.data());
  rows_ += x.rows;
}

Pca::Doubles Pca::covariance(const double* sum) const {
  Doubles matrix = zeros(dims_ * dims_);
  scatter_.write(matrix.get(), dims_ * dims_);
  const double n = static_cast<double>(rows_);
  double finite = 0;
  for (int64_t a = 0; a < dims_; a++) {
    for (int64_t b = a; b < dims_; b++) {
      const double value = (matrix[a * dims_ + b] - sum[a] * (sum[b] / n)) / (n - 1);
      matrix[a * dims_ + b] = value;
      finite += value * 0;
    }
  }
  if (!(finite == 0)) throw Error(DC4J_NUMERIC, "the covariance overflows");
  return matrix;
}

void Pca::finish(const KernelTable& kernels, Workers& workers, int64_t components,
                 double floor_ratio, Matrix mean, Matrix transform, double* eigenvalues,
                 int64_t* rank) const {
  if (rows_ < 2) invalid(text("a PCA needs at least 2 rows, ", rows_, " were added"));
  std::vector<double> sum(static_cast<size_t>(dims_));
  sum_.write(sum.data(), dims_);
  Eigenpairs leading;
  if (!leadingEigenpairs(kernels, workers, covariance(sum.data()).get(), dims_, components,
                         leading)) {
    leadingEigenpairsByBisection(covariance(sum.data()).get(), dims_, components, leading);
  }
  const double largest = leading.values[0];
  if (!(largest > 0)) throw Error(DC4J_NUMERIC, "all rows are equal: the covariance has rank 0");
  const double library_floor = static_cast<double>(dims_) * kLibraryFloor * largest;
  const double floor = std::max(library_floor, floor_ratio * largest);
  *rank = 0;
  for (int64_t c = 0; c < components; c++) {
    const double value = leading.values[c];
    const double* vector = leading.vectors.data() + c * dims_;
    eigenvalues[c] = value;
    if (value > library_floor) ++*rank;
    const double scale = signOf(vector, dims_) / std::sqrt(std::max(value, floor));
    for (int64_t t = 0; t < dims_; t++) {
      transform.row(c)[t] = static_cast<float>(vector[t] * scale);
    }
  }
  for (int64_t t = 0; t < dims_; t++) {
    mean.data[t] = static_cast<float>(shift_[t] + sum[t] / static_cast<double>(rows_));
  }
}

}  // namespace dc4j
