package org.dc4j.kernels;

/** Native memory could not be had. */
public final class NativeMemoryException extends KernelException {
  public NativeMemoryException(String message) {
    super(message);
  }
}
