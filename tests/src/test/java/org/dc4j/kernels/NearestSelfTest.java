package org.dc4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.LongStream;
import org.dc4j.random.RandomStream;
import org.junit.jupiter.api.Test;

class NearestSelfTest {
  private static final int ROWS = 500;
  private static final int NEIGHBOURS = 7;

  @Test
  void equalsNearestOfTheRowsAmongThemselves() {
    try (DeviceContext context = DeviceContext.cpu();
        DeviceContext reference = DeviceContext.open("reference", 1);
        FloatMatrix x = rows()) {
      for (boolean itself : new boolean[] {false, true}) {
        try (LongVector exclude =
                itself ? null : LongVector.of(LongStream.range(0, ROWS).toArray());
            LongVector expected = LongVector.allocate(ROWS * (long) NEIGHBOURS);
            LongVector ids = LongVector.allocate(ROWS * (long) NEIGHBOURS);
            FloatMatrix expectedDistances = FloatMatrix.allocate(ROWS, NEIGHBOURS);
            FloatMatrix distances = FloatMatrix.allocate(ROWS, NEIGHBOURS)) {
          reference.kernels().nearest(x, x, NEIGHBOURS, exclude, expected, expectedDistances);
          context.kernels().nearestSelf(x, NEIGHBOURS, itself, ids, distances);
          assertThat(ids.toArray()).containsExactly(expected.toArray());
          assertThat(distances.toArray()).containsExactly(expectedDistances.toArray());
        }
      }
    }
  }

  @Test
  void refusesWrongSizes() {
    try (DeviceContext context = DeviceContext.cpu();
        FloatMatrix x = rows();
        LongVector ids = LongVector.allocate(ROWS * 2L);
        FloatMatrix distances = FloatMatrix.allocate(ROWS, 3)) {
      assertThatThrownBy(() -> context.kernels().nearestSelf(x, 3, true, ids, null))
          .isInstanceOf(InvalidArgumentException.class)
          .hasMessageContaining("ids has 1000 entries, expected 1500");
      assertThatThrownBy(() -> context.kernels().nearestSelf(x, 2, true, ids, distances))
          .isInstanceOf(InvalidArgumentException.class)
          .hasMessageContaining("distances is");
    }
  }

  private static FloatMatrix rows() {
    FloatMatrix x = FloatMatrix.allocate(ROWS, 20);
    RandomStream random = new RandomStream(5);
    for (int i = 0; i < ROWS; i++) {
      for (int t = 0; t < 20; t++) {
        x.set(i, t, i % 9 == 0 ? t : (float) random.nextDouble(-1, 1)); // some rows are equal
      }
    }
    return x;
  }
}
