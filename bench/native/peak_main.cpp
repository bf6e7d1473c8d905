// dc4j_peak: the machine's ceilings and how much of them the micro-kernels reach.
//
//   dc4j_peak probe [threads]     one JSON object: GFLOP/s or Gop/s per instruction, GB/s
//   dc4j_peak gate [--planted]    one JSON object per micro-kernel; exit 1 if one falls short.
//                                 --planted tests tiles that spill their registers: must exit 1
//
// Tile and peak are measured in turn, window by window, on one thread; each is the best of its
// windows. Rows and columns are packed for d = 256 as the search has them; the columns, 256 of
// them, stay in the second-level cache.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "peaks.h"
#include "tiles.h"

namespace {

using namespace bench;

constexpr int kWindows = 400;
constexpr int64_t kDepth = 256, kPanels = 8;

class Measured {
 public:
  explicit Measured(const Tile& tile)
      : tile_(tile),
        words_(kDepth / tile.elements),
        rows_(allocate(words_ * tile.rows)),
        columns_(allocate(words_ * tile.columns * kPanels)),
        start_(allocate(64)),
        out_(allocate(tile.rows * tile.columns)) {}
  ~Measured() {
    for (int32_t* block : {rows_, columns_, start_, out_}) std::free(block);
  }
  Measured(const Measured&) = delete;
  Measured& operator=(const Measured&) = delete;

  /** Operations per second of one window, 0.2 to 0.5 ms. */
  double window() {
    constexpr int kRounds = 40;
    const double seconds = secondsOf([&] {
      for (int round = 0; round < kRounds; round++) {
        for (int64_t p = 0; p < kPanels; p++) {
          tile_.run(rows_, columns_ + p * words_ * tile_.columns, start_, words_, out_);
        }
      }
    });
    return double(2 * kDepth * tile_.rows * tile_.columns * kPanels * kRounds) / seconds;
  }

 private:
  static int32_t* allocate(int64_t words) {
    const size_t bytes = (size_t(words) * 4 + 63) / 64 * 64;
    void* block = std::aligned_alloc(64, bytes);
    if (block == nullptr) throw std::bad_alloc();
    std::memset(block, 0, bytes);  // as fast as any other numbers
    return static_cast<int32_t*>(block);
  }

  const Tile& tile_;
  const int64_t words_;
  int32_t *rows_, *columns_, *start_, *out_;
};

/** Whether the tile reaches its share. */
bool passes(const Tile& tile) {
  const Instruction* of = instruction(tile.instruction);
  if (of == nullptr) {
    std::printf("{\"kernel\": \"%s\", \"skipped\": \"no %s on this processor\"}\n", tile.kernel,
                tile.instruction);
    return true;
  }
  Measured measured(tile);
  Rates reached, ceiling;
  for (int w = 0; w < kWindows; w++) {
    reached.windows.push_back(measured.window());
    ceiling.windows.push_back(peak(*of, 1, 1).windows[0]);
  }
  const double share = reached.best() / ceiling.best();
  const bool met = share >= tile.wanted;
  std::printf(
      "{\"kernel\": \"%s\", \"gops\": %.1f, \"peak\": %.1f, \"share\": %.4f, \"wanted\": %.2f, "
      "\"met\": %s}\n",
      tile.kernel, reached.best() / 1e9, ceiling.best() / 1e9, share, tile.wanted,
      met ? "true" : "false");
  return met;
}

int gate(bool planted) {
  bool met = true;
  int tested = 0;
  const auto all = [&](const Tile* (*tiles)(int*)) {
    int count = 0;
    const Tile* list = tiles(&count);
    for (int t = 0; t < count; t++, tested++) met &= passes(list[t]);
  };
  if (planted) {
    all(spilledTiles);
  } else {
    all(avx2Tiles);
    all(vnniTiles);
  }
  if (!met) std::fprintf(stderr, "a micro-kernel falls short of its share of the peak\n");
  return met ? 0 : 1;
}

void print(const char* name, const Rates& rates) {
  std::printf("\"%s\": %.2f, \"%s_median\": %.2f", name, rates.best() / 1e9, name,
              rates.median() / 1e9);
}

int probe(int threads) {
  std::printf("{\"threads\": %d, ", threads);
  for (const Instruction& of : instructions()) {
    if (!of.available()) continue;
    print(of.name, peak(of, threads, kWindows));
    std::printf(", ");
  }
  print("read", readBandwidth(threads, 15));
  std::printf(", ");
  print("copy", copyBandwidth(threads, 15));
  std::printf("}\n");
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  const std::string what = count > 1 ? arguments[1] : "";
  const std::string more = count > 2 ? arguments[2] : "";
  if (what == "probe" && (more.empty() || std::atoi(more.c_str()) > 0)) {
    return probe(more.empty() ? 1 : std::atoi(more.c_str()));
  }
  if (what == "gate" && (more.empty() || more == "--planted")) return gate(!more.empty());
  std::fprintf(stderr, "usage: dc4j_peak probe [threads] | dc4j_peak gate [--planted]\n");
  return 2;
}
