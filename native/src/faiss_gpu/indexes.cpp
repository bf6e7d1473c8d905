#include "faiss_gpu/indexes.h"

#include <dc4j/faiss.h>
#include <faiss/IndexFlat.h>
#include <faiss/gpu/GpuIndexFlat.h>
#include <faiss/gpu/StandardGpuResources.h>
#include <faiss/impl/FaissException.h>
#include <faiss/impl/io.h>
#include <faiss/index_io.h>

#ifdef DC4J_FAISS_GPU_IVF
#include <faiss/IndexIVFFlat.h>
#include <faiss/gpu/GpuCloner.h>
#include <faiss/gpu/GpuIndexIVFFlat.h>
#endif

#include <map>
#include <mutex>

#include "core/error.h"

namespace dc4j {
namespace faiss_gpu {
namespace {

using ::faiss::gpu::GpuIndexFlat;
using ::faiss::gpu::StandardGpuResources;

/** FAISS's streams, cuBLAS handle and workspace of a device, made with its first index and never
 *  freed: when a process ends CUDA may be gone before. */
StandardGpuResources& resources(int32_t device) {
  static auto* all = new std::map<int32_t, StandardGpuResources>();
  return (*all)[device];
}

/** FAISS shares workspace between the indexes of a device without a lock. */
std::mutex& turn() {
  static auto* lock = new std::mutex();
  return *lock;
}

/** Runs FAISS's code alone, and tells memory that ran out from other refusals. */
template <typename Body>
auto alone(const Body& body) {
  const std::lock_guard<std::mutex> lock(turn());
  try {
    return body();
  } catch (const ::faiss::FaissException& error) {
    const std::string what = error.what();
    if (what.find("alloc fail") == std::string::npos) throw;
    throw Error(DC4J_OUT_OF_MEMORY, "FAISS-GPU: no device memory left: " + what);
  }
}

::faiss::MetricType metricOf(int32_t metric) {
  return metric == DC4J_FAISS_L2 ? ::faiss::METRIC_L2 : ::faiss::METRIC_INNER_PRODUCT;
}

/** What both kinds do in the same way. */
class Placed : public GpuIndex {
 public:
  explicit Placed(int32_t device) : device_(device) {}

  void train(int64_t n, const float* x) override {
    alone([&] { index_->train(n, x), finish(); });
  }
  void add(int64_t n, const float* x) override {
    alone([&] { index_->add(n, x), finish(); });
  }
  void search(int64_t n, const float* x, int64_t k, float* distances, int64_t* ids) const override {
    alone([&] { index_->search(n, x, k, distances, ids), finish(); });
  }
  void reset() override {
    alone([&] { index_->reset(), finish(); });
  }
  bool isTrained() const override { return index_->is_trained; }
  int64_t size() const override { return index_->ntotal; }

  std::vector<uint8_t> serialised() const override {
    return alone([&] {
      ::faiss::VectorIOWriter writer;
      const std::unique_ptr<::faiss::Index> copy = hostCopy();
      ::faiss::write_index(copy.get(), &writer);
      return std::move(writer.data);
    });
  }

 protected:
  virtual std::unique_ptr<::faiss::Index> hostCopy() const = 0;
  void finish() const { resources(device_).getResources()->syncDefaultStream(device_); }

  int32_t device_;
  std::unique_ptr<::faiss::Index> index_;
};

class Flat : public Placed {
 public:
  Flat(int32_t device, int32_t d, ::faiss::MetricType metric) : Placed(device) {
    ::faiss::gpu::GpuIndexFlatConfig config;
    config.device = device;
    index_ = std::make_unique<GpuIndexFlat>(&resources(device), d, metric, config);
  }
  ~Flat() override {
    const std::lock_guard<std::mutex> lock(turn());
    index_.reset();
  }
  void setLists(const float*) override { invalid("a flat index has no inverted lists"); }
  void setNprobe(int64_t) override { invalid("a flat index has no inverted lists"); }

 private:
  std::unique_ptr<::faiss::Index> hostCopy() const override {
    auto copy = std::make_unique<::faiss::IndexFlat>(index_->d, index_->metric_type);
    static_cast<const GpuIndexFlat&>(*index_).copyTo(copy.get());
    return copy;
  }
};

#ifdef DC4J_FAISS_GPU_IVF
using ::faiss::gpu::GpuIndexIVFFlat;

class InvertedLists : public Placed {
 public:
  InvertedLists(int32_t device, int32_t d, int32_t lists, ::faiss::MetricType metric)
      : Placed(device) {
    ::faiss::gpu::GpuIndexIVFFlatConfig config;
    config.device = device;
    auto made = std::make_unique<GpuIndexIVFFlat>(&resources(device), d, lists, metric, config);
    made->cp.min_points_per_centroid = 1;  // fewer make it warn on standard error
    index_ = std::move(made);
  }
  ~InvertedLists() override {
    const std::lock_guard<std::mutex> lock(turn());
    index_.reset();
  }

  void setLists(const float* centres) override {
    alone([&] {
      lists().quantizer->reset();
      lists().quantizer->add(lists().nlist, centres);
      // It finds its lists known and looks at the one row no further.
      index_->train(1, centres);
      finish();
    });
  }
  void setNprobe(int64_t count) override {
    alone([&] { lists().nprobe = static_cast<decltype(lists().nprobe)>(count); });
  }

 private:
  GpuIndexIVFFlat& lists() const { return static_cast<GpuIndexIVFFlat&>(*index_); }

  std::unique_ptr<::faiss::Index> hostCopy() const override {
    if (index_->is_trained) {
      auto copy = std::make_unique<::faiss::IndexIVFFlat>();
      lists().copyTo(copy.get());
      return copy;
    }
    // FAISS copies trained ones only.
    auto copy = std::make_unique<::faiss::IndexIVFFlat>(
        new ::faiss::IndexFlat(index_->d, index_->metric_type), static_cast<size_t>(index_->d),
        static_cast<size_t>(lists().nlist), index_->metric_type);
    copy->own_fields = true;
    return copy;
  }
};
#endif

}  // namespace

std::unique_ptr<GpuIndex> makeIndex(int32_t device, int32_t d, int32_t lists, int32_t metric) {
  return alone([&]() -> std::unique_ptr<GpuIndex> {
    if (lists == 0) return std::make_unique<Flat>(device, d, metricOf(metric));
#ifdef DC4J_FAISS_GPU_IVF
    return std::make_unique<InvertedLists>(device, d, lists, metricOf(metric));
#else
    throw Error(
        DC4J_UNSUPPORTED,
        "FAISS-GPU of this build has flat indexes alone; build with -DDC4J_FAISS_GPU_IVF=ON");
#endif
  });
}

}  // namespace faiss_gpu
}  // namespace dc4j

#if defined(DC4J_FAISS_GPU_PARTS) && defined(DC4J_FAISS_GPU_IVF)
/** In the place of FAISS's own, which would bring every kind of GPU index with it: the copy of
 *  inverted lists asks for the flat index of their centres alone. */
::faiss::Index* ::faiss::gpu::index_gpu_to_cpu(const ::faiss::Index* index) {
  const auto* flat = dynamic_cast<const GpuIndexFlat*>(index);
  if (flat == nullptr) dc4j::invalid("only flat indexes are copied to the host here");
  auto copy = std::make_unique<::faiss::IndexFlat>(index->d, index->metric_type);
  flat->copyTo(copy.get());
  return copy.release();
}
#endif
