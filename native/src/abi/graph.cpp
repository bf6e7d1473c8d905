#include <dc4j/graph.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "abi/guard.h"
#include "core/graph_checks.h"

struct dc4j_graph {
  dc4j::Graph state;
  explicit dc4j_graph(int64_t rows) : state(rows) {}
};

namespace dc4j {

static void requireRows(int64_t rows, const char* name) {
  if (rows < 0 || rows > INT32_MAX) {
    invalid(text(name, " is ", rows, "; accepted: 0..", INT32_MAX));
  }
}

/** ids [n x k]: `name` is k's. */
static void requireTable(Workers& workers, const int64_t* ids, int64_t n, int64_t k,
                         const char* name) {
  if (k < 1 || (n > 0 && k > INT64_MAX / 16 / n)) {
    invalid(
        text(name, " is ", k, "; accepted: >= 1, [", n, " x ", name, "] within the address space"));
  }
  requirePointer(ids, "ids", n);
  requireNeighbourTable(HostArray<int64_t>(workers, ids, n * k, "ids").data(), n, k);
}

static void requireOptions(const dc4j_pic_options& options) {
  const double square = options.sigma * options.sigma;
  if (!(square > 0) || !std::isfinite(square)) {
    invalid(text("sigma is ", options.sigma, "; accepted: sigma^2 positive and finite"));
  }
  if (!(options.alpha >= 0 && options.alpha < 1)) {
    invalid(text("alpha is ", options.alpha, "; accepted: >= 0 and below 1"));
  }
  if (options.iterations < 0 || options.iterations > 1000000) {
    invalid(text("iterations is ", options.iterations, "; accepted: 0..1000000"));
  }
}

}  // namespace dc4j

using namespace dc4j;

extern "C" {

dc4j_status dc4j_graph_of(int64_t rows, const int64_t* offsets, const int32_t* columns,
                          const float* distances, float limit, dc4j_graph** out) {
  return guard([&] {
    requirePointer(out, "out");
    *out = nullptr;
    requireRows(rows, "rows");
    requirePointer(offsets, "offsets");
    if (!(limit > 0)) invalid(text("limit is ", limit, "; accepted: > 0"));
    requireOffsets(offsets, rows);
    const int64_t size = offsets[rows];
    requirePointer(columns, "columns", size);
    requirePointer(distances, "distances", size);
    std::unique_ptr<dc4j_graph> graph(new dc4j_graph(rows));
    Graph& state = graph->state;
    state.limit = limit;
    std::copy(offsets, offsets + rows + 1, state.offsets.get());
    state.entries.reserve(size);
    std::copy(columns, columns + size, state.entries.columns);
    std::copy(distances, distances + size, state.entries.values);
    state.entries.size = size;
    state.entries.shrink();  // an array even of no entries
    requireGraph(state);
    *out = graph.release();
  });
}

int64_t dc4j_graph_rows(const dc4j_graph* graph) {
  return graph == nullptr ? 0 : graph->state.rows;
}

int64_t dc4j_graph_size(const dc4j_graph* graph) {
  return graph == nullptr ? 0 : graph->state.entries.size;
}

float dc4j_graph_limit(const dc4j_graph* graph) {
  return graph == nullptr ? 0 : graph->state.limit;
}

const int64_t* dc4j_graph_offsets(const dc4j_graph* graph) {
  return graph == nullptr ? nullptr : graph->state.offsets.get();
}

const int32_t* dc4j_graph_columns(const dc4j_graph* graph) {
  return graph == nullptr ? nullptr : graph->state.entries.columns;
}

const float* dc4j_graph_distances(const dc4j_graph* graph) {
  return graph == nullptr ? nullptr : graph->state.entries.values;
}

void dc4j_graph_close(dc4j_graph* graph) { delete graph; }

dc4j_status dc4j_jaccard(dc4j_context* context, const dc4j_matrix* x, const int64_t* ids,
                         int64_t k1, int64_t k2, float limit, dc4j_graph** out) {
  return guardOn(context, [&](const KernelTable& kernels, Workers& workers) {
    requirePointer(out, "out");
    *out = nullptr;
    const ConstMatrix rows = input(workers, x, "x");
    requireRows(rows.rows, "rows of x");
    requireTable(workers, ids, rows.rows, k1, "k1");
    if (k2 < 1) invalid(text("k2 is ", k2, "; accepted: >= 1"));
    if (!(limit > 0 && limit <= 1)) {
      invalid(text("limit is ", limit, "; accepted: above 0, at most 1"));
    }
    std::unique_ptr<dc4j_graph> graph(new dc4j_graph(rows.rows));
    graph->state.limit = limit;
    kernels.jaccard(workers, rows, ids, k1, k2, graph->state);
    *out = graph.release();
  });
}

dc4j_status dc4j_dbscan(dc4j_context* context, const dc4j_graph* graph, float eps,
                        int64_t min_samples, int32_t* labels, int64_t* clusters) {
  return guardOn(context, [&](const KernelTable& kernels, Workers& workers) {
    requirePointer(graph, "graph");
    const Graph& state = graph->state;
    if (!(eps >= 0 && eps < state.limit)) {
      invalid(text("eps is ", eps, "; accepted: >= 0 and below the graph's limit ", state.limit));
    }
    if (min_samples < 1) invalid(text("min_samples is ", min_samples, "; accepted: >= 1"));
    requirePointer(labels, "labels", state.rows);
    int64_t count = 0;
    kernels.dbscan(workers, state, eps, min_samples, labels, &count);
    if (clusters != nullptr) *clusters = count;
  });
}

dc4j_status dc4j_pic(dc4j_context* context, const int64_t* ids, const dc4j_matrix* distances,
                     const dc4j_pic_options* options, int32_t* labels, int64_t* clusters) {
  return guardOn(context, [&](const KernelTable& kernels, Workers& workers) {
    const ConstMatrix squared = input(workers, distances, "distances");
    requireRows(squared.rows, "rows of distances");
    requireTable(workers, ids, squared.rows, squared.cols, "columns of distances");
    HostMatrix on_host(workers, squared, "distances");
    requireNeighbourDistances(
        HostArray<int64_t>(workers, ids, squared.rows * squared.cols, "ids").data(),
        on_host.view());
    requirePointer(options, "options");
    requireOptions(*options);
    requirePointer(labels, "labels", squared.rows);
    int64_t count = 0;
    kernels.pic(workers, ids, squared, *options, labels, &count);
    if (clusters != nullptr) *clusters = count;
  });
}

}  // extern "C"
