package org.dc4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
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

  @Test
  @SuppressWarnings("try") // a scope works by being open
  void infoNce() {
    int[] labels = new int[50];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = i % 8 == 5 ? -1 : (i * 37) % 700;
    }
    try (FloatMatrix x = unitRows(50, 70, "x");
        FloatMatrix memory = unitRows(700, 70, "memory");
        IntVector own = IntVector.of(labels);
        FloatMatrix gradient = FloatMatrix.allocate(50, 70);
        PointerScope scope = new PointerScope()) {
      double loss = device.losses().infoNce(x, memory, own, 0.05, gradient);
      Tensor leaf = leaf(x);
      Tensor logits = leaf.matmul(constant(memory).t()).divide(new Scalar(0.05));
      Tensor kept = Tensor.create(keptRows(labels));
      Tensor targets = indices(own).index_select(0, kept);
      Tensor expected = torch.cross_entropy(logits.index_select(0, kept), targets);
      expected.backward();
      assertThat(loss).isCloseTo(expected.item_double(), within(1e-6));
      assertClose(gradient, leaf.grad(), 1e-5);
      double fast = device.losses().infoNce(x, memory, own, 0.05, Precision.FAST, gradient);
      assertThat(fast).isCloseTo(expected.item_double(), within(1e-4));
      assertClose(gradient, leaf.grad(), 2e-3);
    }
  }

  @Test
  @SuppressWarnings("try") // a scope works by being open
  void labelPreservingLoss() {
    int[] labels = new int[24];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = (i * 7) % 5;
    }
    try (FloatMatrix x = unitRows(24, 19, "x");
        FloatMatrix supports = unitRows(24, 19, "supports");
        IntVector groups = IntVector.of(labels);
        FloatMatrix gradient = FloatMatrix.allocate(24, 19);
        FloatMatrix supportGradient = FloatMatrix.allocate(24, 19);
        PointerScope scope = new PointerScope()) {
      double loss =
          device
              .losses()
              .labelPreservingLoss(x, groups, supports, groups, 0.6, gradient, supportGradient);
      Tensor leaf = leaf(x);
      Tensor supportLeaf = leaf(supports);
      Tensor similar = leaf.matmul(supportLeaf.t()).divide(new Scalar(0.6)).exp();
      Tensor expected = null;
      for (int i = 0; i < labels.length; i++) {
        Tensor row = similar.select(0, i);
        Tensor own = row.index_select(0, rowsOf(labels, labels[i])).min();
        Tensor sum = own.add(new Scalar(1e-6));
        for (int group = 0; group < 5; group++) {
          if (group != labels[i]) {
            sum = sum.add(row.index_select(0, rowsOf(labels, group)).max());
          }
        }
        Tensor term = own.divide(sum).add(new Scalar(1e-6)).log().neg();
        expected = expected == null ? term : expected.add(term);
      }
      expected = expected.divide(new Scalar(labels.length));
      expected.backward();
      assertThat(loss).isCloseTo(expected.item_double(), within(1e-12));
      assertClose(gradient, leaf.grad(), 2e-7);
      assertClose(supportGradient, supportLeaf.grad(), 2e-7);
    }
  }

  @Test
  @SuppressWarnings("try") // a scope works by being open
  void memoryUpdate() {
    int[] labels = {2, 0, -1, 2, 2, 1};
    try (FloatMatrix x = unitRows(6, 21, "x");
        IntVector own = IntVector.of(labels);
        PointerScope scope = new PointerScope()) {
      for (MemoryUpdate mode : MemoryUpdate.values()) {
        try (FloatMatrix memory = unitRows(4, 21, "memory")) {
          Tensor c = constant(memory).clone();
          Tensor hardness = constant(x).matmul(c.t());
          device.losses().memoryUpdate(memory, x, own, mode, 0.2);
          for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0) {
              continue;
            }
            if (mode == MemoryUpdate.CM_HARD) {
              Tensor rows = rowsOf(labels, labels[i]);
              Tensor dots = hardness.index_select(0, rows).select(1, labels[i]);
              if (rows.select(0, dots.argmin().item_long()).item_long() != i) {
                continue;
              }
            }
            Tensor row = c.select(0, labels[i]);
            Tensor mixed =
                row.multiply(new Scalar(0.2))
                    .add(constant(x).select(0, i).multiply(new Scalar(0.8)));
            row.copy_(mixed.divide(mixed.norm()));
          }
          assertClose(memory, c, 2e-7);
        }
      }
    }
  }

  private static long[] keptRows(int[] labels) {
    return IntStream.range(0, labels.length).filter(i -> labels[i] >= 0).asLongStream().toArray();
  }

  private static Tensor rowsOf(int[] labels, int label) {
    return Tensor.create(
        IntStream.range(0, labels.length).filter(i -> labels[i] == label).asLongStream().toArray());
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
