// Colour steps on planes of 8-bit values, the formulas of reference/images_apply.cpp element by
// element:
//   blend: base + factor (pixel - base) in fp32, clamped, truncated; luma in 16-bit fixed point;
//   hue in 8-bit HSV. No sum but the integer one of the mean luma, hence the same bytes as the
//   reference.
#pragma once
#include "cpu/tier.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

/** One image in planes; the planes of an RGB image lie `pixels` apart. */
struct Planes {
  uint8_t* data;
  int64_t pixels;
  int32_t channels;
  uint8_t* plane(int32_t c) const { return data + c * pixels; }
};

static inline int32_t lumaOf(int32_t r, int32_t g, int32_t b) {
  return (19595 * r + 38470 * g + 7471 * b + 0x8000) >> 16;
}

static inline uint8_t blendOf(int32_t base, int32_t pixel, float factor) {
  float value = static_cast<float>(base) + factor * static_cast<float>(pixel - base);
  value = value < 0 ? 0 : value;
  value = value > 255 ? 255 : value;
  return static_cast<uint8_t>(static_cast<int32_t>(value));
}

/** Blends every channel with one level. */
static void blendWithLevel(const Planes& image, int32_t level, float factor) {
  uint8_t* at = image.data;
  const int64_t count = image.pixels * image.channels;
  for (int64_t i = 0; i < count; i++) at[i] = blendOf(level, at[i], factor);
}

static int32_t meanLuma(const Planes& image) {
  int64_t sum = 0;
  const uint8_t *r = image.data, *g = image.plane(1), *b = image.plane(2);
  constexpr int64_t kRow = 1 << 20;  // 255 * 2^20 fits the 32-bit partial sum
  for (int64_t begin = 0; begin < image.pixels; begin += kRow) {
    const int64_t end = begin + kRow < image.pixels ? begin + kRow : image.pixels;
    int32_t part = 0;
    if (image.channels == 1) {
      for (int64_t i = begin; i < end; i++) part += r[i];
    } else {
      for (int64_t i = begin; i < end; i++) part += lumaOf(r[i], g[i], b[i]);
    }
    sum += part;
  }
  return static_cast<int32_t>(static_cast<double>(sum) / static_cast<double>(image.pixels) + 0.5);
}

static void saturate(const Planes& image, float factor) {
  uint8_t *r = image.data, *g = image.plane(1), *b = image.plane(2);
  for (int64_t i = 0; i < image.pixels; i++) {
    const int32_t luma = lumaOf(r[i], g[i], b[i]);
    r[i] = blendOf(luma, r[i], factor);
    g[i] = blendOf(luma, g[i], factor);
    b[i] = blendOf(luma, b[i], factor);
  }
}

/** hue and saturation bytes and the value of a pixel; branch-free so that the loop vectorises. */
static inline void toHsv(int32_t r, int32_t g, int32_t b, int32_t& h, int32_t& s, int32_t& v) {
  const int32_t rg_high = r > g ? r : g, rg_low = r > g ? g : r;
  const int32_t high = rg_high > b ? rg_high : b, low = rg_low < b ? rg_low : b;
  const float range = static_cast<float>(high > low ? high - low : 1);
  const float rc = static_cast<float>(high - r) / range;
  const float gc = static_cast<float>(high - g) / range;
  const float bc = static_cast<float>(high - b) / range;
  // What is exact in fp64 and rounded to fp32 is the same as one fp32 step only for the first case.
  const double from = r == high ? 0.0 : g == high ? 2.0 : 4.0;
  const float plus = r == high ? bc : g == high ? rc : gc;
  const float minus = r == high ? gc : g == high ? bc : rc;
  const float sector = static_cast<float>(from + plus - minus);
  double turns = sector / 6.0 + 1.0;
  turns = turns >= 1 ? turns - 1 : turns;
  const float hue = static_cast<float>(turns);
  const float divisor = static_cast<float>(high > 0 ? high : 1);
  const float saturation = static_cast<float>(high - low) / divisor;
  h = high > low ? static_cast<int32_t>(hue * 255.0) : 0;
  s = static_cast<int32_t>(saturation * 255.0);
  v = high;
}

static inline void toRgb(int32_t h, int32_t s, int32_t v, int32_t& r, int32_t& g, int32_t& b) {
  const double turns = h * 6.0 / 255.0;
  const int32_t whole = static_cast<int32_t>(turns);
  const double f = static_cast<float>(turns - whole);
  const double fraction = static_cast<float>(s / 255.0);
  const int32_t p = static_cast<int32_t>(v * (1.0 - fraction) + 0.5);
  const int32_t q = static_cast<int32_t>(v * (1.0 - fraction * f) + 0.5);
  const int32_t t = static_cast<int32_t>(v * (1.0 - fraction * (1.0 - f)) + 0.5);
  const int32_t sector = whole == 6 ? 0 : whole;
  r = sector == 0 || sector == 5 ? v : sector == 1 ? q : sector == 4 ? t : p;
  g = sector == 1 || sector == 2 ? v : sector == 0 ? t : sector == 3 ? q : p;
  b = sector == 3 || sector == 4 ? v : sector == 2 ? t : sector == 5 ? q : p;
}

static void shiftHue(const Planes& image, int32_t shift) {
  constexpr int kPart = 64;
  for (int64_t begin = 0; begin < image.pixels; begin += kPart) {
    const int64_t left = image.pixels - begin;
    const int32_t count = left < kPart ? static_cast<int32_t>(left) : kPart;
    uint8_t *r = image.data + begin, *g = image.plane(1) + begin, *b = image.plane(2) + begin;
    int32_t h[kPart], s[kPart], v[kPart], rgb[3][kPart];
    for (int32_t i = 0; i < count; i++) toHsv(r[i], g[i], b[i], h[i], s[i], v[i]);
    for (int32_t i = 0; i < count; i++) {
      toRgb((h[i] + shift) & 255, s[i], v[i], rgb[0][i], rgb[1][i], rgb[2][i]);
    }
    for (int32_t i = 0; i < count; i++) {
      r[i] = static_cast<uint8_t>(rgb[0][i]);
      g[i] = static_cast<uint8_t>(rgb[1][i]);
      b[i] = static_cast<uint8_t>(rgb[2][i]);
    }
  }
}

/** RGB becomes its luma, in the first plane. */
static void toGrey(Planes& image) {
  if (image.channels == 1) return;
  uint8_t* r = image.data;
  const uint8_t *g = image.plane(1), *b = image.plane(2);
  for (int64_t i = 0; i < image.pixels; i++) {
    r[i] = static_cast<uint8_t>(lumaOf(r[i], g[i], b[i]));
  }
  image.channels = 1;
}

static void applyColor(const dc4j_image_view& view, Planes& image) {
  if (view.brightness != 1) blendWithLevel(image, 0, static_cast<float>(view.brightness));
  if (view.contrast != 1) {
    blendWithLevel(image, meanLuma(image), static_cast<float>(view.contrast));
  }
  if (image.channels == 1) return;
  if (view.saturation != 1) saturate(image, static_cast<float>(view.saturation));
  if (view.hue != 0) shiftHue(image, static_cast<int32_t>(view.hue * 255));
  if (view.grey != 0) toGrey(image);
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
