package org.dc4j.data.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.dc4j.config.TrainingPlan.AugmentationPlan;
import org.dc4j.config.TrainingPlan.ImagePlan;
import org.dc4j.config.TrainingPlan.LocalCropsPlan;
import org.dc4j.data.Image;
import org.dc4j.data.ImageBatch;
import org.dc4j.data.ImageSource;
import org.dc4j.data.MemoryImages;
import org.dc4j.data.batch.BatchLoader.Options;
import org.dc4j.data.view.EvaluationViews;
import org.dc4j.data.view.MultiCropViews;
import org.dc4j.data.view.TrainingViews;
import org.dc4j.data.view.ViewPlan;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.ImageViews.Area;
import org.dc4j.kernels.ImageViews.Format;
import org.dc4j.kernels.NativeLibraries;
import org.dc4j.random.RandomStream;
import org.dc4j.random.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The loader with the native image kernel (images_apply). */
@Timeout(120)
class BatchLoaderKernelTest {
  private static final float[] MEAN = {0.25f, 0.5f, 0.75f};
  private static final float[] DEVIATION = {0.5f, 0.25f, 0.125f};

  private static ImagePlan plan(int side, int channels) {
    return new ImagePlan(side, side, channels, false, 0, MEAN, DEVIATION);
  }

  /** Grey and RGB images of many sizes, thin ones among them. */
  private static final class Mixed implements ImageSource {
    @Override
    public int size() {
      return 60;
    }

    @Override
    public String name(int id) {
      return "mixed-" + id;
    }

    @Override
    public Image read(int id) {
      RandomStream random = new RandomStream(id);
      int height = id % 7 == 0 ? 1 : 1 + random.nextInt(60);
      int width = id % 11 == 0 ? 1 : 1 + random.nextInt(60);
      int channels = id % 2 == 0 ? 1 : 3;
      byte[] pixels = new byte[height * width * channels];
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = (byte) random.nextInt(256);
      }
      return new Image(pixels, height, width, channels);
    }
  }

  private static List<float[]> load(Options options, ViewPlan views, Format format) {
    List<float[]> batches = new ArrayList<>();
    try (BatchLoader loader = new BatchLoader(new Mixed(), format, options)) {
      Iterator<ImageBatch> loaded = loader.batches(new RandomStream(3).permutation(60), views);
      while (loaded.hasNext()) {
        try (ImageBatch batch = loaded.next()) {
          for (FloatMatrix crop : batch.crops()) {
            batches.add(crop.toArray());
          }
        }
      }
    }
    return batches;
  }

  @Test
  void bytesDoNotDependOnWorkersOrBatches() {
    AugmentationPlan augmentation =
        new AugmentationPlan(0.08, 1, 3.0 / 4, 4.0 / 3, 0.5, 10, 0.4, 0.4, 0.4, 0.1, 0.2);
    TrainingViews views = new TrainingViews(plan(16, 3), augmentation, new Seeds(1), 2);
    Format format = new Format(16, 16, 3, true, MEAN, DEVIATION);
    long before = NativeLibraries.allocatedBytes();
    List<float[]> one = load(new Options(25, 1, 1, false), views, format);
    List<float[]> four = load(new Options(25, 3, 4, false), views, format);
    assertThat(four).hasSize(3);
    for (int b = 0; b < 3; b++) {
      assertThat(four.get(b)).isEqualTo(one.get(b));
    }
    float[] single = load(new Options(60, 1, 2, false), views, format).get(0);
    assertThat(single).startsWith(one.get(0)).endsWith(one.get(2));
    assertThat(NativeLibraries.allocatedBytes()).isEqualTo(before);
  }

  @Test
  void cropBytesDoNotDependOnWorkersOrOnOtherCrops() {
    AugmentationPlan one =
        new AugmentationPlan(0.08, 1, 3.0 / 4, 4.0 / 3, 0.5, 10, 0.4, 0.4, 0.4, 0.1, 0.2);
    AugmentationPlan many = crops(one, 2, new LocalCropsPlan(3, 9, 0.05, 0.14));
    Format format = new Format(16, 16, 3, true, MEAN, DEVIATION);
    Seeds seeds = new Seeds(1);
    ViewPlan views = new MultiCropViews(plan(16, 3), many, seeds, 2);
    long before = NativeLibraries.allocatedBytes();
    List<float[]> crops = load(new Options(25, 3, 4, false), views, format);
    assertThat(crops).hasSize(3 * 5); // batches of 25, 25, 10 images, five crops each
    for (int i = 0; i < crops.size(); i++) {
      int images = i < 10 ? 25 : 10;
      assertThat(crops.get(i)).hasSize(images * 2 * (i % 5 < 2 ? 16 * 16 : 9 * 9));
    }
    List<float[]> again = load(new Options(25, 1, 1, false), views, format);
    for (int i = 0; i < crops.size(); i++) {
      assertThat(again.get(i)).isEqualTo(crops.get(i));
    }
    // The first crop is that of a plan without others; the second has choices of its own.
    TrainingViews alone = new TrainingViews(plan(16, 3), one, seeds, 2);
    List<float[]> single = load(new Options(25, 2, 2, false), alone, format);
    for (int b = 0; b < 3; b++) {
      assertThat(crops.get(5 * b)).isEqualTo(single.get(b));
      assertThat(crops.get(5 * b + 1)).isNotEqualTo(single.get(b));
      assertThat(crops.get(5 * b + 3)).isNotEqualTo(crops.get(5 * b + 2));
    }
    assertThat(NativeLibraries.allocatedBytes()).isEqualTo(before);
  }

  private static AugmentationPlan crops(AugmentationPlan p, int crops, LocalCropsPlan local) {
    return new AugmentationPlan(
        p.minScale(),
        p.maxScale(),
        p.minRatio(),
        p.maxRatio(),
        p.flip(),
        p.rotation(),
        p.brightness(),
        p.contrast(),
        p.saturation(),
        p.hue(),
        p.jitter(),
        p.grey(),
        0,
        0,
        0,
        crops,
        local);
  }

  @Test
  void neutralViewsOfTheRightSizeAreThePixelsThemselves() {
    MemoryImages images = new MemoryImages(40, 8, 8);
    Format format = new Format(8, 8, 1, false, new float[] {0.5f}, new float[] {0.25f});
    AugmentationPlan neutral = new AugmentationPlan(1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0);
    ViewPlan[] plans = {
      new EvaluationViews(plan(8, 1)), new TrainingViews(plan(8, 1), neutral, new Seeds(1), 0)
    };
    for (ViewPlan views : plans) {
      try (BatchLoader loader = new BatchLoader(images, format, new Options(40, 1, 2, false));
          ImageBatch batch = loader.batches(new RandomStream(1).permutation(40), views).next()) {
        for (int row = 0; row < 40; row++) {
          for (int i = 0; i < 64; i++) {
            int pixel = batch.ids()[row] + i & 0xFF;
            assertThat(batch.pixels().get(row, i))
                .isEqualTo((float) ((pixel / 255.0 - 0.5) / 0.25));
          }
        }
      }
    }
  }

  @Test
  void erasedRectanglesHoldTheFill() {
    float[] mean = {0.485f, 0.456f, 0.406f};
    Format format = new Format(16, 12, 3, false, mean, DEVIATION, mean);
    AugmentationPlan erasing =
        new AugmentationPlan(1, 1, 1, 1, 0.5, 0, 0, 0, 0, 0, 1, 0, 0.5, 2, 1, 1, null);
    ImagePlan image = new ImagePlan(16, 12, 3, false, 0, "stretch", mean, DEVIATION);
    ViewPlan views = new TrainingViews(image, erasing, new Seeds(1), 0);
    Mixed images = new Mixed();
    int erased = 0;
    try (BatchLoader loader = new BatchLoader(images, format, new Options(60, 1, 2, false));
        ImageBatch batch = loader.batches(new RandomStream(1).permutation(60), views).next()) {
      for (int row = 0; row < 60; row++) {
        Image source = images.read(batch.ids()[row]);
        Area area = views.view(batch.ids()[row], source.height(), source.width()).erased();
        for (int i = 0; i < 3 * 16 * 12; i++) {
          int y = i / 12 % 16 - area.top();
          int x = i % 12 - area.left();
          if (y >= 0 && y < area.height() && x >= 0 && x < area.width()) {
            assertThat(batch.pixels().get(row, i)).isEqualTo(mean[i / (16 * 12)]);
            erased++;
          }
        }
      }
    }
    assertThat(erased).isGreaterThan(60 * 3 * 16 * 12 / 10);
  }

  @Test
  void rendererRefusesUseAfterClose() {
    Format format = new Format(8, 8, 1, false, new float[] {0}, new float[] {1});
    ViewRenderer renderer = new ViewRenderer("cpu", 4, format);
    renderer.close();
    renderer.close();
    try (FloatMatrix rows = FloatMatrix.allocate(0, 64)) {
      assertThatThrownBy(() -> renderer.stage(List.of())).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> renderer.render(List.of(), 8, 8, rows))
          .isInstanceOf(IllegalStateException.class);
    }
  }
}
