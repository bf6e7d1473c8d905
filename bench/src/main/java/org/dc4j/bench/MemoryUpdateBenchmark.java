package org.dc4j.bench;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.IntVector;
import org.dc4j.kernels.MemoryUpdate;
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
 * The momentum update of a memory, samples of 16 to a label: reads 8 n d bytes and writes the
 * touched rows. The bits are checked against the fp64 reference before timing.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 3,
    jvmArgs = {"-Dorg.bytedeco.javacpp.maxPhysicalBytes=0", "-Xmx1g"})
public class MemoryUpdateBenchmark {
  private static final double OLD_WEIGHT = 0.1;

  @Param({"256"})
  public int n;

  @Param({"2048"})
  public int d;

  @Param({"1000"})
  public int k;

  @Param({"CM", "CM_HARD"})
  public MemoryUpdate mode;

  @Param({"1", "2"})
  public int threads;

  private DeviceContext context;
  private FloatMatrix memory;
  private FloatMatrix x;
  private IntVector labels;

  @Setup
  public void open() {
    context = BenchDevice.open(threads);
    memory = UnitRows.matrix(context, k, d, 1);
    x = UnitRows.matrix(context, n, d, 2);
    labels = UnitRows.labels(n, Math.max(1, n / 16), 3);
    try (DeviceContext reference = DeviceContext.open("reference", 1);
        FloatMatrix judged = FloatMatrix.allocate(k, d)) {
      judged.setRows(0, memory);
      reference.losses().memoryUpdate(judged, x, labels, mode, OLD_WEIGHT);
      context.losses().memoryUpdate(memory, x, labels, mode, OLD_WEIGHT);
      if (!Arrays.equals(memory.toArray(), judged.toArray())) {
        throw new IllegalStateException("the memory differs from the reference's bits");
      }
    }
  }

  @Benchmark
  public float memoryUpdate() {
    context.losses().memoryUpdate(memory, x, labels, mode, OLD_WEIGHT);
    return memory.get(labels.get(0), 0);
  }

  @TearDown
  public void close() {
    memory.close();
    x.close();
    labels.close();
    context.close();
  }
}
