package org.dc4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ClusterHealthTest {
  @Test
  void countsSizes() {
    ClusterHealth health = ClusterHealth.of(new int[] {0, 0, 0, 0, 1, 3, 3, 3, -1, -2}, 5);
    assertThat(health.k()).isEqualTo(5);
    assertThat(health.items()).isEqualTo(10);
    assertThat(health.unassigned()).isEqualTo(2);
    assertThat(health.empty()).isEqualTo(2);
    assertThat(health.singletons()).isEqualTo(1);
    assertThat(health.smallest()).isZero();
    assertThat(health.median()).isEqualTo(1);
    assertThat(health.largest()).isEqualTo(4);
    assertThat(health.largestShare()).isEqualTo(0.5);
    // Sizes 0 0 1 3 4: mean absolute difference 2.24 over twice the mean 1.6.
    assertThat(health.gini()).isCloseTo(44.0 / 25 / 3.2, within(1e-12));
    assertThat(health.effectiveRank()).isNaN();
    assertThat(health.churn()).isNaN();
  }

  @Test
  void medianOfAnEvenNumberIsTheMiddle() {
    assertThat(ClusterHealth.of(new int[] {0, 1, 1, 1, 1}, 2).median()).isEqualTo(2.5);
  }

  @Test
  void giniRunsFromEqualToCollapsed() {
    assertThat(ClusterHealth.of(new int[] {0, 1, 2, 3, 0, 1, 2, 3}, 4).gini()).isZero();
    assertThat(ClusterHealth.of(new int[8], 4).gini()).isCloseTo(0.75, within(1e-12));
    assertThat(ClusterHealth.of(new int[8], 1).gini()).isZero();
  }

  @Test
  void nothingAssignedIsNoDivisionByZero() {
    for (int[] labels : new int[][] {{}, {-1, -1}}) {
      ClusterHealth health = ClusterHealth.of(labels, 3);
      assertThat(health.empty()).isEqualTo(3);
      assertThat(health.largestShare()).isZero();
      assertThat(health.gini()).isZero();
    }
  }

  @Test
  void effectiveRankCountsDirections() {
    assertThat(ClusterHealth.effectiveRank(new double[] {2, 2, 2, 2})).isCloseTo(4, within(1e-12));
    assertThat(ClusterHealth.effectiveRank(new double[] {5, 0, -1e-18})).isEqualTo(1);
    double shares = Math.exp(-0.75 * Math.log(0.75) - 0.25 * Math.log(0.25));
    assertThat(ClusterHealth.effectiveRank(new double[] {30, 10})).isCloseTo(shares, within(1e-12));
    assertThatThrownBy(() -> ClusterHealth.effectiveRank(new double[] {0, 0}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("all equal");
    assertThatThrownBy(() -> ClusterHealth.effectiveRank(new double[] {1, Double.NaN}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("eigenvalue 1");
  }

  @Test
  void churnIgnoresNumbering() {
    int[] before = {0, 0, 0, 1, 1, 1, 2, 2, 2, 2};
    assertThat(ClusterHealth.churn(before, new int[] {5, 5, 5, 0, 0, 0, 1, 1, 1, 1})).isZero();
    assertThat(ClusterHealth.churn(before, new int[] {5, 5, 0, 0, 0, 0, 1, 1, 1, 5}))
        .isCloseTo(0.2, within(1e-12));
  }

  @Test
  void movedCountsItemsThatLeftMostOfTheirCluster() {
    int[] before = {0, 0, 0, 1, 1, 1, -1, -1};
    assertThat(ClusterHealth.moved(before, new int[] {4, 4, 4, 4, 4, 4, 2, 2})).isZero();
    assertThat(ClusterHealth.moved(before, new int[] {4, 4, 0, 1, 2, 3, -1, 0})).isEqualTo(0.5);
    assertThat(ClusterHealth.moved(new int[] {0, 1}, new int[] {-1, -1})).isZero();
    assertThatThrownBy(() -> ClusterHealth.moved(new int[2], new int[3]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void churnCountsItemsThatLostTheirCluster() {
    assertThat(ClusterHealth.churn(new int[] {0, 0, -1, -1}, new int[] {3, -1, -1, 3}))
        .isEqualTo(0.5);
    assertThat(ClusterHealth.churn(new int[] {-1, -1}, new int[] {-1, -1})).isZero();
    assertThat(ClusterHealth.churn(new int[] {0, 1}, new int[] {-1, -1})).isEqualTo(1);
  }

  @Test
  void measurementsAreAdded() {
    int[] before = {0, 0, 1, 1};
    int[] after = {0, 0, 1, 0};
    ClusterHealth health =
        ClusterHealth.of(after, 2).withEffectiveRank(new double[] {1, 1}).withChurn(before, after);
    assertThat(health.effectiveRank()).isCloseTo(2, within(1e-12));
    assertThat(health.churn()).isEqualTo(0.25);
    assertThat(health.largest()).isEqualTo(3);
  }

  @Test
  void awkwardInputIsAClearError() {
    assertThatThrownBy(() -> ClusterHealth.of(new int[] {0, 4}, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("labels[1] is 4");
    assertThatThrownBy(() -> ClusterHealth.of(new int[0], 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ClusterHealth.churn(new int[2], new int[3]))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
