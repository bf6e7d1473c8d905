package org.dc4j.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.Pca;
import org.junit.jupiter.api.Test;

class SpectrumTest {
  @Test
  void eigenvaluesOfTheCovariance() {
    try (DeviceContext device = DeviceContext.open("cpu", 1);
        FloatMatrix rows = FloatMatrix.of(new float[][] {{3, 1}, {-3, 1}, {0, 1}})) {
      assertThat(Spectrum.leading(device.kernels(), rows))
          .containsExactly(new double[] {9, 0}, within(1e-9));
    }
  }

  @Test
  void equalRowsHaveNone() {
    try (DeviceContext device = DeviceContext.open("cpu", 1);
        FloatMatrix rows = FloatMatrix.of(new float[][] {{1, 2, 3}, {1, 2, 3}, {1, 2, 3}});
        Pca pca = device.kernels().pca(3)) {
      assertThat(Spectrum.leading(device.kernels(), rows)).containsExactly(0, 0, 0);
      pca.add(rows);
      assertThat(Spectrum.whitening(pca, 2, 1e-6)).isEmpty();
    }
  }
}
