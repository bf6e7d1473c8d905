package org.dc4j.data.sample;

import org.dc4j.random.RandomStream;

/** Every image once, in random order. */
public final class Shuffled {
  private Shuffled() {}

  /** The ids 0..n-1 in random order. */
  public static int[] draw(int n, RandomStream random) {
    return random.permutation(n);
  }
}
