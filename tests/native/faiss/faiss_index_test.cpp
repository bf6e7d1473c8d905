// FAISS indexes: every kind it is let make, the kinds it is not, bad arguments, files.
#include <dc4j/faiss.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "faiss/faiss_fixture.h"

static const float kNan = std::numeric_limits<float>::quiet_NaN();
static const char* const kFile = "faiss_index_test.faiss";

struct Answer {
  std::vector<int64_t> ids;
  std::vector<float> distances;
};

static Answer search(const dc4j_faiss_index* index, const std::vector<float>& queries, int64_t m) {
  const int64_t d = dc4j_faiss_index_dims(index), q = static_cast<int64_t>(queries.size()) / d;
  Answer answer{std::vector<int64_t>(q * m, -7), std::vector<float>(q * m)};
  CHECK(dc4j_faiss_index_search(index, queries.data(), q, d, m, 2, answer.ids.data(),
                                answer.distances.data()) == DC4J_OK,
        << dc4j_faiss_last_error());
  return answer;
}

/** Share of queries, which are vectors of the index, that come first in their own answer. */
static double findsItself(const Answer& answer, int64_t m) {
  const int64_t q = static_cast<int64_t>(answer.ids.size()) / m;
  int64_t right = 0;
  for (int64_t i = 0; i < q; i++) right += answer.ids[i * m] == i ? 1 : 0;
  return static_cast<double>(right) / static_cast<double>(q);
}

static void checkKind(const char* kind, int32_t metric) {
  currentCase() = std::string(kind) + (metric == DC4J_FAISS_L2 ? " L2" : " IP");
  const int64_t n = 600, d = 24, m = 5;
  const std::vector<float> x = rows(n, d, 1);
  const std::vector<float> queries(x.begin(), x.begin() + 50 * d);
  dc4j_faiss_index* index = nullptr;
  const dc4j_status made = dc4j_faiss_index_create(d, kind, metric, kCpu, &index);
  CHECK(made == DC4J_OK, << dc4j_faiss_last_error());
  if (made != DC4J_OK) return;
  CHECK(dc4j_faiss_index_dims(index) == d && dc4j_faiss_index_size(index) == 0);
  CHECK(dc4j_faiss_index_metric(index) == metric);
  CHECK(dc4j_faiss_index_train(index, x.data(), n, d, 2) == DC4J_OK, << dc4j_faiss_last_error());
  CHECK(dc4j_faiss_index_is_trained(index) == 1);
  CHECK(search(index, queries, m).ids == std::vector<int64_t>(50 * m, -1));
  CHECK(dc4j_faiss_index_add(index, x.data(), 0, d, 1) == DC4J_OK);
  CHECK(dc4j_faiss_index_add(index, x.data(), n, d, 2) == DC4J_OK, << dc4j_faiss_last_error());
  CHECK(dc4j_faiss_index_size(index) == n);
  const Answer found = search(index, queries, m);
  if (metric == DC4J_FAISS_L2) CHECK(findsItself(found, m) >= 0.5, << findsItself(found, m));
  for (size_t i = 1; i < found.ids.size(); i++) {
    if (i % m == 0 || found.ids[i] < 0) continue;
    CHECK(metric == DC4J_FAISS_L2 ? found.distances[i - 1] <= found.distances[i]
                                  : found.distances[i - 1] >= found.distances[i]);
  }
  const Answer all = search(index, queries, n + 3);
  CHECK(all.ids.back() == -1 && std::isinf(all.distances.back()));

  CHECK(dc4j_faiss_index_save(index, kFile) == DC4J_OK, << dc4j_faiss_last_error());
  dc4j_faiss_index* loaded = nullptr;
  CHECK(dc4j_faiss_index_load(kFile, &loaded) == DC4J_OK, << dc4j_faiss_last_error());
  const Answer again = search(loaded, queries, m);
  CHECK(again.ids == found.ids && again.distances == found.distances);
  dc4j_faiss_index_close(loaded);
  dc4j_faiss_index_close(index);
}

static void everyKind() {
  for (const char* kind : {"Flat",         "SQ8",
                           "SQ6",          "SQ4",
                           "SQfp16",       "PQ8",
                           "PQ12x4",       "PQ6x5",
                           "PQ3x9",        "HNSW4",
                           "HNSW16",       "HNSW8,Flat",
                           "HNSW8,SQ8",    "HNSW8,SQfp16",
                           "IVF1,Flat",    "IVF10,Flat",
                           "IVF10,SQ8",    "IVF7,SQ4",
                           "IVF7,SQ6",     "IVF10,SQfp16",
                           "IVF10,PQ8",    "IVF10,PQ12x4",
                           "IVF5,PQ24x7",  "IVF4,PQ8x8",
                           "PCA16,Flat",   "PCAR16,IVF10,Flat",
                           "L2norm,Flat",  "PCA12,L2norm,PQ6",
                           "L2norm,HNSW16"}) {
    for (int32_t metric : {DC4J_FAISS_L2, DC4J_FAISS_INNER_PRODUCT}) checkKind(kind, metric);
  }
}

static void otherDescriptions() {
  currentCase() = "descriptions";
  dc4j_faiss_index* index = nullptr;
  for (const char* kind : {"",
                           ",",
                           "flat",
                           "Flat,",
                           "Flat,Flat",
                           "PQ",
                           "PQ0",
                           "PQ5",
                           "PQ25",
                           "PQ8x",
                           "PQ8x3",
                           "PQ8x13",
                           "IVF4,PQ8x9",
                           "PQ8x4fs",
                           "PQ8np",
                           "PQ99999999999999999999",
                           "PQ-8",
                           "PQ+8",
                           "PQ8,Flat",
                           "HNSW",
                           "HNSW1",
                           "HNSW0",
                           "HNSW257",
                           "HNSW16,PQ8",
                           "HNSW16,Flat,Flat",
                           "IVF",
                           "IVF10",
                           "IVF10,",
                           "IVF0,Flat",
                           "IVF1048577,Flat",
                           "IVF10,HNSW16",
                           "IVF10_HNSW8,Flat",
                           "IVF1k,Flat",
                           "PCA0,Flat",
                           "PCA25,Flat",
                           "PCA16",
                           "PCA16,",
                           "PCA16,PCA20,Flat",
                           "PCA16,PQ24",
                           "OPQ8,PQ8",
                           "IDMap,Flat",
                           "IDMap,IDMap,IDMap,Flat",
                           "Refine(Flat)",
                           "LSH",
                           "RQ3x8",
                           "IVF10(Index0),Flat",
                           "Flat\n",
                           " Flat",
                           "Flat Flat",
                           "((((",
                           "IMI2x10,Flat"}) {
    refused(dc4j_faiss_index_create(24, kind, DC4J_FAISS_L2, kCpu, &index), DC4J_INVALID_ARGUMENT,
            "accepted: ");
    CHECK(index == nullptr, << kind);
  }
  const std::string longest(100000, 'L');
  refused(dc4j_faiss_index_create(24, longest.c_str(), 1, kCpu, &index), DC4J_INVALID_ARGUMENT,
          "100000");
}

static void badArguments() {
  currentCase() = "arguments";
  dc4j_faiss_index* index = nullptr;
  const auto bad = DC4J_INVALID_ARGUMENT;
  for (int64_t dims : {int64_t{-1}, int64_t{0}, int64_t{1} << 21, INT64_MAX}) {
    refused(dc4j_faiss_index_create(dims, "Flat", 1, kCpu, &index), bad, "accepted: 1..1048576");
  }
  refused(dc4j_faiss_index_create(4, "Flat", 2, kCpu, &index), bad, "metric is 2");
  refused(dc4j_faiss_index_create(4, nullptr, 1, kCpu, &index), bad, "description is NULL");
  refused(dc4j_faiss_index_create(4, "Flat", 1, kCpu, nullptr), bad, "out is NULL");
  CHECK(dc4j_faiss_index_create(4, "IVF3,Flat", 1, kCpu, &index) == DC4J_OK);
  std::vector<float> x = rows(40, 4, 2);
  std::vector<int64_t> ids(400);
  std::vector<float> distances(400);
  const auto find = [&](int64_t q, int64_t dims, int64_t m, int32_t threads) {
    return dc4j_faiss_index_search(index, x.data(), q, dims, m, threads, ids.data(),
                                   distances.data());
  };
  refused(dc4j_faiss_index_add(index, x.data(), 40, 4, 1), bad, "not trained");
  refused(find(1, 4, 1, 1), bad, "not trained");
  refused(dc4j_faiss_index_train(index, x.data(), 2, 4, 1), bad, "FAISS: Number of training");
  refused(dc4j_faiss_index_train(index, x.data(), 0, 4, 1), bad, "n is 0");
  refused(dc4j_faiss_index_train(index, x.data(), 40, 5, 1), bad, "dims is 5; accepted: 4");
  x[7 * 4 + 2] = kNan;
  refused(dc4j_faiss_index_train(index, x.data(), 40, 4, 1), DC4J_NOT_FINITE, "row 7");
  x[7 * 4 + 2] = 3e38f;
  refused(dc4j_faiss_index_train(index, x.data(), 40, 4, 1), bad, "row 7");
  x[7 * 4 + 2] = 0x1p61f;
  CHECK(dc4j_faiss_index_train(index, x.data(), 40, 4, 1) == DC4J_OK, << dc4j_faiss_last_error());
  CHECK(dc4j_faiss_index_add(index, x.data(), 40, 4, 1) == DC4J_OK, << dc4j_faiss_last_error());
  refused(dc4j_faiss_index_train(index, x.data(), 40, 4, 1), bad, "holds 40 vectors");
  for (int32_t threads : {-1, 1025}) {
    refused(dc4j_faiss_index_add(index, x.data(), 40, 4, threads), bad, "accepted: 0..1024");
  }
  refused(dc4j_faiss_index_add(index, nullptr, 40, 4, 1), bad, "x is NULL");
  refused(dc4j_faiss_index_add(index, x.data(), -1, 4, 1), bad, "[-1 x 4]");
  refused(dc4j_faiss_index_add(index, x.data(), INT64_MAX / 8, 4, 1), bad, "address space");
  refused(dc4j_faiss_index_add(nullptr, x.data(), 40, 4, 1), bad, "index is NULL");
  refused(find(2, 4, 0, 1), bad, "neighbours is 0");
  refused(find(2, 4, INT64_MAX / 4, 1), bad, "neighbours is");
  refused(find(-2, 4, 1, 1), bad, "[-2 x 4]");
  refused(find(2, 3, 1, 1), bad, "dims is 3");
  CHECK(find(0, 4, 1, 0) == DC4J_OK);
  refused(dc4j_faiss_index_search(index, x.data(), 2, 4, 1, 1, nullptr, distances.data()), bad,
          "ids is NULL");
  for (int64_t value : {int64_t{0}, int64_t{-1}, int64_t{4}, INT64_MAX}) {
    refused(dc4j_faiss_index_set(index, "nprobe", value), bad, "accepted: 1..3");
  }
  CHECK(dc4j_faiss_index_set(index, "nprobe", 3) == DC4J_OK);
  refused(dc4j_faiss_index_set(index, "efSearch", 3), bad, "no HNSW");
  refused(dc4j_faiss_index_set(index, "nothing", 3), bad, "accepted: nprobe, efSearch");
  refused(dc4j_faiss_index_set(index, nullptr, 3), bad, "parameter is NULL");
  CHECK(find(40, 4, 10, 0) == DC4J_OK);
  dc4j_faiss_index_close(index);
  dc4j_faiss_index_close(nullptr);
  CHECK(dc4j_faiss_index_size(nullptr) == 0 && dc4j_faiss_index_dims(nullptr) == 0);
}

static std::string contents() {
  std::ifstream in(kFile, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

static void damagedFiles() {
  currentCase() = "damaged";
  const auto bad = DC4J_INVALID_ARGUMENT;
  dc4j_faiss_index* index = nullptr;
  const std::vector<float> x = rows(60, 8, 3);
  CHECK(dc4j_faiss_index_create(8, "HNSW4", 1, kCpu, &index) == DC4J_OK);
  CHECK(dc4j_faiss_index_add(index, x.data(), 60, 8, 1) == DC4J_OK);
  CHECK(dc4j_faiss_index_save(index, kFile) == DC4J_OK);
  refused(dc4j_faiss_index_save(index, "no/such/folder/f"), bad, "no/such/folder/f: cannot write");
  refused(dc4j_faiss_index_save(index, nullptr), bad, "path is NULL");
  dc4j_faiss_index_close(index);
  index = nullptr;
  const std::string whole = contents();
  const auto load = [&](const std::string& bytes) {
    std::ofstream(kFile, std::ios::binary) << bytes;
    return dc4j_faiss_index_load(kFile, &index);
  };
  for (size_t length = 0; length < whole.size(); length += 1 + length / 50) {
    CHECK(load(whole.substr(0, length)) == bad, << length);
  }
  for (size_t at = 0; at < whole.size(); at++) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << at % 8));
    CHECK(load(damaged) == bad, << at);
  }
  CHECK(load(whole + "x") == bad);
  CHECK(load(whole.substr(0, 100) + whole.substr(108)) == bad);
  CHECK(index == nullptr);
  CHECK(load(whole) == DC4J_OK, << dc4j_faiss_last_error());
  dc4j_faiss_index_close(index);
  std::remove(kFile);
  refused(dc4j_faiss_index_load(kFile, &index), bad, "cannot read: No such file");
  refused(dc4j_faiss_index_load(".", &index), bad, "not a regular file");
}

int main() {
  everyKind();
  otherDescriptions();
  badArguments();
  damagedFiles();
  return finish();
}
