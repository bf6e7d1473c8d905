package org.dc4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.Kernels;
import org.dc4j.kernels.NativeLibraries;
import org.dc4j.random.RandomStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** k-NN votes and recall at K against plain loops in double. */
class NeighbourScoresTest {
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
  @CsvSource({"1,1,2,1,0.07", "40,7,3,5,0.07", "300,120,16,20,0.07", "300,50,5,1000,1.5"})
  void votesEqualPlainLoops(int n, int q, int d, int neighbours, double temperature) {
    float[][] train = random(n, d, 1);
    float[][] queries = random(q, d, 2);
    int[] labels = IntStream.range(0, n).map(i -> i * i % 7 * 100).toArray();
    try (FloatMatrix base = FloatMatrix.of(train);
        FloatMatrix rows = FloatMatrix.of(queries)) {
      KnnClassifier classifier = new KnnClassifier(neighbours, temperature);
      int[] predicted = classifier.predict(kernels(), base, labels, rows);
      int[] expected = new int[q];
      for (int i = 0; i < q; i++) {
        expected[i] = vote(train, labels, queries[i], neighbours, temperature);
      }
      assertThat(predicted).isEqualTo(expected);
      int[] truth = expected.clone();
      truth[0] = 1;
      assertThat(classifier.accuracy(kernels(), base, labels, rows, truth))
          .isCloseTo((q - 1.0) / q, within(1e-12));
    }
  }

  @Test
  void tiesGoToTheLowestClass() {
    try (FloatMatrix train = FloatMatrix.of(new float[][] {{1, 0}, {2, 0}, {0, 1}});
        FloatMatrix query = FloatMatrix.of(new float[][] {{3, 0}})) {
      KnnClassifier classifier = new KnnClassifier(2, 0.07);
      assertThat(classifier.predict(kernels(), train, new int[] {8, 5, 1}, query))
          .containsExactly(5);
    }
  }

  @Test
  void smallTemperaturesDoNotOverflow() {
    try (FloatMatrix train = FloatMatrix.of(new float[][] {{1, 0}, {1, 1}, {1, 1.1f}});
        FloatMatrix query = FloatMatrix.of(new float[][] {{1, 0.01f}})) {
      KnnClassifier classifier = new KnnClassifier(3, 1e-6);
      assertThat(classifier.predict(kernels(), train, new int[] {1, 0, 0}, query))
          .containsExactly(1);
    }
  }

  @ParameterizedTest
  @CsvSource({"2,2,2", "60,3,4", "400,8,20"})
  void recallEqualsPlainLoops(int n, int d, int classes) {
    float[][] rows = random(n, d, 3);
    int[] labels = IntStream.range(0, n).map(i -> i % classes).toArray();
    int[] ks = {4, 1, 2, 8, 10_000};
    double[] expected = new double[ks.length];
    for (int i = 0; i < n; i++) {
      List<Integer> order = nearest(rows, rows[i], i);
      for (int k = 0; k < ks.length; k++) {
        int label = labels[i];
        boolean hit = order.stream().limit(ks[k]).anyMatch(row -> labels[row] == label);
        expected[k] += hit ? 1.0 / n : 0;
      }
    }
    try (FloatMatrix embeddings = FloatMatrix.of(rows)) {
      double[] recall = RecallAtK.of(kernels(), embeddings, labels, ks);
      for (int k = 0; k < ks.length; k++) {
        assertThat(recall[k]).isCloseTo(expected[k], within(1e-9));
      }
    }
  }

  @Test
  void duplicatesStayInTheGallery() {
    // Three equal rows: each finds an equal row of another number; dropping rank 0 would lose one.
    float[][] rows = {{1, 1}, {1, 1}, {1, 1}, {1, -1}};
    try (FloatMatrix embeddings = FloatMatrix.of(rows)) {
      assertThat(RecallAtK.of(kernels(), embeddings, new int[] {0, 1, 0, 1}, 1, 2, 3))
          // Nearest by number: 0 -> 1, 1 -> 0, 2 -> 0, 3 -> 0.
          .containsExactly(0.25, 0.75, 1.0)
          .hasSize(3);
    }
  }

  @Test
  void classesOfOneRowAreMisses() {
    try (FloatMatrix embeddings = FloatMatrix.of(random(5, 3, 4))) {
      assertThat(RecallAtK.of(kernels(), embeddings, new int[] {0, 1, 2, 3, 4}, 4))
          .containsExactly(0);
    }
  }

  @Test
  void inputsStayUnchangedAndNothingLeaks() {
    float[][] rows = random(30, 4, 5);
    int[] labels = new int[30];
    try (FloatMatrix x = FloatMatrix.of(rows)) {
      float[] before = x.toArray();
      long bytes = NativeLibraries.allocatedBytes();
      new KnnClassifier(3, 0.1).accuracy(kernels(), x, labels, x, labels);
      RecallAtK.of(kernels(), x, labels, 1);
      assertThat(x.toArray()).isEqualTo(before);
      assertThat(NativeLibraries.allocatedBytes()).isEqualTo(bytes);
    }
  }

  @Test
  void awkwardInputIsAClearError() {
    assertThatThrownBy(() -> new KnnClassifier(0, 1)).isInstanceOf(IllegalArgumentException.class);
    for (double temperature : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> new KnnClassifier(1, temperature))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("temperature");
    }
    try (FloatMatrix one = FloatMatrix.of(new float[][] {{1, 2}});
        FloatMatrix wide = FloatMatrix.of(new float[][] {{1, 2, 3}});
        FloatMatrix none = FloatMatrix.allocate(0, 2)) {
      KnnClassifier classifier = new KnnClassifier(1, 1);
      assertThatThrownBy(() -> classifier.predict(kernels(), one, new int[2], one))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("2 training labels for 1 rows");
      assertThatThrownBy(() -> classifier.predict(kernels(), one, new int[] {-1}, one))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("training labels[0] is -1");
      assertThatThrownBy(() -> classifier.predict(kernels(), none, new int[0], one))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("no training rows");
      assertThatThrownBy(() -> classifier.predict(kernels(), one, new int[1], wide))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("3 wide");
      assertThat(classifier.predict(kernels(), one, new int[1], none)).isEmpty();
      assertThatThrownBy(() -> RecallAtK.of(kernels(), one, new int[1], 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("at least 2");
      assertThatThrownBy(() -> RecallAtK.of(kernels(), one, new int[2], 1))
          .isInstanceOf(IllegalArgumentException.class);
    }
    try (FloatMatrix two = FloatMatrix.allocate(2, 2)) {
      assertThatThrownBy(() -> RecallAtK.of(kernels(), two, new int[2]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("no K");
      assertThatThrownBy(() -> RecallAtK.of(kernels(), two, new int[2], 1, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("K is 0");
    }
  }

  private static int vote(
      float[][] train, int[] labels, float[] query, int neighbours, double temperature) {
    double[] votes = new double[601];
    nearest(train, query, -1).stream()
        .limit(neighbours)
        .forEach(row -> votes[labels[row]] += Math.exp(cosine(train[row], query) / temperature));
    int best = 0;
    for (int label = 1; label < votes.length; label++) {
      best = votes[label] > votes[best] ? label : best;
    }
    return best;
  }

  private static List<Integer> nearest(float[][] rows, float[] query, int exclude) {
    return IntStream.range(0, rows.length)
        .filter(row -> row != exclude)
        .boxed()
        .sorted(Comparator.comparingDouble(row -> -cosine(rows[row], query)))
        .toList();
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

  private static Kernels kernels() {
    return context.kernels();
  }
}
