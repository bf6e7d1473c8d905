// Crop and resize of 8-bit images, the formula of reference/images_apply.cpp: two passes of
//   out = clamp((sum_t weight_t in_t + 2^21) >> 22), weights with 22 fractional bits in
//   int32 sums.
// Both passes run over 16 adjacent bytes at a time. Rows pass: the bytes of a row are adjacent.
// Columns pass: 16 rows are transposed into a tile, so that the same pixel of 16 rows is adjacent.
// Only what the window shows is computed. Integer sums: the same bytes as the reference.
#pragma once
#ifdef __SSE2__
#include <immintrin.h>
#endif

#include <cmath>
#include <cstring>

#include "cpu/image_scratch.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

constexpr int kWeightBits = 22;

/** The taps of `count` adjacent output positions along one axis. */
struct Taps {
  int32_t count;
  int32_t low, high;  // source pixels read
  bool copy;          // position i is source pixel low + i
  const int32_t* first;
  const int32_t* taps;
  const int32_t* weights;  // [count x stride]
  int64_t stride;
};

struct Axis {
  int32_t size;      // of the source
  float begin, end;  // box; fp32 because Pillow keeps it so
  int32_t out_size;
  int32_t filter;
};

static inline double filterValue(int32_t filter, double x) {
  x = x < 0 ? -x : x;
  if (filter == DC4J_BILINEAR) return x < 1 ? 1 - x : 0;
  const double a = -0.5;
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

/** Writes the fixed-point weights of source pixels [first, last) for a position centred at centre.
 */
static void fixWeights(int32_t filter, int32_t first, int32_t last, double centre, double shrink,
                       double* values, int32_t* weights) {
  double sum = 0;
  for (int32_t j = first; j < last; j++) {
    values[j - first] = filterValue(filter, (j - centre + 0.5) * shrink);
    sum += values[j - first];
  }
  for (int32_t j = 0; j < last - first; j++) {
    const double fixed = (sum != 0 ? values[j] / sum : values[j]) * (1 << kWeightBits);
    weights[j] = static_cast<int32_t>(fixed < 0 ? fixed - 0.5 : fixed + 0.5);
  }
}

/** Taps of the output positions [from, to). */
static Taps findTaps(const Axis& axis, int32_t from, int32_t to, Buffer& bounds, Buffer& weights,
                     Buffer& values) {
  const double scale = static_cast<double>(axis.end - axis.begin) / axis.out_size;
  const int32_t whole = static_cast<int32_t>(axis.begin);
  const int32_t count = to - from;
  // At scale 1 on the pixel grid every weight but one is 0.
  if (scale == 1 && whole == axis.begin) {
    return {count, whole + from, whole + to, true, nullptr, nullptr, nullptr, 0};
  }
  const double stretch = scale < 1 ? 1 : scale;
  const double support = (axis.filter == DC4J_BILINEAR ? 1 : 2) * stretch;
  int64_t stride = static_cast<int64_t>(support) * 2 + 3;
  if (stride > axis.size) stride = axis.size;
  int32_t* first = bounds.room<int32_t>(2 * static_cast<int64_t>(count));
  int32_t* taps = first + count;
  int32_t* fixed = weights.room<int32_t>(count * stride);
  double* room = values.room<double>(stride);
  Taps all = {count, axis.size, 0, false, first, taps, fixed, stride};
  for (int32_t i = 0; i < count; i++) {
    const double centre = axis.begin + (from + i + 0.5) * scale;
    int32_t begin = static_cast<int32_t>(centre - support + 0.5);
    int32_t end = static_cast<int32_t>(centre + support + 0.5);
    begin = begin < 0 ? 0 : begin;
    end = end > axis.size ? axis.size : end;
    fixWeights(axis.filter, begin, end, centre, 1 / stretch, room, fixed + i * stride);
    first[i] = begin;
    taps[i] = end - begin;
    all.low = begin < all.low ? begin : all.low;
    all.high = end > all.high ? end : all.high;
  }
  return all;
}

typedef int32_t Ints __attribute__((vector_size(4 * DC4J_LANES)));
typedef uint8_t LaneBytes __attribute__((vector_size(DC4J_LANES), aligned(1), may_alias));

/** DC4J_LANES bytes as integers, and 16 integers clamped to bytes. In intrinsics where there are
 * some: the compiler takes the portable forms apart byte by byte. */
#if defined(DC4J_AVX512)
// maskz_ with a full mask: GCC 12 warns of the undefined register that the plain forms start from.
static inline Ints widen(const uint8_t* from) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  return reinterpret_cast<Ints>(_mm512_maskz_cvtepu8_epi32(0xFFFF, bytes));
}

static inline void narrow(const Ints (&values)[1], uint8_t* to) {
  const Ints value = values[0] < 0 ? Ints{} : values[0];
  const __m128i bytes = _mm512_maskz_cvtusepi32_epi8(0xFFFF, reinterpret_cast<__m512i>(value));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
}
#elif defined(DC4J_TIER_avx2)
static inline Ints widen(const uint8_t* from) {
  const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
  return reinterpret_cast<Ints>(_mm256_cvtepu8_epi32(bytes));
}

static inline void narrow(const Ints (&values)[2], uint8_t* to) {
  // Packs inside 128-bit halves: words a0-3 b0-3 | a4-7 b4-7, then bytes, then
  // the halves interleaved.
  const __m256i words = _mm256_packs_epi32(reinterpret_cast<__m256i>(values[0]),
                                           reinterpret_cast<__m256i>(values[1]));
  const __m256i bytes = _mm256_packus_epi16(words, words);
  const __m128i all =
      _mm_unpacklo_epi32(_mm256_castsi256_si128(bytes), _mm256_extracti128_si256(bytes, 1));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), all);
}
#elif defined(__SSE2__)
static inline Ints widen(const uint8_t* from) {
  int32_t four;
  std::memcpy(&four, from, sizeof four);
  const __m128i zero = _mm_setzero_si128();
  const __m128i words = _mm_unpacklo_epi8(_mm_cvtsi32_si128(four), zero);
  return reinterpret_cast<Ints>(_mm_unpacklo_epi16(words, zero));
}

static inline void narrow(const Ints (&values)[4], uint8_t* to) {
  const auto pack = [&](int p) {
    return _mm_packs_epi32(reinterpret_cast<__m128i>(values[p]),
                           reinterpret_cast<__m128i>(values[p + 1]));
  };
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm_packus_epi16(pack(0), pack(2)));
}
#else
static inline Ints widen(const uint8_t* from) {
  return __builtin_convertvector(*reinterpret_cast<const LaneBytes*>(from), Ints);
}

static inline void narrow(const Ints (&values)[16 / DC4J_LANES], uint8_t* to) {
  for (int p = 0; p < 16 / kLanes; p++) {
    Ints value = values[p];
    value = value < 0 ? Ints{} : value;
    value = value > 255 ? Ints{} + 255 : value;
    *reinterpret_cast<LaneBytes*>(to + p * kLanes) = __builtin_convertvector(value, LaneBytes);
  }
}
#endif

/** 16 output bytes: clamp((sum_t weights[t] * in[t * stride + 0..15] + half) >> 22). */
static inline void blend16(const uint8_t* in, int64_t stride, const int32_t* weights, int32_t taps,
                           uint8_t* out) {
  constexpr int kParts = 16 / kLanes;
  Ints sum[kParts];
  for (int p = 0; p < kParts; p++) sum[p] = Ints{} + (1 << (kWeightBits - 1));
  for (int32_t t = 0; t < taps; t++, in += stride) {
    for (int p = 0; p < kParts; p++) sum[p] += widen(in + p * kLanes) * weights[t];
  }
  for (int p = 0; p < kParts; p++) sum[p] >>= kWeightBits;
  narrow(sum, out);
}

typedef uint8_t Bytes16 __attribute__((vector_size(16), aligned(1), may_alias));

/** Four rounds of interleaving row i with row i + 8 transpose 16 x 16 bytes. */
static inline void transpose16(Bytes16 (&rows)[16]) {
  for (int round = 0; round < 4; round++) {
    Bytes16 next[16];
    for (int i = 0; i < 8; i++) {
      next[2 * i] = __builtin_shufflevector(rows[i], rows[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20,
                                            5, 21, 6, 22, 7, 23);
      next[2 * i + 1] = __builtin_shufflevector(rows[i], rows[i + 8], 8, 24, 9, 25, 10, 26, 11, 27,
                                                12, 28, 13, 29, 14, 30, 15, 31);
    }
    for (int i = 0; i < 16; i++) rows[i] = next[i];
  }
}

/** tile[b * 16 + r] = byte b of row r; rows past `rows` repeat the last. Reads no byte past a row.
 */
static void loadTile(const uint8_t* in, int64_t stride, int32_t rows, int64_t bytes,
                     uint8_t* tile) {
  for (int64_t b = 0; b < bytes; b += 16) {
    Bytes16 block[16];
    for (int r = 0; r < 16; r++) {
      const uint8_t* from = in + (r < rows ? r : rows - 1) * stride + b;
      block[r] = Bytes16{};
      if (b + 16 <= bytes) {
        block[r] = *reinterpret_cast<const Bytes16*>(from);
      } else {
        std::memcpy(&block[r], from, static_cast<size_t>(bytes - b));
      }
    }
    transpose16(block);
    std::memcpy(tile + b * 16, block, sizeof block);
  }
}

/** The inverse: rows of `bytes` bytes rounded up to 16, `stride` apart. */
static void storeTile(const uint8_t* tile, int64_t bytes, int32_t rows, uint8_t* out,
                      int64_t stride) {
  for (int64_t b = 0; b < bytes; b += 16) {
    Bytes16 block[16];
    std::memcpy(block, tile + b * 16, sizeof block);
    transpose16(block);
    for (int r = 0; r < rows; r++) *reinterpret_cast<Bytes16*>(out + r * stride + b) = block[r];
  }
}

static int64_t roundUp16(int64_t bytes) { return (bytes + 15) / 16 * 16; }

/** Columns pass over the source rows [low, high): out [rows x count*channels], rows `stride` apart.
 */
static void resizeColumns(const dc4j_image& image, const Taps& columns, int32_t low, int32_t high,
                          Scratch& scratch, uint8_t* out, int64_t stride) {
  const int64_t channels = image.channels, row_bytes = image.width * channels;
  const uint8_t* in = image.data + low * row_bytes + columns.low * channels;
  const int64_t in_bytes = (columns.high - columns.low) * channels;
  const int64_t out_bytes = columns.count * channels;
  if (columns.copy) {
    for (int32_t y = low; y < high; y++, in += row_bytes, out += stride) {
      std::memcpy(out, in, static_cast<size_t>(out_bytes));
    }
    return;
  }
  uint8_t* tile = scratch.tile.room<uint8_t>(roundUp16(in_bytes) * 16);
  uint8_t* tile_out = scratch.tile_out.room<uint8_t>(roundUp16(out_bytes) * 16);
  for (int32_t y = low; y < high; y += 16) {
    const int32_t rows = high - y < 16 ? high - y : 16;
    loadTile(in, row_bytes, rows, in_bytes, tile);
    uint8_t* to = tile_out;
    for (int32_t x = 0; x < columns.count; x++) {
      const uint8_t* from = tile + (columns.first[x] - columns.low) * channels * 16;
      const int32_t* weights = columns.weights + x * columns.stride;
      for (int c = 0; c < channels; c++, to += 16) {
        blend16(from + c * 16, channels * 16, weights, columns.taps[x], to);
      }
    }
    storeTile(tile_out, out_bytes, rows, out, stride);
    in += 16 * row_bytes;
    out += 16 * stride;
  }
}

/** Rows pass: out rows of `bytes` bytes, `out_stride` apart; `in` rows start at source row
 * rows.low. */
static void resizeRows(const uint8_t* in, int64_t in_stride, const Taps& rows, int64_t bytes,
                       uint8_t* out, int64_t out_stride) {
  for (int32_t y = 0; y < rows.count; y++, out += out_stride) {
    if (rows.copy) {
      std::memcpy(out, in + y * in_stride, static_cast<size_t>(bytes));
      continue;
    }
    const uint8_t* from = in + (rows.first[y] - rows.low) * in_stride;
    const int32_t* weights = rows.weights + y * rows.stride;
    int64_t b = 0;
    for (; b + 16 <= bytes; b += 16) {
      blend16(from + b, in_stride, weights, rows.taps[y], out + b);
    }
    if (b < bytes) {
      uint8_t tail[16];
      blend16(from + b, in_stride, weights, rows.taps[y], tail);
      std::memcpy(out + b, tail, static_cast<size_t>(bytes - b));
    }
  }
}

/** The window [height x width x channels] of the resized and zero-padded box. */
static uint8_t* resizeWindow(const dc4j_image& image, const dc4j_image_view& view, int32_t height,
                             int32_t width, Scratch& scratch) {
  const int64_t channels = image.channels, row_bytes = width * channels;
  uint8_t* window = scratch.window.room<uint8_t>(height * row_bytes);
  const int32_t top = view.window_top - view.pad, left = view.window_left - view.pad;
  const int32_t y0 = top < 0 ? 0 : top, x0 = left < 0 ? 0 : left;
  const int32_t y1 = top + height < view.resize_height ? top + height : view.resize_height;
  const int32_t x1 = left + width < view.resize_width ? left + width : view.resize_width;
  if (y1 - y0 < height || x1 - x0 < width) {
    std::memset(window, 0, static_cast<size_t>(height * row_bytes));
  }
  if (y0 >= y1 || x0 >= x1) return window;
  const Axis across = {image.width, static_cast<float>(view.box_left),
                       static_cast<float>(view.box_left + view.box_width), view.resize_width,
                       view.filter};
  const Axis down = {image.height, static_cast<float>(view.box_top),
                     static_cast<float>(view.box_top + view.box_height), view.resize_height,
                     view.filter};
  const Taps columns =
      findTaps(across, x0, x1, scratch.column_bounds, scratch.column_weights, scratch.values);
  const Taps rows = findTaps(down, y0, y1, scratch.row_bounds, scratch.row_weights, scratch.values);
  const int64_t bytes = columns.count * channels, stride = roundUp16(bytes);
  uint8_t* middle = scratch.across.room<uint8_t>((rows.high - rows.low) * stride);
  resizeColumns(image, columns, rows.low, rows.high, scratch, middle, stride);
  resizeRows(middle, stride, rows, bytes, window + (y0 - top) * row_bytes + (x0 - left) * channels,
             row_bytes);
  return window;
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
