package org.dc4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.dc4j.random.RandomStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** NMI, AMI, ARI and accuracy: equal to scikit-learn, and what must hold for any labeling. */
class PartitionScoresTest {
  /** One of the scores under its name in the fixture. */
  interface Score {
    double of(int[] labels, int[] clusters);
  }

  private static final Map<String, Score> SCORES =
      Map.of(
          "nmi", Nmi::of,
          "nmi_geometric", Nmi::geometric,
          "ami", Ami::of,
          "ari", Ari::of,
          "accuracy", ClusterAccuracy::of);

  static Stream<Map.Entry<String, Score>> scores() {
    return SCORES.entrySet().stream();
  }

  @TestFactory
  List<DynamicTest> equalScikitLearn() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode example : golden().get("cases")) {
      int[] labels = ints(example.get("labels"));
      int[] clusters = ints(example.get("clusters"));
      tests.add(
          DynamicTest.dynamicTest(
              example.get("name").asText(), () -> requireScores(example, labels, clusters)));
    }
    assertThat(tests).hasSizeGreaterThan(15);
    return tests;
  }

  @TestFactory
  List<DynamicTest> equalScikitLearnOnSixtyThousandItems() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode example : golden().get("large")) {
      int n = example.get("n").asInt();
      int k = example.get("k").asInt();
      int[] labels = new int[n];
      int[] clusters = new int[n];
      for (long i = 0; i < n; i++) {
        int at = (int) i;
        labels[at] = (int) ((i * i + 7 * i) % 10007 % k);
        long drawn = i * 2654435761L % 4294967296L / 65536 % k;
        clusters[at] = i % 3 == 0 ? (int) drawn : (int) ((labels[at] + i % 2) % k);
      }
      tests.add(
          DynamicTest.dynamicTest(
              n + " items, k = " + k, () -> requireScores(example, labels, clusters)));
    }
    assertThat(tests).hasSize(2);
    return tests;
  }

  private static void requireScores(JsonNode example, int[] labels, int[] clusters) {
    SCORES.forEach(
        (name, score) ->
            assertThat(score.of(labels, clusters))
                .as(name)
                .isCloseTo(example.get(name).asDouble(), within(1e-9)));
  }

  @ParameterizedTest
  @MethodSource("scores")
  void areSymmetric(Map.Entry<String, Score> score) {
    for (int seed = 0; seed < 50; seed++) {
      int[][] pair = random(seed);
      double there = score.getValue().of(pair[0], pair[1]);
      assertThat(score.getValue().of(pair[1], pair[0])).isCloseTo(there, within(1e-12));
    }
  }

  @ParameterizedTest
  @MethodSource("scores")
  void areOneForTheSamePartitionAndLessForOthers(Map.Entry<String, Score> score) {
    for (int seed = 0; seed < 50; seed++) {
      int[] labels = random(seed)[0];
      int[] renamed = IntStream.of(labels).map(label -> (label * 7 + 3) % 1009).toArray();
      assertThat(score.getValue().of(labels, renamed)).isEqualTo(1);
      int[] other = labels.clone();
      other[0] = 999_999;
      if (IntStream.of(labels).filter(label -> label == labels[0]).count() > 1) {
        assertThat(score.getValue().of(labels, other)).isLessThan(1 - 1e-6);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("scores")
  void doNotDependOnNamesOrOrder(Map.Entry<String, Score> score) {
    for (int seed = 0; seed < 50; seed++) {
      int[][] pair = random(seed);
      double expected = score.getValue().of(pair[0], pair[1]);
      int[] order = new RandomStream(seed + 1000).permutation(pair[0].length);
      int[] labels = IntStream.of(order).map(i -> 50 - pair[0][i]).toArray();
      int[] clusters = IntStream.of(order).map(i -> (pair[1][i] * 11 + 5) % 1013).toArray();
      assertThat(score.getValue().of(labels, clusters)).isCloseTo(expected, within(1e-12));
    }
  }

  @ParameterizedTest
  @MethodSource("scores")
  void stayInBounds(Map.Entry<String, Score> score) {
    double least = score.getKey().equals("ami") || score.getKey().equals("ari") ? -1 : 0;
    for (int seed = 0; seed < 200; seed++) {
      int[][] pair = random(seed);
      assertThat(score.getValue().of(pair[0], pair[1])).isBetween(least, 1.0);
    }
  }

  @Test
  void chanceScoresZeroWhereAdjusted() {
    double ami = 0;
    double ari = 0;
    for (int seed = 0; seed < 100; seed++) {
      RandomStream random = new RandomStream(seed);
      int[] labels = IntStream.range(0, 200).map(i -> random.nextInt(8)).toArray();
      int[] clusters = IntStream.range(0, 200).map(i -> random.nextInt(20)).toArray();
      ami += Ami.of(labels, clusters) / 100;
      ari += Ari.of(labels, clusters) / 100;
      assertThat(Nmi.of(labels, clusters)).isGreaterThan(0.1); // why the adjustment exists
    }
    assertThat(ami).isCloseTo(0, within(0.01));
    assertThat(ari).isCloseTo(0, within(0.01));
  }

  @Test
  void expectedInformationIsTheMeanOverShuffles() {
    int[] labels = {0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2};
    int[] clusters = {0, 1, 2, 0, 1, 1, 0, 2, 0, 1, 1, 1};
    double expected = MutualInformation.expected(Contingency.of(labels, clusters));
    RandomStream random = new RandomStream(3);
    double mean = 0;
    for (int i = 0; i < 40_000; i++) {
      random.shuffle(clusters);
      mean += MutualInformation.of(Contingency.of(labels, clusters)) / 40_000;
    }
    assertThat(mean).isCloseTo(expected, within(0.004));
  }

  @ParameterizedTest
  @MethodSource("scores")
  void awkwardInputIsAClearError(Map.Entry<String, Score> score) {
    Score of = score.getValue();
    assertThatThrownBy(() -> of.of(new int[0], new int[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least one");
    assertThatThrownBy(() -> of.of(new int[3], new int[2]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("3 labels but 2 clusters");
    assertThatThrownBy(() -> of.of(new int[] {0, 1}, new int[] {0, -1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("clusters[1] is -1");
    assertThatThrownBy(() -> of.of(new int[] {-7, 1}, new int[] {0, 1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("labels[0] is -7");
  }

  @Test
  void tooManyPairsToMatchAreAClearError() {
    int[] apart = IntStream.range(0, 20_000).toArray();
    int[] almost = apart.clone();
    almost[1] = 0;
    assertThatThrownBy(() -> ClusterAccuracy.of(apart, almost))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("20000 classes x 19999 clusters");
    // The others are sparse and take it; agreement is near perfect but all of it is chance.
    assertThat(Nmi.of(apart, almost)).isGreaterThan(0.9999);
    assertThat(Ami.of(apart, almost)).isCloseTo(0, within(1e-6));
  }

  private static int[][] random(int seed) {
    RandomStream random = new RandomStream(seed);
    int n = 2 + random.nextInt(60);
    int classes = 1 + random.nextInt(8);
    int clusters = 1 + random.nextInt(12);
    int[] labels = IntStream.range(0, n).map(i -> random.nextInt(classes)).toArray();
    int[] found =
        IntStream.range(0, n)
            .map(i -> random.nextBoolean(0.5) ? labels[i] : random.nextInt(clusters))
            .toArray();
    return new int[][] {labels, found};
  }

  private static JsonNode golden() throws IOException {
    try (InputStream in = PartitionScoresTest.class.getResourceAsStream("/golden/eval.json")) {
      return new ObjectMapper().readTree(in);
    }
  }

  private static int[] ints(JsonNode array) {
    return IntStream.range(0, array.size()).map(i -> array.get(i).asInt()).toArray();
  }
}
