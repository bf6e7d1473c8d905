// What libdc4j_faiss.so and libdc4j_faiss_gpu.so have to say to each other. The first opens the
// second from its own folder when a CUDA device is asked for, so that FAISS on the CPU needs
// nothing of CUDA. Both come from one build: version and size are compared before anything else is
// used.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace dc4j {

/** An index of FAISS on a CUDA device. Vectors lie in host memory or on that device, results in
 *  host memory. Every call returns after its results are complete. Throws Error, FaissException. */
class GpuIndex {
 public:
  virtual ~GpuIndex() = default;
  /** Rows on the device would go through host memory: see setLists. */
  virtual void train(int64_t n, const float* x) = 0;
  /** Trained, with these centres [lists x d] of its inverted lists. */
  virtual void setLists(const float* centres) = 0;
  virtual void add(int64_t n, const float* x) = 0;
  /** @param distances [n x k] @param ids [n x k] */
  virtual void search(int64_t n, const float* x, int64_t k, float* distances,
                      int64_t* ids) const = 0;
  virtual void reset() = 0;
  virtual void setNprobe(int64_t lists) = 0;
  virtual bool isTrained() const = 0;
  virtual int64_t size() const = 0;
  /** The bytes FAISS writes for the same index on the CPU. */
  virtual std::vector<uint8_t> serialised() const = 0;
};

/** Dense rows [n x d] on a CUDA device, which stay there. */
class GpuRows {
 public:
  virtual ~GpuRows() = default;
  virtual const float* data() const = 0;
  /** Copies row ids[p] to to[p], in host memory. */
  virtual void read(const int32_t* ids, int64_t count, float* to) const = 0;
  /** Copies of the rows ids[0..count), on the same device. */
  virtual std::unique_ptr<GpuRows> subset(const int32_t* ids, int64_t count) const = 0;
  /** sums[j] = x[order[starts[j]]] + ... + x[order[starts[j + 1] - 1]], one after the other in
   * fp32, as FAISS adds on the CPU.
   *  @param order [n] @param starts [k + 1] @param sums [k x d], host memory */
  virtual void sum(const int32_t* order, const int64_t* starts, int64_t k, float* sums) const = 0;
  /** The first row that is not finite or whose sum of squares exceeds `most`, or -1. */
  virtual int64_t firstBeyond(double most) const = 0;
};

struct FaissGpuLibrary {
  int64_t bytes;              // sizeof(FaissGpuLibrary)
  const char* version;        // DC4J_VERSION_TEXT
  const char* faiss_version;  // as dc4j_faiss_version()
  int32_t build;              // kFaissGpuBuild
  /** Why FAISS cannot use CUDA device `device`, or "". */
  std::string (*why_not)(int32_t device);
  /** An empty index: flat if lists is 0, else inverted lists over flat vectors.
   *  @param metric DC4J_FAISS_L2 or DC4J_FAISS_INNER_PRODUCT */
  std::unique_ptr<GpuIndex> (*make_index)(int32_t device, int32_t d, int32_t lists, int32_t metric);
  /** @param x [n x d] memory of the device, which outlives the rows */
  std::unique_ptr<GpuRows> (*open_rows)(int32_t device, const float* x, int64_t n, int64_t d);
};

/** Raised with every change of what the two libraries share. */
constexpr int32_t kFaissGpuBuild = 1;
constexpr const char* kFaissGpuEntry = "dc4j_faiss_gpu_library";
using FaissGpuEntry = const FaissGpuLibrary* (*)();

/** Why FAISS cannot be used on CUDA device `device`, or "". */
std::string faissGpuStatus(int32_t device);

/** The library, opened once per process; throws DC4J_UNSUPPORTED unless `device` can be used. The
 *  environment variable DC4J_FAISS_GPU_LIBRARY names another file than the one beside
 *  libdc4j_faiss.so. */
const FaissGpuLibrary& faissGpu(int32_t device);

}  // namespace dc4j
