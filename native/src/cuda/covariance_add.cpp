// scatter += sum_i y_i y_i^T (upper triangle), sum += sum_i y_i, y = x - shift. x [n x d], scatter
// [d x d]; n d^2 / 2 fp32 multiply-adds by cuBLAS (never TF32) over blocks of kBlockRows rows, fp64
// from there on. y is fl((x - shift) 2^-e) with 2^e above the block's largest |x - shift|, so that
// no square leaves fp32; with Precision::fast the factors are bf16(y), the sum keeps y. Blocks are
// counted from the first row, however the rows arrive: the same bits for any chunk. A block with
// NaN or infinity changes nothing. Judge: reference/covariance_add.cpp, within fp32 (bf16) rounding
// of the products.
#include <algorithm>

#include "cuda/arguments.h"
#include "cuda/covariance_parts.h"
#include "cuda/row_chunks.h"
#include "cuda/slots.h"

namespace dc4j {
namespace cuda {
namespace {

/** Products of fp32 that are added in fp32. */
constexpr int64_t kBlockRows = 512;
/** Columns of a product: of the lower triangle only what shares a panel with the diagonal is made.
 */
constexpr int64_t kPanel = 1024;

/** Adds up what a call brings, apart from what was there before. */
class Scatter {
 public:
  Scatter(CudaState& state, int64_t d, const float* shift, bool coarse)
      : state_(state),
        d_(d),
        shift_(shift),
        coarse_(coarse),
        waiting_(state, kBlockRows * d),
        shifted_(state, kBlockRows * d),
        rounded_(state, coarse ? kBlockRows * d : 0),
        products_(state, d * d),
        largest_(state, 1),
        scatter_(state, d * d),
        sum_(state, d) {
    scatter_.fill(0);
    sum_.fill(0);
  }

  /** Rows on the device that follow those of the call before. */
  void add(ConstMatrix x) {
    for (int64_t begin = 0; begin < x.rows;) {
      const int64_t rows = std::min(kBlockRows - waiting_rows_, x.rows - begin);
      const ConstMatrix some = {x.row(begin), rows, x.cols, x.stride};
      begin += rows;
      if (rows == kBlockRows) {
        addBlock(some);
        continue;
      }
      const auto width = static_cast<size_t>(d_) * sizeof(float);
      check(cudaMemcpy2DAsync(waiting_.data() + waiting_rows_ * d_, width, some.data,
                              static_cast<size_t>(x.stride) * sizeof(float), width,
                              static_cast<size_t>(rows), cudaMemcpyDefault, state_.stream()),
            "collecting rows");
      waiting_rows_ += rows;
      if (waiting_rows_ == kBlockRows) addWaiting();
    }
  }

  /** The last rows, then all of it to where it belongs. */
  void finish(double* scatter, double* sum) {
    addWaiting();
    addInto(state_, scatter_.data(), d_, d_, scatter);
    addInto(state_, sum_.data(), 1, d_, sum);
  }

 private:
  void addWaiting() {
    if (waiting_rows_ > 0) addBlock({waiting_.data(), waiting_rows_, d_, d_});
    waiting_rows_ = 0;
  }

  void addBlock(ConstMatrix x) {
    shiftRows(state_, {x, shift_, largest_.data(), shifted_.data(),
                       coarse_ ? rounded_.data() : nullptr, sum_.data()});
    const Element element = coarse_ ? Element::bf16 : Element::fp32;
    const auto* factors = coarse_ ? reinterpret_cast<const char*>(rounded_.data())
                                  : reinterpret_cast<const char*>(shifted_.data());
    const int64_t bytes = coarse_ ? 2 : 4;
    // Row-major rows are the columns of what cuBLAS sees; the product is symmetric.
    for (int64_t first = 0; first < d_; first += kPanel) {
      const int64_t columns = std::min(kPanel, d_ - first);
      state_.cublas().multiply({false, true, columns, first + columns, x.rows,
                                factors + first * bytes, element, d_, factors, element, d_,
                                products_.data() + first, Element::fp32, d_, Compute::fp32});
    }
    addProducts(state_, products_.data(), d_, largest_.data(), scatter_.data());
  }

  CudaState& state_;
  int64_t d_;
  const float* shift_;
  bool coarse_;
  DeviceArray<float> waiting_, shifted_;
  DeviceArray<uint16_t> rounded_;
  DeviceArray<float> products_;
  DeviceArray<unsigned> largest_;
  DeviceArray<double> scatter_, sum_;
  int64_t waiting_rows_ = 0;
};

}  // namespace

void covariance_add(Workers& workers, ConstMatrix x, const float* shift, Precision precision,
                    double* scatter, double* sum) {
  CudaState& state = CudaState::of(workers);
  const int64_t d = x.cols;
  Arguments device(state, Place::device);
  FirstBadRow bad(state);
  Scatter all(state, d, device.in(shift, d), precision == Precision::fast);
  double *to_scatter = device.inOut(scatter, d * d), *to_sum = device.inOut(sum, d);
  RowChunks chunks(state, x, {nullptr, 0, 0, 0}, 0);
  for (RowChunk chunk; chunks.next(chunk);) {
    findNotFinite(state, chunk.x, chunk.first, bad);
    all.add(chunk.x);
  }
  chunks.finish();
  bad.check("x");
  all.finish(to_scatter, to_sum);
  device.finish();
}

}  // namespace cuda
}  // namespace dc4j
