package org.dc4j.data.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.dc4j.config.PlanFiles;
import org.dc4j.config.TrainingPlan;
import org.dc4j.data.view.ViewPlan.Crop;
import org.dc4j.kernels.ImageViews.View;
import org.dc4j.random.Seeds;
import org.junit.jupiter.api.Test;

class MultiCropViewsTest {
  private static final String LOCAL = "{count: 6, size: 96, minScale: 0.05, maxScale: 0.14}";

  private static TrainingPlan plan(int crops, String local) {
    TrainingPlan base = PlanFiles.preset("deepcluster");
    return PlanFiles.with(
        PlanFiles.merge(base, "augmentation: {localCrops: " + local + "}"),
        "augmentation.crops",
        Integer.toString(crops));
  }

  private static MultiCropViews views(TrainingPlan plan, long seed, long epoch) {
    return new MultiCropViews(plan.image(), plan.augmentation(), new Seeds(seed), epoch);
  }

  @Test
  void largeCropsComeFirst() {
    List<Crop> further = views(plan(2, LOCAL), 1, 0).furtherCrops();
    assertThat(further.stream().map(Crop::height)).containsExactly(224, 96, 96, 96, 96, 96, 96);
    assertThat(further.stream().map(Crop::width)).containsExactly(224, 96, 96, 96, 96, 96, 96);
    assertThat(views(plan(1, "null"), 1, 0).furtherCrops()).isEmpty();
    assertThat(views(plan(1, LOCAL), 1, 0).furtherCrops()).hasSize(6);
  }

  @Test
  void theFirstCropIsThatOfAPlanOfOneCrop() {
    TrainingPlan plan = plan(3, LOCAL);
    TrainingViews one = new TrainingViews(plan.image(), plan.augmentation(), new Seeds(7), 4);
    for (int id = 0; id < 100; id++) {
      assertThat(views(plan, 7, 4).view(id, 300, 400)).isEqualTo(one.view(id, 300, 400));
    }
  }

  @Test
  void everyCropHasItsOwnChoices() {
    List<Crop> further = views(plan(3, LOCAL), 7, 4).furtherCrops();
    List<Crop> again = views(plan(3, LOCAL), 7, 4).furtherCrops();
    List<Crop> nextEpoch = views(plan(3, LOCAL), 7, 5).furtherCrops();
    Set<List<Double>> boxes = new HashSet<>();
    for (int id = 0; id < 50; id++) {
      View first = views(plan(3, LOCAL), 7, 4).view(id, 900, 900);
      boxes.add(List.of(first.boxLeft(), first.boxTop(), first.boxWidth()));
      for (int c = 0; c < further.size(); c++) {
        View view = further.get(c).views().view(id, 900, 900);
        assertThat(again.get(c).views().view(id, 900, 900)).isEqualTo(view);
        assertThat(nextEpoch.get(c).views().view(id, 900, 900)).isNotEqualTo(view);
        boxes.add(List.of(view.boxLeft(), view.boxTop(), view.boxWidth()));
      }
    }
    assertThat(boxes).hasSize(50 * (1 + 2 + 6));
  }

  @Test
  void localCropsHaveTheirOwnScaleAndSize() {
    List<Crop> further = views(plan(2, LOCAL), 1, 0).furtherCrops();
    int flips = 0;
    for (int id = 0; id < 300; id++) {
      for (Crop crop : further.subList(1, 7)) {
        View view = crop.views().view(id, 400, 400);
        assertThat(view.boxWidth() * view.boxHeight() / 160_000).isBetween(0.048, 0.142);
        assertThat(view.resizeHeight()).isEqualTo(96);
        assertThat(view.resizeWidth()).isEqualTo(96);
        flips += view.flip() ? 1 : 0;
      }
    }
    assertThat(flips / 1800.0).isBetween(0.45, 0.55);
  }

  @Test
  void settingsOutOfRangeAreNamed() {
    assertThatThrownBy(() -> views(plan(0, "null"), 1, 0))
        .hasMessage("augmentation.crops is 0; accepted: at least 1");
    assertThatThrownBy(
            () -> views(plan(1, "{count: 1, size: 9, minScale: 0.5, maxScale: 0.1}"), 1, 0))
        .hasMessageContaining("augmentation.maxScale is 0.1");
  }
}
