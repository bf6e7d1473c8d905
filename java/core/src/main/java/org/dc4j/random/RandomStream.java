package org.dc4j.random;

/**
 * Philox4x32-10 (Salmon et al. 2011), draw after draw, the same bits as the native core's. Not
 * thread-safe; make one per use from {@link Seeds}.
 */
public final class RandomStream {
  private final long key;
  private long draw;

  public RandomStream(long key) {
    this.key = key;
  }

  /** The next draw as 64 random bits. */
  public long nextLong() {
    return block(key, draw++);
  }

  /** Uniform in [0, 1), 53 bits. */
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1.0p-53;
  }

  /** Uniform in [low, high). */
  public double nextDouble(double low, double high) {
    return low + (high - low) * nextDouble();
  }

  /** Uniform in [0, bound), bound >= 1. */
  public long nextBelow(long bound) {
    if (bound < 1) {
      throw new IllegalArgumentException("bound " + bound + " must be >= 1");
    }
    long bits = nextLong();
    // Unsigned high half of bits * bound (Math.multiplyHigh is signed).
    return Math.multiplyHigh(bits, bound) + ((bits >> 63) & bound);
  }

  /** Uniform in [0, bound). */
  public int nextInt(int bound) {
    return (int) nextBelow(bound);
  }

  /** True with probability p. */
  public boolean nextBoolean(double p) {
    return nextDouble() < p;
  }

  /** The numbers 0..n-1 in random order (Fisher-Yates). */
  public int[] permutation(int n) {
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      order[i] = i;
    }
    shuffle(order);
    return order;
  }

  /** Shuffles in place (Fisher-Yates). */
  public void shuffle(int[] values) {
    for (int i = values.length - 1; i > 0; i--) {
      int j = nextInt(i + 1);
      int held = values[i];
      values[i] = values[j];
      values[j] = held;
    }
  }

  private static long block(long key, long counter) {
    int c0 = (int) counter;
    int c1 = (int) (counter >>> 32);
    int c2 = 0;
    int c3 = 0;
    int k0 = (int) key;
    int k1 = (int) (key >>> 32);
    for (int round = 0; round < 10; round++) {
      long p0 = 0xD2511F53L * (c0 & 0xFFFFFFFFL);
      long p1 = 0xCD9E8D57L * (c2 & 0xFFFFFFFFL);
      c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
      c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
      c1 = (int) p1;
      c3 = (int) p0;
      k0 += 0x9E3779B9;
      k1 += 0xBB67AE85;
    }
    return (long) c1 << 32 | (c0 & 0xFFFFFFFFL);
  }
}
