package org.dc4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceContextTest {
  @Test
  void openTellsWhatWasChosen() {
    try (DeviceContext context = DeviceContext.open("cpu", 2)) {
      assertThat(context.backend()).isEqualTo("cpu");
      assertThat(context.isa()).isIn("generic", "avx2", "avx512", "vnni", "amx");
      assertThat(context.fastProducts()).isIn("bf16", "fp32");
      assertThat(context.threads()).isEqualTo(2);
      assertThat(context.toString()).contains("cpu", "2 threads");
      assertThat(context.chunkRows(1_000_000, 1 << 20)).isEqualTo(1_000_000);
    }
    try (DeviceContext context = DeviceContext.open("reference", 1)) {
      assertThat(context.backend()).isEqualTo("reference");
      assertThat(context.isa()).isEqualTo("none");
      assertThat(context.fastProducts()).isEqualTo("fp64");
    }
    try (DeviceContext context = DeviceContext.cpu()) {
      assertThat(context.threads()).isPositive();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpu", "", "CPU", "cpu ", "référence"})
  void unknownDevicesAreErrorsThatNameTheAcceptedOnes(String device) {
    assertThatThrownBy(() -> DeviceContext.open(device, 1))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageContaining("auto, cpu, reference, cuda");
  }

  @Test
  void cudaIsUsableOrAnErrorWithTheReason() {
    String reason = NativeLibraries.cudaStatus();
    if (reason.isEmpty()) {
      try (DeviceContext context = DeviceContext.open("cuda", 1)) {
        assertThat(context.backend()).isEqualTo("cuda");
        assertThat(context.chunkRows(10, Long.MAX_VALUE / 20)).isEqualTo(1);
        assertThat(NativeLibraries.cudaDeviceCount()).isPositive();
        assertThat(NativeLibraries.cudaDevice(0).totalBytes()).isPositive();
      }
    } else {
      assertThatThrownBy(() -> DeviceContext.open("cuda", 1))
          .isInstanceOf(UnsupportedDeviceException.class)
          .hasMessageContaining(reason);
      assertThat(NativeLibraries.cudaDeviceCount()).isZero();
      assertThatThrownBy(() -> NativeLibraries.cudaDevice(0))
          .isInstanceOf(UnsupportedDeviceException.class)
          .hasMessageContaining(reason);
    }
  }

  /** As where another process has the device alone, or its memory. */
  static Stream<KernelException> failuresOfADevice() {
    return Stream.of(
        new KernelException("internal: CUDA: making a stream: device busy (cudaErrorDevice...)"),
        new NativeMemoryException("CUDA: out of memory in making a stream"),
        new UnsupportedDeviceException("no CUDA device"));
  }

  @ParameterizedTest
  @MethodSource("failuresOfADevice")
  void autoTakesTheCpuWhereADeviceDoesNotOpen(KernelException failure) {
    try (DeviceContext context =
        DeviceContext.openUsable("", failing(failure), () -> DeviceContext.open("cpu", 1))) {
      assertThat(context.backend()).isEqualTo("cpu");
    }
  }

  @ParameterizedTest
  @MethodSource("failuresOfADevice")
  void aNamedDeviceThatDoesNotOpenIsUnsupportedWithTheReason(KernelException failure) {
    assertThatThrownBy(() -> DeviceContext.openCuda("cuda:1", failing(failure)))
        .isInstanceOf(UnsupportedDeviceException.class)
        .hasMessageContaining(failure.getMessage());
  }

  @Test
  void whatTheCallerGotWrongIsNoReasonForAnotherDevice() {
    InvalidArgumentException wrong = new InvalidArgumentException("threads is -1");
    assertThatThrownBy(() -> DeviceContext.openUsable("", failing(wrong), DeviceContext::cpu))
        .isSameAs(wrong);
  }

  private static Supplier<DeviceContext> failing(KernelException failure) {
    return () -> {
      throw failure;
    };
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 1025, Integer.MIN_VALUE, Integer.MAX_VALUE})
  void impossibleThreadCountsAreErrors(int threads) {
    assertThatThrownBy(() -> DeviceContext.open("cpu", threads))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageContaining(Integer.toString(threads));
  }

  @Test
  void closeTwiceIsFineAndUseAfterCloseThrows() {
    DeviceContext context = DeviceContext.open("cpu", 1);
    Kernels kernels = context.kernels();
    context.close();
    context.close();
    assertThatThrownBy(context::kernels).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(context::backend).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(context::isa).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(context::threads).isInstanceOf(IllegalStateException.class);
    assertThat(context.toString()).contains("closed");
    try (FloatMatrix matrix = FloatMatrix.allocate(1, 1)) {
      assertThatThrownBy(() -> kernels.normalizeRows(matrix, matrix))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void kernelErrorsKeepTheContextUsable() {
    try (DeviceContext context = DeviceContext.open("cpu", 2);
        FloatMatrix x = FloatMatrix.of(new float[] {3, 4, Float.NaN, 1}, 2, 2);
        FloatMatrix narrow = FloatMatrix.allocate(2, 1);
        FloatMatrix out = FloatMatrix.allocate(2, 2)) {
      assertThatThrownBy(() -> context.kernels().normalizeRows(x, out))
          .isInstanceOf(NotFiniteException.class)
          .hasMessageContaining("1");
      assertThatThrownBy(() -> context.kernels().normalizeRows(x, narrow))
          .isInstanceOf(InvalidArgumentException.class);
      x.setRow(1, new float[] {0, 0});
      context.kernels().normalizeRows(x, out);
      assertThat(out.toArray()).isEqualTo(new float[] {0.6f, 0.8f, 0, 0});
    }
  }

  @Test
  void thousandContextsLeaveNothingBehind() {
    long before = NativeLibraries.allocatedBytes();
    for (int i = 0; i < 1000; i++) {
      try (DeviceContext context = DeviceContext.open("cpu", 1);
          FloatMatrix x = FloatMatrix.of(new float[] {3, 4}, 1, 2)) {
        context.kernels().normalizeRows(x, x);
        assertThat(x.get(0, 0)).isEqualTo(0.6f);
      }
    }
    assertThat(NativeLibraries.allocatedBytes()).isEqualTo(before);
  }
}
