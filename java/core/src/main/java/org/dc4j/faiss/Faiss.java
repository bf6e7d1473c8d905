package org.dc4j.faiss;

import java.io.IOException;
import org.bytedeco.javacpp.Loader;
import org.dc4j.kernels.InvalidArgumentException;
import org.dc4j.kernels.NativeLibraries;
import org.dc4j.kernels.Status;
import org.dc4j.kernels.UnsupportedDeviceException;
import org.dc4j.nativecore.faiss.global.dc4j_faiss;

/**
 * Whether FAISS is there. It is a second engine, in a native library of its own that the build
 * makes only where it finds FAISS; nothing else of dc4j needs it. The library is opened on first
 * use. Thread-safe.
 */
public final class Faiss {
  private static final String HOW_TO_GET_IT =
      "this dc4j was built without FAISS; on Debian and Ubuntu native/faiss-debian.sh fetches it"
          + " without root, elsewhere install FAISS >= 1.7.3 and give its prefix with"
          + " -Dfaiss.dir=...; then build again with mvn package";

  private static final String GPU_LIBRARY = "libdc4j_faiss_gpu.so";

  private Faiss() {}

  /** The attempt to open the library, made once. */
  private static final class Opened {
    static final String FAILURE = open();

    private static String open() {
      NativeLibraries.load(); // settles OpenMP and OpenBLAS, which FAISS uses
      if (dc4j_faiss.class.getResource(path("libjnidc4j_faiss.so")) == null) {
        return HOW_TO_GET_IT;
      }
      try {
        Loader.load(dc4j_faiss.class);
        // Beside libdc4j_faiss, which opens it when a CUDA device is asked for.
        if (dc4j_faiss.class.getResource(path(GPU_LIBRARY)) != null) {
          Loader.cacheResource(dc4j_faiss.class, path(GPU_LIBRARY));
        }
      } catch (IOException e) {
        return GPU_LIBRARY + " cannot be unpacked: " + e.getMessage();
      } catch (LinkageError e) {
        return "libdc4j_faiss cannot be opened: " + e.getMessage();
      }
      int abi = dc4j_faiss.dc4j_faiss_abi_version();
      return abi == dc4j_faiss.DC4J_FAISS_ABI_VERSION
          ? ""
          : "libdc4j_faiss has ABI version %d, this Java library needs %d"
              .formatted(abi, dc4j_faiss.DC4J_FAISS_ABI_VERSION);
    }

    private static String path(String library) {
      return "/org/dc4j/nativecore/" + Loader.getPlatform() + "/" + library;
    }
  }

  /** Whether FAISS can be used. */
  public static boolean isAvailable() {
    return whyNot().isEmpty();
  }

  /** Why FAISS cannot be used and how to get it, or "" where it can. */
  public static String whyNot() {
    return Opened.FAILURE;
  }

  /**
   * Version of FAISS, for example "1.7.3".
   *
   * @throws UnsupportedDeviceException if it cannot be used, with the reason
   */
  public static String version() {
    require();
    return dc4j_faiss.dc4j_faiss_version().getString();
  }

  /**
   * Why FAISS cannot use a device (FAISS or its GPU part absent, no driver, no cuBLAS, ...), or ""
   * where it can.
   *
   * @param device "cpu" or "cuda[:i]"
   */
  public static String whyNot(String device) {
    int ordinal = ordinal(device);
    return isAvailable() && ordinal != dc4j_faiss.DC4J_FAISS_CPU
        ? dc4j_faiss.dc4j_faiss_gpu_status(ordinal).getString()
        : whyNot();
  }

  /** The number of a device in the native interface. */
  static int ordinal(String device) {
    if (device.equals("cpu")) {
      return dc4j_faiss.DC4J_FAISS_CPU;
    }
    if (!device.matches("cuda(:[0-9]{1,4})?")) {
      throw new InvalidArgumentException(
          "device is '%s'; FAISS takes cpu and cuda[:i]".formatted(device));
    }
    return device.equals("cuda") ? 0 : Integer.parseInt(device.substring("cuda:".length()));
  }

  /** Opens the library, or throws {@link UnsupportedDeviceException} with the reason. */
  static void require() {
    if (!isAvailable()) {
      throw new UnsupportedDeviceException("FAISS is not available: " + whyNot());
    }
  }

  static void check(int status) {
    Status.check(status, () -> dc4j_faiss.dc4j_faiss_last_error().getString());
  }
}
