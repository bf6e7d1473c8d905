package org.dc4j.data.view;

import org.dc4j.config.TrainingPlan.AugmentationPlan;
import org.dc4j.config.TrainingPlan.ImagePlan;
import org.dc4j.kernels.ImageViews.Area;
import org.dc4j.kernels.ImageViews.View;
import org.dc4j.random.RandomStream;
import org.dc4j.random.Seeds;

/**
 * Random views for one epoch: a crop of random area and aspect ratio (torchvision's
 * RandomResizedCrop) or a window of the padded or stretched image, mirror, rotation, colour jitter,
 * loss of colour, blur, erasing (methods.md 3.1, 3.4; re-identification mirrors before it pads,
 * which gives the same windows as likely). Every choice comes from the stream ("augment", epoch,
 * image id), for a crop beside the first ("augment", epoch, image id, crop), so a view depends
 * neither on threads nor on the order of images. With all settings neutral a view is the one of
 * {@link EvaluationViews} without resize.
 */
public final class TrainingViews implements ViewPlan {
  private static final int CROP_TRIES = 10;
  private static final double MIN_BLUR = 0.1;
  private static final double MAX_BLUR = 2;

  private final ImagePlan image;
  private final AugmentationPlan plan;
  private final EvaluationViews centre;
  private final boolean cropped;
  private final boolean windowed; // a window of the resized image, which is larger
  private final Seeds seeds;
  private final long epoch;
  private final int crop;

  /**
   * Views of an epoch.
   *
   * @throws IllegalArgumentException for a setting out of range, with the range
   */
  public TrainingViews(ImagePlan image, AugmentationPlan plan, Seeds seeds, long epoch) {
    this(image, plan, seeds, epoch, 0);
  }

  /** The views of one of several crops, counted from 0. */
  TrainingViews(ImagePlan image, AugmentationPlan plan, Seeds seeds, long epoch, int crop) {
    require("minScale", plan.minScale(), plan.minScale() > 0, "above 0");
    require(
        "maxScale",
        plan.maxScale(),
        plan.maxScale() >= plan.minScale() && plan.maxScale() <= 1,
        "minScale..1");
    require("minRatio", plan.minRatio(), plan.minRatio() > 0, "above 0");
    require("maxRatio", plan.maxRatio(), plan.maxRatio() >= plan.minRatio(), "at least minRatio");
    require("flip", plan.flip(), isShare(plan.flip()), "0..1");
    require("rotation", plan.rotation(), plan.rotation() >= 0, "at least 0 degrees");
    require("brightness", plan.brightness(), plan.brightness() >= 0, "at least 0");
    require("contrast", plan.contrast(), plan.contrast() >= 0, "at least 0");
    require("saturation", plan.saturation(), plan.saturation() >= 0, "at least 0");
    require("hue", plan.hue(), plan.hue() >= 0 && plan.hue() <= 0.5, "0..0.5 turns");
    require("jitter", plan.jitter(), isShare(plan.jitter()), "0..1");
    require("grey", plan.grey(), isShare(plan.grey()), "0..1");
    require("blur", plan.blur(), isShare(plan.blur()), "0..1");
    require("erase", plan.erase(), isShare(plan.erase()), "0..1");
    this.image = image;
    this.plan = plan;
    this.seeds = seeds;
    this.epoch = epoch;
    this.crop = crop;
    this.cropped =
        plan.minScale() != 1
            || plan.maxScale() != 1
            || plan.minRatio() != 1
            || plan.maxRatio() != 1;
    require(
        "pad", plan.pad(), plan.pad() == 0 || plan.pad() > 0 && !cropped, "0 with a random crop");
    boolean square = "stretch-crop".equals(image.fit());
    if (square && cropped) {
      throw new IllegalArgumentException(
          "image.fit is 'stretch-crop'; accepted: cover, stretch with a random crop");
    }
    this.windowed = plan.pad() > 0 || square;
    this.centre = new EvaluationViews(square ? image : image.ofSize(image.height(), image.width()));
  }

  @Override
  public View view(int id, int height, int width) {
    // The first crop's key has no index: it stays what it was before there were others.
    RandomStream random =
        crop == 0 ? seeds.stream("augment", epoch, id) : seeds.stream("augment", epoch, id, crop);
    // All draws happen, used or not, and the crop's uncertain number of draws comes last: turning
    // one step off leaves the others as they were.
    boolean flip = random.nextBoolean(plan.flip());
    double rotation = within(random.nextDouble(), plan.rotation());
    double brightness = factor(random.nextDouble(), plan.brightness());
    double contrast = factor(random.nextDouble(), plan.contrast());
    double saturation = factor(random.nextDouble(), plan.saturation());
    double hue = within(random.nextDouble(), plan.hue());
    boolean grey = random.nextBoolean(plan.grey());
    View place = cropped ? crop(random, height, width) : centre.centre(height, width);
    // Steps that came later draw after all of the above, which thus stays what it was without them.
    boolean blur = random.nextBoolean(plan.blur());
    double radius = random.nextDouble(MIN_BLUR, MAX_BLUR);
    double down = random.nextDouble();
    double right = random.nextDouble();
    boolean jitter = plan.jitter() == 1 || jitters(id);
    Area erased = random.nextBoolean(plan.erase()) ? RandomErasing.area(random, image) : Area.NONE;
    return new View(
        place.boxLeft(),
        place.boxTop(),
        place.boxWidth(),
        place.boxHeight(),
        place.resizeHeight(),
        place.resizeWidth(),
        place.bicubic(),
        plan.pad(),
        windowed ? window(down, place.resizeHeight(), image.height()) : place.windowTop(),
        windowed ? window(right, place.resizeWidth(), image.width()) : place.windowLeft(),
        rotation,
        flip,
        jitter ? brightness : 1,
        jitter ? contrast : 1,
        jitter ? saturation : 1,
        jitter ? hue : 0,
        grey,
        blur ? radius : 0,
        erased);
  }

  /** By a stream of its own: erasing ends the other with an uncertain number of draws. */
  private boolean jitters(int id) {
    return seeds.stream("jitter", epoch, id, crop).nextBoolean(plan.jitter());
  }

  /** Where a window begins on an axis of the padded image, each place as likely as another. */
  private int window(double uniform, int resized, int size) {
    return (int) (uniform * (resized + 2 * plan.pad() - size + 1));
  }

  private View crop(RandomStream random, int height, int width) {
    double area = (double) height * width;
    double low = Math.log(plan.minRatio());
    double high = Math.log(plan.maxRatio());
    for (int attempt = 0; attempt < CROP_TRIES; attempt++) {
      double target = area * random.nextDouble(plan.minScale(), plan.maxScale());
      double ratio = Math.exp(random.nextDouble(low, high));
      double w = Math.rint(Math.sqrt(target * ratio));
      double h = Math.rint(Math.sqrt(target / ratio));
      if (w >= 1 && w <= width && h >= 1 && h <= height) {
        int top = random.nextInt(height - (int) h + 1);
        int left = random.nextInt(width - (int) w + 1);
        return box(left, top, (int) w, (int) h);
      }
    }
    // The largest centred box whose ratio is in range.
    double ratio = (double) width / height;
    int w = width;
    int h = height;
    if (ratio < plan.minRatio()) {
      h = (int) Math.max(1, Math.min(height, Math.rint(width / plan.minRatio())));
    } else if (ratio > plan.maxRatio()) {
      w = (int) Math.max(1, Math.min(width, Math.rint(height * plan.maxRatio())));
    }
    return box((width - w) / 2, (height - h) / 2, w, h);
  }

  private View box(int left, int top, int w, int h) {
    return new View(
        left,
        top,
        w,
        h,
        image.height(),
        image.width(),
        false,
        0,
        0,
        0,
        0,
        false,
        1,
        1,
        1,
        0,
        false);
  }

  // Uniform in max(0, 1 - v) .. 1 + v, exactly 1 for v = 0.
  private static double factor(double uniform, double v) {
    double low = Math.max(0, 1 - v);
    return v == 0 ? 1 : low + uniform * (1 + v - low);
  }

  // Uniform in -v .. v, exactly 0 (and not -0) for v = 0.
  private static double within(double uniform, double v) {
    return v == 0 ? 0 : (2 * uniform - 1) * v;
  }

  private static boolean isShare(double value) {
    return value >= 0 && value <= 1;
  }

  private static void require(String name, double value, boolean ok, String accepted) {
    if (!ok || !Double.isFinite(value)) {
      throw new IllegalArgumentException(
          "augmentation.%s is %s; accepted: %s".formatted(name, value, accepted));
    }
  }
}
