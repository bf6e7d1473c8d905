// nvcuda::wmma for tiles of 16 x 16 x 16: every lane holds eight elements of a tile. fp32 sums are
// cut off instead of rounded, the worst that a tensor core may do.
#pragma once
#include <cfloat>
#include <cmath>
#include <cstdint>
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
  const float nearest = static_cast<float>(sum);
  return std::fabs(nearest) > std::fabs(sum) ? std::nextafterf(nearest, 0.0f) : nearest;
}
inline float addTo(float sum, float a, float b) {
  return cutOff(static_cast<double>(sum) + static_cast<double>(a) * b);
}
inline int addTo(int sum, int a, int b) { return sum + a * b; }

/** The addresses of all lanes' fragments. */
template <typename Fragment>
void publish(const Fragment& mine, const Fragment** all) {
  const Fragment* address = &mine;
  const unsigned char* given = dc4j_emulation::exchange(dc4j_emulation::Collective::tile,
                                                        0xffffffffu, &address, sizeof address);
  for (int l = 0; l < 32; l++) __builtin_memcpy(&all[l], given + l * 16, sizeof all[l]);
}

}  // namespace emulated

template <typename Use, typename T, typename Layout>
void fill_fragment(fragment<Use, 16, 16, 16, T, Layout>& to, T value) {
  for (T& x : to.x) x = value;
}

template <typename T>
void load_matrix_sync(fragment<matrix_a, 16, 16, 16, T, row_major>& to, const T* from,
                      unsigned stride) {
  for (int e = 0; e < 8; e++) {
    int row, column;
    emulated::place(e, &row, &column);
    to.x[e] = emulated::held(from[row * static_cast<int64_t>(stride) + column]);
  }
}

/** Column-major [k x n]: kept as rows of its transpose. */
template <typename T>
void load_matrix_sync(fragment<matrix_b, 16, 16, 16, T, col_major>& to, const T* from,
                      unsigned stride) {
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
  const fragment<matrix_a, 16, 16, 16, T, row_major>* left[32];
  const fragment<matrix_b, 16, 16, 16, T, col_major>* right[32];
  emulated::publish(a, left);
  emulated::publish(b, right);
  for (int e = 0; e < 8; e++) {
    int row, column;
    emulated::place(e, &row, &column);
    Sum sum = from.x[e];
    for (int t = 0; t < 16; t++) {
      const int at_a = 16 * row + t, at_b = 16 * column + t;
      sum = emulated::addTo(sum, left[at_a % 32]->x[at_a / 32], right[at_b % 32]->x[at_b / 32]);
    }
    to.x[e] = sum;
  }
  dc4j_emulation::exchange(dc4j_emulation::Collective::tile, 0xffffffffu, nullptr, 0);
}

}  // namespace wmma
}  // namespace nvcuda
