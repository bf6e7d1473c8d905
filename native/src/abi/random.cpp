#include <dc4j/kernels.h>

#include "abi/guard.h"
#include "core/philox.h"

extern "C" dc4j_status dc4j_philox(uint64_t key, uint64_t counter, int64_t count, uint32_t* out) {
  return dc4j::guard([&] {
    if (count < 0) dc4j::invalid(dc4j::text("count is ", count, "; accepted: >= 0"));
    dc4j::requirePointer(out, "out", count);
    dc4j::philoxWords(key, counter, count, out);
  });
}
