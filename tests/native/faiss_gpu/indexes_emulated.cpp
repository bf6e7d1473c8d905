// In the place of FAISS's GPU part, whose kernels no emulation runs: FAISS's indexes on the CPU
// that read the emulated device's memory as kernels do. Everything around them is the real code.
#include <dc4j/faiss.h>
#include <faiss/IndexFlat.h>
#include <faiss/IndexIVFFlat.h>
#include <faiss/impl/io.h>
#include <faiss/index_io.h>

#include "faiss_gpu/indexes.h"
#include "memory.h"

namespace dc4j {
namespace faiss_gpu {
namespace {

using namespace dc4j_emulation;

/** The rows as FAISS on the CPU can read them, wherever they lie. */
class Readable {
 public:
  Readable(const float* x, int64_t count) : rows_(x) {
    if (!isDevice(x)) return;
    {
      const Unlocked unlocked("FAISS's kernel");
      copy_.assign(x, x + count);
    }
    lockDevice();
    rows_ = copy_.data();
  }
  const float* data() const { return rows_; }

 private:
  const float* rows_;
  std::vector<float> copy_;
};

class Emulated : public GpuIndex {
 public:
  Emulated(int32_t d, int32_t lists, ::faiss::MetricType metric) {
    if (lists == 0) {
      index_ = std::make_unique<::faiss::IndexFlat>(d, metric);
      return;
    }
    auto made = std::make_unique<::faiss::IndexIVFFlat>(new ::faiss::IndexFlat(d, metric),
                                                        static_cast<size_t>(d),
                                                        static_cast<size_t>(lists), metric);
    made->own_fields = true;
    made->cp.min_points_per_centroid = 1;
    lists_ = made.get();
    index_ = std::move(made);
  }

  void train(int64_t n, const float* x) override { index_->train(n, x); }
  void setLists(const float* centres) override {
    lists_->quantizer->add(static_cast<int64_t>(lists_->nlist), centres);
    index_->train(1, centres);
  }
  void add(int64_t n, const float* x) override {
    index_->add(n, Readable(x, n * index_->d).data());
  }
  void search(int64_t n, const float* x, int64_t k, float* distances, int64_t* ids) const override {
    index_->search(n, Readable(x, n * index_->d).data(), k, distances, ids);
  }
  void reset() override { index_->reset(); }
  void setNprobe(int64_t lists) override { lists_->nprobe = static_cast<size_t>(lists); }
  bool isTrained() const override { return index_->is_trained; }
  int64_t size() const override { return index_->ntotal; }
  std::vector<uint8_t> serialised() const override {
    ::faiss::VectorIOWriter writer;
    ::faiss::write_index(index_.get(), &writer);
    return std::move(writer.data);
  }

 private:
  std::unique_ptr<::faiss::Index> index_;
  ::faiss::IndexIVFFlat* lists_ = nullptr;
};

}  // namespace

std::unique_ptr<GpuIndex> makeIndex(int32_t, int32_t d, int32_t lists, int32_t metric) {
  return std::make_unique<Emulated>(
      d, lists, metric == DC4J_FAISS_L2 ? ::faiss::METRIC_L2 : ::faiss::METRIC_INNER_PRODUCT);
}

}  // namespace faiss_gpu
}  // namespace dc4j
