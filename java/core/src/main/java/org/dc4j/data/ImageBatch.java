package org.dc4j.data;

import org.dc4j.kernels.FloatMatrix;

/**
 * A batch ready for an encoder, owned: close frees the pixels.
 *
 * @param ids image ids, one per row
 * @param pixels [ids.length x (C*H*W)]
 */
public record ImageBatch(int[] ids, FloatMatrix pixels) implements AutoCloseable {
  public int size() {
    return ids.length;
  }

  @Override
  public void close() {
    pixels.close();
  }
}
