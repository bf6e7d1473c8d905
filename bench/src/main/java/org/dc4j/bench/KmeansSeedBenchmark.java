package org.dc4j.bench;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.LongVector;
import org.dc4j.kernels.SeedMethod;
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
 * First centroids: k-means++ in batches of candidates, and k rows at random. On 2,000 of the rows
 * the chosen ids are checked against the fp64 reference's before timing.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2)
@Measurement(iterations = 5)
@Fork(
    value = 3,
    jvmArgs = {"-Dorg.bytedeco.javacpp.maxPhysicalBytes=0", "-Xmx1g"})
public class KmeansSeedBenchmark {
  @Param({"131072"})
  public int n;

  @Param({"256"})
  public int d;

  @Param({"256", "1024"})
  public int k;

  @Param({"KMEANS_PLUS_PLUS"})
  public SeedMethod method;

  @Param({"1", "2"})
  public int threads;

  private static final int CHECKED_ROWS = 2000;

  private DeviceContext context;
  private FloatMatrix x;
  private FloatMatrix centroids;
  private LongVector rows;

  @Setup
  public void open() {
    context = BenchDevice.open(threads);
    x = Aligned.require(Gaussian.matrix(n, d, 1));
    centroids = Aligned.require(FloatMatrix.allocate(k, d));
    rows = LongVector.allocate(k);
    try (DeviceContext reference = DeviceContext.open("reference", 1);
        FloatMatrix head = x.rowRange(0, CHECKED_ROWS);
        LongVector judged = LongVector.allocate(k)) {
      context.kernels().kmeansSeed(head, method, 7, centroids, rows);
      reference.kernels().kmeansSeed(head, method, 7, centroids, judged);
      if (!Arrays.equals(rows.toArray(), judged.toArray())) {
        throw new IllegalStateException("the rows chosen differ from the reference's");
      }
    }
  }

  @Benchmark
  public long seed() {
    context.kernels().kmeansSeed(x, method, 7, centroids, rows);
    return rows.get(k - 1);
  }

  @TearDown
  public void close() {
    x.close();
    centroids.close();
    rows.close();
    context.close();
  }
}
