#include "core/label_groups.h"

#include <algorithm>
#include <vector>

namespace dc4j {

struct LabelGroups::Lists {
  std::vector<int64_t> rows, starts;
  std::vector<int32_t> labels;
};

/** Sorts rows by label, byte after byte from the lowest, rows of one label staying in order: labels
 * of a batch come in no order, and every comparison of them is a branch that nobody can guess. */
static void sortByLabel(const int32_t* labels, int32_t largest, std::vector<int64_t>& rows) {
  std::vector<int64_t> sorted(rows.size());
  for (int shift = 0; shift < 32 && largest >> shift > 0; shift += 8) {
    const auto digit = [&](int64_t row) { return static_cast<size_t>(labels[row] >> shift & 255); };
    size_t next[257] = {};
    for (const int64_t row : rows) next[digit(row) + 1]++;
    for (size_t value = 0; value < 256; value++) next[value + 1] += next[value];
    for (const int64_t row : rows) sorted[next[digit(row)]++] = row;
    rows.swap(sorted);
  }
}

LabelGroups::LabelGroups(const int32_t* labels, int64_t n) : lists_(new Lists) {
  Lists& lists = *lists_;
  int32_t largest = 0;
  lists.rows.reserve(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; i++) {
    if (labels[i] < 0) continue;
    lists.rows.push_back(i);
    largest = std::max(largest, labels[i]);
  }
  sortByLabel(labels, largest, lists.rows);
  lists.labels.reserve(lists.rows.size());
  lists.starts.reserve(lists.rows.size() + 1);
  for (size_t r = 0; r < lists.rows.size(); r++) {
    const int32_t label = labels[lists.rows[r]];
    if (!lists.labels.empty() && lists.labels.back() == label) continue;
    lists.labels.push_back(label);
    lists.starts.push_back(static_cast<int64_t>(r));
  }
  lists.starts.push_back(static_cast<int64_t>(lists.rows.size()));
}

LabelGroups::~LabelGroups() = default;

int64_t LabelGroups::count() const { return static_cast<int64_t>(lists_->labels.size()); }

int32_t LabelGroups::label(int64_t group) const { return lists_->labels[group]; }

int64_t LabelGroups::size(int64_t group) const {
  return lists_->starts[group + 1] - lists_->starts[group];
}

const int64_t* LabelGroups::rows(int64_t group) const {
  return lists_->rows.data() + lists_->starts[group];
}

int64_t LabelGroups::find(int32_t label) const {
  const auto& labels = lists_->labels;
  const auto at = std::lower_bound(labels.begin(), labels.end(), label);
  return at != labels.end() && *at == label ? at - labels.begin() : -1;
}

}  // namespace dc4j
