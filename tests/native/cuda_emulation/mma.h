// nvcuda::wmma for tiles of 16 x 16 x 16: every lane holds eight elements of a tile. fp32 sums are
// cut off instead of rounded, the worst that a tensor core may do.
#pragma once
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "cuda_fp16.h"
#include "emulation.h"

namespace nvcuda {
namespace wmma {

struct matrix_a;
struct matrix_b;
struct accumulator;
struct row_major;
struct col_major;
enum layout_t { mem_row_major, mem_col_major };

namespace emulated {

/** What a fragment holds an element as: fp16 factors are widened when they are loaded. */
template <typename T>
struct Held {
  using type = T;
};
template <>
struct Held<__half> {
  using type = float;
};
inline float held(__half value) { return __half2float(value); }
template <typename T>
T held(T value) {
  return value;
}

}  // namespace emulated

template <typename Use, int m, int n, int k, typename T, typename Layout = void>
struct fragment {
  static_assert(m == 16 && n == 16 && k == 16, "the emulation has 16 x 16 x 16 alone");
  static constexpr int num_elements = 8;
  // element e of lane l is entry 32 e + l, row-major
  typename emulated::Held<T>::type x[num_elements];
};

namespace emulated {

inline void place(int e, int* row, int* column) {
  const int entry = 32 * e + dc4j_emulation::lane();
  *row = entry / 16;
  *column = entry % 16;
}

/** The sum, cut off to fp32. */
inline float cutOff(double sum) {
  uint64_t bits;
  std::memcpy(&bits, &sum, sizeof bits);
  bits &= ~((uint64_t{1} << 29) - 1);
  double cut;
  std::memcpy(&cut, &bits, sizeof cut);
  // Infinite and NaN stay so (a NaN of low bits alone does not come from sums); below fp32's normal
  // numbers the cast still rounds, away from 0 by a part of 2^-149 at most.
  return static_cast<float>(cut);
}
inline float addTo(float sum, float a, float b) {
  return cutOff(static_cast<double>(sum) + static_cast<double>(a) * b);
}
inline int addTo(int sum, int a, int b) { return sum + a * b; }

/** What a lane brings to a product; the last to arrive computes all of it. */
template <typename T, typename Sum>
struct Share {
  using Held = typename emulated::Held<T>::type;
  fragment<accumulator, 16, 16, 16, Sum>* to;
  const fragment<matrix_a, 16, 16, 16, T, row_major>* a;
  const fragment<matrix_b, 16, 16, 16, T, col_major>* b;
  const fragment<accumulator, 16, 16, 16, Sum>* from;

  static void multiply(unsigned char* given, unsigned) {
    Share lanes[32];
    for (int l = 0; l < 32; l++) {
      std::memcpy(&lanes[l], given + static_cast<size_t>(l) * dc4j_emulation::kLaneBytes,
                  sizeof lanes[l]);
    }
    Held left[16][16], right[16][16];  // right[t][column]
    Sum sums[16][16];
    for (int entry = 0; entry < 256; entry++) {
      const int row = entry / 16, column = entry % 16, l = entry % 32, e = entry / 32;
      left[row][column] = lanes[l].a->x[e];
      right[column][row] = lanes[l].b->x[e];
      sums[row][column] = lanes[l].from->x[e];
    }
    for (int row = 0; row < 16; row++) {
      for (int t = 0; t < 16; t++) {
        for (int column = 0; column < 16; column++) {
          sums[row][column] = addTo(sums[row][column], left[row][t], right[t][column]);
        }
      }
    }
    for (int entry = 0; entry < 256; entry++) {
      lanes[entry % 32].to->x[entry / 32] = sums[entry / 16][entry % 16];
    }
  }
};

}  // namespace emulated

template <typename Use, typename T, typename Layout>
void fill_fragment(fragment<Use, 16, 16, 16, T, Layout>& to, T value) {
  for (T& x : to.x) x = value;
}

/** A row-major [m x k], or a column-major [k x n], which is kept as rows of its transpose. */
template <typename Use, typename T, typename Layout>
void load_matrix_sync(fragment<Use, 16, 16, 16, T, Layout>& to, const T* from, unsigned stride) {
  static_assert(std::is_same_v<Use, matrix_a> == std::is_same_v<Layout, row_major>,
                "other layouts are not emulated");
  for (int e = 0; e < 8; e++) {
    int row, column;
    emulated::place(e, &row, &column);
    to.x[e] = emulated::held(from[row * static_cast<int64_t>(stride) + column]);
  }
}

template <typename T>
void store_matrix_sync(T* to, const fragment<accumulator, 16, 16, 16, T>& from, unsigned stride,
                       layout_t layout) {
  for (int e = 0; e < 8; e++) {
    int row, column;
    emulated::place(e, &row, &column);
    if (layout == mem_col_major) std::swap(row, column);
    to[row * static_cast<int64_t>(stride) + column] = from.x[e];
  }
}

template <typename T, typename Sum>
void mma_sync(fragment<accumulator, 16, 16, 16, Sum>& to,
              const fragment<matrix_a, 16, 16, 16, T, row_major>& a,
              const fragment<matrix_b, 16, 16, 16, T, col_major>& b,
              const fragment<accumulator, 16, 16, 16, Sum>& from) {
  const emulated::Share<T, Sum> share = {&to, &a, &b, &from};
  dc4j_emulation::exchange(dc4j_emulation::Collective::tile, 0xffffffffu, &share, sizeof share,
                           emulated::Share<T, Sum>::multiply);
}

}  // namespace wmma
}  // namespace nvcuda
