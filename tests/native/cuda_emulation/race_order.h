// Which operations of streams are before which: a vector clock a stream, as events and waits of the
// host leave it.
#pragma once
#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

namespace dc4j_emulation {
namespace races {

class Order {
 public:
  Order() { operations_.push_back({"nothing", 0, 0}); }

  void makeStream(const void* stream) { numbers_[stream] = clocks_.size(), clocks_.emplace_back(); }

  /** The next operation; all that the host waited for is before it. */
  void begin(const char* name, const void* stream) {
    stream_ = numberOf(stream);
    Clock& clock = clocks_[stream_];
    join(clock, host_);
    if (clock.size() <= stream_) clock.resize(stream_ + 1);
    operations_.push_back({name, static_cast<uint32_t>(stream_), ++clock[stream_]});
  }
  uint32_t current() const { return static_cast<uint32_t>(operations_.size() - 1); }
  const char* nameOf(uint32_t operation) const { return operations_[operation].name; }

  /** Whether an operation is before the current one. */
  bool isBefore(uint32_t operation) const {
    const Operation& first = operations_[operation];
    if (first.stream == stream_) return true;
    const Clock& clock = clocks_[stream_];
    return first.stream < clock.size() && first.number <= clock[first.stream];
  }

  void record(const void* event, const void* stream) {
    events_[event] = clocks_[numberOf(stream)];
    join(events_[event], host_);
  }
  void wait(const void* stream, const void* event) {
    join(clocks_[numberOf(stream)], events_[event]);
  }
  void hostWaitsForStream(const void* stream) { join(host_, clocks_[numberOf(stream)]); }
  void hostWaitsForEvent(const void* event) { join(host_, events_[event]); }
  void hostWaitsForAll() {
    for (const Clock& clock : clocks_) join(host_, clock);
  }

 private:
  using Clock = std::vector<uint32_t>;  // of every stream, how many operations are before
  struct Operation {
    const char* name;
    uint32_t stream, number;
  };

  size_t numberOf(const void* stream) {
    if (numbers_.find(stream) == numbers_.end()) makeStream(stream);
    return numbers_[stream];
  }
  static void join(Clock& into, const Clock& other) {
    if (into.size() < other.size()) into.resize(other.size());
    for (size_t s = 0; s < other.size(); s++) into[s] = std::max(into[s], other[s]);
  }

  std::vector<Operation> operations_;
  std::map<const void*, size_t> numbers_;
  std::map<const void*, Clock> events_;
  std::vector<Clock> clocks_;
  Clock host_;
  size_t stream_ = 0;
};

}  // namespace races
}  // namespace dc4j_emulation
