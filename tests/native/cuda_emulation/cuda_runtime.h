// Device functions and intrinsics that kernels use.
#pragma once
#include <cmath>
#include <cstring>

#include "cuda_runtime_api.h"
#include "emulation.h"
#include "race_check.h"

using std::isfinite;
using std::isnan;

inline void __syncthreads() { dc4j_emulation::blockBarrier(); }
inline void __syncwarp(unsigned mask = 0xffffffffu) {
  dc4j_emulation::exchange(dc4j_emulation::Collective::barrier, mask, nullptr, 0);
}
inline void __threadfence() {}
inline void __threadfence_block() {}

namespace dc4j_emulation {
template <typename T>
T valueOf(const unsigned char* all, int lane) {
  T value;
  std::memcpy(&value, all + static_cast<size_t>(lane) * kLaneBytes, sizeof value);
  return value;
}
template <typename T>
T shuffle(unsigned mask, T value, int from) {
  static_assert(sizeof value <= 16, "a shuffle of 16 bytes at most");
  const unsigned char* all = exchange(Collective::shuffle, mask, &value, sizeof value);
  return from < 0 || from > 31 ? value : valueOf<T>(all, from);
}

/** Every lane gets fold(... fold(lane a, lane b) ..., lane z), lanes in order. */
template <typename T, typename Fold>
T reduce(unsigned mask, T value) {
  const unsigned char* all = exchange(
      Collective::reduce, mask, &value, sizeof value, [](unsigned char* values, unsigned lanes) {
        T sum = T();
        for (int l = 0, some = 0; l < 32; l++) {
          if ((lanes >> l & 1) == 0) continue;
          sum = some++ == 0 ? valueOf<T>(values, l) : Fold::of(sum, valueOf<T>(values, l));
        }
        std::memcpy(values, &sum, sizeof sum);
      });
  return valueOf<T>(all, 0);
}
struct Sum {
  template <typename T>
  static T of(T a, T b) {
    return a + b;
  }
};
struct Most {
  template <typename T>
  static T of(T a, T b) {
    return b > a ? b : a;
  }
};
struct Least {
  template <typename T>
  static T of(T a, T b) {
    return b < a ? b : a;
  }
};

/** What lanes fold: some numbers each. */
template <typename T, int count>
struct Several {
  T of[count];
};
/** lane[l] += lane[l + s] for s = 16, 8, 4, 2, 1, number by number; all lanes of the warp. */
template <typename T, int count>
Several<T, count> fold(unsigned mask, const Several<T, count>& value) {
  static_assert(sizeof value <= kLaneBytes, "more than a lane may give");
  const unsigned char* all =
      exchange(Collective::reduce, mask, &value, sizeof value, [](unsigned char* values, unsigned) {
        Several<T, count> lanes[32];
        for (int l = 0; l < 32; l++) lanes[l] = valueOf<Several<T, count>>(values, l);
        for (int s = 16; s > 0; s /= 2) {
          for (int l = 0; l < s; l++) {
            for (int c = 0; c < count; c++) lanes[l].of[c] += lanes[l + s].of[c];
          }
        }
        std::memcpy(values, &lanes[0], sizeof lanes[0]);
      });
  return valueOf<Several<T, count>>(all, 0);
}
}  // namespace dc4j_emulation

template <typename T>
T __shfl_sync(unsigned mask, T value, int lane, int = 32) {
  return dc4j_emulation::shuffle(mask, value, lane & 31);
}
template <typename T>
T __shfl_xor_sync(unsigned mask, T value, int bits, int = 32) {
  return dc4j_emulation::shuffle(mask, value, dc4j_emulation::lane() ^ bits);
}
template <typename T>
T __shfl_down_sync(unsigned mask, T value, unsigned by, int = 32) {
  return dc4j_emulation::shuffle(mask, value, dc4j_emulation::lane() + static_cast<int>(by));
}
template <typename T>
T __shfl_up_sync(unsigned mask, T value, unsigned by, int = 32) {
  return dc4j_emulation::shuffle(mask, value, dc4j_emulation::lane() - static_cast<int>(by));
}
inline unsigned __ballot_sync(unsigned mask, int yes) {
  const int value = yes != 0;
  const unsigned char* all = dc4j_emulation::exchange(
      dc4j_emulation::Collective::ballot, mask, &value, sizeof value,
      [](unsigned char* values, unsigned lanes) {
        unsigned bits = 0;
        for (int l = 0; l < 32; l++) {
          if ((lanes >> l & 1) != 0 && dc4j_emulation::valueOf<int>(values, l) != 0) {
            bits |= 1u << l;
          }
        }
        std::memcpy(values, &bits, sizeof bits);
      });
  return dc4j_emulation::valueOf<unsigned>(all, 0);
}
inline int __any_sync(unsigned mask, int yes) { return __ballot_sync(mask, yes) != 0; }
inline int __all_sync(unsigned mask, int yes) { return __ballot_sync(mask, yes) == mask; }
inline int __reduce_add_sync(unsigned mask, int value) {
  return dc4j_emulation::reduce<int, dc4j_emulation::Sum>(mask, value);
}
inline unsigned __reduce_add_sync(unsigned mask, unsigned value) {
  return dc4j_emulation::reduce<unsigned, dc4j_emulation::Sum>(mask, value);
}
inline unsigned __reduce_max_sync(unsigned mask, unsigned value) {
  return dc4j_emulation::reduce<unsigned, dc4j_emulation::Most>(mask, value);
}
inline unsigned __reduce_min_sync(unsigned mask, unsigned value) {
  return dc4j_emulation::reduce<unsigned, dc4j_emulation::Least>(mask, value);
}

// Nothing runs at the same time, so plain updates are atomic.
template <typename T>
T atomicAdd(T* to, T value) {
  const dc4j_emulation::races::Atomic atomic;
  const T old = *to;
  *to = old + value;
  return old;
}
template <typename T>
T atomicMax(T* to, T value) {
  const dc4j_emulation::races::Atomic atomic;
  const T old = *to;
  if (value > old) *to = value;
  return old;
}
template <typename T>
T atomicMin(T* to, T value) {
  const dc4j_emulation::races::Atomic atomic;
  const T old = *to;
  if (value < old) *to = value;
  return old;
}
template <typename T>
T atomicExch(T* to, T value) {
  const dc4j_emulation::races::Atomic atomic;
  const T old = *to;
  *to = value;
  return old;
}
template <typename T>
T atomicCAS(T* to, T expected, T value) {
  const dc4j_emulation::races::Atomic atomic;
  const T old = *to;
  if (old == expected) *to = value;
  return old;
}
template <typename T>
T atomicOr(T* to, T bits) {
  const dc4j_emulation::races::Atomic atomic;
  const T old = *to;
  *to = old | bits;
  return old;
}

template <typename To, typename From>
To dc4jBits(From from) {
  static_assert(sizeof(To) == sizeof(From), "the same size");
  To to;
  std::memcpy(&to, &from, sizeof to);
  return to;
}
inline unsigned __float_as_uint(float value) { return dc4jBits<unsigned>(value); }
inline int __float_as_int(float value) { return dc4jBits<int>(value); }
inline float __uint_as_float(unsigned bits) { return dc4jBits<float>(bits); }
inline float __int_as_float(int bits) { return dc4jBits<float>(bits); }
inline long long __double_as_longlong(double value) { return dc4jBits<long long>(value); }
inline double __longlong_as_double(long long bits) { return dc4jBits<double>(bits); }
inline int __popc(unsigned bits) { return __builtin_popcount(bits); }
inline int __ffs(int bits) { return __builtin_ffs(bits); }
inline int __clz(int bits) { return bits == 0 ? 32 : __builtin_clz(static_cast<unsigned>(bits)); }
inline float __double2float_ru(double value) {
  const float nearest = static_cast<float>(value);
  return nearest < value ? std::nextafterf(nearest, INFINITY) : nearest;
}
inline float __double2float_rd(double value) {
  const float nearest = static_cast<float>(value);
  return nearest > value ? std::nextafterf(nearest, -INFINITY) : nearest;
}
inline float __double2float_rn(double value) { return static_cast<float>(value); }
inline float __expf(float value) { return std::exp(value); }
inline float __fmaf_rn(float a, float b, float c) { return std::fma(a, b, c); }
inline double __fma_rn(double a, double b, double c) { return std::fma(a, b, c); }
template <typename T>
T __ldg(const T* from) {
  return *from;
}
inline float rsqrtf(float value) { return 1 / std::sqrt(value); }
