package org.dc4j.format;

import java.nio.file.Path;

/**
 * A file is missing or not what its format demands; the message names the file, what was found and
 * what would be accepted.
 */
public final class FormatException extends RuntimeException {
  public FormatException(Path file, String problem) {
    super(file + ": " + problem);
  }

  public FormatException(Path file, String problem, Throwable cause) {
    super(file + ": " + problem, cause);
  }
}
