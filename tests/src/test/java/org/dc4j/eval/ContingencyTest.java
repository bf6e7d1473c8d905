package org.dc4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ContingencyTest {
  @Test
  void countsPairsThatOccur() {
    Contingency counts = Contingency.of(new int[] {5, 5, 9, 9, 5}, new int[] {1, 0, 1, 1, 1});
    assertThat(counts.size()).isEqualTo(5);
    assertThat(counts.classes()).isEqualTo(2);
    assertThat(counts.clusters()).isEqualTo(2);
    assertThat(counts.classSizes()).containsExactly(3, 2);
    assertThat(counts.clusterSizes()).containsExactly(1, 4);
    assertThat(counts.cells()).isEqualTo(3);
    assertThat(cell(counts, 0)).containsExactly(0, 0, 1);
    assertThat(cell(counts, 1)).containsExactly(0, 1, 2);
    assertThat(cell(counts, 2)).containsExactly(1, 1, 2);
    assertThat(counts.samePartition()).isFalse();
  }

  @Test
  void sizesAreCopies() {
    Contingency counts = Contingency.of(new int[] {0, 1}, new int[] {0, 1});
    counts.classSizes()[0] = 99;
    counts.clusterSizes()[0] = 99;
    assertThat(counts.classSizes()).containsExactly(1, 1);
    assertThat(counts.clusterSizes()).containsExactly(1, 1);
  }

  @Test
  void unlabelledItemsAreLeftOutWhenAsked() {
    int[] labels = {0, -1, 1, 1, 2};
    int[] clusters = {4, 4, -1, 5, 5};
    assertThatThrownBy(() -> Contingency.of(labels, clusters))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("labels[1] is -1");
    Contingency counts = Contingency.ofLabelled(labels, clusters);
    assertThat(counts.size()).isEqualTo(3);
    assertThat(counts.classSizes()).containsExactly(1, 1, 1);
    assertThat(counts.clusterSizes()).containsExactly(1, 2);
    assertThatThrownBy(() -> Contingency.ofLabelled(new int[] {-1, 0}, new int[] {0, -1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("none of 2 items");
  }

  @Test
  void extremeLabelsAreFine() {
    int high = Integer.MAX_VALUE;
    Contingency counts = Contingency.of(new int[] {high, 0, high}, new int[] {high, 0, high});
    assertThat(counts.samePartition()).isTrue();
    assertThat(counts.classSizes()).containsExactly(1, 2);
  }

  private static long[] cell(Contingency counts, int cell) {
    return new long[] {counts.cellClass(cell), counts.cellCluster(cell), counts.cellCount(cell)};
  }
}
