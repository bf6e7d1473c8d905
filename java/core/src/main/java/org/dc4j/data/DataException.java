package org.dc4j.data;

/**
 * A data set that is not there or not what it claims to be; the message names the file and what is
 * accepted.
 */
public final class DataException extends RuntimeException {
  public DataException(String message) {
    super(message);
  }

  public DataException(String message, Throwable cause) {
    super(message, cause);
  }
}
