package org.dc4j.bench;

import java.util.concurrent.TimeUnit;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a call across JNI costs: a getter, and a kernel on an empty matrix (checks, lock, no work).
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 3,
    jvmArgs = {"-Dorg.bytedeco.javacpp.maxPhysicalBytes=0", "-Xmx1g"})
public class CallBenchmark {
  private DeviceContext context;
  private FloatMatrix empty;

  @Setup
  public void open() {
    context = DeviceContext.open("cpu", 1);
    empty = FloatMatrix.allocate(0, 8);
  }

  @Benchmark
  public int getter() {
    return context.threads();
  }

  @Benchmark
  public FloatMatrix emptyKernel() {
    context.kernels().normalizeRows(empty, empty);
    return empty;
  }

  @TearDown
  public void close() {
    empty.close();
    context.close();
  }
}
