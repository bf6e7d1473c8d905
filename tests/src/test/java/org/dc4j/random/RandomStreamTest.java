package org.dc4j.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RandomStreamTest {
  @Test
  void firstDrawOfKeyZeroIsTheKnownAnswer() {
    // Random123: key 0, counter 0 -> 6627e8d5 e169c58d bc57ac4c 9b00dbd8; a draw is words 0 and 1.
    assertThat(new RandomStream(0).nextLong()).isEqualTo(0xe169c58d6627e8d5L);
  }

  @Test
  void drawsEqualAnIndependentPhilox() throws IOException {
    try (InputStream in = getClass().getResourceAsStream("/golden/philox.json")) {
      for (JsonNode stream : new ObjectMapper().readTree(in)) {
        long key = Long.parseUnsignedLong(stream.get("key").asText(), 16);
        RandomStream random = new RandomStream(key);
        for (JsonNode draw : stream.get("draws")) {
          assertThat(random.nextLong()).isEqualTo(Long.parseUnsignedLong(draw.asText(), 16));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 7, 10, 1000, 1L << 33, Long.MAX_VALUE})
  void belowStaysInBounds(long bound) {
    RandomStream random = new RandomStream(5);
    for (int i = 0; i < 2000; i++) {
      assertThat(random.nextBelow(bound)).isBetween(0L, bound - 1);
    }
  }

  @Test
  void belowIsTheUnsignedHighProduct() {
    // 0xe169... is negative as a signed long, so this draw shows a signed product at once.
    long expected =
        new java.math.BigInteger("e169c58d6627e8d5", 16)
            .multiply(java.math.BigInteger.valueOf(1000))
            .shiftRight(64)
            .longValueExact();
    assertThat(new RandomStream(0).nextBelow(1000)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE})
  void boundsBelowOneAreErrors(long bound) {
    assertThatThrownBy(() -> new RandomStream(0).nextBelow(bound))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(Long.toString(bound));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 10, 97})
  void integersAreUniform(int bins) {
    RandomStream random = new RandomStream(20261122);
    int draws = 1000 * bins;
    int[] counts = new int[bins];
    for (int i = 0; i < draws; i++) {
      counts[random.nextInt(bins)]++;
    }
    assertThat(chiSquare(counts, 1000.0)).isLessThan(limit(bins - 1));
  }

  @Test
  void doublesAreUniformInTheUnitInterval() {
    RandomStream random = new RandomStream(7);
    int[] counts = new int[64];
    double sum = 0;
    for (int i = 0; i < 64_000; i++) {
      double value = random.nextDouble();
      assertThat(value).isGreaterThanOrEqualTo(0).isLessThan(1);
      counts[(int) (value * 64)]++;
      sum += value;
    }
    assertThat(chiSquare(counts, 1000)).isLessThan(limit(63));
    assertThat(sum / 64_000).isCloseTo(0.5, within(0.006)); // 5 standard errors
  }

  @Test
  void doublesStayInTheirRange() {
    RandomStream random = new RandomStream(8);
    for (int i = 0; i < 1000; i++) {
      assertThat(random.nextDouble(-3, 2)).isGreaterThanOrEqualTo(-3).isLessThan(2);
    }
  }

  @Test
  void booleansFollowTheirProbability() {
    RandomStream random = new RandomStream(9);
    int yes = 0;
    for (int i = 0; i < 10_000; i++) {
      yes += random.nextBoolean(0.2) ? 1 : 0;
      assertThat(random.nextBoolean(0)).isFalse();
      assertThat(random.nextBoolean(1)).isTrue();
    }
    assertThat(yes).isBetween(1800, 2200); // 5 standard deviations
  }

  @Test
  void permutationsHoldEveryNumberOnce() {
    for (int n : new int[] {0, 1, 2, 100}) {
      int[] order = new RandomStream(n).permutation(n);
      int[] sorted = order.clone();
      Arrays.sort(sorted);
      for (int i = 0; i < n; i++) {
        assertThat(sorted[i]).isEqualTo(i);
      }
    }
    assertThat(new RandomStream(1).permutation(100))
        .isNotEqualTo(new RandomStream(2).permutation(100))
        .isEqualTo(new RandomStream(1).permutation(100));
  }

  @Test
  void allOrdersOfThreeAreEquallyLikely() {
    RandomStream random = new RandomStream(11);
    int[] counts = new int[27];
    for (int i = 0; i < 6000; i++) {
      int[] order = random.permutation(3);
      counts[order[0] * 9 + order[1] * 3 + order[2]]++;
    }
    int[] seen = Arrays.stream(counts).filter(count -> count > 0).toArray();
    assertThat(seen).hasSize(6);
    assertThat(chiSquare(seen, 1000)).isLessThan(limit(5));
  }

  private static double chiSquare(int[] counts, double expected) {
    double sum = 0;
    for (int count : counts) {
      sum += (count - expected) * (count - expected) / expected;
    }
    return sum;
  }

  /** Exceeded by a true uniform once in about 10,000 (Wilson and Hilferty, z = 3.72). */
  private static double limit(int degrees) {
    double spread = 2.0 / (9 * degrees);
    return degrees * Math.pow(1 - spread + 3.72 * Math.sqrt(spread), 3);
  }
}
