package org.dc4j.bench;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.IntVector;
import org.dc4j.kernels.LongVector;
import org.dc4j.kernels.SparseGraph;
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
 * DBSCAN on a graph of Jaccard distances, eps = 0.6, 4 samples. The labels are checked against the
 * reference, which walks in scikit-learn's order, before timing.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2)
@Measurement(iterations = 5)
@Fork(
    value = 3,
    jvmArgs = {"-Dorg.bytedeco.javacpp.maxPhysicalBytes=0", "-Xmx1g"})
public class DbscanBenchmark {
  private static final float EPS = 0.6f;
  private static final int MIN_SAMPLES = 4;

  @Param({"12936", "50000"})
  public int n;

  @Param({"256"})
  public int d;

  @Param({"0.7", "1"})
  public float limit;

  @Param({"1", "2"})
  public int threads;

  private DeviceContext context;
  private SparseGraph graph;
  private IntVector labels;

  @Setup
  public void open() {
    context = BenchDevice.open(threads);
    try (FloatMatrix x = Clustered.matrix(context, n, d, 1);
        LongVector ids = Clustered.neighbours(context, x, 30, null)) {
      graph = context.graphs().jaccard(x, ids, 30, 6, limit);
    }
    labels = IntVector.allocate(n);
    try (DeviceContext reference = DeviceContext.open("reference", 1);
        IntVector judged = IntVector.allocate(n)) {
      int clusters = context.graphs().dbscan(graph, EPS, MIN_SAMPLES, labels);
      int expected = reference.graphs().dbscan(graph, EPS, MIN_SAMPLES, judged);
      if (clusters != expected || !Arrays.equals(labels.toArray(), judged.toArray())) {
        throw new IllegalStateException("labels differ from the reference");
      }
    }
  }

  @Benchmark
  public int dbscan() {
    return context.graphs().dbscan(graph, EPS, MIN_SAMPLES, labels);
  }

  @TearDown
  public void close() {
    labels.close();
    graph.close();
    context.close();
  }
}
