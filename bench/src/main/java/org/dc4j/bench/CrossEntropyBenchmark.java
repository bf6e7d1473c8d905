package org.dc4j.bench;

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
 * Softmax cross-entropy over many classes with its gradient: n k exponentials, 8 n k bytes. Loss
 * and gradient are checked against the fp64 reference before timing.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 3,
    jvmArgs = {"-Dorg.bytedeco.javacpp.maxPhysicalBytes=0", "-Xmx1g"})
public class CrossEntropyBenchmark {
  @Param({"256"})
  public int n;

  @Param({"1000", "100000"})
  public int k;

  @Param({"1", "2"})
  public int threads;

  private DeviceContext context;
  private FloatMatrix logits;
  private FloatMatrix gradient;
  private IntVector labels;

  @Setup
  public void open() {
    context = BenchDevice.open(threads);
    logits = Aligned.require(Gaussian.matrix(n, k, 1));
    gradient = Aligned.require(FloatMatrix.allocate(n, k));
    labels = UnitRows.labels(n, k, 2);
    double loss = crossEntropy();
    try (DeviceContext reference = DeviceContext.open("reference", 1);
        FloatMatrix judged = FloatMatrix.allocate(n, k)) {
      double expected = reference.kernels().crossEntropy(logits, labels, null, judged);
      if (!(Math.abs(loss - expected) <= 1e-6 * expected)) {
        throw new IllegalStateException("loss is " + loss + ", the fp64 reference has " + expected);
      }
      UnitRows.requireClose("gradient", gradient, judged, 1e-6);
    }
  }

  @Benchmark
  public double crossEntropy() {
    return context.kernels().crossEntropy(logits, labels, null, gradient);
  }

  @TearDown
  public void close() {
    logits.close();
    gradient.close();
    labels.close();
    context.close();
  }
}
