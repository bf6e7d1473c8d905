package org.dc4j.kernels;

/** A native kernel refused or failed; the subclasses say which. */
public class KernelException extends RuntimeException {
  public KernelException(String message) {
    super(message);
  }
}
