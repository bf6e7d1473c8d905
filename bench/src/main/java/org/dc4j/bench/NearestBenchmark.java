package org.dc4j.bench;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.LongVector;
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
 * The 30 nearest of all rows, each to all: 2 n n d flop asked for by queries and base, half of them
 * by the search of rows among themselves. The ids of 100 rows are checked against the fp64
 * reference before timing, and that both give the same ids.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 5)
@Fork(
    value = 3,
    jvmArgs = {"-Dorg.bytedeco.javacpp.maxPhysicalBytes=0", "-Xmx1g"})
public class NearestBenchmark {
  @Param({"10000"})
  public int n;

  @Param({"256", "2048"})
  public int d;

  @Param({"30"})
  public int neighbours;

  @Param({"1", "2"})
  public int threads;

  private static final int CHECKED_ROWS = 100;

  private DeviceContext context;
  private FloatMatrix x;
  private FloatMatrix distances;
  private LongVector ids;

  @Setup
  public void open() {
    context = BenchDevice.open(threads);
    x = Aligned.require(UnitRows.matrix(context, n, d, 1));
    distances = Aligned.require(FloatMatrix.allocate(n, neighbours));
    ids = LongVector.allocate((long) n * neighbours);
    nearestSelf();
    long[] ofSelf = ids.toArray();
    nearest();
    if (!Arrays.equals(ofSelf, ids.toArray())) {
      throw new IllegalStateException("nearestSelf and nearest differ");
    }
    try (DeviceContext reference = DeviceContext.open("reference", 1);
        FloatMatrix head = x.rowRange(0, CHECKED_ROWS);
        LongVector judged = LongVector.allocate((long) CHECKED_ROWS * neighbours)) {
      reference.kernels().nearest(head, x, neighbours, null, judged, null);
      long[] mine = Arrays.copyOf(ids.toArray(), CHECKED_ROWS * neighbours);
      if (!Arrays.equals(mine, judged.toArray())) {
        throw new IllegalStateException("ids differ from the fp64 reference");
      }
    }
  }

  @Benchmark
  public float nearest() {
    context.kernels().nearest(x, x, neighbours, null, ids, distances);
    return distances.get(n - 1, neighbours - 1) + ids.get(0);
  }

  @Benchmark
  public float nearestSelf() {
    context.kernels().nearestSelf(x, neighbours, true, ids, distances);
    return distances.get(n - 1, neighbours - 1) + ids.get(0);
  }

  @TearDown
  public void close() {
    x.close();
    distances.close();
    ids.close();
    context.close();
  }
}
