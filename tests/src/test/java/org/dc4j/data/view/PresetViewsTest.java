package org.dc4j.data.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.dc4j.config.PlanFiles;
import org.dc4j.config.TrainingPlan;
import org.dc4j.kernels.ImageViews.View;
import org.dc4j.random.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The views that the published presets give of an ordinary photo, as methods.md has them. */
class PresetViewsTest {
  private static final int HEIGHT = 375;
  private static final int WIDTH = 500;

  private static View evaluated(TrainingPlan plan) {
    return new EvaluationViews(plan.image()).view(0, HEIGHT, WIDTH);
  }

  private static View trained(TrainingPlan plan, int id) {
    return new MultiCropViews(plan.image(), plan.augmentation(), new Seeds(0), 0)
        .view(id, HEIGHT, WIDTH);
  }

  private static void assertWhole(View view, int resizeHeight, int resizeWidth) {
    assertThat(view.boxLeft()).isZero();
    assertThat(view.boxTop()).isZero();
    assertThat(view.boxWidth()).isEqualTo(WIDTH);
    assertThat(view.boxHeight()).isEqualTo(HEIGHT);
    assertThat(view.resizeHeight()).isEqualTo(resizeHeight);
    assertThat(view.resizeWidth()).isEqualTo(resizeWidth);
  }

  /** methods.md 2.5: 256 x 256 whatever the shape, a window of 227 anywhere, mirror. */
  @Test
  void ratioCutsWindowsOutOfTheStretchedImage() {
    TrainingPlan plan = PlanFiles.preset("ratio");
    Set<Integer> tops = new HashSet<>();
    Set<Integer> lefts = new HashSet<>();
    int flipped = 0;
    for (int id = 0; id < 1000; id++) {
      View view = trained(plan, id);
      assertWhole(view, 256, 256);
      assertThat(view.bicubic()).isFalse();
      tops.add(view.windowTop());
      lefts.add(view.windowLeft());
      flipped += view.flip() ? 1 : 0;
    }
    assertThat(tops).hasSize(30).allMatch(top -> top >= 0 && top <= 256 - 227);
    assertThat(lefts).hasSize(30).allMatch(left -> left >= 0 && left <= 256 - 227);
    assertThat(flipped).isBetween(420, 580);
    View centre = evaluated(plan);
    assertWhole(centre, 256, 256);
    assertThat(centre.windowTop()).isEqualTo(14); // 14.5 rounds to even, as torchvision does
    assertThat(centre.windowLeft()).isEqualTo(14);
  }

  /** methods.md 3.4: 256 x 128 bicubic, mirror, 10 pixels of border, a window anywhere. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "cluster-contrast",
        "cluster-contrast-msmt17",
        "ise",
        "ise-msmt17",
        "spcl",
        "spcl-msmt17"
      })
  void reidentificationStretchesToTheInput(String preset) {
    TrainingPlan plan = PlanFiles.preset(preset);
    assertWhole(evaluated(plan), 256, 128);
    assertThat(evaluated(plan).bicubic()).isTrue();
    Set<Integer> tops = new HashSet<>();
    for (int id = 0; id < 500; id++) {
      View view = trained(plan, id);
      assertWhole(view, 256, 128);
      assertThat(view.bicubic()).isTrue();
      assertThat(view.pad()).isEqualTo(10);
      tops.add(view.windowTop());
    }
    assertThat(tops).hasSize(21).allMatch(top -> top >= 0 && top <= 20);
  }

  /** methods.md 3.1: short side, centre; in training a crop of 8 to 100 % of the area. */
  @ParameterizedTest
  @CsvSource({"deepcluster, 256", "pic, 256", "odc, 256", "deepcluster-v2, 183"})
  void theOthersCropTheArea(String preset, int shortSide) {
    TrainingPlan plan = PlanFiles.preset(preset);
    assertWhole(evaluated(plan), shortSide, shortSide * WIDTH / HEIGHT);
    double least = 1;
    for (int id = 0; id < 500; id++) {
      View view = trained(plan, id);
      double share = view.boxWidth() * view.boxHeight() / (HEIGHT * WIDTH);
      assertThat(share).isBetween(0.079, 1.0);
      least = Math.min(least, share);
    }
    assertThat(least).isLessThan(0.12);
  }

  /** methods.md 3.1: the authors' code has 0.228 where all others have 0.229. */
  @Test
  void deepClusterV2NormalisesAsItsAuthors() {
    assertThat(PlanFiles.preset("deepcluster-v2").image().deviation())
        .containsExactly(0.228f, 0.224f, 0.225f);
  }
}
