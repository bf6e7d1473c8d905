// Slots whose work is not for a GPU: they run the CPU backend's kernel, on copies in host memory of
// what lies on the device. A kernel that gets its own .cu file leaves this one.
#include "cuda/on_host.h"

#include <string>

#include "cuda/arguments.h"
#include "cuda/slots.h"

namespace dc4j {
namespace cuda {
namespace {

std::string& names() {
  static std::string all;
  return all;
}

struct Named {
  explicit Named(const char* name) { names() += (names().empty() ? "" : " ") + std::string(name); }
};
#define DC4J_ON_HOST(name) const Named name##_on_host(#name)

/** Arguments on the host, and the kernels that take them. */
struct OnHost : Arguments {
  explicit OnHost(Workers& workers)
      : Arguments(CudaState::of(workers), Place::host), kernels(CudaState::of(workers).host()) {}
  const KernelTable& kernels;
};

}  // namespace

const char* slotsOnHost() { return names().c_str(); }

DC4J_ON_HOST(jaccard);
void jaccard(Workers& workers, ConstMatrix x, const int64_t* ids, int64_t k1, int64_t k2,
             Graph& graph) {
  OnHost host(workers);
  host.kernels.jaccard(workers, host.in(x), host.in(ids, x.rows * k1), k1, k2, graph);
  host.finish();
}

DC4J_ON_HOST(dbscan);
void dbscan(Workers& workers, const Graph& graph, float eps, int64_t min_samples, int32_t* labels,
            int64_t* clusters) {
  OnHost host(workers);
  host.kernels.dbscan(workers, graph, eps, min_samples, host.out(labels, graph.rows), clusters);
  host.finish();
}

DC4J_ON_HOST(pic);
void pic(Workers& workers, const int64_t* ids, ConstMatrix distances,
         const dc4j_pic_options& options, int32_t* labels, int64_t* clusters) {
  OnHost host(workers);
  host.kernels.pic(workers, host.in(ids, distances.rows * distances.cols), host.in(distances),
                   options, host.out(labels, distances.rows), clusters);
  host.finish();
}

DC4J_ON_HOST(tridiagonalise);
void tridiagonalise(Workers& workers, int64_t n, double* matrix, double* diagonal, double* beside,
                    double* factors) {
  CudaState::of(workers).host().tridiagonalise(workers, n, matrix, diagonal, beside, factors);
}

DC4J_ON_HOST(tridiagonal_values);
void tridiagonal_values(Workers& workers, int64_t n, const double* diagonal, const double* beside,
                        int64_t wanted, double* values) {
  CudaState::of(workers).host().tridiagonal_values(workers, n, diagonal, beside, wanted, values);
}

DC4J_ON_HOST(images_apply);
void images_apply(Workers& workers, int64_t n, const dc4j_image* images,
                  const dc4j_image_view* views, const dc4j_image_output& output, Matrix batch) {
  OnHost host(workers);
  host.kernels.images_apply(workers, n, images, views, output, host.out(batch));
  host.finish();
}

}  // namespace cuda
}  // namespace dc4j
