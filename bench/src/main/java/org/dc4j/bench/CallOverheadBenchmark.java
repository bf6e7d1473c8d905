package org.dc4j.bench;

import java.util.concurrent.TimeUnit;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.IntVector;
import org.dc4j.kernels.Kernels;
import org.dc4j.kernels.MemoryUpdate;
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
 * The same call with a training batch of 256 rows, and with none against two centroids: all of the
 * Java side and of the native checks, no work. Their ratio bounds the overhead of calling from
 * Java.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 3,
    jvmArgs = {"-Dorg.bytedeco.javacpp.maxPhysicalBytes=0", "-Xmx1g"})
public class CallOverheadBenchmark {
  /** What is called. */
  public enum Kernel {
    NORMALIZE_ROWS,
    KMEANS_ASSIGN,
    KMEANS_ASSIGN2,
    CROSS_ENTROPY,
    RATIO_LOSS,
    INFO_NCE,
    MEMORY_UPDATE
  }

  private static final int CLUSTERS = 1000;

  @Param public Kernel kernel;

  @Param({"0", "256"})
  public int rows;

  @Param({"256"})
  public int d;

  private DeviceContext context;
  private FloatMatrix x;
  private FloatMatrix centroids;
  private FloatMatrix gradient;
  private FloatMatrix logits;
  private FloatMatrix logitsGradient;
  private IntVector first;
  private IntVector second;

  @Setup
  public void open() {
    context = DeviceContext.open("cpu", 1);
    int k = rows == 0 ? 2 : CLUSTERS;
    x = Aligned.require(UnitRows.matrix(context, rows, d, 1));
    centroids = Aligned.require(UnitRows.matrix(context, k, d, 2));
    gradient = Aligned.require(FloatMatrix.allocate(rows, d));
    logits = Aligned.require(Gaussian.matrix(rows, k, 3));
    logitsGradient = Aligned.require(FloatMatrix.allocate(rows, k));
    first = IntVector.allocate(rows);
    second = IntVector.allocate(rows);
    context.kernels().kmeansAssign2(x, centroids, first, second, null, null);
    double value = call();
    if (!Double.isFinite(value)) {
      throw new IllegalStateException(kernel + " gives " + value);
    }
  }

  @Benchmark
  public double call() {
    Kernels kernels = context.kernels();
    switch (kernel) {
      case NORMALIZE_ROWS -> kernels.normalizeRows(x, gradient);
      case KMEANS_ASSIGN -> {
        return kernels.kmeansAssign(x, centroids, first, null);
      }
      case KMEANS_ASSIGN2 -> kernels.kmeansAssign2(x, centroids, first, second, null, null);
      case CROSS_ENTROPY -> {
        return kernels.crossEntropy(logits, first, null, logitsGradient);
      }
      case RATIO_LOSS -> {
        return context.losses().ratioLoss(x, centroids, first, second, 1e-6, gradient);
      }
      case INFO_NCE -> {
        return context.losses().infoNce(x, centroids, first, 0.05, gradient);
      }
      case MEMORY_UPDATE ->
          context.losses().memoryUpdate(centroids, x, first, MemoryUpdate.CM, 0.1);
    }
    return centroids.get(0, 0);
  }

  @TearDown
  public void close() {
    for (FloatMatrix matrix : new FloatMatrix[] {x, centroids, gradient, logits, logitsGradient}) {
      matrix.close();
    }
    first.close();
    second.close();
    context.close();
  }
}
