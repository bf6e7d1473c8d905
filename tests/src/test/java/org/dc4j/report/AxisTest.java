package org.dc4j.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AxisTest {
  @Test
  void ticksAreRoundAndCoverTheValues() {
    Axis loss = Axis.linear(1.53, 3.41);
    assertThat(loss.labels()).containsExactly("1.5", "2.0", "2.5", "3.0", "3.5");
    assertThat(Axis.linear(0.7612, 0.8611).labels())
        .containsExactly("0.750", "0.775", "0.800", "0.825", "0.850", "0.875");
    assertThat(Axis.zeroToOne().labels()).containsExactly("0.00", "0.25", "0.50", "0.75", "1.00");
    assertThat(Axis.wholeBetween(1, 20).labels()).containsExactly("5", "10", "15", "20");
    assertThat(Axis.wholeBetween(1, 3).labels()).containsExactly("1", "2", "3");
    assertThat(Axis.wholeFromZero(0).labels()).containsExactly("0", "1");
    assertThat(Axis.wholeFromZero(3).labels()).containsExactly("0", "1", "2", "3");
    assertThat(Axis.logarithmic(420).labels()).containsExactly("0", "1", "10", "100", "1,000");
    assertThat(Axis.linear(1.47e6, 1.53e6).labels()).contains("1.48M", "1.50M");
  }

  @Test
  void positionsRunFromZeroToOne() {
    for (double low : new double[] {-1e9, -3, 0, 1e-9, 0.3, 7, 1e12}) {
      for (double span : new double[] {0, 1e-6, 0.1, 1, 12345}) {
        Axis axis = Axis.linear(low, low + span);
        assertThat(axis.ticks()).hasSizeBetween(2, 8).isSorted();
        assertThat(axis.at(low)).isBetween(0.0, 1.0);
        assertThat(axis.at(low + span)).isBetween(axis.at(low), 1.0);
      }
    }
    Axis sizes = Axis.logarithmic(1000);
    assertThat(sizes.at(0)).isZero();
    assertThat(sizes.at(1000)).isEqualTo(1);
    assertThat(sizes.at(10)).isBetween(0.3, 0.4);
  }

  @Test
  void numbersAreWrittenForPeople() {
    assertThat(Numbers.measure(0.86114)).isEqualTo("0.8611");
    assertThat(Numbers.measure(1534.5)).isEqualTo("1,535");
    assertThat(Numbers.measure(3)).isEqualTo("3");
    assertThat(Numbers.measure(1.2e-7)).isEqualTo("1.2e-07");
    assertThat(Numbers.measure(3.25, 12.5)).isEqualTo("3.25");
    assertThat(Numbers.measure(0, 41.27)).isEqualTo("0.00");
    assertThat(Numbers.measure(Double.NaN)).isEqualTo("–");
    assertThat(Numbers.duration(3.21)).isEqualTo("3.2 s");
    assertThat(Numbers.duration(59.7)).isEqualTo("1 min 0 s");
    assertThat(Numbers.duration(440)).isEqualTo("7 min 20 s");
    assertThat(Numbers.duration(8040)).isEqualTo("2 h 14 min");
    assertThat(Numbers.percent(0.1234)).isEqualTo("12.3 %");
    assertThat(Html.escape("a<b>&\"'\u0007")).isEqualTo("a&lt;b&gt;&amp;&quot;&#39;\ufffd");
  }
}
