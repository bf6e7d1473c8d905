package org.dc4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.dc4j.random.RandomStream;
import org.junit.jupiter.api.Test;

class KmeansFollowTest {
  private static final int ROWS = 600;
  private static final int CLUSTERS = 40;

  @Test
  void equalsKmeansAssignWhicheverCentroidsMoved() {
    try (DeviceContext context = DeviceContext.cpu();
        FloatMatrix x = random(ROWS, 1);
        FloatMatrix before = random(CLUSTERS, 2);
        FloatMatrix centroids = random(CLUSTERS, 3);
        IntVector labels = IntVector.allocate(ROWS);
        IntVector expected = IntVector.allocate(ROWS);
        FloatMatrix distances = FloatMatrix.allocate(1, ROWS);
        FloatMatrix expectedDistances = FloatMatrix.allocate(1, ROWS)) {
      Kernels kernels = context.kernels();
      for (int moved : new int[] {0, 1, 7, CLUSTERS}) {
        for (int j = moved; j < CLUSTERS; j++) {
          for (int t = 0; t < centroids.cols(); t++) {
            centroids.set(j, t, before.get(j, t));
          }
        }
        kernels.kmeansAssign(x, before, labels, null);
        double objective = kernels.kmeansFollow(x, centroids, before, labels, distances);
        assertThat(objective)
            .isEqualTo(kernels.kmeansAssign(x, centroids, expected, expectedDistances));
        assertThat(labels.toArray()).as("%d moved", moved).containsExactly(expected.toArray());
        assertThat(distances.toArray()).containsExactly(expectedDistances.toArray());
        try (FloatMatrix others = random(CLUSTERS, 3)) {
          centroids.setRows(0, others);
        }
      }
    }
  }

  @Test
  void refusesOtherShapes() {
    try (DeviceContext context = DeviceContext.cpu();
        FloatMatrix x = random(10, 1);
        FloatMatrix centroids = random(4, 2);
        FloatMatrix fewer = random(3, 2);
        IntVector labels = IntVector.allocate(10)) {
      assertThatThrownBy(() -> context.kernels().kmeansFollow(x, centroids, fewer, labels, null))
          .isInstanceOf(InvalidArgumentException.class)
          .hasMessageContaining("previous");
    }
  }

  private static FloatMatrix random(int rows, long seed) {
    FloatMatrix x = FloatMatrix.allocate(rows, 12);
    RandomStream random = new RandomStream(seed);
    for (int i = 0; i < rows; i++) {
      for (int t = 0; t < 12; t++) {
        x.set(i, t, (float) random.nextDouble(-1, 1));
      }
    }
    return x;
  }
}
