package org.dc4j.bench;

import java.util.concurrent.TimeUnit;
import org.dc4j.cluster.KMeans;
import org.dc4j.faiss.Faiss;
import org.dc4j.faiss.FaissKMeans;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
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
 * The whole k-means by both engines: k random distinct rows first, then {@code iterations} Lloyd
 * steps over all rows and a last assignment, so 2 n k d (iterations + 1) flop each. The random
 * numbers differ, and so do the local minima; the objectives are compared after each shot.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 3)
@Fork(
    value = 3,
    jvmArgs = {"-Dorg.bytedeco.javacpp.maxPhysicalBytes=0", "-Xmx1g"})
public class FaissKMeansBenchmark {
  private static final int SEED = 1;

  @Param({"131072"})
  public int n;

  @Param({"256"})
  public int d;

  @Param({"1024"})
  public int k;

  @Param({"20"})
  public int iterations;

  @Param({"1", "2"})
  public int threads;

  private DeviceContext context;
  private FloatMatrix x;
  private double expected;
  private double objective;

  @Setup
  public void open() {
    if (!Faiss.isAvailable()) {
      throw new IllegalStateException(Faiss.whyNot());
    }
    context = BenchDevice.open(threads);
    x = Gaussian.matrix(n, d, SEED);
    expected = dc4j();
  }

  @Benchmark
  public double dc4j() {
    KMeans.Options few = KMeans.Options.of(k, SEED);
    KMeans.Options options =
        new KMeans.Options(k, iterations, few.init(), few.empty(), few.spherical(), SEED);
    try (KMeans.Result result = KMeans.fit(context.kernels(), x, options)) {
      objective = result.objective();
      return objective;
    }
  }

  @Benchmark
  public double faiss() {
    FaissKMeans.Options options =
        new FaissKMeans.Options(k, iterations, 1, SEED, false, Integer.MAX_VALUE);
    try (FaissKMeans.Result result = FaissKMeans.fit(x, options, threads)) {
      objective = result.objective();
      return objective;
    }
  }

  @TearDown(Level.Iteration)
  public void check() {
    if (Math.abs(objective - expected) > 0.02 * expected) {
      throw new IllegalStateException(
          "objective is " + objective + ", dc4j's " + expected + ": not the same work");
    }
  }

  @TearDown
  public void close() {
    x.close();
    context.close();
  }
}
