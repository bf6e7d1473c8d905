#include <dc4j/losses.h>

#include <cmath>

#include "abi/guard.h"
#include "core/checks.h"

namespace dc4j {

/** The gradient of `of`, an empty matrix where the caller wants none. */
static Matrix gradientOf(Workers& workers, ConstMatrix of, const char* of_name,
                         dc4j_matrix* gradient, const char* name) {
  if (gradient == nullptr) return {nullptr, 0, of.cols, of.cols};
  const Matrix to = output(workers, gradient, name);
  requireShape(to, name, of.rows, of.cols);
  requireDisjoint(of, of_name, to, name);
  return to;
}

static void requireRows(ConstMatrix matrix, const char* name, int64_t lowest) {
  if (matrix.rows < lowest || matrix.rows > INT32_MAX) {
    invalid(text(name, " has ", matrix.rows, " rows; accepted: ", lowest, "..", INT32_MAX));
  }
}

static void requireBetween(double value, const char* name, double lowest, double highest) {
  if (!(value >= lowest && value <= highest)) {
    invalid(text(name, " is ", value, "; accepted: ", lowest, "..", highest));
  }
}

static void requireDifferent(Workers& workers, const int32_t* first, const int32_t* second,
                             int64_t n) {
  const HostArray<int32_t> near(workers, first, n, "first"), far(workers, second, n, "second");
  for (int64_t i = 0; i < n; i++) {
    if (near[i] >= 0 && near[i] == far[i]) {
      invalid(text("first[", i, "] and second[", i, "] are both ", near[i],
                   "; accepted: two different centroids, or -1"));
    }
  }
}

/** Arguments that the supports and their gradient have in common. */
struct Extension {
  ConstMatrix x, memory;

  Extension(Workers& workers, const dc4j_matrix* rows, const dc4j_matrix* entries,
            const int32_t* own, const int32_t* other, double lambda)
      : x(input(workers, rows, "x")), memory(input(workers, entries, "memory")) {
    requireCols(memory, "memory", x.cols);
    requireRows(memory, "memory", 0);
    requirePointer(own, "own", x.rows);
    requirePointer(other, "other", x.rows);
    requireLabels(workers, own, x.rows, -1, memory.rows, "own");
    requireLabels(workers, other, x.rows, -1, memory.rows, "other");
    requireBetween(lambda, "lambda", 0, 1e6);
  }
};

}  // namespace dc4j

using namespace dc4j;

extern "C" {

dc4j_status dc4j_ratio_loss(dc4j_context* context, const dc4j_matrix* x,
                            const dc4j_matrix* centroids, const int32_t* first,
                            const int32_t* second, double epsilon, dc4j_matrix* gradient,
                            double* loss) {
  return guardOn(context, [&](const KernelTable& kernels, Workers& workers) {
    const ConstMatrix rows = input(workers, x, "x"), means = input(workers, centroids, "centroids");
    requireCols(means, "centroids", rows.cols);
    requireRows(means, "centroids", 0);
    const Matrix to = gradientOf(workers, rows, "x", gradient, "gradient");
    requireDisjoint(means, "centroids", to, "gradient");
    requirePointer(first, "first", rows.rows);
    requirePointer(second, "second", rows.rows);
    requirePointer(loss, "loss");
    requireLabels(workers, first, rows.rows, -1, means.rows, "first");
    requireLabels(workers, second, rows.rows, -1, means.rows, "second");
    requireDifferent(workers, first, second, rows.rows);
    requireBetween(epsilon, "epsilon", 1e-30, 1e30);
    kernels.ratio_loss(workers, rows, means, first, second, epsilon, to, loss);
  });
}

dc4j_status dc4j_info_nce(dc4j_context* context, const dc4j_matrix* x, const dc4j_matrix* memory,
                          const int32_t* labels, double temperature, int32_t precision,
                          dc4j_matrix* gradient, double* loss) {
  return guardOn(context, [&](const KernelTable& kernels, Workers& workers) {
    const ConstMatrix rows = input(workers, x, "x"), entries = input(workers, memory, "memory");
    requireCols(entries, "memory", rows.cols);
    requireRows(entries, "memory", 0);
    const Matrix to = gradientOf(workers, rows, "x", gradient, "gradient");
    requireDisjoint(entries, "memory", to, "gradient");
    requirePointer(labels, "labels", rows.rows);
    requirePointer(loss, "loss");
    requireLabels(workers, labels, rows.rows, -1, entries.rows);
    requireBetween(temperature, "temperature", 1e-6, 1e6);
    kernels.info_nce(workers, rows, entries, labels, temperature, precisionOf(precision), to, loss);
  });
}

dc4j_status dc4j_label_preserving_loss(dc4j_context* context, const dc4j_matrix* x,
                                       const int32_t* labels, const dc4j_matrix* supports,
                                       const int32_t* support_labels, double temperature,
                                       dc4j_matrix* gradient, dc4j_matrix* support_gradient,
                                       double* loss) {
  return guardOn(context, [&](const KernelTable& kernels, Workers& workers) {
    const ConstMatrix rows = input(workers, x, "x"), others = input(workers, supports, "supports");
    requireCols(others, "supports", rows.cols);
    const Matrix to = gradientOf(workers, rows, "x", gradient, "gradient");
    const Matrix to_others =
        gradientOf(workers, others, "supports", support_gradient, "support_gradient");
    requireDisjoint(others, "supports", to, "gradient");
    requireDisjoint(rows, "x", to_others, "support_gradient");
    requireDisjoint(to, "gradient", to_others, "support_gradient");
    requirePointer(labels, "labels", rows.rows);
    requirePointer(support_labels, "support_labels", others.rows);
    requirePointer(loss, "loss");
    requireLabels(workers, labels, rows.rows, -1, int64_t{INT32_MAX} + 1);
    requireLabels(workers, support_labels, others.rows, -1, int64_t{INT32_MAX} + 1,
                  "support_labels");
    requireBetween(temperature, "temperature", 1e-6, 1e6);
    kernels.label_preserving_loss(workers, rows, labels, others, support_labels, temperature, to,
                                  to_others, loss);
  });
}

dc4j_status dc4j_extend_rows(dc4j_context* context, const dc4j_matrix* x, const dc4j_matrix* memory,
                             const int32_t* own, const int32_t* other, double lambda,
                             dc4j_matrix* supports) {
  return guardOn(context, [&](const KernelTable& kernels, Workers& workers) {
    const Extension from(workers, x, memory, own, other, lambda);
    const Matrix to = output(workers, supports, "supports");
    requireShape(to, "supports", from.x.rows, from.x.cols);
    requireDisjoint(from.x, "x", to, "supports");
    requireDisjoint(from.memory, "memory", to, "supports");
    kernels.extend_rows(workers, from.x, from.memory, own, other, lambda, to);
  });
}

dc4j_status dc4j_extend_rows_gradient(dc4j_context* context, const dc4j_matrix* x,
                                      const dc4j_matrix* memory, const int32_t* own,
                                      const int32_t* other, double lambda,
                                      const dc4j_matrix* support_gradient, dc4j_matrix* gradient) {
  return guardOn(context, [&](const KernelTable& kernels, Workers& workers) {
    const Extension from(workers, x, memory, own, other, lambda);
    const ConstMatrix of_supports = input(workers, support_gradient, "support_gradient");
    requireShape(of_supports, "support_gradient", from.x.rows, from.x.cols);
    const Matrix to = output(workers, gradient, "gradient");
    requireShape(to, "gradient", from.x.rows, from.x.cols);
    requireDisjoint(from.x, "x", to, "gradient");
    requireDisjoint(from.memory, "memory", to, "gradient");
    requireDisjoint(of_supports, "support_gradient", to, "gradient");
    kernels.extend_rows_gradient(workers, from.x, from.memory, own, other, lambda, of_supports, to);
  });
}

dc4j_status dc4j_add_scaled(dc4j_context* context, const dc4j_matrix* x, double scale,
                            dc4j_matrix* out) {
  return guardOn(context, [&](const KernelTable& kernels, Workers& workers) {
    const ConstMatrix rows = input(workers, x, "x");
    const Matrix to = output(workers, out, "out");
    requireShape(to, "out", rows.rows, rows.cols);
    requireDisjoint(rows, "x", to, "out");
    if (!std::isfinite(scale)) invalid(text("scale is ", scale, "; accepted: a finite number"));
    kernels.add_scaled(workers, rows, scale, to);
  });
}

dc4j_status dc4j_memory_update(dc4j_context* context, dc4j_matrix* memory, const dc4j_matrix* x,
                               const int32_t* labels, int32_t mode, double old_weight) {
  return guardOn(context, [&](const KernelTable& kernels, Workers& workers) {
    const Matrix entries = output(workers, memory, "memory");
    const ConstMatrix rows = input(workers, x, "x");
    requireCols(entries, "memory", rows.cols);
    requireRows(entries, "memory", 0);
    requireDisjoint(rows, "x", entries, "memory");
    requirePointer(labels, "labels", rows.rows);
    requireLabels(workers, labels, rows.rows, -1, entries.rows);
    if (mode != DC4J_MEMORY_CM && mode != DC4J_MEMORY_CM_HARD) {
      invalid(text("mode is ", mode, "; accepted: 0 (cm), 1 (cm_hard)"));
    }
    requireBetween(old_weight, "old_weight", 0, 1);
    const float kept = static_cast<float>(old_weight);
    kernels.memory_update(workers, entries, rows, labels, mode == DC4J_MEMORY_CM_HARD, kept,
                          1 - kept);
  });
}

}  // extern "C"
