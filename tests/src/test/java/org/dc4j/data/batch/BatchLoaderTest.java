package org.dc4j.data.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.dc4j.data.DataException;
import org.dc4j.data.Image;
import org.dc4j.data.ImageBatch;
import org.dc4j.data.ImageSource;
import org.dc4j.data.MemoryImages;
import org.dc4j.data.UnreadableImageException;
import org.dc4j.data.batch.BatchLoader.Options;
import org.dc4j.data.view.ViewPlan;
import org.dc4j.data.view.ViewPlan.Crop;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.ImageViews.Format;
import org.dc4j.kernels.ImageViews.View;
import org.dc4j.kernels.NativeLibraries;
import org.dc4j.random.RandomStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The pipeline around the renderer; BatchLoaderKernelTest has the native renderer in it. */
@Timeout(60)
class BatchLoaderTest {
  private static final ViewPlan WHOLE =
      (id, h, w) -> new View(0, 0, w, h, h, w, false, 0, 0, 0, 0, false, 1, 1, 1, 0, false);

  private static final Format SIX_PIXELS =
      new Format(2, 3, 1, false, new float[] {0}, new float[] {1});

  private long bytesBefore;
  private final AtomicInteger openRenderers = new AtomicInteger();

  /** Writes pixels as they are; takes a while that differs from call to call. */
  private final class PlainRenderer implements BatchRenderer {
    private final RandomStream pause = new RandomStream(openRenderers.incrementAndGet());
    private List<Image> images = List.of();

    @Override
    public void stage(List<Image> images) {
      this.images = List.copyOf(images);
    }

    @Override
    public void render(List<View> views, int height, int width, FloatMatrix rows) {
      assertThat(rows.rows()).isEqualTo(images.size());
      assertThat(rows.cols()).isEqualTo((long) height * width);
      assertThat(views).hasSameSizeAs(images);
      try {
        Thread.sleep(pause.nextInt(3));
      } catch (InterruptedException e) {
        throw new AssertionError("workers are not interrupted", e);
      }
      for (int i = 0; i < images.size(); i++) {
        byte[] pixels = images.get(i).pixels();
        for (int j = 0; j < rows.cols(); j++) {
          rows.set(i, j, pixels[j % pixels.length] & 0xFF);
        }
      }
    }

    @Override
    public void close() {
      openRenderers.decrementAndGet();
    }
  }

  private BatchLoader loader(ImageSource source, Options options) {
    return new BatchLoader(source, SIX_PIXELS, options, PlainRenderer::new);
  }

  @BeforeEach
  void countMemory() {
    bytesBefore = NativeLibraries.allocatedBytes();
  }

  @AfterEach
  void nothingLeaks() {
    assertThat(NativeLibraries.allocatedBytes()).isEqualTo(bytesBefore);
    assertThat(openRenderers).hasValue(0);
  }

  private List<String> everything(Options options, int[] order) {
    List<String> all = new ArrayList<>();
    try (BatchLoader loader = loader(new MemoryImages(300, 2, 3), options)) {
      Iterator<ImageBatch> batches = loader.batches(order, WHOLE);
      while (batches.hasNext()) {
        try (ImageBatch batch = batches.next()) {
          all.add(Arrays.toString(batch.ids()) + Arrays.toString(batch.pixels().toArray()));
        }
      }
      assertThat(all).hasSize(loader.batchCount(order.length));
    }
    return all;
  }

  @Test
  void batchesAreTheSameForAnyNumberOfWorkers() {
    int[] order = new RandomStream(1).permutation(300);
    order[5] = order[6]; // ids may repeat
    List<String> one = everything(new Options(37, 1, 1, false), order);
    assertThat(one).hasSize(9);
    assertThat(one.get(0)).startsWith("[" + order[0] + ", " + order[1] + ", ");
    assertThat(one.get(0)).contains("][" + (order[0] & 0xFF) + ".0, ");
    assertThat(everything(new Options(37, 3, 4, false), order)).isEqualTo(one);
    assertThat(everything(new Options(37, 20, 2, true), order)).isEqualTo(one.subList(0, 8));
  }

  private static ViewPlan withCrops(Crop... further) {
    return new ViewPlan() {
      @Override
      public View view(int id, int height, int width) {
        return WHOLE.view(id, height, width);
      }

      @Override
      public List<Crop> furtherCrops() {
        return List.of(further);
      }
    };
  }

  @Test
  void furtherCropsComeInOrderAndShareTheDecodedImage() {
    MemoryImages images = new MemoryImages(300, 2, 3);
    ViewPlan views = withCrops(new Crop(WHOLE, 2, 3), new Crop(WHOLE, 5, 1), new Crop(WHOLE, 1, 1));
    try (BatchLoader loader = loader(images, new Options(20, 2, 3, false))) {
      Iterator<ImageBatch> batches = loader.batches(new RandomStream(4).permutation(50), views);
      int seen = 0;
      while (batches.hasNext()) {
        try (ImageBatch batch = batches.next()) {
          assertThat(batch.crops().stream().map(FloatMatrix::rows))
              .containsOnly((long) batch.size());
          assertThat(batch.crops().stream().map(FloatMatrix::cols)).containsExactly(6L, 6L, 5L, 1L);
          for (FloatMatrix crop : batch.crops()) {
            for (int row = 0; row < batch.size(); row++) {
              assertThat(crop.get(row, 0)).isEqualTo(batch.ids()[row] & 0xFF);
            }
          }
          seen += batch.size();
        }
      }
      assertThat(seen).isEqualTo(50);
      assertThat(images.reads()).isEqualTo(50);
      // Without further crops the same loader gives one.
      try (ImageBatch batch = loader.batches(new int[] {1, 2}, WHOLE).next()) {
        assertThat(batch.crops()).hasSize(1);
      }
    }
  }

  @Test
  void aBatchTooLargeForMemoryLeavesNothingBehind() {
    try (BatchLoader loader = loader(new MemoryImages(30, 2, 3), new Options(10, 2, 2, false))) {
      Crop huge = new Crop(WHOLE, 1 << 20, 1 << 30);
      assertThatThrownBy(() -> loader.batches(new int[30], withCrops(huge)))
          .isInstanceOf(RuntimeException.class);
      loader.batches(new int[] {1}, WHOLE).next().close();
    }
  }

  @Test
  void aFailingFurtherCropNamesTheImage() {
    ViewPlan failing =
        (id, h, w) -> {
          throw new IllegalStateException("no view today");
        };
    try (BatchLoader loader = loader(new MemoryImages(30, 2, 3), new Options(30, 1, 2, false))) {
      Iterator<ImageBatch> batches =
          loader.batches(new int[] {20}, withCrops(new Crop(failing, 2, 2)));
      assertThatThrownBy(batches::next)
          .isInstanceOf(DataException.class)
          .hasMessage("image image-20 (id 20): no view today");
    }
  }

  @Test
  void emptyAndShortOrders() {
    assertThat(everything(new Options(8, 2, 2, false), new int[0])).isEmpty();
    assertThat(everything(new Options(8, 2, 2, false), new int[] {4})).hasSize(1);
    assertThat(everything(new Options(8, 2, 2, true), new int[] {4})).isEmpty();
    assertThat(everything(new Options(8, 2, 2, true), new int[8])).hasSize(1);
  }

  @Test
  void closeMidWayFreesWhatWasPrepared() {
    BatchLoader loader = loader(new MemoryImages(300, 2, 3), new Options(16, 4, 3, false));
    Iterator<ImageBatch> batches = loader.batches(new RandomStream(2).permutation(300), WHOLE);
    batches.next().close();
    loader.close();
    loader.close();
    assertThatThrownBy(batches::next).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> loader.batches(new int[1], WHOLE))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aNewIterationEndsTheOneBefore() {
    try (BatchLoader loader = loader(new MemoryImages(300, 2, 3), new Options(16, 2, 2, false))) {
      Iterator<ImageBatch> first = loader.batches(new int[100], WHOLE);
      first.next().close();
      Iterator<ImageBatch> second = loader.batches(new int[] {9}, WHOLE);
      assertThat(first.hasNext()).isFalse();
      assertThatThrownBy(first::next).isInstanceOf(NoSuchElementException.class);
      try (ImageBatch batch = second.next()) {
        assertThat(batch.ids()).containsExactly(9);
      }
    }
  }

  @Test
  void theFirstDamagedImageSurfacesInItsBatch() {
    int[] order = new int[200];
    Arrays.setAll(order, i -> i);
    for (int run = 0; run < 10; run++) {
      MemoryImages images = new MemoryImages(300, 2, 3, 75, 70, 90, 150);
      try (BatchLoader loader = loader(images, new Options(50, 3, 4, false))) {
        Iterator<ImageBatch> batches = loader.batches(order, WHOLE);
        batches.next().close();
        assertThatThrownBy(batches::next)
            .isInstanceOf(UnreadableImageException.class)
            .hasMessageContaining("image-70:");
        assertThat(batches.hasNext()).isFalse();
        // The loader itself is still good.
        loader.batches(new int[] {1}, WHOLE).next().close();
      }
    }
  }

  @Test
  void otherFailuresNameTheImage() {
    ViewPlan failing =
        (id, h, w) -> {
          if (id == 20) {
            throw new IllegalStateException("no view today");
          }
          return WHOLE.view(id, h, w);
        };
    try (BatchLoader loader = loader(new MemoryImages(30, 2, 3), new Options(30, 1, 2, false))) {
      int[] order = new int[30];
      Arrays.setAll(order, i -> i);
      Iterator<ImageBatch> batches = loader.batches(order, failing);
      assertThatThrownBy(batches::next)
          .isInstanceOf(DataException.class)
          .hasMessage("image image-20 (id 20): no view today")
          .hasCauseInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void interruptEndsTheIteration() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    ViewPlan waiting =
        (id, h, w) -> {
          try {
            release.await();
          } catch (InterruptedException e) {
            throw new AssertionError("workers are not interrupted", e);
          }
          return WHOLE.view(id, h, w);
        };
    try (BatchLoader loader = loader(new MemoryImages(30, 2, 3), new Options(30, 1, 2, false))) {
      Iterator<ImageBatch> batches = loader.batches(new int[30], waiting);
      Thread.currentThread().interrupt();
      Thread releaser = new Thread(release::countDown);
      releaser.start(); // what is being decoded is finished before its memory is freed
      assertThatThrownBy(batches::next).isInstanceOf(CancellationException.class);
      assertThat(Thread.interrupted()).isTrue();
      releaser.join();
    }
  }

  @Test
  void prefetchIsBounded() throws Exception {
    MemoryImages images = new MemoryImages(300, 2, 3);
    try (BatchLoader loader = loader(images, new Options(10, 2, 4, false))) {
      Iterator<ImageBatch> batches = loader.batches(new int[300], WHOLE);
      batches.next().close();
      Thread.sleep(100);
      assertThat(images.reads()).isEqualTo(30); // the batch taken and two ahead
    }
  }

  @Test
  void badArgumentsAreNamed() {
    try (BatchLoader loader = loader(new MemoryImages(30, 2, 3), new Options(10, 2, 1, false))) {
      assertThatThrownBy(() -> loader.batches(new int[] {0, 30}, WHOLE))
          .hasMessage("order[1] is 30; accepted: 0..29");
    }
    assertThatThrownBy(() -> new Options(0, 1, 1, false)).hasMessageContaining("batchSize is 0");
    assertThatThrownBy(() -> new Options(1, 0, 1, false)).hasMessageContaining("prefetch is 0");
    assertThatThrownBy(() -> new Options(1, 1, 0, false)).hasMessageContaining("workers is 0");
  }
}
