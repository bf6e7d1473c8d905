package org.dc4j.data.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.Set;
import org.dc4j.config.TrainingPlan.AugmentationPlan;
import org.dc4j.config.TrainingPlan.ImagePlan;
import org.dc4j.kernels.ImageViews.Area;
import org.dc4j.kernels.ImageViews.View;
import org.dc4j.random.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Blur, padding, erasing and the plain resize of training views. */
class RandomStepsTest {
  private static final int DRAWS = 20_000;

  private static ImagePlan image(int height, int width, String fit) {
    return new ImagePlan(height, width, 3, false, 0, fit, new float[] {0.5f}, new float[] {0.25f});
  }

  private static AugmentationPlan steps(double scale, double blur, int pad, double erase) {
    return new AugmentationPlan(
        scale, 1, scale, 1 / scale, 0.5, 0, 0.4, 0, 0, 0, 1, 0, blur, pad, erase, 1, null);
  }

  private static TrainingViews views(ImagePlan image, AugmentationPlan plan) {
    return new TrainingViews(image, plan, new Seeds(3), 1);
  }

  @Test
  void stepsAreKeyedAndLeaveTheOthersAlone() {
    ImagePlan image = image(64, 64, "cover");
    TrainingViews plain = views(image, steps(0.3, 0, 0, 0));
    TrainingViews all = views(image, steps(0.3, 0.5, 0, 0.5));
    TrainingViews again = views(image, steps(0.3, 0.5, 0, 0.5));
    TrainingViews unblurred = views(image, steps(0.3, 0, 0, 0.5));
    for (int id = 0; id < 300; id++) {
      View without = plain.view(id, 80, 100);
      View view = all.view(id, 80, 100);
      assertThat(again.view(id, 80, 100)).isEqualTo(view);
      assertThat(withoutSteps(view)).isEqualTo(without);
      assertThat(unblurred.view(id, 80, 100).erased()).isEqualTo(view.erased());
    }
  }

  private static View withoutSteps(View v) {
    return new View(
        v.boxLeft(),
        v.boxTop(),
        v.boxWidth(),
        v.boxHeight(),
        v.resizeHeight(),
        v.resizeWidth(),
        v.bicubic(),
        v.pad(),
        v.windowTop(),
        v.windowLeft(),
        v.rotationDegrees(),
        v.flip(),
        v.brightness(),
        v.contrast(),
        v.saturation(),
        v.hueTurns(),
        v.grey());
  }

  @Test
  void jitterChangesAllColourStepsOrNoneAndLeavesTheOthersAlone() {
    ImagePlan image = image(64, 64, "cover");
    TrainingViews always = views(image, jittered(1));
    TrainingViews often = views(image, jittered(0.8));
    TrainingViews never = views(image, jittered(0));
    int kept = 0;
    for (int id = 0; id < DRAWS; id++) {
      View plain = never.view(id, 80, 100);
      View full = always.view(id, 80, 100);
      View view = often.view(id, 80, 100);
      assertThat(plain.brightness()).isEqualTo(1);
      assertThat(plain.contrast()).isEqualTo(1);
      assertThat(plain.saturation()).isEqualTo(1);
      assertThat(plain.hueTurns()).isZero();
      assertThat(view).isIn(plain, full);
      assertThat(full.boxLeft()).isEqualTo(plain.boxLeft());
      assertThat(full.flip()).isEqualTo(plain.flip());
      assertThat(full.grey()).isEqualTo(plain.grey());
      assertThat(full.blur()).isEqualTo(plain.blur());
      assertThat(full.erased()).isEqualTo(plain.erased());
      kept += view.equals(full) ? 1 : 0;
    }
    assertThat(kept / (double) DRAWS).isBetween(0.785, 0.815);
  }

  private static AugmentationPlan jittered(double jitter) {
    return new AugmentationPlan(
        0.3, 1, 0.75, 1.25, 0.5, 10, 0.4, 0.4, 0.4, 0.1, jitter, 0.2, 0.5, 0, 0.5, 1, null);
  }

  @Test
  void blurComesWithItsProbabilityAndRadius() {
    TrainingViews views = views(image(32, 32, "cover"), steps(1, 0.3, 0, 0));
    int blurred = 0;
    double least = 9;
    double most = 0;
    for (int id = 0; id < DRAWS; id++) {
      double radius = views.view(id, 32, 32).blur();
      if (radius != 0) {
        blurred++;
        least = Math.min(least, radius);
        most = Math.max(most, radius);
      }
    }
    assertThat(blurred / (double) DRAWS).isBetween(0.285, 0.315);
    assertThat(least).isBetween(0.1, 0.11);
    assertThat(most).isBetween(1.99, 2.0);
  }

  @Test
  void erasedAreasHaveTheirHistogram() {
    TrainingViews views = views(image(200, 200, "cover"), steps(1, 0, 0, 0.4));
    int erased = 0;
    int[] areas = new int[4]; // quarters of 0.02..0.4
    int[] ratios = new int[4]; // quarters of 0.3..3.33
    boolean[] corner = new boolean[4];
    for (int id = 0; id < DRAWS; id++) {
      Area area = views.view(id, 200, 200).erased();
      if (area.height() == 0) {
        assertThat(area).isEqualTo(Area.NONE);
        continue;
      }
      erased++;
      assertThat(area.top() + area.height()).isLessThanOrEqualTo(200);
      assertThat(area.left() + area.width()).isLessThanOrEqualTo(200);
      assertThat(Math.max(area.height(), area.width())).isLessThan(200);
      double share = area.height() * area.width() / 40_000.0;
      double ratio = area.height() / (double) area.width();
      assertThat(share).isBetween(0.0195, 0.405);
      assertThat(ratio).isBetween(0.29, 3.45);
      areas[Math.min(3, (int) (Math.max(0, share - 0.02) / 0.095))]++;
      ratios[(int) Math.min(3, Math.max(0, ratio - 0.3) / (3.0333 / 4))]++;
      corner[(area.top() == 0 ? 1 : 0) + (area.left() == 0 ? 2 : 0)] = true;
    }
    assertThat(erased / (double) DRAWS).isBetween(0.385, 0.415);
    // Uniform area share and ratio, given that both sides stay below the input's: shares of the
    // rectangle 0.02..0.4 x 0.3..3.33 where share * ratio and share / ratio are below
    // (199.5 / 200)^2, by numerical integration. Three deviations of 8,000 draws are 0.015.
    double[] areaShares = {0.2619, 0.2619, 0.2616, 0.2146};
    double[] ratioShares = {0.2572, 0.2619, 0.2613, 0.2196};
    for (int quarter = 0; quarter < 4; quarter++) {
      assertThat(areas[quarter] / (double) erased)
          .as("areas %d", quarter)
          .isCloseTo(areaShares[quarter], within(0.015));
      assertThat(ratios[quarter] / (double) erased)
          .as("ratios %d", quarter)
          .isCloseTo(ratioShares[quarter], within(0.015));
    }
    assertThat(corner).containsOnly(true);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 300", "2, 2", "256, 128", "5, 5"})
  void erasingFitsEveryInput(int height, int width) {
    TrainingViews views = views(image(height, width, "cover"), steps(1, 0, 0, 1));
    for (int id = 0; id < 2000; id++) {
      Area area = views.view(id, 30, 40).erased();
      assertThat(area.top()).isBetween(0, height - area.height());
      assertThat(area.left()).isBetween(0, width - area.width());
    }
  }

  @Test
  void reidentificationStretchesPadsAndCutsAnywhere() {
    ImagePlan image = image(256, 128, "stretch");
    TrainingViews views = views(image, steps(1, 0, 10, 0.5));
    Set<Integer> tops = new HashSet<>();
    Set<Integer> lefts = new HashSet<>();
    for (int id = 0; id < 2000; id++) {
      View view = views.view(id, 100, 90);
      assertThat(view.boxWidth()).isEqualTo(90);
      assertThat(view.boxHeight()).isEqualTo(100);
      assertThat(view.resizeHeight()).isEqualTo(256);
      assertThat(view.resizeWidth()).isEqualTo(128);
      assertThat(view.bicubic()).isTrue();
      assertThat(view.pad()).isEqualTo(10);
      tops.add(view.windowTop());
      lefts.add(view.windowLeft());
    }
    assertThat(tops).hasSize(21).allMatch(top -> top >= 0 && top <= 20);
    assertThat(lefts).hasSize(21).allMatch(left -> left >= 0 && left <= 20);
    View evaluated = new EvaluationViews(image).view(0, 100, 90);
    assertThat(evaluated)
        .isEqualTo(new View(0, 0, 90, 100, 256, 128, true, 0, 0, 0, 0, false, 1, 1, 1, 0, false));
  }

  @Test
  void aCoveringImageIsPaddedWhole() {
    TrainingViews views = views(image(32, 32, "cover"), steps(1, 0, 4, 0));
    Set<Integer> lefts = new HashSet<>();
    for (int id = 0; id < 5000; id++) {
      View view = views.view(id, 50, 100);
      assertThat(view.resizeHeight()).isEqualTo(32);
      assertThat(view.resizeWidth()).isEqualTo(64);
      assertThat(view.bicubic()).isFalse();
      assertThat(view.windowTop()).isBetween(0, 8);
      lefts.add(view.windowLeft());
    }
    assertThat(lefts).hasSize(41).allMatch(left -> left >= 0 && left <= 40);
  }

  @Test
  void settingsOutOfRangeAreNamed() {
    ImagePlan image = image(32, 32, "cover");
    assertThatThrownBy(() -> views(image, steps(1, 1.5, 0, 0)))
        .hasMessage("augmentation.blur is 1.5; accepted: 0..1");
    assertThatThrownBy(() -> views(image, steps(1, 0, 0, -1)))
        .hasMessage("augmentation.erase is -1.0; accepted: 0..1");
    assertThatThrownBy(() -> views(image, steps(0.5, 0, 4, 0)))
        .hasMessage("augmentation.pad is 4.0; accepted: 0 with a random crop");
    assertThatThrownBy(() -> new EvaluationViews(image(32, 32, "contain")))
        .hasMessage("image.fit is 'contain'; accepted: cover, stretch, stretch-crop");
    assertThatThrownBy(() -> new EvaluationViews(image(32, 32, "stretch-crop")))
        .hasMessage("image.resize is 0; accepted: at least the input size 32");
    assertThatThrownBy(() -> views(image(32, 32, "stretch-crop"), steps(0.5, 0, 0, 0)))
        .hasMessage("image.fit is 'stretch-crop'; accepted: cover, stretch with a random crop");
  }
}
