package org.dc4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class MeanAndDeviationTest {
  @Test
  void usesTheSampleDeviation() {
    MeanAndDeviation score = MeanAndDeviation.of(1, 2, 3, 6);
    assertThat(score.mean()).isEqualTo(3);
    assertThat(score.deviation()).isCloseTo(Math.sqrt(14.0 / 3), within(1e-12));
  }

  @Test
  void oneValueHasNoSpread() {
    assertThat(MeanAndDeviation.of(0.5)).isEqualTo(new MeanAndDeviation(0.5, 0));
    assertThatThrownBy(MeanAndDeviation::of).isInstanceOf(IllegalArgumentException.class);
  }
}
