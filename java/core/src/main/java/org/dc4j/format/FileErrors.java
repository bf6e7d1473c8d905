package org.dc4j.format;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The one place where this package turns checked I/O errors into unchecked ones that name the file,
 * and where an error of a file gets its words.
 */
public final class FileErrors {
  @FunctionalInterface
  interface Reading<T> {
    T run() throws IOException;
  }

  @FunctionalInterface
  interface Writing {
    void run() throws IOException;
  }

  private FileErrors() {}

  /**
   * Runs {@code action}.
   *
   * @throws FormatException if there is no such file
   * @throws UncheckedIOException if it cannot be read
   */
  static <T> T reading(Path file, Reading<T> action) {
    if (Files.isDirectory(file)) {
      throw new FormatException(file, "is a folder, expected a file");
    }
    try {
      return action.run();
    } catch (NoSuchFileException e) {
      throw new FormatException(file, "no such file", e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + reason(e), e);
    }
  }

  /** Runs {@code action}; an I/O error becomes an UncheckedIOException that names {@code file}. */
  static void writing(Path file, Writing action) {
    try {
      action.run();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file + ": " + reason(e), e);
    }
  }

  /** Throws what tells a missing folder from a file in its place. */
  static void requireFolder(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      throw new NoSuchFileException(folder.toString(), null, "folder does not exist");
    }
    if (!Files.isDirectory(folder)) {
      throw new FileSystemException(folder.toString(), null, "Not a directory");
    }
  }

  /**
   * What is wrong and with which file, for people. The message of Java's own exceptions is often
   * the bare name, their class the reason.
   */
  public static String describe(IOException e) {
    if (e instanceof FileSystemException failure && failure.getFile() != null) {
      return failure.getFile() + ": " + reasonOf(failure);
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  /** {@link #describe(IOException)} after a text that has named {@code about} already. */
  public static String describe(Path about, IOException e) {
    return e instanceof FileSystemException failure && about.toString().equals(failure.getFile())
        ? reasonOf(failure)
        : describe(e);
  }

  private static String reasonOf(FileSystemException e) {
    if (e.getReason() != null) {
      return e.getReason();
    }
    return e instanceof AccessDeniedException
        ? "permission denied"
        : e instanceof NoSuchFileException
            ? "no such file"
            : e instanceof FileAlreadyExistsException
                ? "exists already"
                : e.getClass().getSimpleName();
  }

  private static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
