package org.dc4j.bench;

import java.util.concurrent.TimeUnit;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.IntVector;
import org.openjdk.jmh.annotations.AuxCounters;
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
 * InfoNCE and its gradient over a memory of k rows: 4 n k d flop. A batch against the memory's
 * first rows is checked against the fp64 reference before timing.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2)
@Measurement(iterations = 5)
@Fork(
    value = 3,
    jvmArgs = {"-Dorg.bytedeco.javacpp.maxPhysicalBytes=0", "-Xmx1g"})
public class InfoNceBenchmark {
  private static final int CHECKED_ROWS = 2000;
  private static final double TEMPERATURE = 0.05;

  @Param({"256"})
  public int n;

  @Param({"256", "2048"})
  public int d;

  @Param({"1000", "100000"})
  public int k;

  @Param({"1", "2"})
  public int threads;

  private DeviceContext context;
  private FloatMatrix x;
  private FloatMatrix memory;
  private FloatMatrix gradient;
  private IntVector labels;
  private double expected;

  /** Arithmetic rate of the last shot. */
  @AuxCounters(AuxCounters.Type.EVENTS)
  @State(Scope.Thread)
  public static class Rate {
    public double gigaflop;
  }

  @Setup
  public void open() {
    context = BenchDevice.open(threads);
    x = UnitRows.matrix(context, n, d, 1);
    memory = UnitRows.matrix(context, k, d, 2);
    gradient = FloatMatrix.allocate(n, d);
    int checked = Math.min(k, CHECKED_ROWS);
    labels = UnitRows.labels(n, checked, 3);
    try (DeviceContext reference = DeviceContext.open("reference", 1);
        FloatMatrix head = memory.rowRange(0, checked);
        FloatMatrix judged = FloatMatrix.allocate(n, d)) {
      double mine = context.losses().infoNce(x, head, labels, TEMPERATURE, gradient);
      double loss = reference.losses().infoNce(x, head, labels, TEMPERATURE, judged);
      if (!(Math.abs(mine - loss) <= 1e-6 * loss)) {
        throw new IllegalStateException("loss " + mine + ", the fp64 reference has " + loss);
      }
      UnitRows.requireClose("gradient", gradient, judged, 1e-5);
    }
    expected = context.losses().infoNce(x, memory, labels, TEMPERATURE, gradient);
  }

  @Benchmark
  public double infoNce(Rate rate) {
    rate.gigaflop = 4e-9 * n * k * d;
    double loss = context.losses().infoNce(x, memory, labels, TEMPERATURE, gradient);
    if (loss != expected) {
      throw new IllegalStateException("loss " + loss + ", at first " + expected);
    }
    return loss;
  }

  @TearDown
  public void close() {
    x.close();
    memory.close();
    gradient.close();
    labels.close();
    context.close();
  }
}
