package org.dc4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dc4j.encoder.torch.TorchRuntime;
import org.dc4j.random.RandomStream;
import org.dc4j.random.Seeds;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every loss and gradient against libtorch's autograd in fp64 on the same fp32 inputs. */
class LossGradientsTest {
  private static DeviceContext device;

  @BeforeAll
  static void open() {
    TorchRuntime.start(1);
    device = DeviceContext.open("cpu", 2);
  }

  @AfterAll
  static void close() {
    device.close();
  }

  @Test
  @SuppressWarnings("try") // a scope works by being open
  void ratioLoss() {
    try (FloatMatrix x = unitRows(40, 33, "x");
        FloatMatrix centroids = unitRows(9, 33, "centroids");
        IntVector first = IntVector.allocate(40);
        IntVector second = IntVector.allocate(40);
        FloatMatrix gradient = FloatMatrix.allocate(40, 33);
        PointerScope scope = new PointerScope()) {
      device.kernels().kmeansAssign2(x, centroids, first, second, null, null);
      double loss =
          device
              .losses()
              .ratioLoss(x, centroids, first, second, LossKernels.RATIO_EPSILON, gradient);
      Tensor leaf = leaf(x);
      Tensor c = constant(centroids);
      Tensor u = lengths(leaf.subtract(c.index_select(0, indices(first))));
      Tensor v = lengths(leaf.subtract(c.index_select(0, indices(second))));
      Tensor expected = u.divide(v).mean();
      expected.backward();
      // torch has no epsilon: at distances near 1 the one of 1e-6 moves the ratio by 1e-12.
      assertThat(loss).isCloseTo(expected.item_double(), within(1e-11));
      assertClose(gradient, leaf.grad(), 2e-7);
    }
  }

  private static Tensor lengths(Tensor rows) {
    return rows.square().sum(1).sqrt();
  }

  /** Largest difference within {@code relative} of the largest entry. */
  private static void assertClose(FloatMatrix got, Tensor expected, double relative) {
    double[] want = new double[Math.toIntExact(got.rows() * got.cols())];
    Tensor plain = expected.contiguous();
    new DoublePointer(plain.data_ptr_double()).get(want);
    float[] values = got.toArray();
    double largest = 0;
    for (double value : want) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertThat(largest).as("largest entry of the gradient").isGreaterThan(1e-6);
    for (int e = 0; e < want.length; e++) {
      assertThat((double) values[e])
          .as("entry " + e)
          .isCloseTo(want[e], within(relative * largest));
    }
  }

  private static Tensor constant(FloatMatrix matrix) {
    return torch
        .from_blob(matrix.pointer(), matrix.rows(), matrix.cols())
        .to(torch.ScalarType.Double);
  }

  private static Tensor leaf(FloatMatrix matrix) {
    return constant(matrix).set_requires_grad(true);
  }

  private static Tensor indices(IntVector labels) {
    int[] values = labels.toArray();
    long[] wide = new long[values.length];
    for (int i = 0; i < values.length; i++) {
      wide[i] = values[i];
    }
    return Tensor.create(wide);
  }

  private static FloatMatrix unitRows(int rows, int cols, String name) {
    RandomStream random = new Seeds(5).stream(name);
    FloatMatrix matrix = FloatMatrix.allocate(rows, cols);
    for (int i = 0; i < rows; i++) {
      for (int t = 0; t < cols; t++) {
        matrix.set(i, t, (float) random.nextDouble(-1, 1));
      }
    }
    device.kernels().normalizeRows(matrix, matrix);
    return matrix;
  }
}
