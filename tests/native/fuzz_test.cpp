// Random shapes, strides, ties, copies, scales, NaN, infinity and wrong arguments through every
// kernel: every backend and tier gives the reference's status, labels and bits, or what
// is within the stated rounding. Two seconds, or DC4J_FUZZ_SECONDS of them; a failure names its
// seed, DC4J_FUZZ_SEED starts there.
#include <chrono>

#include "fuzz_graphs.h"
#include "fuzz_images.h"
#include "fuzz_rows.h"
#include "fuzz_search.h"

namespace {

int64_t number(const char* name, int64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::atoll(value);
}

std::vector<TestContext> openAll() {
  std::vector<TestContext> all = {openContext("reference", "", 1)};
  for (const char* isa : {"generic", "avx2", "avx512", "vnni", "amx"}) {
    if (!isTested("cpu")) break;
    TestContext test = openContext("cpu", isa, 3);
    if (dc4j_context_isa(test.context) == std::string(isa)) {
      all.push_back(test);
    } else {
      dc4j_context_close(test.context);
    }
  }
  unsetenv("DC4J_MAX_ISA");
  addCuda(all);
  return all;
}

struct Room {
  const char* name;
  Outcome (*run)(const TestContext& test, uint64_t seed);
  std::vector<const char*> formats;  // of the search's coarse pass
  int64_t cases = 0;
};

void compareAll(const std::vector<TestContext>& all, Room& room, uint64_t seed) {
  const Outcome expected = room.run(all[0], seed);
  for (size_t t = 1; t < all.size(); t++) {
    for (const char* format : room.formats) {
      setenv("DC4J_SEARCH_FORMAT", format, 1);
      const std::string wrong = difference(room.run(all[t], seed), expected);
      CHECK(wrong.empty(), << all[t].name << " " << room.name << " " << format << " seed " << seed
                           << ": " << wrong);
    }
  }
  room.cases++;
}

}  // namespace

int main() {
  const std::vector<TestContext> all = openAll();
  Room rooms[] = {{"search", fuzzSearch, {"", "int8", "mixed", "int16", "fp32"}},
                  {"rows", fuzzRows, {""}},
                  {"losses", fuzzLosses, {""}},
                  {"graphs", fuzzGraphs, {""}},
                  {"images", fuzzImages, {""}}};
  const auto start = std::chrono::steady_clock::now();
  const std::chrono::seconds limit(number("DC4J_FUZZ_SECONDS", 2));
  const uint64_t first = uint64_t(number("DC4J_FUZZ_SEED", 1));
  uint64_t seed = first;
  for (; std::chrono::steady_clock::now() - start < limit; seed++) {
    for (Room& room : rooms) compareAll(all, room, seed);
  }
  std::printf("seeds %llu..%llu on %zu tiers:", static_cast<unsigned long long>(first),
              static_cast<unsigned long long>(seed - 1), all.size() - 1);
  for (const Room& room : rooms) {
    std::printf(" %s %lld", room.name, static_cast<long long>(room.cases));
  }
  std::printf(" cases\n");
  for (const TestContext& test : all) dc4j_context_close(test.context);
  return finish();
}
