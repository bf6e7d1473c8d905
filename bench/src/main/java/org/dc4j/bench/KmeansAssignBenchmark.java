package org.dc4j.bench;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.IntVector;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
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
 * Exact nearest centroid: 2 n k d flop. The labels are checked against the fp64 reference before
 * timing.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2)
@Measurement(iterations = 5)
@Fork(
    value = 3,
    jvmArgs = {"-Dorg.bytedeco.javacpp.maxPhysicalBytes=0", "-Xmx1g"})
public class KmeansAssignBenchmark {
  private static final int CHECKED_ROWS = 500;

  @Param({"50000"})
  public int n;

  @Param({"256"})
  public int d;

  @Param({"100", "1000", "10000"})
  public int k;

  @Param({"1", "2"})
  public int threads;

  private DeviceContext context;
  private FloatMatrix x;
  private FloatMatrix centroids;
  private IntVector labels;
  private int expected;

  /** Arithmetic rate of the last shot. */
  @AuxCounters(AuxCounters.Type.EVENTS)
  @State(Scope.Thread)
  public static class Rate {
    public double gigaflop;
  }

  @Setup
  public void open() {
    context = BenchDevice.open(threads);
    x = Gaussian.matrix(n, d, 1);
    centroids = Gaussian.matrix(k, d, 2);
    labels = IntVector.allocate(n);
    context.kernels().kmeansAssign(x, centroids, labels, null);
    expected = Arrays.hashCode(labels.toArray());
    try (DeviceContext reference = DeviceContext.open("reference", 1);
        FloatMatrix head = x.rowRange(0, CHECKED_ROWS);
        IntVector judged = IntVector.allocate(CHECKED_ROWS)) {
      reference.kernels().kmeansAssign(head, centroids, judged, null);
      int[] mine = Arrays.copyOf(labels.toArray(), CHECKED_ROWS);
      if (!Arrays.equals(mine, judged.toArray())) {
        throw new IllegalStateException("labels differ from the fp64 reference");
      }
    }
  }

  @Benchmark
  public double assign(Rate rate) {
    rate.gigaflop = 2e-9 * n * k * d;
    return context.kernels().kmeansAssign(x, centroids, labels, null);
  }

  @TearDown(Level.Iteration)
  public void check() {
    if (Arrays.hashCode(labels.toArray()) != expected) {
      throw new IllegalStateException("labels changed between shots");
    }
  }

  @TearDown
  public void close() {
    x.close();
    centroids.close();
    labels.close();
    context.close();
  }
}
