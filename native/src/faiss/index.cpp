#include <dc4j/faiss.h>
#include <faiss/AutoTune.h>
#include <faiss/IVFlib.h>
#include <faiss/IndexHNSW.h>
#include <faiss/IndexIVFPQ.h>
#include <faiss/IndexPQ.h>
#include <faiss/IndexPreTransform.h>
#include <faiss/index_factory.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <vector>

#include "faiss/arguments.h"
#include "faiss/cuda_pointer.h"
#include "faiss/description.h"
#include "faiss/guard.h"
#include "faiss/index_file.h"
#include "faiss/placed_rows.h"
#include "faiss/remote_index.h"
#include "faiss/threads.h"

struct dc4j_faiss_index {
  std::unique_ptr<::faiss::Index> faiss;
};

namespace dc4j {
namespace {

constexpr int64_t kMaxEfSearch = int64_t{1} << 20;

/** What comes after the transforms. */
::faiss::Index* coreOf(::faiss::Index* index) {
  auto* transformed = dynamic_cast<::faiss::IndexPreTransform*>(index);
  return transformed == nullptr ? index : transformed->index;
}

/** FAISS warns on standard error about small training sets, and reorders code books for a search
 *  that is not offered here. */
void settle(::faiss::Index* index) {
  if (auto* ivf = dynamic_cast<::faiss::IndexIVF*>(index)) ivf->cp.min_points_per_centroid = 1;
  if (auto* ivf_pq = dynamic_cast<::faiss::IndexIVFPQ*>(index)) {
    ivf_pq->pq.cp.min_points_per_centroid = 1;
    ivf_pq->do_polysemous_training = false;
  }
  if (auto* pq = dynamic_cast<::faiss::IndexPQ*>(index)) {
    pq->pq.cp.min_points_per_centroid = 1;
    pq->do_polysemous_training = false;
    pq->search_type = ::faiss::IndexPQ::ST_PQ;
  }
}

const ::faiss::Index& open(const dc4j_faiss_index* index) {
  requireFaissPointer(index, "index");
  return *index->faiss;
}

::faiss::Index& open(dc4j_faiss_index* index) {
  requireFaissPointer(index, "index");
  return *index->faiss;
}

void requireWidth(const ::faiss::Index& index, int64_t dims) {
  if (dims != index.d) {
    invalid(text("dims is ", dims, "; accepted: ", index.d, ", the width of the index"));
  }
}

void requireTrained(const ::faiss::Index& index) {
  if (!index.is_trained) invalid("the index is not trained; train it first");
}

/** Searches for no more than there is: FAISS's memory grows with the number asked for. */
void search(const ::faiss::Index& index, const float* queries, int64_t q, int64_t m, int64_t* ids,
            float* distances) {
  const int64_t found = std::min<int64_t>(m, index.ntotal);
  const float none = index.metric_type == ::faiss::METRIC_L2
                         ? std::numeric_limits<float>::infinity()
                         : -std::numeric_limits<float>::infinity();
  std::fill(ids, ids + q * m, -1);
  std::fill(distances, distances + q * m, none);
  if (q == 0 || found == 0) return;
  if (found == m) {
    index.search(q, queries, m, distances, ids);
  } else {
    std::vector<int64_t> some_ids(static_cast<size_t>(q * found));
    std::vector<float> some(static_cast<size_t>(q * found));
    index.search(q, queries, found, some.data(), some_ids.data());
    for (int64_t i = 0; i < q; i++) {
      std::copy_n(&some_ids[i * found], found, ids + i * m);
      std::copy_n(&some[i * found], found, distances + i * m);
    }
  }
  for (int64_t i = 0; i < q * m; i++) {
    if (ids[i] < 0) {
      ids[i] = -1;
      distances[i] = none;
    }
  }
}

void setParameter(::faiss::Index& index, const std::string& name, int64_t value) {
  auto* remote = dynamic_cast<RemoteIndex*>(&index);
  if (remote != nullptr && name == "nprobe") return remote->setNprobe(value);
  if (name == "nprobe") {
    const auto* ivf = dynamic_cast<::faiss::IndexIVF*>(coreOf(&index));
    if (ivf == nullptr) invalid("parameter is 'nprobe', but the index has no inverted lists");
    requireFaissRange("nprobe", value, 1, static_cast<int64_t>(ivf->nlist));
  } else if (name == "efSearch") {
    if (dynamic_cast<::faiss::IndexHNSW*>(coreOf(&index)) == nullptr) {
      invalid("parameter is 'efSearch', but the index is no HNSW graph");
    }
    requireFaissRange("efSearch", value, 1, kMaxEfSearch);
  } else {
    invalid(text("parameter is '", name, "'; accepted: nprobe, efSearch"));
  }
  ::faiss::ParameterSpace().set_index_parameter(&index, name, static_cast<double>(value));
}

/** Of a description that was checked. */
std::unique_ptr<::faiss::Index> makeIndex(int32_t dims, const std::string& description,
                                          ::faiss::MetricType metric, int32_t device) {
  if (device == DC4J_FAISS_CPU) {
    std::unique_ptr<::faiss::Index> made(::faiss::index_factory(dims, description.c_str(), metric));
    settle(coreOf(made.get()));
    return made;
  }
  return std::make_unique<RemoteIndex>(device, dims, listsOnDevice(description), metric);
}

}  // namespace
}  // namespace dc4j

using namespace dc4j;

extern "C" {

dc4j_status dc4j_faiss_index_create(int64_t dims, const char* description, int32_t metric,
                                    int32_t device, dc4j_faiss_index** out) {
  return faissGuard([&] {
    requireFaissPointer(out, "out");
    requireFaissPointer(description, "description");
    requireFaissRange("device", device, DC4J_FAISS_CPU, INT32_MAX);
    requireFaissDims(dims, "dims");
    if (metric != DC4J_FAISS_L2 && metric != DC4J_FAISS_INNER_PRODUCT) {
      invalid(text("metric is ", metric, "; accepted: 0 (inner product), 1 (L2)"));
    }
    requireIndexDescription(description, dims);
    auto made = makeIndex(
        static_cast<int32_t>(dims), description,
        metric == DC4J_FAISS_L2 ? ::faiss::METRIC_L2 : ::faiss::METRIC_INNER_PRODUCT, device);
    *out = new dc4j_faiss_index{std::move(made)};
  });
}

void dc4j_faiss_index_close(dc4j_faiss_index* index) { delete index; }

int64_t dc4j_faiss_index_dims(const dc4j_faiss_index* index) {
  return index == nullptr ? 0 : index->faiss->d;
}

int64_t dc4j_faiss_index_size(const dc4j_faiss_index* index) {
  return index == nullptr ? 0 : index->faiss->ntotal;
}

int32_t dc4j_faiss_index_metric(const dc4j_faiss_index* index) {
  return index != nullptr && index->faiss->metric_type == ::faiss::METRIC_INNER_PRODUCT
             ? DC4J_FAISS_INNER_PRODUCT
             : DC4J_FAISS_L2;
}

int32_t dc4j_faiss_index_device(const dc4j_faiss_index* index) {
  const auto* remote =
      index == nullptr ? nullptr : dynamic_cast<const RemoteIndex*>(index->faiss.get());
  return remote == nullptr ? DC4J_FAISS_CPU : remote->device();
}

int32_t dc4j_faiss_index_is_trained(const dc4j_faiss_index* index) {
  return index != nullptr && index->faiss->is_trained ? 1 : 0;
}

dc4j_status dc4j_faiss_index_train(dc4j_faiss_index* index, const float* x, int64_t n, int64_t dims,
                                   int32_t threads) {
  return faissGuard([&] {
    ::faiss::Index& target = open(index);
    requireWidth(target, dims);
    requireFaissRange("n", n, 1, INT32_MAX);
    requireRowsFor(target, x, "x", n);
    if (target.ntotal != 0) {
      invalid(text("the index holds ", target.ntotal, " vectors; train it before the first add"));
    }
    const FaissThreads scope(threads);
    if (!target.is_trained) target.train(n, x);
  });
}

dc4j_status dc4j_faiss_index_add(dc4j_faiss_index* index, const float* x, int64_t n, int64_t dims,
                                 int32_t threads) {
  return faissGuard([&] {
    ::faiss::Index& target = open(index);
    requireWidth(target, dims);
    requireRowsFor(target, x, "x", n);
    requireTrained(target);
    // Graphs number their vectors in 32 bits.
    requireFaissRange("n", n, 0, INT32_MAX - std::min<int64_t>(target.ntotal, INT32_MAX));
    const FaissThreads scope(threads);
    if (n > 0) target.add(n, x);
  });
}

dc4j_status dc4j_faiss_index_search(const dc4j_faiss_index* index, const float* queries, int64_t q,
                                    int64_t dims, int64_t neighbours, int32_t threads, int64_t* ids,
                                    float* distances) {
  return faissGuard([&] {
    const ::faiss::Index& source = open(index);
    requireWidth(source, dims);
    requireRowsFor(source, queries, "queries", q);
    requireTrained(source);
    requireFaissRange("neighbours", neighbours, 1, INT64_MAX / 16 / std::max<int64_t>(q, 1));
    requireFaissPointer(ids, "ids", q);
    requireFaissPointer(distances, "distances", q);
    requireHostMemory(ids, "ids");
    requireHostMemory(distances, "distances");
    const FaissThreads scope(threads);
    search(source, queries, q, neighbours, ids, distances);
  });
}

dc4j_status dc4j_faiss_index_set(dc4j_faiss_index* index, const char* parameter, int64_t value) {
  return faissGuard([&] {
    ::faiss::Index& target = open(index);
    requireFaissPointer(parameter, "parameter");
    setParameter(target, parameter, value);
  });
}

dc4j_status dc4j_faiss_index_save(const dc4j_faiss_index* index, const char* path) {
  return faissGuard([&] {
    const ::faiss::Index& source = open(index);
    requireFaissPointer(path, "path");
    saveIndexFile(source, path);
  });
}

dc4j_status dc4j_faiss_index_load(const char* path, dc4j_faiss_index** out) {
  return faissGuard([&] {
    requireFaissPointer(out, "out");
    requireFaissPointer(path, "path");
    std::unique_ptr<::faiss::Index> loaded = loadIndexFile(path);
    settle(coreOf(loaded.get()));
    *out = new dc4j_faiss_index{std::move(loaded)};
  });
}

}  // extern "C"
