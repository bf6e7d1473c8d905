#include "cpu/search.h"

#include <cmath>

#include "core/error.h"
#include "core/first_row.h"
#include "cpu/candidates.h"
#include "cpu/exact_score.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {
namespace {

constexpr double kLargestNorm = 1e18;
constexpr int64_t kLargestNeighbours = 2048;
constexpr double kUnit = 0x1p-24;

/** Sizes of the parts of a search. */
struct Plan {
  const SearchRequest* request;
  double relative, absolute;  // E = relative (|b| + |x||c|) + absolute
  bool tiles;                 // false: exact scores alone
  int64_t block_rows;         // rows that pass over the base together, a multiple of kTileRows
  int64_t blocks;
  int64_t scratch;  // Scored per slot
};

Plan makePlan(const SearchRequest& request, const SearchBase& base, int threads) {
  Plan plan{};
  plan.request = &request;
  const int64_t n = request.rows.rows, d = request.rows.cols;
  const double terms = static_cast<double>(d + 12);
  plan.relative = terms * kUnit / (1 - terms * kUnit) * 1.0001;
  plan.absolute = terms * 0x1p-147;
  plan.tiles = terms * kUnit < 0.25 && request.neighbours <= kLargestNeighbours;
  // The block's packed rows and lists should stay in the second-level cache.
  const int64_t lists = candidateCapacity(request.neighbours) * 12;
  int64_t rows = (INT64_C(256) << 10) / (4 * (d > 0 ? d : 1));
  if (rows > (INT64_C(1) << 20) / lists) rows = (INT64_C(1) << 20) / lists;
  if (rows < 60) rows = 60;
  if (rows > 240) rows = 240;
  if (rows > (n + threads - 1) / threads) rows = (n + threads - 1) / threads;
  plan.block_rows = (rows + kTileRows - 1) / kTileRows * kTileRows;
  if (plan.block_rows == 0) plan.block_rows = kTileRows;
  plan.blocks = (n + plan.block_rows - 1) / plan.block_rows;
  const int64_t all = exactScratch(request.neighbours, base.rows().rows);
  const int64_t some = candidateCapacity(request.neighbours) + base.outliers();
  plan.scratch = all > some || !plan.tiles ? all : some;
  return plan;
}

/** A block of rows on its way over the base. */
class Block {
 public:
  Block(const Plan& plan, const SearchBase& base)
      : plan_(plan),
        base_(base),
        request_(*plan.request),
        packed_(plan.tiles ? plan.block_rows * request_.rows.cols : 0),
        thresholds_(plan.block_rows),
        norms_(plan.block_rows),
        lists_(plan.tiles ? plan.block_rows : 0),
        ids_(plan.tiles ? plan.block_rows * candidateCapacity(request_.neighbours) : 0),
        upper_(plan.tiles ? plan.block_rows * candidateCapacity(request_.neighbours) : 0),
        lower_(plan.tiles ? plan.block_rows * request_.neighbours : 0),
        scratch_(plan.scratch),
        found_(request_.neighbours < base.rows().rows ? request_.neighbours : base.rows().rows) {}

  /** Measures and packs the rows of block `block`. */
  void open(int64_t block, FirstRow& bad);
  /** Runs over `panels` packed panels, the first of which is panel `first` of the base. */
  void scan(int64_t first, int64_t panels);
  void finish(const SearchSink& sink);

 private:
  void openRow(int64_t r);
  void scanTile(int64_t r, int64_t p, const float* tile);
  SearchRow row(int64_t r) const {
    const int64_t i = begin_ + r;
    return {request_.rows.row(i), request_.exclude == nullptr ? -1 : request_.exclude[i]};
  }

  const Plan& plan_;
  const SearchBase& base_;
  const SearchRequest& request_;
  int64_t begin_ = 0, rows_ = 0;
  Buffer<float> packed_;
  Buffer<float> thresholds_;  // +infinity: not in the tiles
  Buffer<double> norms_;      // NaN or infinity: refused
  Buffer<Candidates> lists_;
  Buffer<int64_t> ids_;
  Buffer<float> upper_, lower_;
  Buffer<Scored> scratch_;
  Buffer<int64_t> found_;
};

void Block::openRow(int64_t r) {
  const int64_t capacity = candidateCapacity(request_.neighbours);
  Candidates& list = lists_[r];
  list.neighbours = request_.neighbours;
  list.capacity = capacity;
  list.ids = ids_.data() + r * capacity;
  list.upper = upper_.data() + r * capacity;
  list.lower = lower_.data() + r * request_.neighbours;
  openCandidates(list, &thresholds_[r]);
}

void Block::open(int64_t block, FirstRow& bad) {
  const ConstMatrix x = request_.rows;
  begin_ = block * plan_.block_rows;
  rows_ = x.rows - begin_ < plan_.block_rows ? x.rows - begin_ : plan_.block_rows;
  for (int64_t r = 0; r < plan_.block_rows; r++) {
    norms_[r] = 0;
    thresholds_[r] = INFINITY;
    if (r >= rows_) continue;
    norms_[r] = std::sqrt(exactDot(x.row(begin_ + r), x.row(begin_ + r), x.cols));
    if (!std::isfinite(norms_[r])) bad.report(begin_ + r);
    if (plan_.tiles && norms_[r] <= kLargestNorm) openRow(r);
  }
  for (int64_t r = 0; r < rows_ && plan_.tiles; r += kTileRows) {
    float* panel = packed_.data() + r * x.cols;
    const int64_t left = rows_ - r < kTileRows ? rows_ - r : kTileRows;
    packPanel(x.row(begin_ + r), x.stride, left, x.cols, nullptr, kTileRows, panel);
    for (int64_t i = 0; i < left; i++) {
      if (thresholds_[r + i] != INFINITY) continue;
      for (int64_t t = 0; t < x.cols; t++) panel[t * kTileRows + i] = 0;  // keeps the tile finite
      norms_[r + i] = std::isfinite(norms_[r + i]) ? kLargestNorm : norms_[r + i];
    }
  }
}

/** Bit c: values[c] >= threshold. */
inline uint32_t reaching(const float* values, float threshold) {
  uint32_t bits = 0;
  for (int v = 0; v < kTileVectors; v++) {
    const float* at = values + v * kLanes;
#if defined(DC4J_TIER_avx512)
    const __mmask16 some =
        _mm512_cmp_ps_mask(_mm512_load_ps(at), _mm512_set1_ps(threshold), _CMP_GE_OQ);
    bits |= static_cast<uint32_t>(some) << (v * kLanes);
#elif defined(DC4J_TIER_avx2)
    const __m256 some = _mm256_cmp_ps(_mm256_load_ps(at), _mm256_set1_ps(threshold), _CMP_GE_OQ);
    bits |= static_cast<uint32_t>(_mm256_movemask_ps(some)) << (v * kLanes);
#elif defined(__SSE2__)
    const __m128 some = _mm_cmpge_ps(_mm_load_ps(at), _mm_set1_ps(threshold));
    bits |= static_cast<uint32_t>(_mm_movemask_ps(some)) << (v * kLanes);
#else
    for (int l = 0; l < kLanes; l++)
      bits |= static_cast<uint32_t>(at[l] >= threshold) << (v * kLanes + l);
#endif
  }
  return bits;
}

void Block::scanTile(int64_t r, int64_t p, const float* tile) {
  double error[kTileRows];
  float cut[kTileRows];
  const double norm = base_.largestNorm(p) * plan_.relative;
  const double rest = base_.largestBias(p) * plan_.relative + plan_.absolute;
  for (int i = 0; i < kTileRows; i++) error[i] = norms_[r + i] * norm + rest;
  for (int i = 0; i < kTileRows; i++) cut[i] = static_cast<float>(thresholds_[r + i] - error[i]);
  for (int i = 0; i < kTileRows; i++) {
    uint32_t bits = reaching(tile + i * kTileCols, cut[i]);
    if (__builtin_expect(bits == 0, 1)) continue;
    const SearchRow offered = row(r + i);
    for (; bits != 0; bits &= bits - 1) {
      const int c = __builtin_ctz(bits);
      offerCandidate(lists_[r + i], &thresholds_[r + i], base_, offered, p * kTileCols + c,
                     tile[i * kTileCols + c], error[i], scratch_.data());
    }
  }
}

void Block::scan(int64_t first, int64_t panels) {
  if (!plan_.tiles) return;
  const int64_t d = request_.rows.cols;
  alignas(64) float tile[kTileRows * kTileCols];
  for (int64_t p = 0; p < panels; p++) {
    for (int64_t r = 0; r < rows_; r += kTileRows) {
      multiplyTile(packed_.data() + r * d, base_.panel(p), base_.bias(p), d, tile);
      scanTile(r, first + p, tile);
    }
  }
}

void Block::finish(const SearchSink& sink) {
  for (int64_t r = 0; r < rows_; r++) {
    if (!std::isfinite(norms_[r])) continue;
    const SearchRow decided = row(r);
    const int64_t count =
        thresholds_[r] == INFINITY
            ? decideByAll(request_.neighbours, base_, decided, scratch_.data())
            : decideCandidates(lists_[r], thresholds_[r], base_, decided, scratch_.data());
    for (int64_t p = 0; p < count; p++) found_[p] = scratch_[p].id;
    sink.take(begin_ + r, found_.data(), count);
  }
}

/** The blocks in flight: one per worker, or all of a group where the base passes in several chunks.
 */
class Blocks {
 public:
  Blocks(int64_t count, const Plan& plan, const SearchBase& base) : memory_(count) {
    for (; count_ < count; count_++) {
      try {
        new (&memory_[count_]) Block(plan, base);
      } catch (...) {
        clear();
        throw;
      }
    }
  }
  ~Blocks() { clear(); }
  Blocks(const Blocks&) = delete;
  Blocks& operator=(const Blocks&) = delete;
  Block& operator[](int64_t b) { return memory_[b]; }

 private:
  void clear() {
    while (count_ > 0) memory_[--count_].~Block();
  }
  Buffer<Block> memory_;
  int64_t count_ = 0;
};

}  // namespace

void search(Workers& workers, const SearchRequest& asked, const SearchSink& sink) {
  SearchRequest request = asked;
  if (request.neighbours > request.base.rows) request.neighbours = request.base.rows;
  if (request.neighbours < 1) request.neighbours = 1;
  // One more than asked for, as the row to exclude may be among them.
  SearchBase base(workers, request.base, request.base_name, request.neighbours + 1);
  const Plan plan = makePlan(request, base, workers.threads());
  const int64_t step = base.chunkPanels() > 0 ? base.chunkPanels() : 1;
  const bool one_chunk = base.panels() <= step || !plan.tiles;
  const int64_t in_flight = one_chunk ? plan.blocks : 4 * workers.threads() + 28;
  const int64_t group_blocks = in_flight < plan.blocks ? in_flight : plan.blocks;
  Blocks slots(one_chunk ? workers.threads() : group_blocks, plan, base);
  if (one_chunk && plan.tiles) base.pack(workers, 0, base.panels());
  FirstRow bad;
  for (int64_t group = 0; group < plan.blocks; group += in_flight) {
    const int64_t left = plan.blocks - group, blocks = left < in_flight ? left : in_flight;
    for (int64_t first = 0; first == 0 || (!one_chunk && first < base.panels()); first += step) {
      const int64_t panels = base.panels() - first < step ? base.panels() - first : step;
      if (!one_chunk) base.pack(workers, first, panels);
      workers.forEach(blocks, [&](int64_t b, int worker) {
        Block& block = slots[one_chunk ? worker : b];
        if (first == 0) block.open(group + b, bad);
        block.scan(first, panels);
        if (one_chunk || first + step >= base.panels()) block.finish(sink);
      });
    }
  }
  if (bad.row() >= 0) notFinite(request.rows_name, bad.row());
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
