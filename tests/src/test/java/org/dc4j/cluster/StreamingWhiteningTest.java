package org.dc4j.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.Pca;
import org.dc4j.kernels.Whitening;
import org.dc4j.random.RandomStream;
import org.junit.jupiter.api.Test;

class StreamingWhiteningTest {
  private static final int N = 230;
  private static final int D = 12;

  private static float[][] rows() {
    RandomStream random = new RandomStream(5);
    float[][] rows = new float[N][D];
    for (float[] row : rows) {
      // Eigenvalues far apart: eigenvectors of close ones would turn with the last bit.
      for (int t = 0; t < D; t++) {
        row[t] = (float) (7 + (t + 1) * random.nextDouble(-1, 1));
      }
    }
    return rows;
  }

  @Test
  void batchesInAnyOrderEqualOneTransformById() {
    float[][] rows = rows();
    try (DeviceContext context = DeviceContext.open("cpu", 2);
        FloatMatrix all = FloatMatrix.of(rows);
        Pca pca = context.kernels().pca(D)) {
      pca.add(all);
      try (Whitening whitening = pca.finish(5, 1e-6);
          FloatMatrix expected = FloatMatrix.allocate(N, 5);
          StreamingWhitening streaming = new StreamingWhitening(context.kernels(), N, D, 5, 1e-6)) {
        context.kernels().whitenApply(whitening, all, true, expected);
        int[] order = new RandomStream(9).permutation(N);
        for (int at = 0; at < N; at += 37) {
          int[] ids = Arrays.copyOfRange(order, at, Math.min(N, at + 37));
          float[][] part = Arrays.stream(ids).mapToObj(id -> rows[id]).toArray(float[][]::new);
          try (FloatMatrix batch = FloatMatrix.of(part)) {
            streaming.add(ids, batch);
          }
        }
        try (FloatMatrix found = streaming.finish()) {
          for (int i = 0; i < N; i++) {
            for (int t = 0; t < 5; t++) {
              assertThat(Math.abs(found.get(i, t) - expected.get(i, t))).isLessThan(2e-5f);
            }
          }
        }
        assertThat(streaming.eigenvalues())
            .hasSize(5)
            .isSortedAccordingTo((a, b) -> Double.compare(b, a));
      }
    }
  }

  @Test
  void widthZeroOnlyNormalises() {
    try (DeviceContext context = DeviceContext.open("cpu", 1);
        FloatMatrix x = FloatMatrix.of(new float[][] {{3, 4}, {0, 2}});
        StreamingWhitening streaming = new StreamingWhitening(context.kernels(), 2, 2, 0, 0)) {
      streaming.add(new int[] {1, 0}, x);
      try (FloatMatrix unit = streaming.finish()) {
        assertThat(unit.toArray()).containsExactly(0f, 1f, 0.6f, 0.8f);
      }
    }
  }

  @Test
  void refusesMoreColumnsThanRowsCanCarry() {
    try (DeviceContext context = DeviceContext.open("cpu", 1)) {
      assertThatThrownBy(() -> new StreamingWhitening(context.kernels(), 5, 10, 5, 0))
          .hasMessageContaining("whitening to 5 columns");
    }
  }

  @Test
  void refusesToFinishEarly() {
    try (DeviceContext context = DeviceContext.open("cpu", 1);
        StreamingWhitening streaming = new StreamingWhitening(context.kernels(), 10, 4, 2, 0)) {
      assertThatThrownBy(streaming::finish).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void fitTakesAtLeastEightRowsPerColumn() {
    assertThat(StreamingWhitening.fitRows(1_281_167, 4096)).isEqualTo(32_768);
    assertThat(StreamingWhitening.fitRows(60_000, 256)).isEqualTo(60_000);
  }
}
