package org.dc4j.kernels;

/** The backend or tier asked for is not usable on this machine. */
public final class UnsupportedDeviceException extends KernelException {
  public UnsupportedDeviceException(String message) {
    super(message);
  }
}
