package org.dc4j.kernels;

import org.dc4j.nativecore.global.dc4j;

/** What k-means does with a cluster that lost all its rows. */
public enum EmptyClusterPolicy {
  /** The centroid stays where it is. */
  KEEP(dc4j.DC4J_EMPTY_KEEP),
  /** Splits a cluster drawn by size, as FAISS does (methods.md 1.3). */
  FAISS(dc4j.DC4J_EMPTY_FAISS),
  /** Moves to the row farthest from its centroid. */
  FARTHEST(dc4j.DC4J_EMPTY_FARTHEST);

  final int code;

  EmptyClusterPolicy(int code) {
    this.code = code;
  }
}
