package org.dc4j.data.sample;

import org.dc4j.random.RandomStream;

/** Images in random order, each as often as any other: one random order of all after another. */
public final class Shuffled {
  private Shuffled() {}

  /** The ids 0..n-1 in random order. */
  public static int[] draw(int n, RandomStream random) {
    return draw(n, n, random);
  }

  /**
   * So many ids of 0..n-1: none comes again before all have come.
   *
   * @param n >= 1
   * @param samples >= 0
   */
  public static int[] draw(int n, int samples, RandomStream random) {
    int[] drawn = new int[samples];
    for (int at = 0; at < samples; at += n) {
      System.arraycopy(random.permutation(n), 0, drawn, at, Math.min(n, samples - at));
    }
    return drawn;
  }
}
