package org.dc4j.data;

import java.util.List;
import org.dc4j.kernels.FloatMatrix;

/**
 * A batch ready for an encoder, owned: close frees the pixels.
 *
 * @param ids image ids, one per row
 * @param crops one view of every image each: [ids.length x (C*H*W)] of the input size first, then
 *     smaller ones [ids.length x (C*h*w)]; at least one
 */
public record ImageBatch(int[] ids, List<FloatMatrix> crops) implements AutoCloseable {
  /** A batch of one view per image. */
  public ImageBatch(int[] ids, FloatMatrix pixels) {
    this(ids, List.of(pixels));
  }

  /** The first view of every image, [size x (C*H*W)]. */
  public FloatMatrix pixels() {
    return crops.get(0);
  }

  public int size() {
    return ids.length;
  }

  @Override
  public void close() {
    crops.forEach(FloatMatrix::close);
  }
}
