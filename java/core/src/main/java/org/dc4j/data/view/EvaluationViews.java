package org.dc4j.data.view;

import org.dc4j.config.TrainingPlan.ImagePlan;
import org.dc4j.kernels.ImageViews.View;

/**
 * The deterministic view. A plan that covers: resize the short side, cut out the centre, with the
 * rounding of torchvision's Resize and CenterCrop (the long side is truncated, offsets round half
 * to even). A plan that stretches: the whole image resized to the input size, bicubic, as
 * re-identification does (methods.md 3.4). A plan that stretches and crops: the whole image resized
 * to a square, bilinear, and its centre cut out (methods.md 2.5).
 */
public final class EvaluationViews implements ViewPlan {
  // The image kernel resizes up to 2^20 pixels a side.
  private static final double LONGEST_RESIZED_SIDE = 1 << 20;

  private final int height;
  private final int width;
  private final int resize;
  private final boolean stretch;
  private final boolean square;

  /**
   * Views of the plan's size.
   *
   * @param image resize is the short side before the cut; with 0 the image is resized just so far
   *     that it covers the input size
   * @throws IllegalArgumentException if resize is neither 0 nor at least the input size, or fit is
   *     unknown
   */
  public EvaluationViews(ImagePlan image) {
    this.height = image.height();
    this.width = image.width();
    this.resize = image.resize();
    this.stretch = "stretch".equals(image.fit());
    this.square = "stretch-crop".equals(image.fit());
    if (!stretch && !square && !"cover".equals(image.fit())) {
      throw new IllegalArgumentException(
          "image.fit is '%s'; accepted: cover, stretch, stretch-crop".formatted(image.fit()));
    }
    if ((resize != 0 || square) && resize < Math.max(height, width)) {
      throw new IllegalArgumentException(
          "image.resize is %d; accepted: %sat least the input size %d"
              .formatted(resize, square ? "" : "0, or ", Math.max(height, width)));
    }
  }

  @Override
  public View view(int id, int imageHeight, int imageWidth) {
    return centre(imageHeight, imageWidth);
  }

  /** The view of an image of that size. */
  View centre(int imageHeight, int imageWidth) {
    double h = imageHeight;
    double w = imageWidth;
    if (stretch) {
      return view(new Box(0, 0, w, h), height, width, 0, 0);
    }
    if (square) {
      int top = (int) Math.rint((resize - height) / 2.0);
      int left = (int) Math.rint((resize - width) / 2.0);
      return view(new Box(0, 0, w, h), resize, resize, top, left);
    }
    double resizedHeight;
    double resizedWidth;
    // The side that decides the scale gets its exact size, the other follows the aspect ratio.
    boolean heightDecides = resize > 0 ? h <= w : height * w >= width * h;
    if (heightDecides) {
      resizedHeight = resize > 0 ? resize : height;
      resizedWidth = Math.max(width, Math.floor(resizedHeight * w / h));
    } else {
      resizedWidth = resize > 0 ? resize : width;
      resizedHeight = Math.max(height, Math.floor(resizedWidth * h / w));
    }
    double top = Math.rint((resizedHeight - height) / 2);
    double left = Math.rint((resizedWidth - width) / 2);
    if (Math.max(resizedHeight, resizedWidth) > LONGEST_RESIZED_SIDE) {
      // A strip of pixels: the same pixels by resizing only their box of the source.
      return view(
          new Box(
              left * w / resizedWidth,
              top * h / resizedHeight,
              width * w / resizedWidth,
              height * h / resizedHeight),
          height,
          width,
          0,
          0);
    }
    return view(
        new Box(0, 0, w, h), (int) resizedHeight, (int) resizedWidth, (int) top, (int) left);
  }

  private record Box(double left, double top, double width, double height) {}

  private View view(Box box, int resizeHeight, int resizeWidth, int top, int left) {
    return new View(
        box.left(),
        box.top(),
        box.width(),
        box.height(),
        resizeHeight,
        resizeWidth,
        stretch,
        0,
        top,
        left,
        0,
        false,
        1,
        1,
        1,
        0,
        false);
  }
}
