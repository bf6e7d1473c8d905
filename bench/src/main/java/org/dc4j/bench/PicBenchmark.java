package org.dc4j.bench;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.IntVector;
import org.dc4j.kernels.LongVector;
import org.dc4j.kernels.PicOptions;
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
 * Power iteration clustering from 5 neighbours that are there already, 200 steps. The labels are
 * checked against the fp64 reference before timing.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2)
@Measurement(iterations = 5)
@Fork(
    value = 3,
    jvmArgs = {"-Dorg.bytedeco.javacpp.maxPhysicalBytes=0", "-Xmx1g"})
public class PicBenchmark {
  private static final int NEIGHBOURS = 5;

  @Param({"20000", "100000"})
  public int n;

  @Param({"64"})
  public int d;

  @Param({"1", "2"})
  public int threads;

  private DeviceContext context;
  private LongVector ids;
  private FloatMatrix distances;
  private IntVector labels;

  @Setup
  public void open() {
    context = BenchDevice.open(threads);
    distances = FloatMatrix.allocate(n, NEIGHBOURS);
    try (FloatMatrix x = Clustered.matrix(context, n, d, 1)) {
      ids = Clustered.neighbours(context, x, NEIGHBOURS, distances);
    }
    labels = IntVector.allocate(n);
    PicOptions options = PicOptions.published();
    try (DeviceContext reference = DeviceContext.open("reference", 1);
        IntVector judged = IntVector.allocate(n)) {
      int clusters = context.graphs().pic(ids, distances, options, labels);
      int expected = reference.graphs().pic(ids, distances, options, judged);
      if (clusters != expected || !Arrays.equals(labels.toArray(), judged.toArray())) {
        throw new IllegalStateException("labels differ from the fp64 reference");
      }
    }
  }

  @Benchmark
  public int pic() {
    return context.graphs().pic(ids, distances, PicOptions.published(), labels);
  }

  @TearDown
  public void close() {
    labels.close();
    distances.close();
    ids.close();
    context.close();
  }
}
