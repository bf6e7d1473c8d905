package org.dc4j.kernels;

import java.util.List;

/** The calls of {@link BadCalls} that go to {@link LossKernels}. */
final class BadLossCalls {
  static final List<String> NAMES =
      List.of("ratioLoss", "infoNce", "labelPreservingLoss", "memoryUpdate");

  private BadLossCalls() {}

  static void call(String name, BadArguments a, LossKernels losses) {
    switch (name) {
      case "ratioLoss" -> ratioLoss(a, losses);
      case "infoNce" -> infoNce(a, losses);
      case "labelPreservingLoss" -> labelPreservingLoss(a, losses);
      default -> memoryUpdate(a, losses);
    }
  }

  private static void ratioLoss(BadArguments a, LossKernels losses) {
    int n = a.size();
    int d = a.size();
    int k = 2 * a.pick(1, 2, 8, 50);
    IntVector first = a.ints(n, -1, k / 2);
    IntVector second = a.ints(n, k / 2, k);
    double epsilon = a.bad() ? a.pick(Double.NaN, -1, 0, 1e300) : LossKernels.RATIO_EPSILON;
    FloatMatrix gradient = a.flip() ? null : a.matrix(n, d);
    FloatMatrix x = a.matrix(n, d);
    double loss = losses.ratioLoss(x, a.matrix(k, d), first, second, epsilon, gradient);
    BadCalls.require(loss >= 0, "loss " + loss);
  }

  private static void infoNce(BadArguments a, LossKernels losses) {
    int n = a.size();
    int d = a.size();
    int k = a.pick(1, 3, 100, 300);
    FloatMatrix gradient = a.flip() ? null : a.matrix(n, d);
    IntVector labels = a.ints(n, -1, k);
    FloatMatrix x = a.matrix(n, d);
    Precision precision = a.flip() ? Precision.FAST : Precision.FP32;
    double loss = losses.infoNce(x, a.matrix(k, d), labels, temperature(a), precision, gradient);
    BadCalls.require(loss >= 0, "loss " + loss);
  }

  private static void labelPreservingLoss(BadArguments a, LossKernels losses) {
    int n = a.size();
    int m = a.size();
    int d = a.size();
    FloatMatrix gradient = a.flip() ? null : a.matrix(n, d);
    FloatMatrix supportGradient = a.flip() ? null : a.matrix(m, d);
    IntVector labels = a.ints(n, -1, 5);
    IntVector supportLabels = a.ints(m, -1, 5);
    FloatMatrix x = a.matrix(n, d);
    FloatMatrix supports = a.matrix(m, d);
    double loss =
        losses.labelPreservingLoss(
            x, labels, supports, supportLabels, temperature(a), gradient, supportGradient);
    // The ratio may reach 1, the loss then -log(1 + 1e-6).
    BadCalls.require(loss >= -2e-6, "loss " + loss);
  }

  private static void memoryUpdate(BadArguments a, LossKernels losses) {
    int n = a.size();
    int d = a.size();
    int k = a.pick(1, 3, 50);
    MemoryUpdate mode = a.orNull(a.flip() ? MemoryUpdate.CM : MemoryUpdate.CM_HARD);
    double oldWeight = a.bad() ? a.pick(Double.NaN, -1, 1.5) : 0.1;
    FloatMatrix memory = a.matrix(k, d);
    FloatMatrix x = a.matrix(n, d);
    losses.memoryUpdate(memory, x, a.ints(n, -1, k), mode, oldWeight);
  }

  private static double temperature(BadArguments a) {
    return a.bad() ? a.pick(Double.NaN, -1, 0, 1e300) : a.pick(0.05, 0.6, 1e-6, 1e6);
  }
}
