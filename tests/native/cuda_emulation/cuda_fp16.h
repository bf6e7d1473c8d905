// fp16 by the compiler's own type, rounded to the nearest like CUDA's.
#pragma once
#include <cstring>

struct alignas(2) __half {
  unsigned short bits;
};
typedef __half half;

inline __half __float2half_rn(float value) {
  const _Float16 half_value = static_cast<_Float16>(value);
  __half out;
  std::memcpy(&out, &half_value, sizeof out);
  return out;
}
inline unsigned short __half_as_ushort(__half value) { return value.bits; }
inline __half __float2half(float value) { return __float2half_rn(value); }
inline float __half2float(__half value) {
  _Float16 half_value;
  std::memcpy(&half_value, &value, sizeof half_value);
  return static_cast<float>(half_value);
}
