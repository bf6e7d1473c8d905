package org.dc4j.kernels;

import java.util.function.Supplier;
import org.dc4j.nativecore.global.dc4j;

/** The single place where a native status becomes an exception. */
public final class Status {
  private Status() {}

  static void check(int status) {
    check(status, () -> dc4j.dc4j_last_error().getString());
  }

  /**
   * Throws the exception of a status that is not OK.
   *
   * @param status a dc4j_status of any of the native libraries
   * @param lastError asks the library that gave it for its text; called on failure only
   */
  public static void check(int status, Supplier<String> lastError) {
    if (status == dc4j.DC4J_OK) {
      return;
    }
    String text = lastError.get();
    switch (status) {
      case dc4j.DC4J_INVALID_ARGUMENT -> throw new InvalidArgumentException(text);
      case dc4j.DC4J_OUT_OF_MEMORY -> throw new NativeMemoryException(text);
      case dc4j.DC4J_UNSUPPORTED -> throw new UnsupportedDeviceException(text);
      case dc4j.DC4J_NOT_FINITE -> throw new NotFiniteException(text);
      case dc4j.DC4J_NUMERIC -> throw new NumericException(text);
      default -> throw new KernelException(dc4j.dc4j_status_name(status).getString() + ": " + text);
    }
  }
}
