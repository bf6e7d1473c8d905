#include "core/pca.h"

#include <dc4j/kernels.h>

#include <cmath>

#include "abi/guard.h"
#include "core/checks.h"

struct dc4j_pca {
  dc4j_context* context;
  dc4j::Pca state;
};

using namespace dc4j;

extern "C" {

dc4j_status dc4j_pca_begin(dc4j_context* context, int64_t dims, int32_t precision, dc4j_pca** out) {
  return guardOn(context, [&](const KernelTable&, Workers& workers) {
    requirePointer(out, "out");
    *out = nullptr;
    *out = new dc4j_pca{context, {workers, dims, precisionOf(precision)}};
  });
}

dc4j_status dc4j_pca_add(dc4j_pca* pca, const dc4j_matrix* x) {
  return guard([&] {
    if (pca == nullptr) invalid("pca is NULL");
    Workers& workers = pca->context->workers;
    const Turn turn(*pca->context);
    const ConstMatrix rows = input(workers, x, "x");
    requireCols(rows, "x", pca->state.dims());
    HostMatrix first(workers, pca->state.firstRows(rows), "x");
    pca->state.add(pca->context->backend.kernels, workers, rows, first.view());
  });
}

dc4j_status dc4j_pca_finish(dc4j_pca* pca, int64_t components, double floor_ratio,
                            dc4j_matrix* mean, dc4j_matrix* transform, double* eigenvalues,
                            int64_t* rank) {
  return guard([&] {
    if (pca == nullptr) invalid("pca is NULL");
    const int64_t dims = pca->state.dims();
    if (components < 1 || components > dims) {
      invalid(text("components is ", components, "; accepted: 1..", dims));
    }
    if (!(floor_ratio >= 0) || !std::isfinite(floor_ratio)) {
      invalid(text("floor_ratio is ", floor_ratio, "; accepted: finite and >= 0"));
    }
    Workers& workers = pca->context->workers;
    const Turn turn(*pca->context);
    const Matrix centre = output(workers, mean, "mean"),
                 rows = output(workers, transform, "transform");
    requireShape(centre, "mean", 1, dims);
    requireShape(rows, "transform", components, dims);
    requirePointer(eigenvalues, "eigenvalues");
    requirePointer(rank, "rank");
    requireDisjoint(centre, "mean", rows, "transform");
    HostMatrix to_mean(workers, centre, "mean"), to_transform(workers, rows, "transform");
    pca->state.finish(pca->context->backend.kernels, workers, components, floor_ratio,
                      to_mean.view(), to_transform.view(), eigenvalues, rank);
    to_mean.write();
    to_transform.write();
  });
}

void dc4j_pca_close(dc4j_pca* pca) { delete pca; }

dc4j_status dc4j_whiten_apply(dc4j_context* context, const dc4j_matrix* x, const dc4j_matrix* mean,
                              const dc4j_matrix* transform, int32_t l2_normalize,
                              dc4j_matrix* out) {
  return guardOn(context, [&](const KernelTable& kernels, Workers& workers) {
    const ConstMatrix rows = input(workers, x, "x"), centre = input(workers, mean, "mean");
    const ConstMatrix map = input(workers, transform, "transform");
    const Matrix to = output(workers, out, "out");
    requireShape(centre, "mean", 1, rows.cols);
    requireCols(map, "transform", rows.cols);
    requireShape(to, "out", rows.rows, map.rows);
    requireDisjoint(rows, "x", to, "out");
    requireDisjoint(centre, "mean", to, "out");
    requireDisjoint(map, "transform", to, "out");
    kernels.whiten_apply(workers, rows, centre, map, l2_normalize != 0, to);
  });
}

}  // extern "C"
