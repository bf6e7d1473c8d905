// Products of a warpgroup (PTX ISA, "wgmma.mma_async"), warp by warp: each has 16 of the 64 rows.
#include <cmath>
#include <cstring>
#include <deque>
#include <map>
#include <vector>

#include "cuda_runtime.h"
#include "hopper.h"
#include "mma.h"
#include "race_check.h"

namespace {

using namespace dc4j_emulation;
using dc4j::cuda::hopper::kSums;

constexpr int kLanes = 32, kRows = 16, kColumns = 128, kDepth = 16;
constexpr size_t kChunk = 16;  // bytes that swizzling keeps together

/** What a lane brings to a product. */
struct Given {
  float* sums;
  uint64_t a, b;
  bool add;
};

struct Product {
  uint64_t a, b;
  bool add;
  float* sums;  // lane 0's, which names the accumulator
};

/** Sums while products are under way: nobody else has them. */
struct Accumulator {
  float* lanes[kLanes];
  float sums[kRows][kColumns];
  int pending = 0;
};

struct ProductGroup {
  std::vector<Product> products;
  races::Clock issued;  // what reads the factors, to the race check
};

struct Warp {
  bool fenced = false;
  ProductGroup open;
  std::deque<ProductGroup> committed;
  races::Clock done;
  std::map<float*, Accumulator> accumulators;
};

Warp& theWarp() {
  static uint64_t block = 0;
  static std::map<int, Warp> warps;
  if (block != blocksBegun()) warps.clear();
  block = blocksBegun();
  return warps[warp()];
}

/** A descriptor's rows, eight to a group: where the 16-byte chunk of a row is. */
struct Tile {
  size_t start, group_bytes;
  explicit Tile(uint64_t descriptor)
      : start((descriptor & 0x3fff) << 4), group_bytes((descriptor >> 32 & 0x3fff) << 4) {
    const bool swizzled = descriptor >> 62 == 1, aligned = (descriptor >> 49 & 7) == 0;
    if (!swizzled || !aligned) fail("a layout of factors that is not emulated");
  }
  const unsigned char* chunk(int row, int which) const {
    const size_t linear = start + static_cast<size_t>(row / 8) * group_bytes +
                          static_cast<size_t>(row % 8) * 128 + static_cast<size_t>(which) * kChunk;
    return static_cast<const unsigned char*>(sharedAt(linear ^ (linear >> 7 & 7) << 4, kChunk));
  }
  /** Tells the race check that rows are read. */
  void touch(int first, int rows) const {
    for (int r = first; r < first + rows; r++) {
      for (int c = 0; c < 2; c++) {
        races::access(const_cast<unsigned char*>(chunk(r, c)), kChunk, false, false);
      }
    }
  }
  void read(int row, float* to) const {
    for (int c = 0; c < 2; c++) {
      __half halves[kChunk / 2];
      std::memcpy(halves, chunk(row, c), kChunk);
      for (__half half : halves) *to++ = __half2float(half);
    }
  }
};

int firstRow() { return warp() % 4 * kRows; }

/** Sum i of a lane in the warp's rows and columns. */
float& sumOf(Accumulator& to, int lane, int i) {
  return to.sums[lane / 4 + 8 * (i / 2 % 2)][8 * (i / 4) + 2 * (lane % 4) + i % 2];
}

void begin(Warp& self, unsigned char* given) {
  Given lanes[kLanes];
  for (int l = 0; l < kLanes; l++) {
    std::memcpy(&lanes[l], given + static_cast<size_t>(l) * kLaneBytes, sizeof lanes[l]);
    if (lanes[l].a != lanes[0].a || lanes[l].b != lanes[0].b || lanes[l].add != lanes[0].add) {
      fail("lanes of a warp multiply different factors");
    }
  }
  const Product product = {lanes[0].a, lanes[0].b, lanes[0].add, lanes[0].sums};
  Accumulator& to = self.accumulators[product.sums];
  if (to.pending++ == 0) {
    if (!self.fenced) fail("a product of sums that the threads had, without a fence before it");
    for (int l = 0; l < kLanes; l++) {
      to.lanes[l] = lanes[l].sums;
      for (int i = 0; i < kSums; i++) {
        sumOf(to, l, i) = to.lanes[l][i];
        to.lanes[l][i] = NAN;
      }
    }
  }
  races::engineBegins(races::kBarrierEngines + static_cast<unsigned>(warp()));
  Tile(product.a).touch(firstRow(), kRows);
  Tile(product.b).touch(0, kColumns);
  races::engineEnds(self.open.issued);
  self.open.products.push_back(product);
}

void multiplyNow(Warp& self, const Product& product) {
  Accumulator& to = self.accumulators[product.sums];
  float right[kDepth][kColumns];
  const Tile a(product.a), b(product.b);
  for (int column = 0; column < kColumns; column++) {
    float row[kDepth];
    b.read(column, row);
    for (int t = 0; t < kDepth; t++) right[t][column] = row[t];
  }
  for (int row = 0; row < kRows; row++) {
    float left[kDepth], *sums = to.sums[row];
    a.read(firstRow() + row, left);
    if (!product.add) std::memset(sums, 0, sizeof to.sums[row]);
    for (int t = 0; t < kDepth; t++) {
      for (int column = 0; column < kColumns; column++) {
        sums[column] = nvcuda::wmma::emulated::addTo(sums[column], left[t], right[t][column]);
      }
    }
  }
  if (--to.pending > 0) return;
  for (int l = 0; l < kLanes; l++) {
    for (int i = 0; i < kSums; i++) to.lanes[l][i] = sumOf(to, l, i);
  }
  self.accumulators.erase(product.sums);
  self.fenced = false;
}

/** All lanes of a warp; the last to arrive does it. */
void together(const void* value, size_t bytes, Combine combine) {
  exchange(Collective::product, 0xffffffffu, value, bytes, combine);
}

}  // namespace

namespace dc4j {
namespace cuda {
namespace hopper {

void openProducts() {
  together(nullptr, 0, [](unsigned char*, unsigned) { theWarp().fenced = true; });
}

void commitProducts() {
  together(nullptr, 0, [](unsigned char*, unsigned) {
    Warp& self = theWarp();
    self.committed.push_back(self.open);
    self.open.products.clear();
  });
}

void multiply(float (&sums)[kSums], uint64_t a, uint64_t b, bool add) {
  const Given given = {sums, a, b, add};
  together(&given, sizeof given, [](unsigned char* values, unsigned) { begin(theWarp(), values); });
}

void waitForGroups(int pending) {
  together(&pending, sizeof pending, [](unsigned char* values, unsigned) {
    Warp& self = theWarp();
    const int kept = valueOf<int>(values, 0);
    while (static_cast<int>(self.committed.size()) > kept) {
      const ProductGroup group = self.committed.front();
      self.committed.pop_front();
      for (const Product& product : group.products) multiplyNow(self, product);
      self.done = group.issued;
    }
  });
  races::learn(theWarp().done);
}

}  // namespace hopper
}  // namespace cuda
}  // namespace dc4j
