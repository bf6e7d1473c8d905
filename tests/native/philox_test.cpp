// philox: the published vector, words cut from the stream anywhere, refusals.
#include <dc4j/kernels.h>

#include "plain.h"

int main() {
  // Random123's known answer for counter 0 and key 0.
  const uint32_t zeros[4] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
  uint32_t out[11];
  CHECK(dc4j_philox(0, 0, 4, out) == DC4J_OK);
  for (int w = 0; w < 4; w++) CHECK(out[w] == zeros[w]);
  uint32_t whole[12];
  CHECK(dc4j_philox(7, UINT64_MAX, 12, whole) == DC4J_OK);
  for (int64_t count = 0; count < 12; count++) {
    for (uint32_t& word : out) word = 42;
    CHECK(dc4j_philox(7, UINT64_MAX, count, out) == DC4J_OK);
    for (int64_t w = 0; w < 11; w++) CHECK(out[w] == (w < count ? whole[w] : 42u));
  }
  CHECK(dc4j_philox(7, 0, 1, out) == DC4J_OK && out[0] == whole[4]);
  CHECK(dc4j_philox(0, 0, -1, out) == DC4J_INVALID_ARGUMENT);
  CHECK(dc4j_philox(0, 0, 1, nullptr) == DC4J_INVALID_ARGUMENT);
  CHECK(dc4j_philox(0, 0, 0, nullptr) == DC4J_OK);
  return finish();
}
