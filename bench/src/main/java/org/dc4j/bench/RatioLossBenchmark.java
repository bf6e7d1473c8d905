package org.dc4j.bench;

import java.util.concurrent.TimeUnit;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.IntVector;
import org.dc4j.kernels.LossKernels;
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
 * The ratio loss and its gradient, labels given: reads 12 n d bytes and writes 4 n d. Checked
 * against the fp64 reference before timing.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 3,
    jvmArgs = {"-Dorg.bytedeco.javacpp.maxPhysicalBytes=0", "-Xmx1g"})
public class RatioLossBenchmark {
  @Param({"256", "10000"})
  public int n;

  @Param({"512"})
  public int d;

  @Param({"1000"})
  public int k;

  @Param({"1", "2"})
  public int threads;

  private DeviceContext context;
  private FloatMatrix x;
  private FloatMatrix centroids;
  private FloatMatrix gradient;
  private IntVector first;
  private IntVector second;
  private double expected;

  @Setup
  public void open() {
    context = BenchDevice.open(threads);
    x = UnitRows.matrix(context, n, d, 1);
    centroids = UnitRows.matrix(context, k, d, 2);
    gradient = FloatMatrix.allocate(n, d);
    first = IntVector.allocate(n);
    second = IntVector.allocate(n);
    context.kernels().kmeansAssign2(x, centroids, first, second, null, null);
    expected = run(context, gradient);
    try (DeviceContext reference = DeviceContext.open("reference", 1);
        FloatMatrix judged = FloatMatrix.allocate(n, d)) {
      double loss = run(reference, judged);
      if (!(Math.abs(expected - loss) <= 1e-12 * loss)) {
        throw new IllegalStateException("loss " + expected + ", the fp64 reference has " + loss);
      }
      UnitRows.requireClose("gradient", gradient, judged, 1e-6);
    }
  }

  private double run(DeviceContext on, FloatMatrix to) {
    return on.losses().ratioLoss(x, centroids, first, second, LossKernels.RATIO_EPSILON, to);
  }

  @Benchmark
  public double ratioLoss() {
    double loss = run(context, gradient);
    if (loss != expected) {
      throw new IllegalStateException("loss " + loss + ", at first " + expected);
    }
    return loss;
  }

  @TearDown
  public void close() {
    x.close();
    centroids.close();
    gradient.close();
    first.close();
    second.close();
    context.close();
  }
}
