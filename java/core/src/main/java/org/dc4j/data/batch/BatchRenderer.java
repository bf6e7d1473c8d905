package org.dc4j.data.batch;

import java.util.List;
import org.dc4j.data.Image;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.ImageViews.View;

/** Writes views of images into rows of a batch. Used by one thread at a time. */
interface BatchRenderer extends AutoCloseable {
  /**
   * Renders.
   *
   * @param rows [images.size() x format size] out
   */
  void render(List<Image> images, List<View> views, FloatMatrix rows);

  @Override
  void close();
}
