package org.dc4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
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

/** mAP and CMC against plain loops over a full sort, and against scikit-learn. */
class RetrievalScoresTest {
  private static DeviceContext context;

  @BeforeAll
  static void open() {
    context = DeviceContext.open("cpu", 2);
  }

  @AfterAll
  static void close() {
    context.close();
  }

  private static Kernels kernels() {
    return context.kernels();
  }

  private record Side(float[][] rows, int[] ids, int[] cameras) {
    RetrievalItems items(FloatMatrix matrix) {
      return new RetrievalItems(matrix, ids, cameras);
    }
  }

  private record Expected(double map, double[] cmc, long queries) {}

  private static final int[] KS = {5, 1, 10, 1000};

  /** The definition as one writes it down: sort the whole gallery, drop junk, look. */
  private static Expected plain(Side query, Side gallery, boolean single) {
    double map = 0;
    double[] cmc = new double[KS.length];
    int valid = 0;
    for (int i = 0; i < query.ids().length; i++) {
      int q = i;
      List<Integer> order =
          IntStream.range(0, gallery.ids().length)
              .filter(g -> !single || g != q)
              .filter(
                  g ->
                      query.cameras() == null
                          || gallery.ids()[g] != query.ids()[q]
                          || gallery.cameras()[g] != query.cameras()[q])
              .boxed()
              .sorted(Comparator.comparingDouble(g -> -cosine(gallery.rows()[g], query.rows()[q])))
              .toList();
      List<Double> precisions = new ArrayList<>();
      int first = -1;
      for (int rank = 0; rank < order.size(); rank++) {
        if (gallery.ids()[order.get(rank)] == query.ids()[q]) {
          first = first < 0 ? rank : first;
          precisions.add((precisions.size() + 1.0) / (rank + 1));
        }
      }
      if (first < 0) {
        continue;
      }
      valid++;
      map += precisions.stream().mapToDouble(p -> p).average().orElseThrow();
      for (int k = 0; k < KS.length; k++) {
        cmc[k] += first < KS[k] ? 1 : 0;
      }
    }
    for (int k = 0; k < KS.length; k++) {
      cmc[k] /= valid;
    }
    return new Expected(map / valid, cmc, valid);
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

  private static Side side(int n, int d, int identities, int cameras, long seed) {
    RandomStream random = new RandomStream(seed);
    float[][] rows = new float[n][d];
    for (float[] row : rows) {
      for (int j = 0; j < d; j++) {
        row[j] = (float) random.nextDouble(-1, 1);
      }
    }
    int[] ids = IntStream.range(0, n).map(i -> random.nextInt(identities)).toArray();
    int[] seen = IntStream.range(0, n).map(i -> random.nextInt(Math.max(1, cameras))).toArray();
    return new Side(rows, ids, cameras == 0 ? null : seen);
  }

  @ParameterizedTest
  @CsvSource({"20,50,6,7,3", "20,50,6,7,0", "1,300,5,2,2", "70,600,12,60,4", "3,7,2,2,1000"})
  void queriesAgainstAGallery(int q, int n, int d, int identities, int cameras) {
    Side query = side(q, d, identities, cameras, 1);
    Side gallery = side(n, d, identities, cameras, 2);
    Expected expected = plain(query, gallery, false);
    try (FloatMatrix x = FloatMatrix.of(query.rows());
        FloatMatrix g = FloatMatrix.of(gallery.rows())) {
      requireEqual(expected, query.items(x), gallery.items(g));
    }
  }

  @ParameterizedTest
  @CsvSource({"50,6,7,3", "50,6,7,0", "700,16,100,5", "2,3,1,0"})
  void everyImageAgainstAllOthers(int n, int d, int identities, int cameras) {
    Side all = side(n, d, identities, cameras, 3);
    Expected expected = plain(all, all, true);
    try (FloatMatrix x = FloatMatrix.of(all.rows())) {
      requireEqual(expected, all.items(x), null);
      if (cameras == 0) {
        // With every query valid or not alike, R@1 differs from CMC only by the queries left out.
        double recall = RecallAtK.of(kernels(), x, all.ids(), 1)[0];
        assertThat(recall * n).isCloseTo(expected.cmc()[1] * expected.queries(), within(1e-9));
      }
    }
  }

  private static void requireEqual(
      Expected expected, RetrievalItems query, RetrievalItems gallery) {
    RetrievalScore score = RetrievalScore.of(kernels(), query, gallery, KS);
    assertThat(score.queries()).isEqualTo(expected.queries());
    assertThat(score.meanAveragePrecision()).isCloseTo(expected.map(), within(1e-12));
    double map =
        gallery == null
            ? MeanAveragePrecision.of(kernels(), query)
            : MeanAveragePrecision.of(kernels(), query, gallery);
    double[] cmc =
        gallery == null ? Cmc.of(kernels(), query, KS) : Cmc.of(kernels(), query, gallery, KS);
    assertThat(map).isEqualTo(score.meanAveragePrecision());
    assertThat(cmc).isEqualTo(score.cmc());
    for (int k = 0; k < KS.length; k++) {
      assertThat(cmc[k]).isCloseTo(expected.cmc()[k], within(1e-12));
    }
  }

  @Test
  void agreesWithScikitLearn() throws Exception {
    JsonNode golden =
        new ObjectMapper().readTree(getClass().getResourceAsStream("/golden/retrieval.json"));
    assertThat(golden.get("cases")).hasSize(5);
    for (JsonNode one : golden.get("cases")) {
      Side query = side(one.get("query"));
      boolean single = one.get("gallery").isNull();
      Side gallery = single ? query : side(one.get("gallery"));
      try (FloatMatrix x = FloatMatrix.of(query.rows());
          FloatMatrix g = FloatMatrix.of(gallery.rows())) {
        RetrievalScore score =
            RetrievalScore.of(
                kernels(), query.items(x), single ? null : gallery.items(g), 1, 5, 10);
        assertThat(score.meanAveragePrecision())
            .isCloseTo(one.get("map").asDouble(), within(1e-12));
        assertThat(score.queries()).isEqualTo(one.get("queries").asLong());
        for (int k = 0; k < 3; k++) {
          assertThat(score.cmc()[k]).isCloseTo(one.get("cmc").get(k).asDouble(), within(1e-12));
        }
      }
    }
  }

  private static Side side(JsonNode node) {
    ObjectMapper mapper = new ObjectMapper();
    return new Side(
        mapper.convertValue(node.get("rows"), float[][].class),
        mapper.convertValue(node.get("ids"), int[].class),
        mapper.convertValue(node.get("cameras"), int[].class));
  }

  @Test
  void junkIsSkippedAndTiesGoByRow() {
    // Query 0, identity 1, camera 0. Ranking: rows 0 (junk), 1 (other), 2 (match, equal to 1), 3.
    float[][] gallery = {{1, 0}, {1, 1}, {1, 1}, {0, 1}, {-1, 0}};
    int[] ids = {1, 2, 1, 3, 1};
    int[] cameras = {0, 0, 1, 1, 2};
    try (FloatMatrix x = FloatMatrix.of(new float[][] {{2, 0}});
        FloatMatrix g = FloatMatrix.of(gallery)) {
      RetrievalScore score =
          RetrievalScore.of(
              kernels(),
              new RetrievalItems(x, new int[] {1}, new int[] {0}),
              new RetrievalItems(g, ids, cameras),
              1,
              2);
      assertThat(score.meanAveragePrecision()).isCloseTo((1 / 2.0 + 2 / 4.0) / 2, within(1e-15));
      assertThat(score.cmc()).containsExactly(0, 1);
    }
  }

  @Test
  void nothingLeaksAndNothingChanges() {
    Side all = side(40, 4, 5, 2, 9);
    try (FloatMatrix x = FloatMatrix.of(all.rows())) {
      float[] before = x.toArray();
      long bytes = NativeLibraries.allocatedBytes();
      RetrievalScore.of(kernels(), all.items(x), null, 1);
      assertThat(NativeLibraries.allocatedBytes()).isEqualTo(bytes);
      assertThat(x.toArray()).isEqualTo(before);
    }
  }

  @Test
  void awkwardInputIsAClearError() {
    try (FloatMatrix two = FloatMatrix.of(new float[][] {{1, 2}, {2, 1}});
        FloatMatrix wide = FloatMatrix.of(new float[][] {{1, 2, 3}})) {
      int[] ids = {4, 4};
      assertThatThrownBy(() -> new RetrievalItems(two, new int[1], null))
          .hasMessageContaining("1 identity labels for 2 rows");
      assertThatThrownBy(() -> new RetrievalItems(two, ids, new int[3]))
          .hasMessage("3 cameras for 2 rows; one each");
      assertThatThrownBy(() -> new RetrievalItems(two, ids, new int[] {0, -1}))
          .hasMessageContaining("cameras[1] is -1");
      RetrievalItems seen = new RetrievalItems(two, ids, new int[2]);
      RetrievalItems unseen = new RetrievalItems(two, ids, null);
      assertThatThrownBy(() -> MeanAveragePrecision.of(kernels(), seen))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "none of 2 queries has a match of its identity by another camera in the gallery");
      assertThatThrownBy(() -> MeanAveragePrecision.of(kernels(), seen, unseen))
          .hasMessageContaining("give both or neither");
      RetrievalItems other = new RetrievalItems(wide, new int[1], null);
      assertThatThrownBy(() -> Cmc.of(kernels(), unseen, other, 1)).hasMessageContaining("2 wide");
      assertThatThrownBy(() -> Cmc.of(kernels(), unseen, 0)).hasMessageContaining("K [0]");
      assertThatThrownBy(() -> Cmc.of(kernels(), unseen)).hasMessageContaining("K []");
      assertThat(MeanAveragePrecision.of(kernels(), unseen)).isEqualTo(1);
    }
  }
}
