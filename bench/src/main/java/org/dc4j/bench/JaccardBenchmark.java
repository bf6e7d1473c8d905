package org.dc4j.bench;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
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
 * k-reciprocal Jaccard distances from neighbours that are there already, k1 = 30, k2 = 6. Before
 * timing the graph of the first rows is checked against the reference, bit for bit.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2)
@Measurement(iterations = 5)
@Fork(
    value = 3,
    jvmArgs = {"-Dorg.bytedeco.javacpp.maxPhysicalBytes=0", "-Xmx1g"})
public class JaccardBenchmark {
  private static final int K1 = 30;
  private static final int K2 = 6;
  private static final int CHECKED_ROWS = 500;

  @Param({"12936", "50000"})
  public int n;

  @Param({"2048"})
  public int d;

  @Param({"0.7", "1"})
  public float limit;

  @Param({"1", "2"})
  public int threads;

  private DeviceContext context;
  private FloatMatrix x;
  private LongVector ids;

  @Setup
  public void open() {
    context = BenchDevice.open(threads);
    x = Clustered.matrix(context, n, d, 1);
    ids = Clustered.neighbours(context, x, K1, null);
    try (DeviceContext reference = DeviceContext.open("reference", 1);
        FloatMatrix head = x.rowRange(0, CHECKED_ROWS);
        LongVector near = Clustered.neighbours(context, head, K1, null);
        SparseGraph mine = context.graphs().jaccard(head, near, K1, K2, limit);
        SparseGraph judged = reference.graphs().jaccard(head, near, K1, K2, limit)) {
      for (int i = 0; i < CHECKED_ROWS; i++) {
        if (!Arrays.equals(mine.neighbours(i), judged.neighbours(i))
            || !Arrays.equals(mine.distances(i), judged.distances(i))) {
          throw new IllegalStateException("row " + i + " differs from the reference");
        }
      }
    }
  }

  @Benchmark
  public long jaccard() {
    try (SparseGraph graph = context.graphs().jaccard(x, ids, K1, K2, limit)) {
      return graph.size();
    }
  }

  @TearDown
  public void close() {
    ids.close();
    x.close();
    context.close();
  }
}
