package org.dc4j.encoder.torch;

/** libtorch refused or failed; the message is the first line of its own. */
public final class TorchException extends RuntimeException {
  TorchException(String message, Throwable cause) {
    super(message, cause);
  }
}
