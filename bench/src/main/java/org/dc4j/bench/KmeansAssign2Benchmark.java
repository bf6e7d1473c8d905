package org.dc4j.bench;

import java.util.Arrays;
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
 * Nearest and second-nearest centroid: 2 n k d flop. Both labels of 500 rows are checked against
 * the fp64 reference before timing.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2)
@Measurement(iterations = 5)
@Fork(
    value = 3,
    jvmArgs = {"-Dorg.bytedeco.javacpp.maxPhysicalBytes=0", "-Xmx1g"})
public class KmeansAssign2Benchmark {
  @Param({"50000"})
  public int n;

  @Param({"256"})
  public int d;

  @Param({"100", "1000", "10000"})
  public int k;

  @Param({"1", "2"})
  public int threads;

  private static final int CHECKED_ROWS = 500;

  private DeviceContext context;
  private FloatMatrix x;
  private FloatMatrix centroids;
  private IntVector first;
  private IntVector second;

  @Setup
  public void open() {
    context = BenchDevice.open(threads);
    x = Aligned.require(Gaussian.matrix(n, d, 1));
    centroids = Aligned.require(Gaussian.matrix(k, d, 2));
    first = IntVector.allocate(n);
    second = IntVector.allocate(n);
    assign2();
    try (DeviceContext reference = DeviceContext.open("reference", 1);
        FloatMatrix head = x.rowRange(0, CHECKED_ROWS);
        IntVector judgedFirst = IntVector.allocate(CHECKED_ROWS);
        IntVector judgedSecond = IntVector.allocate(CHECKED_ROWS)) {
      reference.kernels().kmeansAssign2(head, centroids, judgedFirst, judgedSecond, null, null);
      requireHead("first", first, judgedFirst);
      requireHead("second", second, judgedSecond);
    }
  }

  private static void requireHead(String what, IntVector mine, IntVector judged) {
    if (!Arrays.equals(Arrays.copyOf(mine.toArray(), CHECKED_ROWS), judged.toArray())) {
      throw new IllegalStateException(what + " labels differ from the fp64 reference");
    }
  }

  @Benchmark
  public int assign2() {
    context.kernels().kmeansAssign2(x, centroids, first, second, null, null);
    return first.get(n - 1) + second.get(n - 1);
  }

  @TearDown
  public void close() {
    x.close();
    centroids.close();
    first.close();
    second.close();
    context.close();
  }
}
