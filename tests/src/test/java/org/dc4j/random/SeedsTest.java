package org.dc4j.random;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SeedsTest {
  @Test
  void sameRootNameAndIndicesGiveTheSameStream() {
    RandomStream first = new Seeds(42).stream("augment", 3, 7);
    RandomStream second = new Seeds(42).stream("augment", 3, 7);
    for (int i = 0; i < 100; i++) {
      assertThat(first.nextLong()).isEqualTo(second.nextLong());
    }
  }

  @Test
  void whateverDiffersGivesAnotherStream() {
    Set<Long> keys = new HashSet<>();
    int made = 0;
    for (long root : new long[] {0, 1, 2, -1, 1L << 40}) {
      for (String name : new String[] {"", "a", "b", "ab", "ba", "augment", "augmenu"}) {
        keys.add(new Seeds(root).key(name));
        made++;
        for (long i = -2; i < 40; i++) {
          keys.add(new Seeds(root).key(name, i));
          keys.add(new Seeds(root).key(name, i, 0));
          keys.add(new Seeds(root).key(name, 0, 5, i));
          made += 3;
        }
      }
    }
    assertThat(keys).hasSize(made);
  }

  @Test
  void orderOfIndicesMatters() {
    Seeds seeds = new Seeds(1);
    assertThat(seeds.key("x", 1, 2)).isNotEqualTo(seeds.key("x", 2, 1));
  }

  @Test
  void neighbouringStreamsAreUnrelated() {
    // Half of the bits agree between first draws of neighbours, within 5 standard deviations.
    int same = 0;
    for (int i = 0; i < 1000; i++) {
      long first = new Seeds(0).stream("image", i).nextLong();
      long second = new Seeds(0).stream("image", i + 1).nextLong();
      same += Long.bitCount(~(first ^ second));
    }
    assertThat(same).isBetween(32_000 - 632, 32_000 + 632);
  }
}
