package org.dc4j.random;

/**
 * The root of all randomness: one root seed, named streams under it. The same (root, name, indices)
 * gives the same numbers on every machine, whatever else was drawn before.
 */
public record Seeds(long root) {
  /**
   * The 64-bit key of a named stream, for example {@code key("augment", epoch, imageId)}; also the
   * seed that native kernels take.
   */
  public long key(String name, long... indices) {
    long hash = mix(root ^ 0x9E3779B97F4A7C15L);
    for (int i = 0; i < name.length(); i++) {
      hash = mix(hash ^ name.charAt(i));
    }
    for (long index : indices) {
      hash = mix(hash * 31 + index);
    }
    return hash;
  }

  /** The stream of that key, at its start. */
  public RandomStream stream(String name, long... indices) {
    return new RandomStream(key(name, indices));
  }

  // Finaliser of splitmix64 (Steele, Lea, Flood 2014).
  private static long mix(long z) {
    z += 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
