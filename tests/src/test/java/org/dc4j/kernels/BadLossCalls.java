package org.dc4j.kernels;

import java.util.List;

/** The calls of {@link BadCalls} that go to {@link LossKernels}. */
final class BadLossCalls {
  static final List<String> NAMES = List.of("ratioLoss");

  private BadLossCalls() {}

  static void call(String name, BadArguments a, LossKernels losses) {
    ratioLoss(a, losses);
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
}
