#include "core/graph.h"

#include <cstdlib>
#include <cstring>
#include <new>

namespace dc4j {

Entries::~Entries() {
  std::free(columns);
  std::free(values);
}

void Entries::resize(int64_t capacity) {
  const size_t count = capacity > 0 ? static_cast<size_t>(capacity) : 1;
  void* grown = std::realloc(columns, count * sizeof(int32_t));
  if (grown == nullptr) throw std::bad_alloc();
  columns = static_cast<int32_t*>(grown);
  grown = std::realloc(values, count * sizeof(float));
  if (grown == nullptr) throw std::bad_alloc();
  values = static_cast<float*>(grown);
  capacity_ = capacity;
}

void Entries::reserve(int64_t more) {
  if (size + more <= capacity_) return;
  const int64_t half_more = capacity_ + capacity_ / 2;
  resize(size + more > half_more ? size + more : half_more);
}

void Entries::append(const Entries& other) {
  if (other.size == 0) return;
  reserve(other.size);
  const size_t count = static_cast<size_t>(other.size);
  std::memcpy(columns + size, other.columns, count * sizeof(int32_t));
  std::memcpy(values + size, other.values, count * sizeof(float));
  size += other.size;
}

void Entries::shrink() { resize(size); }

Graph::Graph(int64_t rows_) : rows(rows_), offsets(new int64_t[static_cast<size_t>(rows_) + 1]()) {}

}  // namespace dc4j
