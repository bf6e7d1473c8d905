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
 * Implicit support samples of a batch and the gradient they hand back: 3 n d flop each way over the
 * memory rows they name. Both are checked against the fp64 reference before timing.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 3,
    jvmArgs = {"-Dorg.bytedeco.javacpp.maxPhysicalBytes=0", "-Xmx1g"})
public class ExtendRowsBenchmark {
  private static final double LAMBDA = 0.5;
  private static final int MEMORY_ROWS = 1000;

  @Param({"256"})
  public int n;

  @Param({"256", "2048"})
  public int d;

  @Param({"1", "2"})
  public int threads;

  private DeviceContext context;
  private FloatMatrix x;
  private FloatMatrix memory;
  private FloatMatrix supports;
  private FloatMatrix supportGradient;
  private FloatMatrix gradient;
  private IntVector own;
  private IntVector other;

  @Setup
  public void open() {
    context = BenchDevice.open(threads);
    x = UnitRows.matrix(context, n, d, 1);
    memory = UnitRows.matrix(context, MEMORY_ROWS, d, 2);
    supportGradient = UnitRows.matrix(context, n, d, 3);
    supports = FloatMatrix.allocate(n, d);
    gradient = FloatMatrix.allocate(n, d);
    own = UnitRows.labels(n, MEMORY_ROWS, 4);
    other = UnitRows.labels(n, MEMORY_ROWS, 5);
    // Gradients are added to what is there.
    forwardAndBack(context.losses(), supports, gradient);
    try (DeviceContext reference = DeviceContext.open("reference", 1);
        FloatMatrix judged = FloatMatrix.allocate(n, d);
        FloatMatrix gradientJudged = FloatMatrix.allocate(n, d)) {
      forwardAndBack(reference.losses(), judged, gradientJudged);
      UnitRows.requireClose("supports", supports, judged, 1e-6);
      UnitRows.requireClose("gradient", gradient, gradientJudged, 1e-6);
    }
  }

  private void forwardAndBack(LossKernels on, FloatMatrix to, FloatMatrix toGradient) {
    on.extendRows(x, memory, own, other, LAMBDA, to);
    on.extendRowsGradient(x, memory, own, other, LAMBDA, supportGradient, toGradient);
  }

  @Benchmark
  public float extendRows() {
    context.losses().extendRows(x, memory, own, other, LAMBDA, supports);
    return supports.get(n - 1, d - 1);
  }

  @Benchmark
  public float extendRowsGradient() {
    context.losses().extendRowsGradient(x, memory, own, other, LAMBDA, supportGradient, gradient);
    return gradient.get(n - 1, d - 1);
  }

  @Benchmark
  public float addScaled() {
    context.losses().addScaled(supportGradient, 1e-6, gradient);
    return gradient.get(n - 1, d - 1);
  }

  @TearDown
  public void close() {
    for (FloatMatrix m : new FloatMatrix[] {x, memory, supports, supportGradient, gradient}) {
      m.close();
    }
    own.close();
    other.close();
    context.close();
  }
}
