package org.dc4j.bench;

import java.util.concurrent.TimeUnit;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.Whitening;
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
 * The whitening transform of rows at hand: 2 n D d flop, with and without the norm. The first 500
 * rows are checked against the fp64 reference before timing.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2)
@Measurement(iterations = 5)
@Fork(
    value = 3,
    jvmArgs = {"-Dorg.bytedeco.javacpp.maxPhysicalBytes=0", "-Xmx1g"})
public class WhitenApplyBenchmark {
  @Param({"50000"})
  public int n;

  @Param({"2048"})
  public int width;

  @Param({"64", "256"})
  public int d;

  @Param({"false", "true"})
  public boolean l2Normalize;

  @Param({"1", "2"})
  public int threads;

  private static final int CHECKED_ROWS = 500;

  private DeviceContext context;
  private FloatMatrix x;
  private FloatMatrix out;
  private Whitening whitening;

  @Setup
  public void open() {
    context = BenchDevice.open(threads);
    x = Aligned.require(Gaussian.matrix(n, width, 1));
    out = Aligned.require(FloatMatrix.allocate(n, d));
    // Any transform costs the same: rows of about unit scale, a mean that matters.
    whitening =
        new Whitening(Gaussian.matrix(1, width, 2), Gaussian.matrix(d, width, 3), new double[d], d);
    apply();
    try (DeviceContext reference = DeviceContext.open("reference", 1);
        FloatMatrix head = x.rowRange(0, CHECKED_ROWS);
        FloatMatrix mine = out.rowRange(0, CHECKED_ROWS);
        FloatMatrix judged = FloatMatrix.allocate(CHECKED_ROWS, d)) {
      reference.kernels().whitenApply(whitening, head, l2Normalize, judged);
      UnitRows.requireClose("whitened rows", mine, judged, 1e-5);
    }
  }

  @Benchmark
  public float apply() {
    context.kernels().whitenApply(whitening, x, l2Normalize, out);
    return out.get(n - 1, d - 1);
  }

  @TearDown
  public void close() {
    whitening.close();
    out.close();
    x.close();
    context.close();
  }
}
