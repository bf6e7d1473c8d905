#include "core/label_groups.h"

#include <algorithm>
#include <vector>

namespace dc4j {

struct LabelGroups::Lists {
  std::vector<int64_t> rows, starts;
  std::vector<int32_t> labels;
};

LabelGroups::LabelGroups(const int32_t* labels, int64_t n) : lists_(new Lists) {
  Lists& lists = *lists_;
  for (int64_t i = 0; i < n; i++) {
    if (labels[i] >= 0) lists.rows.push_back(i);
  }
  std::stable_sort(lists.rows.begin(), lists.rows.end(),
                   [&](int64_t a, int64_t b) { return labels[a] < labels[b]; });
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
