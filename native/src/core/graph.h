// Sparse rows that grow while they are built: the graphs of graph.h and the weights behind them.
#pragma once
#include <cstdint>
#include <memory>

#include "core/workers.h"

namespace dc4j {

/** A growing list of (column, value). Large ones grow in place, so that nothing is held twice. */
class Entries {
 public:
  Entries() = default;
  ~Entries();
  Entries(const Entries&) = delete;
  Entries& operator=(const Entries&) = delete;

  /** Room for `more` entries behind the last one. */
  void reserve(int64_t more);
  /** Into room that was reserved. */
  void add(int32_t column, float value) {
    columns[size] = column;
    values[size++] = value;
  }
  void append(const Entries& other);
  /** Gives back what reserve() took too much. */
  void shrink();

  int32_t* columns = nullptr;
  float* values = nullptr;
  int64_t size = 0;

 private:
  void resize(int64_t capacity);
  int64_t capacity_ = 0;
};

/** Row i holds the entries offsets[i]..offsets[i + 1] - 1, columns increasing. */
struct Graph {
  explicit Graph(int64_t rows_);
  const int64_t rows;
  float limit = 1;  // absent pairs are at least this far apart
  std::unique_ptr<int64_t[]> offsets;
  Entries entries;
};

/** Fills an empty graph: body(row, entries, worker) appends the row's entries. Blocks of rows run
 * in parallel into memory of their own and are joined in order, so who ran what leaves no trace. */
template <typename Body>
void buildRows(Workers& workers, Graph& graph, const Body& body) {
  constexpr int64_t kRows = 64;
  const int64_t blocks = (graph.rows + kRows - 1) / kRows, slots = 8 * workers.threads();
  const std::unique_ptr<Entries[]> parts(new Entries[static_cast<size_t>(slots)]);
  int64_t* offsets = graph.offsets.get();
  for (int64_t first = 0; first < blocks; first += slots) {
    const int64_t count = blocks - first < slots ? blocks - first : slots;
    const auto rowsFrom = [&](int64_t b) { return (first + b) * kRows; };
    const auto rowsTo = [&](int64_t b) {
      return rowsFrom(b) + kRows < graph.rows ? rowsFrom(b) + kRows : graph.rows;
    };
    workers.forEach(count, [&](int64_t b, int worker) {
      parts[b].size = 0;
      for (int64_t i = rowsFrom(b); i < rowsTo(b); i++) {
        body(i, parts[b], worker);
        offsets[i + 1] = parts[b].size;
      }
    });
    for (int64_t b = 0; b < count; b++) {
      for (int64_t i = rowsFrom(b); i < rowsTo(b); i++) offsets[i + 1] += graph.entries.size;
      graph.entries.append(parts[b]);
    }
  }
  graph.entries.shrink();
}

}  // namespace dc4j
