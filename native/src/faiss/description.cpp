#include "faiss/description.h"

#include <algorithm>
#include <vector>

#include "core/error.h"

namespace dc4j {
namespace {

constexpr int64_t kMaxLists = int64_t{1} << 20;
constexpr size_t kMaxLength = 200;
constexpr const char* kAccepted =
    "; accepted: any of 'PCA<o>,' 'PCAR<o>,' 'L2norm,', then 'Flat', 'SQ8', 'SQ6', 'SQ4',"
    " 'SQfp16', 'PQ<m>', 'PQ<m>x<b>', 'HNSW<m>', or 'IVF<n>,' and one of these but HNSW";

class Description {
 public:
  Description(const std::string& whole, int64_t dims) : whole_(whole), dims_(dims) {
    for (size_t from = 0; from <= whole.size();) {
      const size_t to = std::min(whole.find(',', from), whole.size());
      words_.push_back(whole.substr(from, to - from));
      from = to + 1;
    }
  }

  void check() {
    size_t at = 0;
    while (at < words_.size() && isTransform(words_[at])) at++;
    if (at == words_.size()) refuse("names no kind of index");
    const std::string& kind = words_[at++];
    if (number(kind, "IVF", "the number of lists", 1, kMaxLists)) {
      if (at == words_.size()) refuse("lacks what the lists hold, such as 'Flat'");
      requireCode(words_[at++], 8);
    } else if (number(kind, "HNSW", "the number of links", 2, 256)) {
      if (at < words_.size() && !isFlatOrScalar(words_[at++])) refuse("'" + words_[at - 1] + "'");
    } else {
      requireCode(kind, 12);
    }
    if (at < words_.size()) refuse("'" + words_[at] + "' is left over");
  }

 private:
  [[noreturn]] void refuse(const std::string& problem) const {
    invalid(text("description is '", whole_, "': ", problem, kAccepted));
  }

  /** Whether `word` is `prefix` and a number; the number must lie within its bounds. */
  bool number(const std::string& word, const std::string& prefix, const char* what, int64_t lowest,
              int64_t highest, int64_t* value = nullptr) const {
    if (word.size() <= prefix.size() || word.compare(0, prefix.size(), prefix) != 0) return false;
    const std::string digits = word.substr(prefix.size());
    if (digits.find_first_not_of("0123456789") != std::string::npos) return false;
    // Nine digits fit; more are out of any bounds.
    const int64_t found = digits.size() > 9 ? INT64_MAX : std::stoll(digits);
    if (found < lowest || found > highest) {
      invalid(text("description is '", whole_, "': ", what, " is ", digits, "; accepted: ", lowest,
                   "..", highest));
    }
    if (value != nullptr) *value = found;
    return true;
  }

  bool isTransform(const std::string& word) {
    return word == "L2norm" || number(word, "PCA", "the width after PCA", 1, dims_, &dims_) ||
           number(word, "PCAR", "the width after PCAR", 1, dims_, &dims_);
  }

  static bool isFlatOrScalar(const std::string& word) {
    return word == "Flat" || word == "SQ8" || word == "SQ6" || word == "SQ4" || word == "SQfp16";
  }

  void requireCode(const std::string& word, int64_t most_bits) const {
    if (isFlatOrScalar(word)) return;
    const size_t times = word.find('x');
    int64_t parts = 0, bits = 8;
    if (!number(word.substr(0, times), "PQ", "the number of parts", 1, dims_, &parts)) {
      refuse("'" + word + "'");
    }
    if (times != std::string::npos &&
        !number(word.substr(times), "x", "the bits of a code", 4, most_bits, &bits)) {
      refuse("'" + word + "'");
    }
    if (dims_ % parts != 0) {
      invalid(text("description is '", whole_, "': ", parts, " parts; accepted: a divisor of the ",
                   dims_, " columns"));
    }
  }

  const std::string& whole_;
  int64_t dims_;
  std::vector<std::string> words_;
};

}  // namespace

void requireIndexDescription(const std::string& description, int64_t dims) {
  if (description.size() > kMaxLength) {
    invalid(
        text("description has ", description.size(), " characters; accepted: up to ", kMaxLength));
  }
  Description(description, dims).check();
}

int32_t listsOnDevice(const std::string& description) {
  if (description == "Flat") return 0;
  const size_t comma = description.find(',');
  if (description.compare(0, 3, "IVF") == 0 && description.substr(comma + 1) == "Flat") {
    return std::stoi(description.substr(3, comma - 3));
  }
  invalid(
      text("description is '", description, "'; accepted on a CUDA device: 'Flat', 'IVF<n>,Flat'"));
}

}  // namespace dc4j
