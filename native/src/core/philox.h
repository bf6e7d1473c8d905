// Philox4x32-10: counter-based random numbers, the same bits in C++, CUDA and Java.
// Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
#pragma once
#include <cstdint>

namespace dc4j {

struct PhiloxBlock {
  uint32_t word[4];
};

/** The four words of `counter` (its high 64 bits are 0) in the stream of `key`. */
inline PhiloxBlock philox(uint64_t key, uint64_t counter) {
  uint32_t c0 = static_cast<uint32_t>(counter), c1 = static_cast<uint32_t>(counter >> 32), c2 = 0,
           c3 = 0;
  uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
  for (int round = 0; round < 10; round++) {
    const uint64_t p0 = static_cast<uint64_t>(0xD2511F53u) * c0;
    const uint64_t p1 = static_cast<uint64_t>(0xCD9E8D57u) * c2;
    const uint32_t n0 = static_cast<uint32_t>(p1 >> 32) ^ c1 ^ k0;
    const uint32_t n2 = static_cast<uint32_t>(p0 >> 32) ^ c3 ^ k1;
    c1 = static_cast<uint32_t>(p1);
    c3 = static_cast<uint32_t>(p0);
    c0 = n0;
    c2 = n2;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return {{c0, c1, c2, c3}};
}

/** out[0..count) = the words of the stream, four to a counter, from `counter` on. */
inline void philoxWords(uint64_t key, uint64_t counter, int64_t count, uint32_t* out) {
  for (int64_t i = 0; i < count; i += 4) {
    const PhiloxBlock block = philox(key, counter++);
    for (int64_t w = 0; w < 4 && i + w < count; w++) out[i + w] = block.word[w];
  }
}

/** Draw number `draw` of the stream as 64 bits: words 0 and 1 of counter `draw`. */
inline uint64_t philox64(uint64_t key, uint64_t draw) {
  const PhiloxBlock block = philox(key, draw);
  return static_cast<uint64_t>(block.word[1]) << 32 | block.word[0];
}

/** Two words as a double in [0, 1) with 53 bits. */
inline double uniformOf(uint32_t low, uint32_t high) {
  return static_cast<double>((static_cast<uint64_t>(high) << 32 | low) >> 11) * 0x1.0p-53;
}

/** Draw number `draw` as a double in [0, 1) with 53 bits. */
inline double philoxUniform(uint64_t key, uint64_t draw) {
  return static_cast<double>(philox64(key, draw) >> 11) * 0x1.0p-53;
}

/** Draw number `draw` as an integer in [0, bound), by the high half of a 128-bit product. */
inline uint64_t philoxBelow(uint64_t key, uint64_t draw, uint64_t bound) {
  return static_cast<uint64_t>((static_cast<unsigned __int128>(philox64(key, draw)) * bound) >> 64);
}

}  // namespace dc4j
