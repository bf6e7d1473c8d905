package org.dc4j.data.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.dc4j.random.RandomStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdentityBatchesTest {
  /** Cluster c has 2 + c % 9 images, and beside each stands an image of noise. */
  private static int[] labels(int clusters) {
    return IntStream.range(0, clusters)
        .flatMap(c -> IntStream.range(0, 3 + c % 9).map(i -> i == 1 ? -1 : c))
        .toArray();
  }

  private static int[] cameras(int n) {
    return IntStream.range(0, n).map(i -> i * 7 % 11 % 4).toArray();
  }

  @ParameterizedTest
  @CsvSource({"40,4,64,50,true", "40,4,64,50,false", "16,16,256,9,true", "7,2,14,20,true"})
  void everyBatchHasDifferentClustersInGroups(
      int clusters, int instances, int batchSize, int iterations, boolean withCameras) {
    int[] labels = labels(clusters);
    int[] cameras = withCameras ? cameras(labels.length) : null;
    int[] ids =
        IdentityBatches.draw(
            labels, clusters, cameras, instances, batchSize, iterations, new RandomStream(1));
    assertThat(ids).hasSize(batchSize * iterations);
    for (int batch = 0; batch < iterations; batch++) {
      Set<Integer> seen = new HashSet<>();
      for (int at = 0; at < batchSize; at += instances) {
        int from = batch * batchSize + at;
        int cluster = labels[ids[from]];
        assertThat(cluster).isNotNegative();
        assertThat(seen.add(cluster)).isTrue();
        for (int i = 1; i < instances; i++) {
          assertThat(labels[ids[from + i]]).isEqualTo(cluster);
          assertThat(ids[from + i]).isNotEqualTo(ids[from]);
        }
      }
    }
  }

  @Test
  void mixesCamerasWhereverAClusterHasSeveral() {
    int[] labels = labels(40);
    int[] cameras = cameras(labels.length);
    int[] ids = IdentityBatches.draw(labels, 40, cameras, 4, 64, 200, new RandomStream(2));
    int mixed = 0;
    for (int at = 0; at < ids.length; at += 4) {
      int cluster = labels[ids[at]];
      boolean several =
          IntStream.range(0, labels.length)
                  .filter(i -> labels[i] == cluster)
                  .map(i -> cameras[i])
                  .distinct()
                  .count()
              > 1;
      for (int i = 1; several && i < 4; i++) {
        assertThat(cameras[ids[at + i]]).isNotEqualTo(cameras[ids[at]]);
        mixed++;
      }
    }
    assertThat(mixed).isGreaterThan(2000);
  }

  @Test
  void replacementBeginsBelowAsManyCandidatesAsInstances() {
    // K = 4 of one cluster. Five images: four candidates beside the anchor, never one twice. Four
    // images: three candidates, which would do without replacement, but the papers' rule replaces.
    assertThat(repeats(new int[5], null)).isFalse();
    assertThat(repeats(new int[4], null)).isTrue();
    // Four images of the other camera beside any number of the anchor's.
    int[] cameras = {0, 0, 0, 0, 1, 1, 1, 1};
    assertThat(repeats(new int[8], cameras)).isFalse();
    assertThat(repeats(new int[7], Arrays.copyOf(cameras, 7))).isTrue();
    assertThat(repeats(new int[8], new int[8])).isFalse(); // one camera: the other seven
  }

  private static boolean repeats(int[] labels, int[] cameras) {
    for (int seed = 0; seed < 60; seed++) {
      int[] ids = IdentityBatches.draw(labels, 1, cameras, 4, 4, 1, new RandomStream(seed));
      if (Arrays.stream(ids).distinct().count() < 4) {
        return true;
      }
    }
    return false;
  }

  @Test
  void candidatesAreDrawnEquallyOften() {
    int[] labels = new int[12];
    int[] cameras = new int[12];
    Arrays.fill(cameras, 6, 12, 1);
    int[] anchors = new int[12];
    int[] others = new int[12];
    int[] ids = IdentityBatches.draw(labels, 1, cameras, 4, 4, 12_000, new RandomStream(6));
    for (int i = 0; i < ids.length; i++) {
      (i % 4 == 0 ? anchors : others)[ids[i]]++;
    }
    // 1,000 anchors each (deviation 30); 3,000 beside an anchor (0.5 each time, deviation 55).
    assertThat(IntStream.of(anchors)).allMatch(count -> Math.abs(count - 1000) < 5 * 31);
    assertThat(IntStream.of(others)).allMatch(count -> Math.abs(count - 3000) < 5 * 55);
  }

  @Test
  void aPassVisitsEveryClusterOnce() {
    int[] labels = IntStream.range(0, 60).map(i -> i / 2).toArray();
    int[] ids = IdentityBatches.draw(labels, 30, null, 2, 20, 9, new RandomStream(3));
    for (int pass = 0; pass < 3; pass++) { // 30 clusters, 10 a batch
      int from = pass * 60;
      assertThat(IntStream.range(from, from + 60).map(i -> labels[ids[i]]).distinct().count())
          .isEqualTo(30);
    }
    // With 39 clusters a pass leaves 9 over, drawn at random: all come equally often.
    int[] more = IntStream.range(0, 78).map(i -> i / 2).toArray();
    int[] counts = new int[39];
    int[] many = IdentityBatches.draw(more, 39, null, 2, 20, 3900, new RandomStream(4));
    for (int i = 0; i < many.length; i += 2) {
      counts[more[many[i]]]++;
    }
    // 1,300 passes, each visits a cluster with probability 30/39: 1,000 expected, deviation 15.2.
    assertThat(IntStream.of(counts)).allMatch(count -> Math.abs(count - 1000) < 5 * 16);
  }

  @Test
  void clustersOfOneImageAreLeftOut() {
    int[] labels = {0, 1, 1, 2, 3, 3, -1, -1};
    int[] ids = IdentityBatches.draw(labels, 6, null, 3, 6, 20, new RandomStream(5));
    assertThat(ids).containsOnly(1, 2, 4, 5);
  }

  @Test
  void tooFewClustersSayWhatToChange() {
    int[] labels = {0, 0, 1, 2, 2, -1, -1};
    assertThatThrownBy(() -> IdentityBatches.draw(labels, 3, null, 16, 256, 1, new RandomStream(0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "2 clusters have two or more images, but a batch of 256 with 16 images of each needs"
                + " 16; make the batch smaller, take more images of each, or cluster into more"
                + " groups");
    assertThat(IdentityBatches.draw(labels, 3, null, 16, 32, 0, new RandomStream(0))).isEmpty();
  }

  @Test
  void sameStreamSameDraw() {
    int[] labels = labels(40);
    int[] cameras = cameras(labels.length);
    int[] once = IdentityBatches.draw(labels, 40, cameras, 4, 64, 10, new RandomStream(8));
    assertThat(IdentityBatches.draw(labels, 40, cameras, 4, 64, 10, new RandomStream(8)))
        .isEqualTo(once);
    assertThat(IdentityBatches.draw(labels, 40, cameras, 4, 64, 10, new RandomStream(9)))
        .isNotEqualTo(once);
  }

  @Test
  void badArgumentsAreNamed() {
    RandomStream random = new RandomStream(0);
    int[] labels = {0, 0};
    assertThatThrownBy(() -> IdentityBatches.draw(labels, 1, null, 3, 8, 1, random))
        .hasMessageContaining("a batch of 8 images with 3 of each cluster");
    assertThatThrownBy(() -> IdentityBatches.draw(labels, 1, null, 0, 8, 1, random))
        .hasMessageContaining("with 0 of each cluster");
    assertThatThrownBy(() -> IdentityBatches.draw(labels, 1, new int[3], 2, 2, 1, random))
        .hasMessage("3 cameras for 2 images; one each");
    assertThatThrownBy(() -> IdentityBatches.draw(labels, 1, null, 2, 2, -1, random))
        .hasMessageContaining("-1 batches");
    assertThatThrownBy(() -> IdentityBatches.draw(new int[] {0, 4}, 2, null, 2, 2, 1, random))
        .hasMessage("labels[1] is 4; accepted: 0..1, or negative for none");
  }
}
