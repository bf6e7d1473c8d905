package org.dc4j.bench;

import java.util.concurrent.TimeUnit;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
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
 * Rows to length 1: reads and writes 4 n d bytes each; three matrices larger than the last-level
 * cache in turn. Checked against the fp64 reference before timing.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 3,
    jvmArgs = {"-Dorg.bytedeco.javacpp.maxPhysicalBytes=0", "-Xmx1g"})
public class NormalizeRowsBenchmark {
  @Param({"50000"})
  public int n;

  @Param({"256", "2048"})
  public int d;

  @Param({"1", "2"})
  public int threads;

  private static final int MATRICES = 3;
  private static final int CHECKED_ROWS = 500;

  private final FloatMatrix[] x = new FloatMatrix[MATRICES];
  private DeviceContext context;
  private FloatMatrix out;
  private int turn;

  @Setup
  public void open() {
    context = BenchDevice.open(threads);
    out = Aligned.require(FloatMatrix.allocate(n, d));
    x[0] = Aligned.require(Gaussian.matrix(n, d, 1));
    for (int m = 1; m < MATRICES; m++) {
      x[m] = Aligned.require(FloatMatrix.allocate(n, d));
      x[m].setRows(0, x[0]);
    }
    normalizeRows();
    try (DeviceContext reference = DeviceContext.open("reference", 1);
        FloatMatrix head = x[0].rowRange(0, CHECKED_ROWS);
        FloatMatrix mine = out.rowRange(0, CHECKED_ROWS);
        FloatMatrix judged = FloatMatrix.allocate(CHECKED_ROWS, d)) {
      reference.kernels().normalizeRows(head, judged);
      UnitRows.requireClose("rows", mine, judged, 1.2e-7);
    }
  }

  @Benchmark
  public float normalizeRows() {
    turn = (turn + 1) % MATRICES;
    context.kernels().normalizeRows(x[turn], out);
    return out.get(n - 1, 0);
  }

  @TearDown
  public void close() {
    for (FloatMatrix matrix : x) {
      matrix.close();
    }
    out.close();
    context.close();
  }
}
