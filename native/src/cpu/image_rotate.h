// Rotation about the centre and mirroring, from interleaved pixels to planes.
// The source of an output pixel centre is an affine map in fp64; bilinear in fp64, truncated; 0
// outside. The formula and its order are those of reference/images_apply.cpp, per pixel, hence the
// same bytes.
#pragma once
#include <cmath>

#include "cpu/tier.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

struct Rotation {
  double cosine, sine, shift_x, shift_y;
};

/** x to 15 decimals, as Pillow: quarter turns become exact. The exact product decides next to a
 * tie. */
static double roundTo15Digits(double x) {
  const double product = x * 1e15, lost = std::fma(x, 1e15, -product);
  const double whole = std::rint(product), rest = (product - whole) + lost;
  return (whole + (rest > 0.5 ? 1 : rest < -0.5 ? -1 : 0)) / 1e15;
}

/** False where the angle is a whole number of turns. */
static bool findRotation(double degrees, int32_t height, int32_t width, Rotation& rotation) {
  double angle = std::fmod(degrees, 360.0);
  if (angle < 0) angle += 360;
  if (angle == 0) return false;
  const double radians = -(angle * (M_PI / 180));
  const double cosine = roundTo15Digits(std::cos(radians));
  const double sine = roundTo15Digits(std::sin(radians));
  const double cx = width / 2.0, cy = height / 2.0;
  rotation = {cosine, sine, cosine * -cx + sine * -cy + cx, -sine * -cx + cosine * -cy + cy};
  return true;
}

/** Where kRun output pixels of a row come from: four neighbours and the position between them. */
constexpr int kRun = 64;
struct Sources {
  int32_t at[4][kRun];  // pixel offsets: upper left, upper right, lower left, lower right
  double dx[kRun], dy[kRun];
  double inside[kRun];  // 1 or 0
};

static void findSources(const Rotation& r, int32_t height, int32_t width, int32_t y, int32_t x0,
                        int32_t count, Sources& sources) {
  const double w = width, h = height;
  const int32_t last_x = width - 1, last_y = height - 1;
  for (int32_t i = 0; i < count; i++) {
    const double x = x0 + i + 0.5;
    double sx = r.cosine * x + r.sine * (y + 0.5) + r.shift_x;
    double sy = -r.sine * x + r.cosine * (y + 0.5) + r.shift_y;
    sources.inside[i] =
        ((sx >= 0 ? 1 : 0) & (sx < w ? 1 : 0) & (sy >= 0 ? 1 : 0) & (sy < h ? 1 : 0)) ? 1.0 : 0.0;
    sx -= 0.5;
    sy -= 0.5;
    // floor() without the call: truncate, one less where that went up.
    int32_t ix = static_cast<int32_t>(sx), iy = static_cast<int32_t>(sy);
    ix -= sx < ix ? 1 : 0;
    iy -= sy < iy ? 1 : 0;
    sources.dx[i] = sx - ix;
    sources.dy[i] = sy - iy;
    int32_t xa = ix < 0 ? 0 : ix, xb = ix + 1 < 0 ? 0 : ix + 1;
    int32_t ya = iy < 0 ? 0 : iy, yb = iy + 1 < 0 ? 0 : iy + 1;
    xa = xa > last_x ? last_x : xa;
    xb = xb > last_x ? last_x : xb;
    ya = ya > last_y ? last_y : ya;
    yb = yb > last_y ? last_y : yb;
    sources.at[0][i] = ya * width + xa;
    sources.at[1][i] = ya * width + xb;
    sources.at[2][i] = yb * width + xa;
    sources.at[3][i] = yb * width + xb;
  }
}

/** One channel of a run; to[i * step]. */
static void sampleRun(const uint8_t* in, int32_t channels, const Sources& sources, int32_t count,
                      uint8_t* to, int32_t step) {
  int32_t pixel[4][kRun];
  for (int k = 0; k < 4; k++) {
    for (int32_t i = 0; i < count; i++) pixel[k][i] = in[sources.at[k][i] * channels];
  }
  int32_t value[kRun];
  for (int32_t i = 0; i < count; i++) {
    const double upper = pixel[0][i] + (pixel[1][i] - pixel[0][i]) * sources.dx[i];
    const double lower = pixel[2][i] + (pixel[3][i] - pixel[2][i]) * sources.dx[i];
    const double between = upper + (lower - upper) * sources.dy[i];
    value[i] = static_cast<int32_t>(between * sources.inside[i]);
  }
  for (int32_t i = 0; i < count; i++) to[i * step] = static_cast<uint8_t>(value[i]);
}

/** planes [channels x height x width] = the window rotated, then mirrored where flip. */
static void rotateToPlanes(const uint8_t* window, int32_t height, int32_t width, int32_t channels,
                           const Rotation& rotation, bool flip, uint8_t* planes) {
  const int64_t plane = static_cast<int64_t>(height) * width;
  Sources sources;
  for (int32_t y = 0; y < height; y++) {
    for (int32_t x = 0; x < width; x += kRun) {
      const int32_t count = width - x < kRun ? width - x : kRun;
      findSources(rotation, height, width, y, x, count, sources);
      const int64_t at = static_cast<int64_t>(y) * width + (flip ? width - 1 - x : x);
      for (int32_t c = 0; c < channels; c++) {
        sampleRun(window + c, channels, sources, count, planes + c * plane + at, flip ? -1 : 1);
      }
    }
  }
}

/** planes [channels x height x width] = the window, mirrored where flip. */
static void splitToPlanes(const uint8_t* window, int32_t height, int32_t width, int32_t channels,
                          bool flip, uint8_t* planes) {
  const int64_t plane = static_cast<int64_t>(height) * width;
  for (int32_t y = 0; y < height; y++, planes += width) {
    const uint8_t* in = window + static_cast<int64_t>(y) * width * channels;
    const int32_t last = width - 1;
    if (channels == 1) {
      for (int32_t x = 0; flip && x < width; x++) planes[x] = in[last - x];
      for (int32_t x = 0; !flip && x < width; x++) planes[x] = in[x];
      continue;
    }
    uint8_t *r = planes, *g = planes + plane, *b = planes + 2 * plane;
    for (int32_t x = 0; x < width; x++) {
      const uint8_t* pixel = in + 3 * (flip ? last - x : x);
      r[x] = pixel[0];
      g[x] = pixel[1];
      b[x] = pixel[2];
    }
  }
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
