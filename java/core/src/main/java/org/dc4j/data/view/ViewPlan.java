package org.dc4j.data.view;

import java.util.List;
import org.dc4j.kernels.ImageViews;

/** Which views of each image the network sees. Thread-safe: called from decoding threads. */
public interface ViewPlan {
  /**
   * The view of an image; the same arguments give the same view, whatever was asked before.
   *
   * @param id image id
   * @param height, width size of the decoded image, >= 1
   */
  ImageViews.View view(int id, int height, int width);

  /** The further crops that each image gives to the same step, in order; none by default. */
  default List<Crop> furtherCrops() {
    return List.of();
  }

  /**
   * A crop beside the first.
   *
   * @param views of each image; its own further crops do not count
   * @param height, width output size of these views in pixels
   */
  record Crop(ViewPlan views, int height, int width) {}
}
