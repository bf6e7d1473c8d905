package org.dc4j.data.batch;

import java.util.List;
import org.dc4j.data.Image;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.ImageViews.View;

/** Writes views of images into rows of a batch. Used by one thread at a time. */
interface BatchRenderer extends AutoCloseable {
  /** Takes over images, to be rendered as often as wanted; forgets those before. */
  void stage(List<Image> images);

  /**
   * Renders one view of each staged image.
   *
   * @param height, width of the views in pixels
   * @param rows [views.size() x floats of a view] out
   */
  void render(List<View> views, int height, int width, FloatMatrix rows);

  @Override
  void close();
}
