package org.dc4j.faiss;

import org.dc4j.nativecore.faiss.global.dc4j_faiss;

/** How a {@link FaissIndex} compares vectors. */
public enum FaissMetric {
  /** Smallest squared Euclidean distance. */
  L2(dc4j_faiss.DC4J_FAISS_L2),
  /** Largest inner product; with unit vectors the largest cosine. */
  INNER_PRODUCT(dc4j_faiss.DC4J_FAISS_INNER_PRODUCT);

  final int code;

  FaissMetric(int code) {
    this.code = code;
  }
}
