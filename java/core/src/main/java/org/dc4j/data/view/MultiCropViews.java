package org.dc4j.data.view;

import java.util.ArrayList;
import java.util.List;
import org.dc4j.config.TrainingPlan.AugmentationPlan;
import org.dc4j.config.TrainingPlan.ImagePlan;
import org.dc4j.config.TrainingPlan.LocalCropsPlan;
import org.dc4j.kernels.ImageViews.View;
import org.dc4j.random.Seeds;

/**
 * All the crops of a training step: the plan's views of the input size, then its local ones
 * (DeepCluster-v2, methods.md 3.1). Each crop is a {@link TrainingViews} with random choices of its
 * own; the first one's are those of a plan of one crop.
 */
public final class MultiCropViews implements ViewPlan {
  private final TrainingViews first;
  private final List<Crop> further = new ArrayList<>();

  /**
   * Crops of an epoch.
   *
   * @throws IllegalArgumentException for a setting out of range, with the range
   */
  public MultiCropViews(ImagePlan image, AugmentationPlan plan, Seeds seeds, long epoch) {
    if (plan.crops() < 1) {
      throw new IllegalArgumentException(
          "augmentation.crops is %d; accepted: at least 1".formatted(plan.crops()));
    }
    this.first = new TrainingViews(image, plan, seeds, epoch);
    for (int crop = 1; crop < plan.crops(); crop++) {
      TrainingViews views = new TrainingViews(image, plan, seeds, epoch, crop);
      further.add(new Crop(views, image.height(), image.width()));
    }
    LocalCropsPlan local = plan.localCrops();
    for (int i = 0; local != null && i < local.count(); i++) {
      TrainingViews views =
          new TrainingViews(
              image.ofSize(local.size(), local.size()),
              plan.ofScale(local.minScale(), local.maxScale()),
              seeds,
              epoch,
              plan.crops() + i);
      further.add(new Crop(views, local.size(), local.size()));
    }
  }

  @Override
  public View view(int id, int height, int width) {
    return first.view(id, height, width);
  }

  @Override
  public List<Crop> furtherCrops() {
    return List.copyOf(further);
  }
}
