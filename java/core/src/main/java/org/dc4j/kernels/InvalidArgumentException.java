package org.dc4j.kernels;

/** An argument is outside what the kernel accepts. */
public final class InvalidArgumentException extends KernelException {
  public InvalidArgumentException(String message) {
    super(message);
  }
}
