package org.dc4j.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AssignmentsTest {
  @Test
  void compactDropsEmptyClustersAndKeepsTheOrder() {
    Assignments found =
        new Assignments(new int[] {4, 1, -1, 4, 6}, new float[5], 8, 0, 3).compact();
    assertThat(found.labels()).containsExactly(1, 0, -1, 1, 2);
    assertThat(found.k()).isEqualTo(3);
    assertThat(found.sizes()).containsExactly(1, 2, 1);
  }
}
