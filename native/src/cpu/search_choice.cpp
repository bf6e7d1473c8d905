// Which arithmetic a search's coarse pass has: what costs least on a sample of the rows.
#include <cstdlib>
#include <cstring>

#include "core/error.h"
#include "cpu/search_pass.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {
namespace {

constexpr int64_t kSample = 96;

class NoSink final : public SearchSink {
 public:
  void take(int64_t, const int64_t*, const double*, int64_t) const override {}
};

/** Clocks a row costs in a format, about: a register of columns takes half a clock a word and a
 * few to compare, an offered candidate a mispredicted branch, fp32 and exact scores their loads. */
double clocksPerRow(const Layout& layout, int64_t columns, int64_t d, const Effort& effort,
                    int64_t rows) {
  const double words = static_cast<double>(layout.words);
  const double tiles = static_cast<double>((columns + kTileCols - 1) / kTileCols * kTileCols) / 16 *
                       (words / (layout.row_major ? 16 : 2) + 3);
  const double length = static_cast<double>(d);
  const double quantised = layout.format == Format::fp32 ? 0 : 60 + length / 2;  // packing a row
  const double arranged = layout.format == Format::mixed ? length : 0;
  const double decided = 30 * static_cast<double>(effort.offered) +
                         (40 + length / 8) * static_cast<double>(effort.refined) +
                         (40 + length / 2) * static_cast<double>(effort.scored);
  return tiles + quantised + arranged + decided / static_cast<double>(rows);
}

/** Some of a request's rows. */
struct Sample {
  explicit Sample(const SearchRequest& asked) : request(asked) {
    for (int64_t i = 0; i < kSample; i++) {
      const int64_t from = i * (asked.count() / kSample);
      picked[i] = asked.id(from);
      if (asked.hints != nullptr) hints[i] = asked.hints[from];
      if (asked.within != nullptr) within[i] = asked.within[from];
    }
    request.picked = picked;
    request.picked_rows = kSample;
    request.exclude = nullptr;
    if (asked.hints != nullptr) request.hints = hints;
    if (asked.within != nullptr) request.within = within;
  }
  Sample(const Sample&) = delete;
  Sample& operator=(const Sample&) = delete;

  SearchRequest request;
  int64_t picked[kSample];
  int32_t hints[kSample];
  double within[kSample];
};

/** The choice so far, and what it costs a row. */
class Choice {
 public:
  Choice(Workers& workers, const SearchRequest& request, const SearchBase& base, double tile_share)
      : workers_(workers),
        base_(base),
        d_(request.rows.cols),
        tiled_(static_cast<int64_t>(tile_share * static_cast<double>(request.base.rows))),
        sample_(request) {
    least_.offered = (request.scansTwice() ? 1 : 8) * request.neighbours;
    least_.scored = request.neighbours > 1 ? request.neighbours : 0;
    clocks_ = clocksPerRow(layoutOf(best_, d_), tiled_, d_, least_, 1);
  }

  const Coarse& best() const { return best_; }
  const Sample& sample() const { return sample_; }

  /** Whether a format that leaves hardly anything to decide would be better. */
  bool mayWin(const Coarse& coarse) const {
    return clocksPerRow(layoutOf(coarse, d_), tiled_, d_, least_, 1) < clocks_;
  }

  void attempt(const Coarse& coarse) {
    if (!mayWin(coarse)) return;
    FirstRow bad;
    const Effort effort = searchIn(coarse, workers_, sample_.request, base_, NoSink(), bad);
    const double found = clocksPerRow(layoutOf(coarse, d_), tiled_, d_, effort, kSample);
    if (found >= clocks_) return;
    best_ = coarse;
    clocks_ = found;
  }

 private:
  Workers& workers_;
  const SearchBase& base_;
  int64_t d_, tiled_;
  Sample sample_;
  Effort least_;
  Coarse best_;
  double clocks_;
};

/** What the environment asks for, on whichever data. */
Coarse forcedCoarse(const char* name, const SearchRequest& request, const SearchBase& base,
                    SpreadOrder& order) {
  if (std::strcmp(name, "int8") == 0) return {Format::int8};
  if (std::strcmp(name, "int16") == 0) return {Format::int16};
  if (std::strcmp(name, "fp32") == 0) return {Format::fp32};
  if (std::strcmp(name, "mixed") != 0) {
    invalid(text("DC4J_SEARCH_FORMAT is '", name, "'; accepted: int8, mixed, int16, fp32"));
  }
  if (request.rows.cols < kWideStep) return {Format::int16};
  const int64_t none = request.count() < 1, first = none ? 0 : request.id(0);
  order.measure(request.rows, &first, none ? 0 : 1, base);
  const int64_t wide = order.after(0);
  return order.mixed(wide == 0 ? kWideStep : wide);
}

}  // namespace

Coarse chooseCoarse(Workers& workers, const SearchRequest& request, const SearchBase& base,
                    double tile_share, SpreadOrder& order) {
  const int64_t n = request.count(), d = request.rows.cols, k = request.base.rows;
  if (!kIntegerFormats || d > kLargestQuantised || request.neighbours > kLargestNeighbours) {
    return {};
  }
  const char* forced = std::getenv("DC4J_SEARCH_FORMAT");
  if (forced != nullptr && *forced != 0) return forcedCoarse(forced, request, base, order);
  if (d < 16 || k < 64 || n < 4 * kSample) return {};
  Choice choice(workers, request, base, tile_share);
  choice.attempt({Format::int8});
  // Only what int8 leaves to decide can make more of it worth while.
  if (choice.mayWin({Format::mixed, kWideStep, nullptr})) {
    order.measure(request.rows, choice.sample().picked, kSample, base);
    for (int64_t wide = order.after(0); wide > 0; wide = order.after(wide)) {
      choice.attempt(order.mixed(wide));
    }
  }
  choice.attempt({Format::int16});
  return choice.best();
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
