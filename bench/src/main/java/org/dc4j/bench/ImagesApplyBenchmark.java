package org.dc4j.bench;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.BytePointer;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.ImageViews;
import org.dc4j.random.RandomStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A batch of training views: random crop and resize, rotation, flip, colour, normalisation. Checked
 * against the reference's bits before timing.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 3,
    jvmArgs = {"-Dorg.bytedeco.javacpp.maxPhysicalBytes=0", "-Xmx1g"})
public class ImagesApplyBenchmark {
  @Param({"256"})
  public int batchSize;

  @Param({"256"})
  public int sourceSide;

  @Param({"32", "224"})
  public int side;

  @Param({"false"})
  public boolean sobel;

  @Param({"1", "2"})
  public int threads;

  private static final int SOURCES = 16;
  private static final int CHECKED_IMAGES = 8;

  private final BytePointer[] pixels = new BytePointer[SOURCES];
  private DeviceContext context;
  private ImageViews views;
  private FloatMatrix batch;

  @Setup
  public void open() {
    context = BenchDevice.open(threads);
    RandomStream random = new RandomStream(1);
    for (int s = 0; s < SOURCES; s++) {
      pixels[s] = new BytePointer(3L * sourceSide * sourceSide);
      for (long b = 0; b < pixels[s].capacity(); b++) {
        pixels[s].put(b, (byte) random.nextInt(256));
      }
    }
    ImageViews.Format format =
        new ImageViews.Format(side, side, 3, sobel, new float[] {0.5f}, new float[] {0.25f});
    batch = Aligned.require(FloatMatrix.allocate(batchSize, format.size()));
    views = request(format, batchSize);
    imagesApply();
    try (DeviceContext reference = DeviceContext.open("reference", 1);
        ImageViews head = request(format, CHECKED_IMAGES);
        FloatMatrix mine = batch.rowRange(0, CHECKED_IMAGES);
        FloatMatrix judged = FloatMatrix.allocate(CHECKED_IMAGES, format.size())) {
      reference.kernels().imagesApply(head, judged);
      if (!Arrays.equals(mine.toArray(), judged.toArray())) {
        throw new IllegalStateException("the views differ from the reference's");
      }
    }
  }

  private ImageViews request(ImageViews.Format format, int count) {
    ImageViews request = new ImageViews(count, format);
    RandomStream random = new RandomStream(2);
    for (int i = 0; i < count; i++) {
      double box = sourceSide * (0.5 + 0.5 * random.nextDouble());
      double left = (sourceSide - box) * random.nextDouble();
      double top = (sourceSide - box) * random.nextDouble();
      double bright = 0.6 + 0.8 * random.nextDouble();
      ImageViews.View view =
          new ImageViews.View(
              left,
              top,
              box,
              box,
              side,
              side,
              false,
              0,
              0,
              0,
              i % 4 == 0 ? 10 : 0,
              i % 2 == 0,
              bright,
              1.2,
              0.8,
              0.1,
              i % 5 == 0);
      request.add(pixels[i % SOURCES], sourceSide, sourceSide, 3, view);
    }
    return request;
  }

  @Benchmark
  public float imagesApply() {
    context.kernels().imagesApply(views, batch);
    return batch.get(batchSize - 1, 0);
  }

  @TearDown
  public void close() {
    views.close();
    batch.close();
    for (BytePointer source : pixels) {
      source.close();
    }
    context.close();
  }
}
