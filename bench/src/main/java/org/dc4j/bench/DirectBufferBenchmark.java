package org.dc4j.bench;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.Pointer;
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
 * A call that may write a direct buffer but has nothing to write: its time must not depend on the
 * buffer's size, as it would if anything of it were copied. That the kernel does work in the buffer
 * itself is checked before timing.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 3,
    jvmArgs = {"-Dorg.bytedeco.javacpp.maxPhysicalBytes=0", "-Xmx1g"})
public class DirectBufferBenchmark {
  private static final int D = 256;

  @Param({"1", "256"})
  public int mebibytes;

  private DeviceContext context;
  private ByteBuffer buffer;
  private FloatMatrix memory;
  private FloatMatrix none;
  private IntVector noLabels;

  @Setup
  public void open() {
    context = DeviceContext.open("cpu", 1);
    buffer = ByteBuffer.allocateDirect(mebibytes << 20).order(ByteOrder.nativeOrder());
    memory = FloatMatrix.view(new Pointer(buffer), (mebibytes << 20) / (4 * D), D, buffer);
    none = FloatMatrix.allocate(0, D);
    noLabels = IntVector.allocate(0);
    buffer.putFloat(0, 3).putFloat(4, 4);
    context.kernels().normalizeRows(memory, memory);
    if (buffer.getFloat(0) != 0.6f || buffer.getFloat(4) != 0.8f) {
      throw new IllegalStateException(
          "the buffer holds " + buffer.getFloat(0) + ", " + buffer.getFloat(4) + ": a copy");
    }
  }

  @Benchmark
  public float call() {
    context.losses().memoryUpdate(memory, none, noLabels, MemoryUpdate.CM, 0.1);
    return buffer.getFloat(0);
  }

  @TearDown
  public void close() {
    memory.close();
    none.close();
    noLabels.close();
    context.close();
  }
}
