package org.dc4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.dc4j.config.InvalidPlanException;
import org.dc4j.data.DataException;
import org.dc4j.data.UnreadableImageException;
import org.dc4j.kernels.InvalidArgumentException;
import org.dc4j.kernels.KernelException;
import org.dc4j.kernels.NativeMemoryException;
import org.dc4j.kernels.NotFiniteException;
import org.dc4j.kernels.NumericException;
import org.dc4j.kernels.UnsupportedDeviceException;
import org.dc4j.train.TrainingInterruptedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ExitCodesTest {
  static Stream<Arguments> failures() {
    return Stream.of(
        arguments(new IllegalStateException("x"), 1, "java.lang.IllegalStateException: x"),
        arguments(new NullPointerException(), 1, "java.lang.NullPointerException: null"),
        arguments(new KernelException("x"), 1, "x"),
        arguments(new IOException("x"), 1, "java.io.IOException: x"),
        arguments(
            new FileSystemException("f", null, "No space left on device"),
            1,
            "f: No space left on device"),
        arguments(new IllegalArgumentException("k is 0\nmore"), 2, "k is 0"),
        arguments(new InvalidPlanException("k is 1"), 2, "k is 1"),
        arguments(
            new InvalidPlanException(List.of("a", "b")),
            2,
            "the plan has several problems:\n  a\n  b"),
        arguments(new InvalidArgumentException("k is 0"), 2, "k is 0"),
        arguments(new DataException("x"), 3, "x"),
        arguments(new UnreadableImageException("x"), 3, "x"),
        arguments(new NoSuchFileException("f.npy"), 3, "f.npy: no such file"),
        arguments(new AccessDeniedException("f.npy"), 3, "f.npy: access denied"),
        arguments(new NotFiniteException("row 3"), 3, "row 3"),
        arguments(new NumericException("rank 0"), 3, "rank 0"),
        arguments(new UncheckedIOException(new NoSuchFileException("f")), 3, "f: no such file"),
        arguments(new ExecutionException(new DataException("x")), 3, "x"),
        arguments(new UnsupportedDeviceException("no cuda"), 4, "no cuda"),
        arguments(
            new UnsatisfiedLinkError("no jnitorch"),
            4,
            "a native part is missing: no jnitorch; 'dc4j doctor' tells what is there"),
        arguments(new ExceptionInInitializerError(new UnsupportedDeviceException("x")), 4, "x"),
        arguments(new NativeMemoryException("3 GiB"), 5, "3 GiB"),
        arguments(
            new UncheckedIOException("cannot write f: disk full", new IOException("x")),
            1,
            "cannot write f: disk full"),
        arguments(new TrainingInterruptedException("saved"), 130, "saved"),
        arguments(new InterruptedException("x"), 130, "x"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void everyFailureHasItsCodeAndMessage(Throwable failure, int code, String message) {
    assertThat(ExitCodes.of(failure)).isEqualTo(code);
    assertThat(ExitCodes.message(failure)).isEqualTo(message);
  }

  @Test
  void aNameThatTheLocaleLacksComesWithTheRemedy() {
    InvalidPathException failure =
        new InvalidPathException("b?", "Malformed input or input contains unmappable characters");
    assertThat(ExitCodes.message(failure))
        .contains("b?")
        .endsWith("LC_ALL=C.UTF-8 has all letters");
    assertThat(ExitCodes.message(new DataException("not a path: " + failure.getMessage())))
        .endsWith("LC_ALL=C.UTF-8 has all letters");
  }

  /** train and demo start their JVM anew; only a JVM that knows ASCII alone gets another locale. */
  @Test
  void aJvmWithoutLettersGetsThemWhereItIsStartedAnew() {
    assertThat(SteadyHeap.environment("ANSI_X3.4-1968")).containsEntry("LC_ALL", "C.UTF-8");
    assertThat(SteadyHeap.environment("UTF-8"))
        .containsKey("MALLOC_ARENA_MAX")
        .doesNotContainKey("LC_ALL");
    assertThat(SteadyHeap.environment("ISO-8859-1")).doesNotContainKey("LC_ALL");
  }

  @Test
  void heapExhaustionTellsTheLimit() {
    OutOfMemoryError failure = new OutOfMemoryError("Java heap space");
    assertThat(ExitCodes.of(failure)).isEqualTo(5);
    assertThat(ExitCodes.message(failure)).contains("Java heap space").contains("-Xmx");
  }
}
