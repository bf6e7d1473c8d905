package org.dc4j.data.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.dc4j.config.TrainingPlan.AugmentationPlan;
import org.dc4j.config.TrainingPlan.ImagePlan;
import org.dc4j.kernels.ImageViews.View;
import org.dc4j.random.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ViewsTest {
  private static final AugmentationPlan NEUTRAL =
      new AugmentationPlan(1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0);
  private static final AugmentationPlan FULL =
      new AugmentationPlan(0.08, 1, 3.0 / 4, 4.0 / 3, 0.5, 11.5, 0.4, 0.4, 1.0, 0.5, 0.2);

  private static ImagePlan image(int height, int width, int resize) {
    return new ImagePlan(height, width, 3, false, resize, new float[] {0}, new float[] {1});
  }

  private static TrainingViews training(AugmentationPlan plan, long seed, long epoch) {
    return new TrainingViews(image(224, 224, 256), plan, new Seeds(seed), epoch);
  }

  private static void assertInside(View view, int height, int width, int outHeight, int outWidth) {
    assertThat(view.boxLeft()).isGreaterThanOrEqualTo(0);
    assertThat(view.boxTop()).isGreaterThanOrEqualTo(0);
    assertThat(view.boxWidth()).isPositive();
    assertThat(view.boxHeight()).isPositive();
    // As the kernel checks it, in fp32.
    assertThat((float) (view.boxLeft() + view.boxWidth())).isLessThanOrEqualTo(width);
    assertThat((float) (view.boxTop() + view.boxHeight())).isLessThanOrEqualTo(height);
    assertThat(view.windowTop()).isBetween(0, view.resizeHeight() - outHeight);
    assertThat(view.windowLeft()).isBetween(0, view.resizeWidth() - outWidth);
    assertThat(view.resizeHeight()).isLessThanOrEqualTo(1 << 20);
    assertThat(view.resizeWidth()).isLessThanOrEqualTo(1 << 20);
  }

  @ParameterizedTest
  @CsvSource({"1,1", "1,500", "500,1", "2,3", "28,28", "375,500", "1,100000", "70000,2", "3000,1"})
  void everyViewStaysInsideTheImage(int height, int width) {
    for (int resize : new int[] {0, 256}) {
      assertInside(
          new EvaluationViews(image(224, 224, resize)).view(0, height, width),
          height,
          width,
          224,
          224);
    }
    assertInside(
        new EvaluationViews(image(256, 128, 0)).view(0, height, width), height, width, 256, 128);
    AugmentationPlan tall = new AugmentationPlan(0.01, 0.02, 0.1, 0.2, 1, 0, 0, 0, 0, 0, 0);
    for (int id = 0; id < 300; id++) {
      for (AugmentationPlan plan : new AugmentationPlan[] {FULL, NEUTRAL, tall}) {
        View view = training(plan, 1, 0).view(id, height, width);
        assertInside(view, height, width, 224, 224);
      }
    }
  }

  @Test
  void theKeyAloneDecides() {
    TrainingViews views = training(FULL, 7, 3);
    View first = views.view(42, 375, 500);
    views.view(41, 375, 500);
    assertThat(views.view(42, 375, 500)).isEqualTo(first);
    assertThat(training(FULL, 7, 3).view(42, 375, 500)).isEqualTo(first);
    assertThat(views.view(43, 375, 500)).isNotEqualTo(first);
    assertThat(training(FULL, 7, 4).view(42, 375, 500)).isNotEqualTo(first);
    assertThat(training(FULL, 8, 3).view(42, 375, 500)).isNotEqualTo(first);
  }

  // The hash was taken before there were blur, padding, erasing and further crops: plans without
  // them must keep their views bit by bit.
  @Test
  void viewsStayWhatTheyWere() {
    TrainingViews views = training(FULL, 7, 3);
    long hash = 0;
    for (int id = 0; id < 5000; id++) {
      View view = views.view(id, 30 + id % 400, 20 + id % 333);
      double[] choices = {
        view.boxLeft(),
        view.boxTop(),
        view.boxWidth(),
        view.boxHeight(),
        view.resizeHeight(),
        view.resizeWidth(),
        view.windowTop(),
        view.windowLeft(),
        view.rotationDegrees(),
        view.flip() ? 1 : 0,
        view.brightness(),
        view.contrast(),
        view.saturation(),
        view.hueTurns(),
        view.grey() ? 1 : 0
      };
      for (double choice : choices) {
        hash = hash * 31 + Double.doubleToLongBits(choice);
      }
    }
    assertThat(hash).isEqualTo(6242984940971371032L);
  }

  @Test
  void turningOneStepOffLeavesTheOthers() {
    AugmentationPlan noFlip =
        new AugmentationPlan(0.08, 1, 3.0 / 4, 4.0 / 3, 0, 11.5, 0.4, 0.4, 1.0, 0.5, 0.2);
    for (int id = 0; id < 50; id++) {
      View with = training(FULL, 1, 0).view(id, 100, 100);
      View without = training(noFlip, 1, 0).view(id, 100, 100);
      assertThat(without.flip()).isFalse();
      assertThat(without.boxLeft()).isEqualTo(with.boxLeft());
      assertThat(without.hueTurns()).isEqualTo(with.hueTurns());
    }
  }

  @Test
  void neutralIsTheEvaluationView() {
    EvaluationViews evaluation = new EvaluationViews(image(224, 224, 0));
    for (int[] size : new int[][] {{28, 28}, {375, 500}, {500, 375}, {1, 500}, {224, 224}}) {
      for (int id = 0; id < 20; id++) {
        assertThat(training(NEUTRAL, 1, 0).view(id, size[0], size[1]))
            .isEqualTo(evaluation.view(id, size[0], size[1]));
      }
    }
    View same = new EvaluationViews(image(28, 28, 0)).view(0, 28, 28);
    assertThat(same)
        .isEqualTo(new View(0, 0, 28, 28, 28, 28, false, 0, 0, 0, 0, false, 1, 1, 1, 0, false));
  }

  // torchvision: Resize(256) of 375 x 500 gives 256 x 341, CenterCrop(224) starts at (16, 58):
  // 117 / 2 = 58.5 rounds to the even 58.
  @ParameterizedTest
  @CsvSource({
    "375, 500, 256, 341, 16, 58",
    "500, 375, 341, 256, 58, 16",
    "256, 256, 256, 256, 16, 16",
    "10, 11, 256, 281, 16, 28"
  })
  void evaluationRoundsAsTorchvision(int h, int w, int resizedH, int resizedW, int top, int left) {
    View view = new EvaluationViews(image(224, 224, 256)).view(0, h, w);
    assertThat(view.boxWidth()).isEqualTo(w);
    assertThat(view.boxHeight()).isEqualTo(h);
    assertThat(view.resizeHeight()).isEqualTo(resizedH);
    assertThat(view.resizeWidth()).isEqualTo(resizedW);
    assertThat(view.windowTop()).isEqualTo(top);
    assertThat(view.windowLeft()).isEqualTo(left);
  }

  @Test
  void choicesCoverTheirRanges() {
    int flips = 0;
    int greys = 0;
    double least = 2;
    double most = 0;
    double areas = 0;
    int n = 4000;
    for (int id = 0; id < n; id++) {
      View view = training(FULL, 1, 0).view(id, 400, 400);
      flips += view.flip() ? 1 : 0;
      greys += view.grey() ? 1 : 0;
      least = Math.min(least, view.brightness());
      most = Math.max(most, view.brightness());
      assertThat(view.brightness()).isBetween(0.6, 1.4);
      assertThat(view.saturation()).isBetween(0.0, 2.0);
      assertThat(view.rotationDegrees()).isBetween(-11.5, 11.5);
      assertThat(view.hueTurns()).isBetween(-0.5, 0.5);
      double area = view.boxWidth() * view.boxHeight() / 160_000;
      assertThat(area).isBetween(0.079, 1.0);
      assertThat(view.boxWidth() / view.boxHeight()).isBetween(0.74, 1.35);
      areas += area;
    }
    assertThat(flips / (double) n).isBetween(0.46, 0.54);
    assertThat(greys / (double) n).isBetween(0.17, 0.23);
    assertThat(least).isLessThan(0.61);
    assertThat(most).isGreaterThan(1.39);
    // Below the mean 0.54 of the range: crops of nearly the whole area fit only if nearly square.
    assertThat(areas / n).isBetween(0.48, 0.54);
  }

  // torchvision's fallback after ten tries: the largest centred box of an allowed ratio.
  @Test
  void strangeShapesFallBackToTheCentre() {
    AugmentationPlan whole = new AugmentationPlan(1, 1, 3.0 / 4, 4.0 / 3, 0, 0, 0, 0, 0, 0, 0);
    View wide = training(whole, 1, 0).view(0, 30, 500);
    assertThat(wide.boxWidth()).isEqualTo(40);
    assertThat(wide.boxHeight()).isEqualTo(30);
    assertThat(wide.boxLeft()).isEqualTo(230);
    View high = training(whole, 1, 0).view(0, 500, 30);
    assertThat(high.boxWidth()).isEqualTo(30);
    assertThat(high.boxHeight()).isEqualTo(40);
    assertThat(high.boxTop()).isEqualTo(230);
  }

  @Test
  void settingsOutOfRangeAreNamed() {
    assertThatThrownBy(() -> training(new AugmentationPlan(0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0), 1, 0))
        .hasMessage("augmentation.minScale is 0.0; accepted: above 0");
    assertThatThrownBy(
            () -> training(new AugmentationPlan(0.5, 0.4, 1, 1, 0, 0, 0, 0, 0, 0, 0), 1, 0))
        .hasMessageContaining("augmentation.maxScale is 0.4");
    assertThatThrownBy(
            () -> training(new AugmentationPlan(1, 1, 1, 1, 0, 0, 0, 0, 0, 0.6, 0), 1, 0))
        .hasMessageContaining("augmentation.hue is 0.6");
    assertThatThrownBy(
            () -> training(new AugmentationPlan(1, 1, 1, 1, Double.NaN, 0, 0, 0, 0, 0, 0), 1, 0))
        .hasMessageContaining("augmentation.flip is NaN");
    assertThatThrownBy(() -> new EvaluationViews(image(224, 224, 200)))
        .hasMessage("image.resize is 200; accepted: 0, or at least the input size 224");
  }
}
