package org.dc4j.cli;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.zip.ZipException;
import org.dc4j.cli.terminal.Interrupts;
import org.dc4j.config.InvalidPlanException;
import org.dc4j.kernels.InvalidArgumentException;
import org.dc4j.kernels.NativeMemoryException;
import org.dc4j.kernels.NotFiniteException;
import org.dc4j.kernels.NumericException;
import org.dc4j.kernels.UnsupportedDeviceException;
import org.dc4j.train.TrainingInterruptedException;

/** The one place where a failure becomes an exit code and a message. */
final class ExitCodes {
  static final int DONE = 0;
  static final int SOFTWARE_ERROR = 1;
  static final int USAGE = 2;
  static final int BAD_DATA = 3;
  static final int DEVICE_MISSING = 4;
  static final int OUT_OF_MEMORY = 5;
  static final int INTERRUPTED = Interrupts.EXIT_CODE;

  /** Exceptions that these packages define speak about what was read. */
  private static final Set<String> INPUT_PACKAGES = Set.of("org.dc4j.data", "org.dc4j.format");

  private static final List<Class<? extends Throwable>> BAD_FILES =
      List.of(
          NoSuchFileException.class,
          FileNotFoundException.class,
          NotDirectoryException.class,
          AccessDeniedException.class,
          FileAlreadyExistsException.class,
          DirectoryNotEmptyException.class,
          EOFException.class,
          ZipException.class,
          NotFiniteException.class,
          NumericException.class);

  /** What the system calls a place that cannot be a file or folder; Java has no class for these. */
  private static final Set<String> BAD_PLACES =
      Set.of(
          "Not a directory",
          "Is a directory",
          "is not a regular file",
          "Read-only file system",
          "File name too long");

  /** Java's words for a name that the locale's character set lacks. */
  private static final String UNMAPPABLE = "unmappable characters";

  private ExitCodes() {}

  /** The exit code for a failure. */
  static int of(Throwable failure) {
    Throwable cause = cause(failure);
    if (cause instanceof OutOfMemoryError || cause instanceof NativeMemoryException) {
      return OUT_OF_MEMORY;
    }
    if (cause instanceof UnsupportedDeviceException || cause instanceof LinkageError) {
      return DEVICE_MISSING;
    }
    if (INPUT_PACKAGES.contains(cause.getClass().getPackageName())
        || BAD_FILES.stream().anyMatch(type -> type.isInstance(cause))
        || cause instanceof FileSystemException file
            && file.getReason() != null
            && BAD_PLACES.contains(file.getReason())) {
      return BAD_DATA;
    }
    if (cause instanceof IllegalArgumentException || cause instanceof InvalidArgumentException) {
      return USAGE;
    }
    boolean interrupted =
        cause instanceof TrainingInterruptedException || cause instanceof InterruptedException;
    return interrupted ? INTERRUPTED : SOFTWARE_ERROR;
  }

  /** What is said about a failure without -v: one line, or one for each problem of a plan. */
  static String message(Throwable failure) {
    return withRemedy(text(failure));
  }

  /** A message, and what helps where the locale alone is in the way. */
  static String withRemedy(String message) {
    return message.contains(UNMAPPABLE)
        ? message + "; Java writes file names by the locale: LC_ALL=C.UTF-8 has all letters"
        : message;
  }

  private static String text(Throwable failure) {
    Throwable cause = cause(failure);
    if (cause instanceof InvalidPlanException plan && plan.problems().size() > 1) {
      return plan.problems().stream()
          .collect(Collectors.joining("\n  ", "the plan has several problems:\n  ", ""));
    }
    if (cause instanceof OutOfMemoryError) {
      return "out of memory: %s; the heap may grow to %d MiB (java -Xmx)"
          .formatted(cause.getMessage(), Runtime.getRuntime().maxMemory() >> 20);
    }
    if (cause instanceof LinkageError) {
      return "a native part is missing: %s; 'dc4j doctor' tells what is there"
          .formatted(firstLine(cause));
    }
    if (outermostIo(failure) instanceof UncheckedIOException io
        && !io.getMessage().equals(String.valueOf(io.getCause()))) {
      return firstLine(io); // says more than its cause: what was being read or written
    }
    if (cause instanceof FileSystemException file) {
      return message(file);
    }
    return isExpected(cause)
        ? firstLine(cause)
        : cause.getClass().getName() + ": " + firstLine(cause);
  }

  /** The first I/O error on the way to the cause: the command line wraps what a command throws. */
  private static Throwable outermostIo(Throwable failure) {
    Throwable found = failure;
    while (found.getCause() != null && !(found instanceof UncheckedIOException)) {
      found = found.getCause();
    }
    return found;
  }

  private static String message(FileSystemException failure) {
    String reason =
        failure instanceof NoSuchFileException
            ? "no such file"
            : failure instanceof AccessDeniedException
                ? "access denied"
                : failure instanceof FileAlreadyExistsException
                    ? "exists already"
                    : failure instanceof NotDirectoryException
                        ? "not a folder"
                        : failure.getReason() == null ? "failed" : failure.getReason();
    return failure.getFile() + ": " + reason;
  }

  /** Whether the message was written for the user; of others the class is worth telling too. */
  private static boolean isExpected(Throwable cause) {
    return cause.getMessage() != null
        && (of(cause) != SOFTWARE_ERROR || cause.getClass().getName().startsWith("org.dc4j."));
  }

  private static String firstLine(Throwable cause) {
    String text = String.valueOf(cause.getMessage());
    return text.lines().findFirst().orElse("");
  }

  /** What really happened, behind the wrappers of lambdas, threads and class initialisers. */
  private static Throwable cause(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null
        && (cause instanceof UncheckedIOException
            || cause instanceof ExecutionException
            || cause instanceof CompletionException
            || cause instanceof ExceptionInInitializerError
            || cause instanceof picocli.CommandLine.ExecutionException)) {
      cause = cause.getCause();
    }
    return cause;
  }
}
