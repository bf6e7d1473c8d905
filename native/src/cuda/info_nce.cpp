// loss = (1/n') sum_i (log sum_j exp z_ij - z_{i y_i}), z_ij = x_i.c_j / temperature; gradient_i =
// 1 / (n' temperature) (sum_j softmax_ij c_j - c_{y_i}). x, gradient [n x d], memory [k x d].
//
// Rows of x go in groups, and through every group the memory in blocks of columns: products of the
// group and the block, weights in their place, and the weighted sum of the block's rows is added to
// one sum per row of x. So the memory is read once for a group, and of the n x k scores there is a
// group and a block at a time. Exponents are shifted by the running maximum, as on the CPU.
//
// fp32: both products are cuBLAS's in fp32 (no TF32), on the memory in place. Fast: both in fp16,
// or for short rows exact scores of int16 rows, as four int8 products, and a weighted sum in bf16.
// Work of cuBLAS on one stream, and sums of a block of threads in fixed order: the same bits from
// run to run.
//
// The label's own term stays out of the fp32 sums and is added in fp64. Judge:
// reference/info_nce.cpp.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "cuda/arguments.h"
#include "cuda/checks.h"
#include "cuda/event.h"
#include "cuda/info_nce_parts.h"
#include "cuda/loss_terms.h"
#include "cuda/slots.h"

namespace dc4j {
namespace cuda {
namespace {

constexpr int64_t kRowsAtOnce = 1024;
constexpr int64_t kColumnsAtOnce = 8192;
constexpr int64_t kHalfBytes = INT64_C(80) << 20;  // of blocks in fp16 and their scores
constexpr int kHalfBlocks = 2;  // of the memory in fp16: one is packed while another is multiplied
constexpr int64_t kLargestFast = 32768;  // d: no sum of int8 products leaves int32
constexpr int kFarExponent = 40;         // products of such entries suit fp32 as they are
constexpr int kFarHalfExponent = 7;      // such entries times kHalfScale suit fp16

struct NceCall {
  ConstMatrix x, memory;
  const int32_t* labels;
  double temperature;
  bool bytes, halves;  // fast, by either; or neither
  Matrix gradient;
};

/** `count` elements where they are needed, else none: data() is NULL then. */
template <typename T>
class Optional {
 public:
  Optional(CudaState& state, bool needed, int64_t count) : array_(state, needed ? count : 0) {
    data_ = needed ? array_.data() : nullptr;
  }
  T* data() const { return data_; }

 private:
  DeviceArray<T> array_;
  T* data_;
};

class InfoNce {
 public:
  InfoNce(CudaState& state, const NceCall& call, int exponent);
  ~InfoNce();
  /** Terms of all rows and the gradient. Fills range in passing where `measure`. */
  void sweep(const int64_t* count, double* terms, int64_t* bad, const NceRange& range);

 private:
  void multiplyScores(int64_t rows, ConstMatrix block, int64_t stride);
  void multiplyHalves(int64_t rows, int64_t columns, int64_t block);
  __half* halvesOf(int64_t block) const {
    return c_halves_.data() + block % kHalfBlocks * columns_ * stride_;
  }
  ConstMatrix blockOf(int64_t block) const;
  void packAhead(int64_t block, const NceRange& range);
  void takeBlocks(const NceGroup& group, const NceRange& range);
  void multiplyBytes(int64_t rows, int64_t columns, int64_t part, int32_t* to);
  void pool(const NceGroup& group, ConstMatrix block, const NceScores& scores);
  void takeBlock(const NceGroup& group, ConstMatrix block, int64_t first, const NceRange& range);

  CudaState& state_;
  const NceCall& call_;
  const int exponent_;
  const int64_t rows_, columns_, stride_;  // of a group, a block (both padded), a row
  const bool copies_;                      // the memory's rows, scaled
  const Optional<float> x_values_, c_values_, scores_, pooled_;
  const Optional<signed char> x_bytes_, c_bytes_;
  const Optional<uint16_t> c_rounded_, weights_;
  const Optional<__half> x_halves_, c_halves_, half_weights_;
  const Optional<int32_t> high_, middle_, low_;
  Event started_, packed_[kHalfBlocks], multiplied_[kHalfBlocks];  // of blocks in fp16
  const DeviceArray<float> x_quantum_, c_quantum_, largest_;
  const DeviceArray<double> positive_, sum_;
  const DeviceArray<int> exponents_;
};

/** Bytes that a row of the memory takes in a block. */
int64_t bytesOfColumn(const NceCall& call, int64_t rows) {
  const int64_t d = padded(call.memory.cols);
  if (call.halves) return 2 * kHalfBlocks * d + 6 * rows;
  return call.bytes ? 4 * d + 14 * rows + 4 : 4 * d + 4 * rows;
}

/** Of the memory; few large blocks in fp16, whose products are too fast for the host otherwise. If
 * products go over the multiprocessors in tiles of 128 x 128, no wave of them is short of any. */
int64_t columnsAtOnce(const CudaState& state, const NceCall& call, int64_t rows) {
  if (!call.halves) return kColumnsAtOnce;
  constexpr int64_t kTile = 128;
  const int64_t columns = kHalfBytes / bytesOfColumn(call, rows);
  const int64_t down = (rows + kTile - 1) / kTile;
  const int64_t wave = std::max<int64_t>(1, state.multiprocessors() / down) * kTile;
  const int64_t step = columns < wave ? kPadding : wave;
  return std::max(kPadding, columns / step * step);
}

InfoNce::InfoNce(CudaState& state, const NceCall& call, int exponent)
    : state_(state),
      call_(call),
      exponent_(exponent),
      rows_(padded(state.chunkRows(std::min(call.x.rows, kRowsAtOnce), 12 * call.x.cols))),
      columns_(padded(state.chunkRows(std::min(call.memory.rows, columnsAtOnce(state, call, rows_)),
                                      bytesOfColumn(call, rows_)))),
      stride_(padded(call.x.cols)),
      copies_(exponent != 0 && !call.bytes && !call.halves),
      x_values_(state, !call.bytes && !call.halves, rows_ * stride_),
      c_values_(state, copies_, columns_ * stride_),
      scores_(state, !call.bytes, rows_ * columns_),
      pooled_(state, call.gradient.data != nullptr, rows_ * stride_),
      x_bytes_(state, call.bytes, 2 * rows_ * stride_),
      c_bytes_(state, call.bytes, 2 * columns_ * stride_),
      c_rounded_(state, call.bytes, columns_ * stride_),
      weights_(state, call.bytes, rows_ * columns_),
      x_halves_(state, call.halves, rows_ * stride_),
      c_halves_(state, call.halves, kHalfBlocks * columns_ * stride_),
      half_weights_(state, call.halves, rows_ * columns_),
      high_(state, call.bytes, rows_ * columns_),
      middle_(state, call.bytes, rows_ * columns_),
      low_(state, call.bytes, rows_ * columns_),
      x_quantum_(state, rows_),
      c_quantum_(state, columns_),
      largest_(state, rows_),
      positive_(state, rows_),
      sum_(state, rows_),
      exponents_(state, rows_) {
  if (call.halves) state.copyStream();  // made here: what ends the call must not fail
}

/** Row-major scores [rows x stride] are cuBLAS's C [stride x rows]. */
void InfoNce::multiplyScores(int64_t rows, ConstMatrix block, int64_t stride) {
  if (block.cols == 0) {
    check(cudaMemsetAsync(scores_.data(), 0, static_cast<size_t>(rows * stride) * sizeof(float),
                          state_.stream()),
          "filling");
    return;
  }
  Product product = {};
  product.transpose_a = true;
  product.m = block.rows;
  product.n = rows;
  product.k = block.cols;
  product.a = block.data;
  product.lda = block.stride;
  product.b = x_values_.data();
  product.ldb = stride_;
  product.c = scores_.data();
  product.ldc = stride;
  product.type_a = product.type_b = product.type_c = Element::fp32;
  product.compute = Compute::fp32;
  product.alpha = 1;
  state_.cublas().multiply(product);
}

InfoNce::~InfoNce() {
  // What an error left queued beside uses the blocks' memory.
  if (call_.halves) cudaStreamSynchronize(state_.copyStream());
}

void InfoNce::multiplyHalves(int64_t rows, int64_t columns, int64_t block) {
  Product product = {};
  product.transpose_a = true;
  product.m = columns;
  product.n = rows;
  product.k = product.lda = product.ldb = stride_;
  product.a = halvesOf(block);
  product.b = x_halves_.data();
  product.c = scores_.data();
  product.ldc = columns;
  product.type_a = product.type_b = Element::fp16;
  product.type_c = Element::fp32;
  product.compute = Compute::fp32;
  product.alpha = 1 / (kHalfScale * kHalfScale);
  state_.cublas().multiply(product);
}

/** part 0: high by high, 1: high by low and low by high, 2: low by low. */
void InfoNce::multiplyBytes(int64_t rows, int64_t columns, int64_t part, int32_t* to) {
  Product product = {};
  product.transpose_a = true;
  product.m = columns;
  product.n = rows;
  product.k = part == 1 ? 2 * stride_ : stride_;
  product.a = c_bytes_.data() + (part == 0 ? stride_ : 0);
  product.b = x_bytes_.data() + (part == 2 ? stride_ : 0);
  product.lda = product.ldb = 2 * stride_;
  product.c = to;
  product.ldc = columns;
  product.type_a = product.type_b = Element::int8;
  product.type_c = Element::int32;
  product.compute = Compute::int32;
  product.alpha = 1;
  state_.cublas().multiply(product);
}

/** pooled [rows x stride_] += weights [rows x columns] block [columns x d]. */
void InfoNce::pool(const NceGroup& group, ConstMatrix block, const NceScores& scores) {
  if (group.state.pooled == nullptr || block.cols == 0) return;
  Product product = {};
  product.n = group.x.rows;
  product.c = group.state.pooled;
  product.ldc = stride_;
  product.type_c = Element::fp32;
  product.compute = Compute::fp32;
  product.alpha = 1;
  product.beta = scores.first > 0 ? 1 : 0;
  product.ldb = scores.stride;
  if (call_.bytes || call_.halves) {
    product.m = stride_;
    product.k = scores.stride;  // padded weights and rows are 0
    product.lda = stride_;
    product.a = call_.halves ? static_cast<const void*>(halvesOf(scores.first / columns_))
                             : c_rounded_.data();
    product.b = call_.halves ? static_cast<const void*>(scores.half_weights) : scores.weights;
    product.type_a = product.type_b = call_.halves ? Element::fp16 : Element::bf16;
    if (call_.halves) product.alpha = 1 / (kHalfScale * kWeightScale);
  } else {
    product.m = block.cols;
    product.k = block.rows;
    product.a = block.data;
    product.lda = block.stride;
    product.b = scores.scores;
    product.type_a = product.type_b = Element::fp32;
  }
  state_.cublas().multiply(product);
}

void InfoNce::takeBlock(const NceGroup& group, ConstMatrix block, int64_t first,
                        const NceRange& range) {
  const int64_t columns = padded(block.rows), rows = padded(group.x.rows);
  const NceScores scores = {
      first,           block.rows,           columns,           stride_,
      scores_.data(),  high_.data(),         middle_.data(),    low_.data(),
      weights_.data(), half_weights_.data(), x_quantum_.data(), c_quantum_.data()};
  if (call_.halves) {
    packed_[first / columns_ % kHalfBlocks].block(state_.stream());
    multiplyHalves(rows, columns, first / columns_);
  } else if (call_.bytes) {
    const NceRows to = {stride_, nullptr, c_bytes_.data(), c_rounded_.data(), c_quantum_.data()};
    packMemory(state_, block, first, columns, exponent_, to, range);
    multiplyBytes(rows, columns, 0, high_.data());
    multiplyBytes(rows, columns, 1, middle_.data());
    multiplyBytes(rows, columns, 2, low_.data());
  } else {
    if (copies_) {
      const NceRows to = {stride_, c_values_.data(), nullptr, nullptr, nullptr};
      packMemory(state_, block, first, block.rows, exponent_, to, range);
      block = {c_values_.data(), block.rows, block.cols, stride_};
    }
    multiplyScores(group.x.rows, block, columns);
  }
  weighScores(state_, group, scores);
  pool(group, block, scores);
}

ConstMatrix InfoNce::blockOf(int64_t block) const {
  const ConstMatrix& memory = call_.memory;
  const int64_t first = block * columns_;
  return {memory.row(first), std::min(columns_, memory.rows - first), memory.cols, memory.stride};
}

/** Queues the packing of a block beside the work on the one before; its place is free once the
 * block that had it is multiplied. */
void InfoNce::packAhead(int64_t block, const NceRange& range) {
  const ConstMatrix rows = blockOf(block);
  const cudaStream_t beside = state_.copyStream();
  Event& free = block < kHalfBlocks ? started_ : multiplied_[block % kHalfBlocks];
  free.block(beside);
  packMemoryHalves(beside, rows, block * columns_, padded(rows.rows), exponent_, stride_,
                   halvesOf(block), range);
  packed_[block % kHalfBlocks].record(beside);
}

void InfoNce::takeBlocks(const NceGroup& group, const NceRange& range) {
  if (call_.memory.rows == 0) return;
  const int64_t blocks = (call_.memory.rows + columns_ - 1) / columns_;
  started_.record(state_.stream());
  for (int64_t b = 0; b < blocks; b++) {
    if (call_.halves && b == 0) packAhead(0, range);
    if (call_.halves && b + 1 < blocks) packAhead(b + 1, range);
    takeBlock(group, blockOf(b), b * columns_, range);
    if (call_.halves) multiplied_[b % kHalfBlocks].record(state_.stream());
  }
}

void InfoNce::sweep(const int64_t* count, double* terms, int64_t* bad, const NceRange& range) {
  const NceRows packed = {stride_, x_values_.data(), x_bytes_.data(), nullptr, x_quantum_.data()};
  const ConstMatrix x = call_.x, memory = call_.memory;
  for (int64_t i = 0; i < x.rows; i += rows_) {
    const int64_t rows = std::min(rows_, x.rows - i);
    const NceState kept = {exponents_.data(), positive_.data(), largest_.data(), sum_.data(),
                           pooled_.data()};
    const NceGroup group = {
        {x.row(i), rows, x.cols, x.stride}, call_.labels + i, call_.temperature, exponent_, kept};
    if (call_.halves) {
      packQueryHalves(state_, group, i, padded(rows), stride_, x_halves_.data(), bad);
    } else {
      packQueries(state_, group, i, padded(rows), packed, bad);
    }
    startRows(state_, group, memory);
    takeBlocks(group, i == 0 ? range : NceRange{nullptr, nullptr});
    Matrix gradient = call_.gradient;
    if (gradient.data != nullptr) gradient.data = gradient.row(i);
    finishRows(state_, group, {memory, count, stride_, terms + i, gradient});
  }
}

/** 0 where the largest entry suits the products as it is: is within 2^+-far. */
int exponentFor(unsigned bits, int far) {
  float largest;
  std::memcpy(&largest, &bits, sizeof largest);
  if (!(largest > 0) || !std::isfinite(largest)) return 0;
  int exponent = 0;
  std::frexp(largest, &exponent);
  if (std::abs(exponent) <= far) return 0;
  return std::max(-126, std::min(126, exponent));
}

}  // namespace

void info_nce(Workers& workers, ConstMatrix x, ConstMatrix memory, const int32_t* labels,
              double temperature, Precision precision, Matrix gradient, double* loss) {
  CudaState& state = CudaState::of(workers);
  Arguments device(state, Place::device);
  const bool fast = precision == Precision::fast && x.cols <= kLargestFast && x.cols > 0;
  const bool halves = fast && x.cols >= kFewestHalves;
  const int far = halves ? kFarHalfExponent : kFarExponent;
  const NceCall call = {device.in(x),        device.in(memory), device.in(labels, x.rows),
                        temperature,         fast && !halves,   halves,
                        device.out(gradient)};
  double* const result = device.out(loss, 1);
  FirstBadRow bad_x(state), bad_memory(state);
  DeviceArray<unsigned> largest(state, 1);
  largest.fill(0);
  const NceRange range = {largest.data(), bad_memory.data()}, known = {nullptr, nullptr};
  const DeviceArray<int64_t> count(state, 1);
  const DeviceArray<double> terms(state, x.rows), total(state, 1);
  countKept(state, call.labels, nullptr, x.rows, count.data());
  const bool in_passing = fast && x.rows > 0;  // the memory is measured by the first group
  int exponent = 0;
  if (in_passing) {
    InfoNce(state, call, 0).sweep(count.data(), terms.data(), bad_x.data(), range);
    exponent = exponentFor(largest.read(), far);
  } else {
    measureMemory(state, call.memory, range);
    exponent = exponentFor(largest.read(), far);
  }
  if (!in_passing || exponent != 0) {
    InfoNce(state, call, exponent).sweep(count.data(), terms.data(), bad_x.data(), known);
  }
  sumInOrder(state, terms.data(), x.rows, total.data());
  meanOf(state, total.data(), count.data(), result);
  bad_x.check("x");
  bad_memory.check("memory");
  device.finish();
}

}  // namespace cuda
}  // namespace dc4j
