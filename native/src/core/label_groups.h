// Rows by label: the rows of each distinct label >= 0, labels and rows increasing.
#pragma once
#include <cstdint>
#include <memory>

namespace dc4j {

class LabelGroups {
 public:
  LabelGroups(const int32_t* labels, int64_t n);
  ~LabelGroups();
  LabelGroups(const LabelGroups&) = delete;
  LabelGroups& operator=(const LabelGroups&) = delete;

  int64_t count() const;
  int32_t label(int64_t group) const;
  int64_t size(int64_t group) const;
  /** The rows of a group, increasing. */
  const int64_t* rows(int64_t group) const;
  /** The group of a label, -1 if no row has it. */
  int64_t find(int32_t label) const;

 private:
  struct Lists;
  std::unique_ptr<Lists> lists_;
};

}  // namespace dc4j
