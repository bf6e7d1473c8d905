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
    Map<String, Object> row = new LinkedHashMap<>();
    ClusterWatch.measure(null, now, row);
    if (effectiveRank != null) {
      row.put("effective_rank", effectiveRank);
    }
    return ClusterWatch.collapse(now, row);
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
  void isSilentAboutAHealthyClustering() {
    assertThat(collapse(labels(3, 0, 0, 1, 1, 2), 2.0)).isNull();
    assertThat(collapse(labels(3, 0, 0, 1, 1, 2), null)).isNull();
    assertThat(collapse(labels(2, 0, 0, 0, 1, 1), 9.0)).isNull(); // of two one holds half
  }
}
