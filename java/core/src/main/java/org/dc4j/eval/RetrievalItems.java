package org.dc4j.eval;

import org.dc4j.kernels.FloatMatrix;

/**
 * Images of a retrieval benchmark: queries, a gallery, or both in one.
 *
 * @param rows [n x d] embeddings of any length, borrowed
 * @param identities [n] >= 0; not to be changed
 * @param cameras [n] >= 0, or null: nothing is known, and no match is junk; not to be changed
 */
public record RetrievalItems(FloatMatrix rows, int[] identities, int[] cameras) {
  public RetrievalItems {
    KnnClassifier.requireLabels("identity", rows, identities);
    if (cameras != null) {
      if (cameras.length != identities.length) {
        throw new IllegalArgumentException(
            "%d cameras for %d rows; one each".formatted(cameras.length, identities.length));
      }
      for (int i = 0; i < cameras.length; i++) {
        if (cameras[i] < 0) {
          throw new IllegalArgumentException(
              "cameras[%d] is %d; accepted: >= 0, or no cameras at all".formatted(i, cameras[i]));
        }
      }
    }
  }
}
