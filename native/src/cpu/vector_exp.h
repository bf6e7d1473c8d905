// exp(x) for x <= 0 on a register of floats.
#pragma once
#include "cpu/tier.h"

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

typedef int32_t Ints __attribute__((vector_size(4 * DC4J_LANES), may_alias));

/** exp(x), x <= 0 or -infinity, within 2 units of the last place; below -87 the result is 0.
 *  x = n ln 2 + r with |r| <= ln 2 / 2, exp(r) by its series to r^7 (remainder 6e-9), times 2^n. ln
 * 2 is taken in two parts, the first short enough that n times it is exact. */
static inline Floats expNegative(Floats x) {
  const Floats lowest = Floats{} - 87.0f;
  const Ints tiny = x < lowest;
  x = tiny ? lowest : x;
  const float magic = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer
  const Floats shifted = x * 1.44269504088896341f + magic;
  const Floats n = shifted - magic;
  const Floats r = (x - n * 0.693145751953125f) - n * 1.42860682030941723e-6f;
  Floats p = r * (1 / 5040.0f) + 1 / 720.0f;
  p = p * r + 1 / 120.0f;
  p = p * r + 1 / 24.0f;
  p = p * r + 1 / 6.0f;
  p = p * r + 0.5f;
  p = p * r * r + r + 1.0f;
  const Ints exponent = __builtin_convertvector(n, Ints) + 127;
  union {
    Ints bits;
    Floats value;
  } power;
  power.bits = exponent << 23;
  return tiny ? Floats{} : p * power.value;
}

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
