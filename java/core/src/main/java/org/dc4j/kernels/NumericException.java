package org.dc4j.kernels;

/** The numbers defeat the algorithm (rank 0, no convergence). */
public final class NumericException extends KernelException {
  public NumericException(String message) {
    super(message);
  }
}
