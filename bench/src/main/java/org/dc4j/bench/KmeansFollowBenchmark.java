package org.dc4j.bench;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.IntVector;
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
 * Assignment after some of the centroids moved, given the labels before: the rest is compared only
 * where a row's own centroid came no nearer. Labels are checked against a cold assignment.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2)
@Measurement(iterations = 7)
@Fork(
    value = 3,
    jvmArgs = {"-Dorg.bytedeco.javacpp.maxPhysicalBytes=0", "-Xmx1g"})
public class KmeansFollowBenchmark {
  @Param({"100000"})
  public int n;

  @Param({"256"})
  public int d;

  @Param({"1000"})
  public int k;

  @Param({"10", "100"})
  public int percentMoved;

  @Param({"1", "2"})
  public int threads;

  private DeviceContext context;
  private FloatMatrix x;
  private FloatMatrix previous;
  private FloatMatrix centroids;
  private FloatMatrix distances;
  private FloatMatrix distancesBefore;
  private IntVector labels;
  private int[] labelsBefore;
  private int[] expected;

  @Setup
  public void open() {
    context = BenchDevice.open(threads);
    x = Aligned.require(UnitRows.matrix(context, n, d, 1));
    previous = Aligned.require(UnitRows.matrix(context, k, d, 2));
    centroids = Aligned.require(previous.copy());
    try (FloatMatrix other = UnitRows.matrix(context, k, d, 3)) {
      for (int j = 0; j < k * percentMoved / 100; j++) {
        for (int i = 0; i < d; i++) {
          centroids.set(j, i, 0.9f * previous.get(j, i) + 0.1f * other.get(j, i));
        }
      }
    }
    distances = Aligned.require(FloatMatrix.allocate(1, n));
    labels = IntVector.allocate(n);
    context.kernels().kmeansAssign(x, centroids, labels, null);
    expected = labels.toArray();
    context.kernels().kmeansAssign(x, previous, labels, distances);
    labelsBefore = labels.toArray();
    distancesBefore = distances.copy();
  }

  /** The state before, for every call the same. */
  @Setup(Level.Invocation)
  public void restore() {
    labels.pointer().put(labelsBefore);
    distances.setRows(0, distancesBefore);
  }

  @Benchmark
  public double kmeansFollow() {
    return context.kernels().kmeansFollow(x, centroids, previous, labels, distances);
  }

  @TearDown(Level.Iteration)
  public void check() {
    if (!Arrays.equals(expected, labels.toArray())) {
      throw new IllegalStateException("labels differ from a cold assignment");
    }
  }

  @TearDown
  public void close() {
    for (FloatMatrix m : new FloatMatrix[] {x, previous, centroids, distances, distancesBefore}) {
      m.close();
    }
    labels.close();
    context.close();
  }
}
