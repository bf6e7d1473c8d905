package org.dc4j.kernels;

import org.dc4j.nativecore.global.dc4j;

/** How k-means chooses its first centroids. */
public enum SeedMethod {
  /** k distinct rows, uniformly. */
  RANDOM(dc4j.DC4J_SEED_RANDOM),
  /** D^2 sampling (Arthur and Vassilvitskii 2007). */
  KMEANS_PLUS_PLUS(dc4j.DC4J_SEED_KMEANS_PLUS_PLUS);

  final int code;

  SeedMethod(int code) {
    this.code = code;
  }
}
