package org.dc4j.bench;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.EmptyClusterPolicy;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.IntVector;
import org.dc4j.kernels.LongVector;
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
 * One cluster in a hundred empty, re-seeded by each policy. Checked against the fp64 reference's
 * bits before timing; every invocation begins with the clusters empty again.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3)
@Measurement(iterations = 10)
@Fork(
    value = 3,
    jvmArgs = {"-Dorg.bytedeco.javacpp.maxPhysicalBytes=0", "-Xmx1g"})
public class KmeansFillEmptyBenchmark {
  private static final long SEED = 3;

  @Param({"131072"})
  public int n;

  @Param({"256"})
  public int d;

  @Param({"1000", "10000"})
  public int k;

  @Param({"FAISS", "FARTHEST"})
  public EmptyClusterPolicy policy;

  @Param({"1", "2"})
  public int threads;

  private DeviceContext context;
  private FloatMatrix x;
  private FloatMatrix centroids;
  private FloatMatrix distances;
  private IntVector labels;
  private LongVector counts;
  private FloatMatrix begun;
  private long[] begunCounts;

  @Setup
  public void open() {
    context = BenchDevice.open(threads);
    x = Aligned.require(Gaussian.matrix(n, d, 1));
    centroids = Aligned.require(FloatMatrix.allocate(k, d));
    distances = FloatMatrix.allocate(1, n);
    labels = IntVector.allocate(n);
    counts = LongVector.allocate(k);
    for (int i = 0; i < n; i++) {
      labels.set(i, i % k % 100 == 0 ? (i % k + 1) % k : i % k);
    }
    context.kernels().kmeansUpdate(x, labels, centroids, counts);
    for (int i = 0; i < n; i++) {
      distances.set(0, i, i * 7919L % n); // all different
    }
    begun = centroids.copy();
    begunCounts = counts.toArray();
    check();
  }

  private void check() {
    float[] filled;
    try (DeviceContext reference = DeviceContext.open("reference", 1)) {
      fillOn(reference);
      filled = centroids.toArray();
    }
    long[] filledCounts = counts.toArray();
    empty();
    if (fillOn(context) != (k + 99) / 100) {
      throw new IllegalStateException("not one cluster in a hundred was empty");
    }
    if (!Arrays.equals(filled, centroids.toArray())
        || !Arrays.equals(filledCounts, counts.toArray())) {
      throw new IllegalStateException("centroids differ from the fp64 reference's");
    }
  }

  private long fillOn(DeviceContext device) {
    return device.kernels().kmeansFillEmpty(x, labels, distances, policy, SEED, centroids, counts);
  }

  /** As after the update, with the empty clusters empty. */
  @Setup(Level.Invocation)
  public void empty() {
    for (int j = 0; j < k; j++) {
      counts.set(j, begunCounts[j]);
    }
    centroids.setRows(0, begun);
  }

  @Benchmark
  public long fill() {
    return fillOn(context);
  }

  @TearDown
  public void close() {
    x.close();
    centroids.close();
    begun.close();
    distances.close();
    labels.close();
    counts.close();
    context.close();
  }
}
