package org.dc4j.data.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.dc4j.random.RandomStream;
import org.junit.jupiter.api.Test;

class UniformOverClustersTest {
  /** 20,000 images in 50 clusters of sizes 4512, 2119, 1483, ... 101, 100, 91 (methods.md 1.10). */
  private static int[] skewedLabels() {
    int[] sizes = new int[50];
    sizes[0] = 4512;
    sizes[1] = 2119;
    sizes[2] = 1483;
    sizes[47] = 101;
    sizes[48] = 100;
    sizes[49] = 91;
    int left = 20_000 - Arrays.stream(sizes).sum();
    for (int c = 3; c < 47; c++) {
      sizes[c] = left / 44 + (c - 3 < left % 44 ? 1 : 0);
    }
    int[] labels = new int[20_000];
    int at = 0;
    for (int c = 0; c < 50; c++) {
      Arrays.fill(labels, at, at += sizes[c], c);
    }
    new RandomStream(5).shuffle(labels);
    return labels;
  }

  @Test
  void everyClusterIsDrawnAlmostEquallyOften() {
    int[] labels = skewedLabels();
    int[] drawn = UniformOverClusters.draw(labels, 50, 20_000, new RandomStream(1));
    assertThat(drawn).hasSize(20_000);
    int[] counts = new int[50];
    for (int id : drawn) {
      counts[labels[id]]++;
    }
    // q = 20000 / 50 + 1 = 401 from each; the cut to 20,000 takes 50 of 20,050 at random.
    assertThat(UniformOverClusters.drawsPerCluster(20_000, 50)).isEqualTo(401);
    assertThat(Arrays.stream(counts).max().orElseThrow()).isLessThanOrEqualTo(401);
    assertThat(Arrays.stream(counts).min().orElseThrow()).isGreaterThanOrEqualTo(401 - 8);
    assertThat(Arrays.stream(counts).sum()).isEqualTo(20_000);
  }

  @Test
  void quotaOfImageNet() {
    assertThat(UniformOverClusters.drawsPerCluster(1_281_167, 10_000)).isEqualTo(129);
  }

  @Test
  void largeClustersAreDrawnWithoutReplacementSmallOnesWith() {
    // q = 12 / 2 + 1 = 7: cluster 0 has 8 members (> q), cluster 1 has 2 (<= q).
    int[] labels = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1};
    for (int seed = 0; seed < 50; seed++) {
      int[] drawn = UniformOverClusters.draw(labels, 2, 12, new RandomStream(seed));
      int[] large = Arrays.stream(drawn).filter(id -> id < 8).toArray();
      assertThat(large).doesNotHaveDuplicates();
      assertThat(large.length).isBetween(5, 7);
      assertThat(Arrays.stream(drawn).filter(id -> id >= 8).count()).isBetween(5L, 7L);
    }
  }

  @Test
  void aClusterOfExactlyQuotaIsDrawnWithReplacement() {
    int[] labels = new int[7]; // one cluster, N' = 6, q = 7
    Set<Integer> distinct = new HashSet<>();
    boolean repeated = false;
    for (int seed = 0; seed < 20; seed++) {
      int[] drawn = UniformOverClusters.draw(labels, 1, 6, new RandomStream(seed));
      IntStream.of(drawn).forEach(distinct::add);
      repeated |= IntStream.of(drawn).distinct().count() < 6;
    }
    assertThat(repeated).isTrue();
    assertThat(distinct).hasSize(7);
  }

  @Test
  void membersAreDrawnEquallyOften() {
    int[] labels = new int[40];
    int[] counts = new int[40];
    for (int seed = 0; seed < 4000; seed++) {
      for (int id : UniformOverClusters.draw(labels, 1, 9, new RandomStream(seed))) {
        counts[id]++; // q = 10 of 40 without replacement, 9 kept: 900 expected, deviation 26
      }
    }
    assertThat(Arrays.stream(counts).min().orElseThrow()).isGreaterThan(900 - 5 * 27);
    assertThat(Arrays.stream(counts).max().orElseThrow()).isLessThan(900 + 5 * 27);
  }

  @Test
  void negativeLabelsAndEmptyClustersAreLeftOut() {
    int[] labels = {-1, 3, -1, 3, 5, -1};
    int[] drawn = UniformOverClusters.draw(labels, 9, 100, new RandomStream(3));
    assertThat(drawn).hasSize(100).containsOnly(1, 3, 4);
    long ofFive = Arrays.stream(drawn).filter(id -> id == 4).count();
    assertThat(ofFive).isBetween(49L, 51L); // q = 51 from each of two clusters, 2 cut
  }

  @Test
  void sameStreamSameDraw() {
    int[] labels = skewedLabels();
    int[] once = UniformOverClusters.draw(labels, 50, 5000, new RandomStream(8));
    assertThat(UniformOverClusters.draw(labels, 50, 5000, new RandomStream(8))).isEqualTo(once);
    assertThat(UniformOverClusters.draw(labels, 50, 5000, new RandomStream(9))).isNotEqualTo(once);
  }

  @Test
  void badArgumentsAreNamed() {
    RandomStream random = new RandomStream(0);
    assertThatThrownBy(() -> UniformOverClusters.draw(new int[] {0, 2}, 2, 5, random))
        .hasMessage("labels[1] is 2; accepted: 0..1, or negative for none");
    assertThatThrownBy(() -> UniformOverClusters.draw(new int[] {-1, -1}, 2, 5, random))
        .hasMessageContaining("none of the 2 images is in a cluster");
    assertThatThrownBy(() -> UniformOverClusters.draw(new int[] {0}, 1, -1, random))
        .hasMessageContaining("samples is -1");
    assertThat(UniformOverClusters.draw(new int[] {0}, 1, 0, random)).isEmpty();
  }

  @Test
  void shuffledDrawsEveryImageOnce() {
    int[] drawn = Shuffled.draw(1000, new RandomStream(4));
    assertThat(drawn).isNotEqualTo(IntStream.range(0, 1000).toArray());
    assertThat(Arrays.stream(drawn).sorted().toArray())
        .isEqualTo(IntStream.range(0, 1000).toArray());
  }
}
