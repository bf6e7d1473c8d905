package org.dc4j.bench;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.IntVector;
import org.dc4j.kernels.KMeansSums;
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
 * Centroids from labels: one pass over x (4 n d bytes), and Lloyd's kept sums, which read only the
 * rows that moved. Both are checked against the fp64 reference's bits before timing.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3)
@Measurement(iterations = 10)
@Fork(
    value = 3,
    jvmArgs = {"-Dorg.bytedeco.javacpp.maxPhysicalBytes=0", "-Xmx1g"})
public class KmeansUpdateBenchmark {
  @Param({"131072"})
  public int n;

  @Param({"256"})
  public int d;

  @Param({"1000", "10000"})
  public int k;

  @Param({"0.05"})
  public double movedShare;

  @Param({"1", "2"})
  public int threads;

  private DeviceContext context;
  private FloatMatrix x;
  private FloatMatrix centroids;
  private IntVector labels;
  private IntVector otherLabels;
  private LongVector counts;
  private KMeansSums sums;
  private boolean turn;

  @Setup
  public void open() {
    context = BenchDevice.open(threads);
    x = Aligned.require(Gaussian.matrix(n, d, 1));
    centroids = Aligned.require(FloatMatrix.allocate(k, d));
    labels = UnitRows.labels(n, k, 2);
    otherLabels = IntVector.of(labels.toArray());
    int step = (int) Math.max(1, Math.round(1 / movedShare));
    for (int i = 0; i < n; i += step) {
      otherLabels.set(i, (labels.get(i) + 1) % k);
    }
    counts = LongVector.allocate(k);
    sums = context.kernels().kmeansSums(x, k);
    check("kept sums", labels, given -> sums.update(x, given, centroids, counts));
    check("kept sums, some rows moved", otherLabels, v -> sums.update(x, v, centroids, counts));
    check(
        "sums of one pass",
        labels,
        given -> context.kernels().kmeansUpdate(x, given, centroids, counts));
  }

  /** Both start from the same centroids: one whose cluster is empty stays as it was. */
  private void check(String what, IntVector given, Consumer<IntVector> update) {
    try (DeviceContext reference = DeviceContext.open("reference", 1);
        FloatMatrix judged = centroids.copy();
        LongVector judgedCounts = LongVector.allocate(k)) {
      update.accept(given);
      reference.kernels().kmeansUpdate(x, given, judged, judgedCounts);
      if (!Arrays.equals(centroids.toArray(), judged.toArray())
          || !Arrays.equals(counts.toArray(), judgedCounts.toArray())) {
        throw new IllegalStateException(what + " differ from the fp64 reference");
      }
    }
  }

  @Benchmark
  public float update() {
    context.kernels().kmeansUpdate(x, labels, centroids, counts);
    return centroids.get(k - 1, 0) + counts.get(0);
  }

  @Benchmark
  public long keptSums() {
    turn = !turn;
    return sums.update(x, turn ? labels : otherLabels, centroids, counts);
  }

  @TearDown
  public void close() {
    sums.close();
    x.close();
    centroids.close();
    labels.close();
    otherLabels.close();
    counts.close();
    context.close();
  }
}
