package org.dc4j.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.dc4j.cluster.JaccardDbscan;
import org.junit.jupiter.api.Test;

class SelfPacedLabelsTest {
  /**
   * Cluster 0 loses image 3 when tighter: compactness gaps 1 - 3/4 and, for image 3, 1 - 1/4.
   * Cluster 1 gains image 7 when looser: independence gap 1 - 3/4.
   */
  @Test
  void imagesOfStableClustersKeepThem() {
    SelfPacedLabels labels =
        new SelfPacedLabels(
            new JaccardDbscan.Found(new int[] {0, 0, 0, 0, 1, 1, 1, -1}, 2),
            new int[] {0, 0, 0, -1, 1, 1, 1, -1},
            new int[] {0, 0, 0, 0, 1, 1, 1, 1});
    assertThat(labels.threshold()).isCloseTo(0.25, within(1e-12));
    assertThat(labels.kept(0.25)).containsExactly(0, 0, 0, -1, 1, 1, 1, -1);
    assertThat(labels.kept(0.24)).containsExactly(0, 0, 0, -1, -1, -1, -1, -1);
  }

  /**
   * Looser, clusters 0 and 1 become one; tighter, cluster 0 falls into 3 + 2 under other numbers.
   */
  @Test
  void clustersThatMergeOrSplitHaveGaps() {
    SelfPacedLabels labels =
        new SelfPacedLabels(
            new JaccardDbscan.Found(new int[] {0, 0, 0, 0, 0, 1, 1, 1}, 2),
            new int[] {2, 2, 2, 0, 0, 1, 1, 1},
            new int[] {0, 0, 0, 0, 0, 0, 0, 0});
    // Independence gaps 1 - 5/8 and 1 - 3/8; compactness 1 - 3/5 for three, 1 - 2/5 for two.
    assertThat(labels.threshold()).isCloseTo(1 - 3 / 8.0, within(1e-12));
    assertThat(labels.kept(labels.threshold())).containsExactly(0, 0, 0, -1, -1, 1, 1, 1);
    assertThat(labels.kept(1 - 5 / 8.0)).containsExactly(0, 0, 0, -1, -1, -1, -1, -1);
  }

  /**
   * 20 clusters of 2..21 images, each gains one when looser: gaps 1/(m + 1), the second largest.
   */
  @Test
  void theThresholdIsTheNinetyPercentQuantile() {
    int images = 20 * 23 / 2 + 20;
    int[] labels = new int[images];
    int[] loose = new int[images];
    int at = 0;
    for (int cluster = 0; cluster < 20; cluster++) {
      for (int i = 0; i < cluster + 3; i++) {
        labels[at] = i == 0 ? -1 : cluster;
        loose[at++] = cluster;
      }
    }
    assertThat(at).isEqualTo(images);
    SelfPacedLabels found =
        new SelfPacedLabels(new JaccardDbscan.Found(labels, 20), labels.clone(), loose);
    assertThat(found.threshold()).isCloseTo(1 / 4.0, within(1e-12));
    assertThat(found.kept(found.threshold())).doesNotContain(0).contains(1, 19);
  }

  @Test
  void withoutClustersThereIsNoThreshold() {
    SelfPacedLabels labels =
        new SelfPacedLabels(
            new JaccardDbscan.Found(new int[] {-1, -1}, 0), new int[] {-1, -1}, new int[] {0, 0});
    assertThat(labels.kept(1)).containsExactly(-1, -1);
    assertThatThrownBy(labels::threshold)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no cluster has an independence gap");
  }
}
