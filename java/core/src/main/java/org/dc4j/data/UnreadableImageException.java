package org.dc4j.data;

/** An image that cannot be decoded; the message names the file and the reason. */
public final class UnreadableImageException extends RuntimeException {
  public UnreadableImageException(String message, Throwable cause) {
    super(message, cause);
  }

  public UnreadableImageException(String message) {
    super(message);
  }
}
