package org.dc4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.Map;
import org.dc4j.cluster.Assignments;
import org.junit.jupiter.api.Test;

class ClusterWatchTest {
  private static Assignments labels(int k, int... labels) {
    return new Assignments(labels, new float[labels.length], k, 0, 0);
  }

  private static String collapse(Assignments now, Object effectiveRank) {
    return collapse(now, effectiveRank, 64);
  }

  private static String collapse(Assignments now, Object effectiveRank, int eigenvalues) {
    Map<String, Object> row = new LinkedHashMap<>();
    ClusterWatch.measure(null, now, row);
    if (effectiveRank != null) {
      row.put("effective_rank", effectiveRank);
    }
    return ClusterWatch.collapse(now, row, eigenvalues);
  }

  @Test
  void figuresOfAClusteringWithNoise() {
    Map<String, Object> row = new LinkedHashMap<>();
    ClusterWatch.measure(
        labels(2, 0, 0, 0, 1, 1, -1, -1, -1), labels(4, 3, 3, 0, 1, 1, 1, -1, -1), row);
    assertThat(row)
        .containsEntry("clusters", 4)
        .containsEntry("empty", 1)
        .containsEntry("smallest", 0)
        .containsEntry("largest", 3)
        .containsEntry("coverage", 0.75)
        .containsEntry("loss_uniform", Math.log(4))
        .containsEntry("moved", 0.25);
    assertThat((double) row.get("nmi_previous")).isCloseTo(0.7020168761809934, within(1e-12));
  }

  @Test
  void saysWhatHasCollapsed() {
    assertThat(collapse(labels(3, 0, 0, 0, 1, 2), 9.0))
        .isEqualTo("collapse: one cluster holds 3 of 5 images");
    assertThat(collapse(labels(3, 0, 0, 1, 1, 2), 1.25))
        .isEqualTo("collapse: the embeddings have an effective rank of 1.25");
    assertThat(collapse(labels(0, -1, -1), null))
        .isEqualTo("collapse: all 2 images are noise, no cluster is left");
  }

  @Test
  void seesTotalCollapse() {
    // What PIC finds then, and a k-means whose other clusters are empty.
    assertThat(collapse(labels(1, 0, 0, 0, 0), 9.0))
        .isEqualTo("collapse: there is only one cluster, it holds 4 of 4 images");
    assertThat(collapse(labels(1, 0, -1, -1, 0), null))
        .isEqualTo("collapse: there is only one cluster, it holds 2 of 4 images");
    assertThat(collapse(labels(2, 1, 1, 1, 1), 9.0))
        .isEqualTo("collapse: there is only one cluster, it holds 4 of 4 images");
    assertThat(collapse(labels(3, 0, 1, 2, 0), 0.0))
        .isEqualTo("collapse: the embeddings of all 4 images are equal");
  }

  @Test
  void fewEigenvaluesHaveALowerLimit() {
    // Noise whitened to two columns: more than two it cannot have.
    assertThat(collapse(labels(3, 0, 0, 1, 1, 2), 1.97, 2)).isNull();
    assertThat(collapse(labels(3, 0, 0, 1, 1, 2), 1.0, 1)).isNull();
    assertThat(collapse(labels(3, 0, 0, 1, 1, 2), 1.97, 5))
        .isEqualTo("collapse: the embeddings have an effective rank of 1.97");
    assertThat(collapse(labels(3, 0, 0, 1, 1, 2), 1.05, 2))
        .isEqualTo("collapse: the embeddings have an effective rank of 1.05");
  }

  @Test
  void isSilentAboutAHealthyClustering() {
    assertThat(collapse(labels(3, 0, 0, 1, 1, 2), 2.0)).isNull();
    assertThat(collapse(labels(3, 0, 0, 1, 1, 2), null)).isNull();
    assertThat(collapse(labels(2, 0, 0, 0, 1, 1), 9.0)).isNull(); // of two one holds half
  }
}
