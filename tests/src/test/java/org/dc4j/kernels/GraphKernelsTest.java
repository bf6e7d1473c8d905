package org.dc4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.dc4j.random.RandomStream;
import org.junit.jupiter.api.Test;

/** Neighbour graphs from Java; their numbers are tested where they are computed (tests/native). */
class GraphKernelsTest {
  private static final int GROUPS = 6;
  private static final int ROWS = 240;

  /** Unit rows, row i close to axis i mod GROUPS. */
  private static FloatMatrix groups() {
    FloatMatrix x = FloatMatrix.allocate(ROWS, 8);
    RandomStream random = new RandomStream(3);
    for (int i = 0; i < ROWS; i++) {
      for (int t = 0; t < 8; t++) {
        x.set(i, t, (float) random.nextDouble(-0.15, 0.15) + (t == i % GROUPS ? 1 : 0));
      }
    }
    return x;
  }

  @Test
  void jaccardThenDbscanFindsTheGroups() {
    try (DeviceContext context = DeviceContext.cpu();
        FloatMatrix x = groups();
        LongVector ids = LongVector.allocate(ROWS * 20L);
        IntVector labels = IntVector.allocate(ROWS)) {
      context.kernels().normalizeRows(x, x);
      context.kernels().nearestSelf(x, 20, true, ids, null);
      try (SparseGraph graph = context.graphs().jaccard(x, ids, 20, 6, 0.7f)) {
        assertThat(graph.rows()).isEqualTo(ROWS);
        assertThat(graph.limit()).isEqualTo(0.7f);
        assertThat(IntStream.range(0, ROWS).mapToLong(i -> graph.neighbours(i).length).sum())
            .isEqualTo(graph.size());
        for (int i = 0; i < ROWS; i++) {
          int[] columns = graph.neighbours(i);
          float[] distances = graph.distances(i);
          for (int e = 0; e < columns.length; e++) {
            assertThat(columns[e] % GROUPS).as("row %d", i).isEqualTo(i % GROUPS);
            assertThat(distances[e]).isBetween(0f, 0.7f);
          }
        }
        assertThat(context.graphs().dbscan(graph, 0.6f, 4, labels)).isEqualTo(GROUPS);
        assertThat(labels.toArray())
            .containsExactly(IntStream.range(0, ROWS).map(i -> i % GROUPS).toArray());
      }
    }
  }

  @Test
  void dbscanOfAGivenGraph() {
    // 0 - 1 - 2 with 1 core only; 3 - 4 too far; 5 alone.
    long[] offsets = {0, 1, 3, 4, 5, 6, 6};
    int[] columns = {1, 0, 2, 1, 4, 3};
    float[] distances = {0.5f, 0.5f, 0.5f, 0.5f, 3, 3};
    try (DeviceContext context = DeviceContext.cpu();
        SparseGraph graph = SparseGraph.of(offsets, columns, distances, 4);
        IntVector labels = IntVector.allocate(6)) {
      assertThat(context.graphs().dbscan(graph, 0.5f, 3, labels)).isEqualTo(1);
      assertThat(labels.toArray()).containsExactly(0, 0, 0, -1, -1, -1);
      assertThat(context.graphs().dbscan(graph, 3, 2, labels)).isEqualTo(2);
      assertThat(labels.toArray()).containsExactly(0, 0, 0, 1, 1, -1);
      assertThatThrownBy(() -> context.graphs().dbscan(graph, 4, 2, labels))
          .isInstanceOf(InvalidArgumentException.class)
          .hasMessageContaining("limit 4");
    }
  }

  @Test
  void picFindsTheGroups() {
    try (DeviceContext context = DeviceContext.cpu();
        FloatMatrix x = groups();
        LongVector ids = LongVector.allocate(ROWS * 5L);
        FloatMatrix distances = FloatMatrix.allocate(ROWS, 5);
        IntVector labels = IntVector.allocate(ROWS)) {
      context.kernels().normalizeRows(x, x);
      context.kernels().nearestSelf(x, 5, false, ids, distances);
      int clusters = context.graphs().pic(ids, distances, PicOptions.published(), labels);
      assertThat(clusters).isBetween(GROUPS, ROWS / 4);
      int[] groupOf = new int[clusters];
      Arrays.fill(groupOf, -1);
      for (int i = 0; i < ROWS; i++) {
        int label = labels.get(i);
        groupOf[label] = groupOf[label] < 0 ? i % GROUPS : groupOf[label];
        assertThat(i % GROUPS).as("no cluster mixes groups: row %d", i).isEqualTo(groupOf[label]);
      }
      assertThatThrownBy(
              () -> context.graphs().pic(ids, distances, new PicOptions(0, 0.1, 5), labels))
          .isInstanceOf(InvalidArgumentException.class)
          .hasMessageContaining("sigma");
    }
  }

  @Test
  void graphsAreChecked() {
    assertThatThrownBy(
            () -> SparseGraph.of(new long[] {0, 1, 1}, new int[] {1}, new float[] {1}, 2))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageContaining("symmetric");
    assertThatThrownBy(() -> SparseGraph.of(new long[] {0, 9}, new int[] {0}, new float[] {0}, 2))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageContaining("expected 1");
  }

  @Test
  void closedTwiceAndUsedAfterwards() {
    SparseGraph graph = SparseGraph.of(new long[] {0, 0}, new int[0], new float[0], 1);
    assertThat(graph.neighbours(0)).isEmpty();
    assertThatThrownBy(() -> graph.neighbours(1)).isInstanceOf(InvalidArgumentException.class);
    graph.close();
    graph.close();
    assertThatThrownBy(graph::rows)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("after close");
    assertThatThrownBy(() -> graph.distances(0)).isInstanceOf(IllegalStateException.class);
    assertThat(graph.toString()).contains("closed");
    DeviceContext context = DeviceContext.cpu();
    context.close();
    assertThatThrownBy(context::graphs).isInstanceOf(IllegalStateException.class);
  }
}
