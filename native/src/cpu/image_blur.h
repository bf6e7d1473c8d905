// Gaussian blur on planes of 8-bit values, the formula of reference/image_blur.h: three extended
// box filters along the rows, then three along the columns. Integer sums, hence the same bytes.
// Rows: a padded copy of the line, every tap a vector loop over the line. Columns: a line of
// running sums, so that a pixel costs the same at any radius.
#pragma once
#include <cmath>
#include <cstring>

#include "cpu/image_color.h"
#include "cpu/image_scratch.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

struct Box {
  int32_t radius;
  uint32_t inner, outer;
};

static Box boxOf(double deviation) {
  const float sigma = static_cast<float>(deviation);
  const float variance = sigma * sigma / 3;
  const float length = static_cast<float>(std::sqrt(12.0 * variance + 1.0));
  const float whole = static_cast<float>(std::floor((length - 1.0) / 2.0));
  float fraction = (2 * whole + 1) * (whole * (whole + 1) - 3 * variance);
  fraction /= 6 * (variance - (whole + 1) * (whole + 1));
  const float radius = whole + fraction;
  const int32_t r = static_cast<int32_t>(radius);
  const uint32_t inner = static_cast<uint32_t>(static_cast<float>(1 << 24) / (radius * 2 + 1));
  return {r, inner, ((1u << 24) - static_cast<uint32_t>(2 * r + 1) * inner) / 2};
}

/** to[i] = the filter of the sums and the two pixels beyond them. */
static void weigh(const Box& box, const uint32_t* sums, const uint8_t* before, const uint8_t* after,
                  int32_t count, uint8_t* to) {
  const uint32_t inner = box.inner, outer = box.outer;
  for (int32_t i = 0; i < count; i++) {
    const uint32_t ends = static_cast<uint32_t>(before[i]) + after[i];
    to[i] = static_cast<uint8_t>((sums[i] * inner + ends * outer + (1u << 23)) >> 24);
  }
}

/** Three passes along one line, in place; padded has room for width + 2 (radius + 1) bytes. */
static void blurLine(const Box& box, uint8_t* line, int32_t width, uint8_t* padded,
                     uint32_t* sums) {
  const int32_t r = box.radius, edge = r + 1;
  for (int pass = 0; pass < 3; pass++) {
    std::memset(padded, line[0], static_cast<size_t>(edge));
    std::memcpy(padded + edge, line, static_cast<size_t>(width));
    std::memset(padded + edge + width, line[width - 1], static_cast<size_t>(edge));
    for (int32_t i = 0; i < width; i++) sums[i] = padded[i + 1];
    for (int32_t d = 1; d <= 2 * r; d++) {
      for (int32_t i = 0; i < width; i++) sums[i] += padded[i + 1 + d];
    }
    weigh(box, sums, padded, padded + 2 * edge, width, line);
  }
}

/** One pass along the columns of a plane. */
static void blurColumns(const Box& box, const uint8_t* in, int32_t height, int32_t width,
                        uint32_t* sums, uint8_t* out) {
  const auto row = [&](int32_t y) {
    return in + static_cast<int64_t>(y < 0 ? 0 : y >= height ? height - 1 : y) * width;
  };
  for (int32_t x = 0; x < width; x++) sums[x] = 0;
  for (int32_t d = -box.radius; d <= box.radius; d++) {
    const uint8_t* from = row(d);
    for (int32_t x = 0; x < width; x++) sums[x] += from[x];
  }
  for (int32_t y = 0; y < height; y++, out += width) {
    const uint8_t *before = row(y - box.radius - 1), *after = row(y + box.radius + 1);
    weigh(box, sums, before, after, width, out);
    const uint8_t* leaving = row(y - box.radius);
    for (int32_t x = 0; x < width; x++) {
      sums[x] += static_cast<uint32_t>(after[x]) - static_cast<uint32_t>(leaving[x]);
    }
  }
}

/** Blurs every plane; they then lie in scratch.blurred. */
static void blur(double deviation, int32_t height, int32_t width, Scratch& scratch, Planes& image) {
  const Box box = boxOf(deviation);
  uint32_t* sums = scratch.sums.room<uint32_t>(width);
  uint8_t* padded = scratch.padded.room<uint8_t>(width + 2 * (box.radius + 1));
  uint8_t* other = scratch.blurred.room<uint8_t>(image.pixels * image.channels);
  for (int32_t c = 0; c < image.channels; c++) {
    uint8_t *plane = image.plane(c), *to = other + c * image.pixels;
    for (int32_t y = 0; y < height; y++) {
      blurLine(box, plane + static_cast<int64_t>(y) * width, width, padded, sums);
    }
    blurColumns(box, plane, height, width, sums, to);
    blurColumns(box, to, height, width, sums, plane);
    blurColumns(box, plane, height, width, sums, to);
  }
  image.data = other;
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
