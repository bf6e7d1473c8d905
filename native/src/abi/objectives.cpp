#include <dc4j/kernels.h>

#include "abi/guard.h"
#include "core/checks.h"

using namespace dc4j;

extern "C" dc4j_status dc4j_cross_entropy(dc4j_context* context, const dc4j_matrix* logits,
                                          const int32_t* labels, const float* class_weights,
                                          dc4j_matrix* gradient, double* loss) {
  return guardOn(context, [&](const KernelTable& kernels, Workers& workers) {
    const ConstMatrix z = input(workers, logits, "logits");
    Matrix to = {nullptr, z.rows, z.cols, z.cols};
    if (gradient != nullptr) {
      to = output(workers, gradient, "gradient");
      requireShape(to, "gradient", z.rows, z.cols);
      requireDisjoint(z, "logits", to, "gradient");
      requireDisjoint(rowOf(class_weights, z.cols), "class_weights", to, "gradient");
    }
    requirePointer(labels, "labels", z.rows);
    requirePointer(loss, "loss");
    requireLabels(workers, labels, z.rows, INT32_MIN, z.cols);
    if (class_weights != nullptr) requireWeights(workers, class_weights, z.cols);
    kernels.cross_entropy(workers, z, labels, class_weights, to, loss);
  });
}
