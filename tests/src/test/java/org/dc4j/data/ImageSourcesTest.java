package org.dc4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ImageSourcesTest {
  @Test
  void subsetRenumbersAndKeepsNames() {
    Subset subset = new Subset(new MemoryImages(10, 1, 2), new int[] {7, 3, 7});
    assertThat(subset.size()).isEqualTo(3);
    assertThat(subset.name(1)).isEqualTo("image-3");
    assertThat(subset.read(2).pixels()).containsExactly(7, 8);
    assertThat(subset.baseId(0)).isEqualTo(7);
    assertThat(subset.select(IntStream.range(100, 110).toArray())).containsExactly(107, 103, 107);
    assertThatThrownBy(() -> new Subset(subset, new int[] {0, 3}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("ids[1] is 3; accepted: 0..2");
    assertThatThrownBy(() -> subset.select(new int[9])).hasMessageContaining("9 values");
  }

  @Test
  void scanListsTheDamagedInOrderAndQuarantinesThem() {
    for (int threads : new int[] {1, 4}) {
      MemoryImages images = new MemoryImages(200, 4, 4, 150, 3, 77);
      List<Integer> progress = new ArrayList<>();
      ScanReport report = ImageScan.scan(images, threads, progress::add);
      assertThat(progress).isEqualTo(IntStream.rangeClosed(1, 200).boxed().toList());
      assertThat(report.total()).isEqualTo(200);
      assertThat(report.unreadable())
          .extracting(ScanReport.Unreadable::id)
          .containsExactly(3, 77, 150);
      assertThat(report.unreadable().get(0).name()).isEqualTo("image-3");
      assertThat(report.unreadable().get(0).reason()).contains("damaged on purpose");
      ImageSource readable = report.quarantine(images);
      assertThat(readable.size()).isEqualTo(197);
      assertThat(readable.name(3)).isEqualTo("image-4");
      assertThat(ImageScan.scan(readable, threads, n -> {}).unreadable()).isEmpty();
    }
    MemoryImages sound = new MemoryImages(5, 1, 1);
    assertThat(ImageScan.scan(sound, 2, n -> {}).quarantine(sound)).isSameAs(sound);
  }

  @Test
  void scanPassesOtherFailuresOn() {
    ImageSource failing =
        new ImageSource() {
          @Override
          public int size() {
            return 5;
          }

          @Override
          public String name(int id) {
            return "x";
          }

          @Override
          public Image read(int id) {
            throw new IllegalStateException("disk on fire");
          }
        };
    assertThatThrownBy(() -> ImageScan.scan(failing, 2, n -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("disk on fire");
  }

  @Test
  void cacheReadsOnceWithinItsBudget() {
    MemoryImages images = new MemoryImages(10, 2, 5);
    CachedImages cached = new CachedImages(images, 45);
    for (int pass = 0; pass < 3; pass++) {
      for (int id = 0; id < 10; id++) {
        assertThat(cached.read(id).pixels()[0]).isEqualTo((byte) id);
      }
    }
    assertThat(cached.heldBytes()).isEqualTo(40); // four of ten bytes each fit into 45
    assertThat(images.reads()).isEqualTo(4 + 3 * 6);
  }

  @Test
  void cacheStaysWithinItsBudgetUnderThreads() throws Exception {
    CachedImages cached = new CachedImages(new MemoryImages(100, 10, 10), 2550);
    ExecutorService pool = Executors.newFixedThreadPool(4);
    Callable<Boolean> reader =
        () -> {
          boolean right = true;
          for (int i = 0; i < 2000; i++) {
            int id = i * 37 % 100;
            right &= cached.read(id).pixels()[1] == (byte) (id + 1);
          }
          return right;
        };
    try {
      for (var done : pool.invokeAll(List.of(reader, reader, reader, reader))) {
        assertThat(done.get()).isTrue();
      }
    } finally {
      pool.shutdown();
    }
    assertThat(cached.heldBytes()).isEqualTo(2500);
  }

  @Test
  void camerasGoThroughEveryWrapper() {
    ImageSource seen =
        new ImageSource() {
          @Override
          public int size() {
            return 5;
          }

          @Override
          public String name(int id) {
            return "image-" + id;
          }

          @Override
          public Image read(int id) {
            return new Image(new byte[1], 1, 1, 1);
          }

          @Override
          public int camera(int id) {
            return 10 + id;
          }
        };
    ImageSource wrapped = new CachedImages(new Subset(seen, new int[] {4, 1}), 100);
    assertThat(wrapped.camera(0)).isEqualTo(14);
    assertThat(wrapped.camera(1)).isEqualTo(11);
    assertThat(new MemoryImages(1, 1, 1).camera(0)).isEqualTo(-1);
  }
}
