package org.dc4j.kernels;

/** Input holds NaN or infinity; the message names the first such row. */
public final class NotFiniteException extends KernelException {
  public NotFiniteException(String message) {
    super(message);
  }
}
