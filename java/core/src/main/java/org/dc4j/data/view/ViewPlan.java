package org.dc4j.data.view;

import org.dc4j.kernels.ImageViews;

/** Which view of each image the network sees. Thread-safe: called from decoding threads. */
public interface ViewPlan {
  /**
   * The view of an image; the same arguments give the same view, whatever was asked before.
   *
   * @param id image id
   * @param height, width size of the decoded image, >= 1
   */
  ImageViews.View view(int id, int height, int width);
}
