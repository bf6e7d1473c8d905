package org.dc4j.bench;

import java.util.concurrent.TimeUnit;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.IntVector;
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
 * The label-preserving loss of a batch with one support per row and both gradients: 2 n n d flop in
 * fp64. Checked against the fp64 reference before timing.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 3,
    jvmArgs = {"-Dorg.bytedeco.javacpp.maxPhysicalBytes=0", "-Xmx1g"})
public class LabelPreservingLossBenchmark {
  private static final double TEMPERATURE = 0.6;

  @Param({"256"})
  public int n;

  @Param({"256", "2048"})
  public int d;

  @Param({"16"})
  public int groups;

  @Param({"1", "2"})
  public int threads;

  private DeviceContext context;
  private FloatMatrix x;
  private FloatMatrix supports;
  private FloatMatrix gradient;
  private FloatMatrix supportGradient;
  private IntVector labels;
  private double expected;

  @Setup
  public void open() {
    context = BenchDevice.open(threads);
    x = UnitRows.matrix(context, n, d, 1);
    supports = UnitRows.matrix(context, n, d, 2);
    gradient = FloatMatrix.allocate(n, d);
    supportGradient = FloatMatrix.allocate(n, d);
    labels = UnitRows.labels(n, groups, 3);
    expected = run(context, gradient, supportGradient);
    try (DeviceContext reference = DeviceContext.open("reference", 1);
        FloatMatrix judged = FloatMatrix.allocate(n, d);
        FloatMatrix supportJudged = FloatMatrix.allocate(n, d)) {
      double loss = run(reference, judged, supportJudged);
      if (!(Math.abs(expected - loss) <= 1e-12 * loss)) {
        throw new IllegalStateException("loss " + expected + ", the fp64 reference has " + loss);
      }
      UnitRows.requireClose("gradient", gradient, judged, 1e-6);
      UnitRows.requireClose("supportGradient", supportGradient, supportJudged, 1e-6);
    }
  }

  private double run(DeviceContext on, FloatMatrix to, FloatMatrix toSupports) {
    return on.losses()
        .labelPreservingLoss(x, labels, supports, labels, TEMPERATURE, to, toSupports);
  }

  @Benchmark
  public double labelPreservingLoss() {
    double loss = run(context, gradient, supportGradient);
    if (loss != expected) {
      throw new IllegalStateException("loss " + loss + ", at first " + expected);
    }
    return loss;
  }

  @TearDown
  public void close() {
    x.close();
    supports.close();
    gradient.close();
    supportGradient.close();
    labels.close();
    context.close();
  }
}
