package org.dc4j.data.view;

import org.dc4j.config.TrainingPlan.ImagePlan;
import org.dc4j.kernels.ImageViews.Area;
import org.dc4j.random.RandomStream;

/**
 * Where random erasing (Zhong et al. 2017) puts its rectangle, with the constants of
 * re-identification (methods.md 3.4): an area share uniform in 0.02..0.4, height over width uniform
 * in 0.3..3.33, redrawn until it is smaller than the input on both axes, then any place.
 */
final class RandomErasing {
  private static final int TRIES = 100;
  private static final double MIN_AREA = 0.02;
  private static final double MAX_AREA = 0.4;
  private static final double MIN_RATIO = 0.3;

  private RandomErasing() {}

  /** A rectangle inside the input; {@link Area#NONE} if no try fits. */
  static Area area(RandomStream random, ImagePlan image) {
    double pixels = (double) image.height() * image.width();
    for (int attempt = 0; attempt < TRIES; attempt++) {
      double target = pixels * random.nextDouble(MIN_AREA, MAX_AREA);
      double ratio = random.nextDouble(MIN_RATIO, 1 / MIN_RATIO);
      int height = (int) Math.rint(Math.sqrt(target * ratio));
      int width = (int) Math.rint(Math.sqrt(target / ratio));
      if (height < image.height() && width < image.width()) {
        int top = random.nextInt(image.height() - height + 1);
        int left = random.nextInt(image.width() - width + 1);
        return new Area(top, left, height, width);
      }
    }
    return Area.NONE;
  }
}
