package org.dc4j.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.NativeLibraries;
import org.dc4j.kernels.NotFiniteException;
import org.dc4j.random.RandomStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestIndexTest {
  private static DeviceContext context;

  @BeforeAll
  static void open() {
    context = DeviceContext.open("cpu", 2);
  }

  @AfterAll
  static void close() {
    context.close();
  }

  @ParameterizedTest
  @CsvSource({"1,1,3,4", "50,20,3,5", "3000,400,6,300", "9,3,2,100"})
  void findsWhatPlainLoopsFind(int n, int q, int d, int m) {
    float[][] rows = random(n, d, 1);
    float[][] queries = random(q, d, 2);
    try (NearestIndex index = index(rows);
        FloatMatrix x = FloatMatrix.of(queries)) {
      List<List<Hit>> found = index.search(x, m);
      assertThat(found).hasSize(q);
      for (int i = 0; i < q; i++) {
        float[] query = queries[i];
        int[] expected =
            IntStream.range(0, n)
                .boxed()
                .sorted(Comparator.comparingDouble(row -> -cosine(rows[row], query)))
                .limit(m)
                .mapToInt(Integer::intValue)
                .toArray();
        List<Hit> hits = found.get(i);
        assertThat(hits).hasSize(expected.length);
        for (int j = 0; j < expected.length; j++) {
          Hit hit = hits.get(j);
          assertThat(hit.name()).isEqualTo("image" + hit.row());
          // By value: fp32 normalisation may swap rows that are equally near.
          assertThat(hit.similarity()).isCloseTo(cosine(rows[expected[j]], query), within(1e-6));
          assertThat(hit.similarity())
              .isCloseTo(cosine(rows[(int) hit.row()], query), within(1e-6));
        }
        assertThat(hits.stream().map(Hit::row).distinct().count()).isEqualTo(hits.size());
      }
    }
  }

  @Test
  void groupsExactDuplicates() {
    float[][] rows = random(60, 8, 3);
    rows[40] = rows[7].clone();
    rows[41] = rows[7].clone();
    rows[59] = rows[0].clone();
    try (NearestIndex index = index(rows)) {
      List<DuplicateGroup> groups = index.duplicates(1);
      assertThat(groups)
          .extracting(DuplicateGroup::rows)
          .containsExactly(List.of(0L, 59L), List.of(7L, 40L, 41L));
      assertThat(groups.get(1).names()).containsExactly("image7", "image40", "image41");
      assertThat(groups.get(1).lowestSimilarity()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @CsvSource({"1", "3", "10"})
  void manyEqualImagesAreOneGroupWhateverTheNeighbours(int m) {
    float[][] rows = random(50, 4, 4);
    for (int i = 5; i < 45; i++) {
      rows[i] = rows[5].clone();
    }
    try (NearestIndex index = index(rows)) {
      List<DuplicateGroup> groups = index.duplicates(1, m);
      assertThat(groups).hasSize(1);
      assertThat(groups.get(0).rows()).hasSize(40).contains(5L, 44L);
    }
  }

  @Test
  void chainsJoinAndTheThresholdDecides() {
    // Directions at 0, 5, 10 and 90 degrees: cos 5 = 0.9962, cos 10 = 0.9848.
    float[][] rows = {direction(0), direction(5), direction(10), direction(90)};
    try (NearestIndex index = index(rows)) {
      List<DuplicateGroup> groups = index.duplicates(0.99);
      assertThat(groups).hasSize(1);
      assertThat(groups.get(0).rows()).containsExactly(0L, 1L, 2L);
      assertThat(groups.get(0).lowestSimilarity())
          .isCloseTo(Math.cos(Math.toRadians(5)), within(1e-6));
      assertThat(index.duplicates(0.998)).isEmpty();
    }
  }

  @Test
  void oneImageHasNoDuplicates() {
    try (NearestIndex index = index(new float[][] {{1, 2}})) {
      assertThat(index.duplicates(0.5)).isEmpty();
      assertThat(index.size()).isEqualTo(1);
    }
  }

  @Test
  void ownsItsCopy() {
    long bytes = NativeLibraries.allocatedBytes();
    NearestIndex index;
    try (FloatMatrix rows = FloatMatrix.of(new float[][] {{3, 4}, {0, 2}})) {
      index = NearestIndex.copyOf(context.kernels(), rows, List.of("a", "b"));
      assertThat(rows.get(0, 0)).isEqualTo(3);
    }
    try (FloatMatrix query = FloatMatrix.of(new float[][] {{0, 1}})) {
      assertThat(index.search(query, 1)).containsExactly(List.of(new Hit(1, "b", 0)));
      index.close();
      index.close();
      assertThatThrownBy(() -> index.search(query, 1)).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> index.duplicates(0.9)).isInstanceOf(IllegalStateException.class);
    }
    assertThat(NativeLibraries.allocatedBytes()).isEqualTo(bytes);
  }

  @Test
  void awkwardInputIsAClearError() {
    try (FloatMatrix rows = FloatMatrix.of(new float[][] {{1, 0}, {Float.NaN, 1}});
        FloatMatrix none = FloatMatrix.allocate(0, 2);
        FloatMatrix wide = FloatMatrix.allocate(1, 3)) {
      long bytes = NativeLibraries.allocatedBytes();
      assertThatThrownBy(() -> NearestIndex.copyOf(context.kernels(), rows, List.of("a")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("1 names for 2 embeddings");
      assertThatThrownBy(() -> NearestIndex.copyOf(context.kernels(), none, List.of()))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> NearestIndex.copyOf(context.kernels(), rows, List.of("a", "b")))
          .isInstanceOf(NotFiniteException.class);
      assertThat(NativeLibraries.allocatedBytes()).isEqualTo(bytes);
      try (NearestIndex index = index(new float[][] {{1, 2}})) {
        assertThatThrownBy(() -> index.search(wide, 1))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("3 wide");
        assertThatThrownBy(() -> index.search(none, 0))
            .isInstanceOf(IllegalArgumentException.class);
        assertThat(index.search(none, 1)).isEmpty();
        for (double similarity : new double[] {0, -1, 1.1, Double.NaN}) {
          assertThatThrownBy(() -> index.duplicates(similarity))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining("similarity");
        }
      }
    }
  }

  private static NearestIndex index(float[][] rows) {
    try (FloatMatrix x = FloatMatrix.of(rows)) {
      List<String> names = IntStream.range(0, rows.length).mapToObj(i -> "image" + i).toList();
      return NearestIndex.copyOf(context.kernels(), x, names);
    }
  }

  private static float[] direction(double degrees) {
    double angle = Math.toRadians(degrees);
    return new float[] {(float) (2 * Math.cos(angle)), (float) (2 * Math.sin(angle))};
  }

  private static double cosine(float[] a, float[] b) {
    double product = 0;
    double first = 0;
    double second = 0;
    for (int i = 0; i < a.length; i++) {
      product += (double) a[i] * b[i];
      first += (double) a[i] * a[i];
      second += (double) b[i] * b[i];
    }
    return product / Math.sqrt(first * second);
  }

  private static float[][] random(int n, int d, long seed) {
    RandomStream random = new RandomStream(seed);
    float[][] rows = new float[n][d];
    for (float[] row : rows) {
      for (int j = 0; j < d; j++) {
        row[j] = (float) random.nextDouble(-1, 1);
      }
    }
    return rows;
  }
}
