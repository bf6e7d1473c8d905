package org.dc4j.faiss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.InvalidArgumentException;
import org.dc4j.kernels.NotFiniteException;
import org.dc4j.kernels.NumericException;
import org.dc4j.kernels.Pca;
import org.dc4j.kernels.Whitening;
import org.junit.jupiter.api.Test;

@NeedsFaiss
class FaissPcaTest {
  private static final int ROWS = 800;

  /** Columns of falling spread, so that the components are far apart. */
  private static FloatMatrix graded(int n, int d, long seed) {
    FloatMatrix x = FaissFixture.blobs(n, d, n, 0.5, seed);
    for (int i = 0; i < n; i++) {
      for (int t = 0; t < d; t++) {
        x.set(i, t, (float) (x.get(i, t) * Math.pow(0.8, t)));
      }
    }
    return x;
  }

  @Test
  void whitensAsOurOwnPcaDoes() {
    try (FloatMatrix x = graded(ROWS, 16, 1);
        DeviceContext context = DeviceContext.open("cpu", 2);
        Pca ours = context.kernels().pca(16);
        FaissPca theirs = FaissPca.train(x, 5, true, 2);
        FloatMatrix applied = theirs.apply(x, 2);
        FloatMatrix expected = FloatMatrix.allocate(ROWS, 5)) {
      ours.add(x);
      try (Whitening whitening = ours.finish(5, 0)) {
        context.kernels().whitenApply(whitening, x, false, expected);
        assertThat(theirs.inputWidth()).isEqualTo(16);
        assertThat(theirs.outputWidth()).isEqualTo(5);
        for (int c = 0; c < 5; c++) {
          // FAISS scales by the scatter, we by the variance; signs are free.
          double scale = Math.sqrt(ROWS - 1);
          double sign = Math.signum(applied.get(0, c) * expected.get(0, c));
          for (int i = 0; i < ROWS; i++) {
            assertThat(applied.get(i, c) * sign * scale)
                .isCloseTo(expected.get(i, c), within(5e-3));
          }
          double lambda = whitening.eigenvalues()[c] * (ROWS - 1);
          assertThat((double) theirs.eigenvalues()[c]).isCloseTo(lambda, within(1e-3 * lambda));
        }
      }
    }
  }

  @Test
  void allComponentsKeepDistances() {
    try (FloatMatrix x = graded(200, 9, 2);
        FaissPca pca = FaissPca.train(x, 9, false, 1);
        FloatMatrix turned = pca.apply(x, 1)) {
      for (int i = 1; i < 200; i++) {
        assertThat(distance(turned.row(0), turned.row(i)))
            .isCloseTo(distance(x.row(0), x.row(i)), within(1e-4));
      }
    }
  }

  private static double distance(float[] a, float[] b) {
    double sum = 0;
    for (int t = 0; t < a.length; t++) {
      sum += ((double) a[t] - b[t]) * ((double) a[t] - b[t]);
    }
    return sum;
  }

  @Test
  void fewerRowsThanColumns() {
    try (FloatMatrix x = graded(20, 60, 3);
        FaissPca pca = FaissPca.train(x, 8, false, 2);
        FloatMatrix out = pca.apply(x, 2)) {
      for (int c = 0; c < 8; c++) {
        double square = 0;
        for (int i = 0; i < 20; i++) {
          square += (double) out.get(i, c) * out.get(i, c);
        }
        double lambda = pca.eigenvalues()[c];
        assertThat(square).isCloseTo(lambda, within(2e-3 * pca.eigenvalues()[0]));
      }
    }
  }

  @Test
  void saysWhatItAccepts() {
    try (FloatMatrix x = graded(10, 4, 4);
        FloatMatrix narrow = FloatMatrix.allocate(10, 3);
        FloatMatrix equal = FloatMatrix.allocate(10, 4)) {
      assertThatThrownBy(() -> FaissPca.train(x, 5, true, 1))
          .isInstanceOf(InvalidArgumentException.class)
          .hasMessage("components is 5; accepted: 1..4");
      assertThatThrownBy(() -> FaissPca.train(equal, 2, true, 1))
          .isInstanceOf(NumericException.class)
          .hasMessageContaining("rank");
      FaissPca pca = FaissPca.train(x, 2, false, 1);
      assertThatThrownBy(() -> pca.apply(narrow, 1))
          .isInstanceOf(InvalidArgumentException.class)
          .hasMessage("d is 3; accepted: 4..4");
      x.set(6, 1, Float.NaN);
      assertThatThrownBy(() -> FaissPca.train(x, 2, true, 1))
          .isInstanceOf(NotFiniteException.class)
          .hasMessageContaining("row 6");
      pca.close();
      pca.close();
      assertThatThrownBy(() -> pca.apply(equal, 1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("after close");
    }
  }
}
