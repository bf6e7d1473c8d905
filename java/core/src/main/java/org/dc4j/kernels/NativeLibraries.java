package org.dc4j.kernels;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.dc4j.nativecore.Environment;
import org.dc4j.nativecore.global.dc4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads native libraries in the one order that works: environment, OpenBLAS, dc4j. libtorch and
 * FAISS come after, so whoever uses them calls {@link #load()} first. Thread-safe; the second call
 * does nothing.
 */
public final class NativeLibraries {
  private static final Logger LOG = LoggerFactory.getLogger(NativeLibraries.class);
  private static boolean loaded;

  private NativeLibraries() {}

  /** Loads what is not loaded yet. Throws {@link KernelException} if the libraries do not match. */
  public static synchronized void load() {
    if (loaded) {
      return;
    }
    for (String change : settleEnvironment()) {
      LOG.info(change);
    }
    Loader.load(openblas_nolapack.class);
    // The workers of a pthreads OpenBLAS spin against the OpenMP team of libtorch; one thread each
    // call is faster for both (and BLAS is not on our hot paths).
    openblas_nolapack.blas_set_num_threads(1);
    Loader.load(dc4j.class);
    placeCudaLibrary();
    int abi = dc4j.dc4j_abi_version();
    if (abi != dc4j.DC4J_ABI_VERSION) {
      throw new KernelException(
          "libdc4j has ABI version " + abi + ", this Java library needs " + dc4j.DC4J_ABI_VERSION);
    }
    loaded = true;
  }

  /** Version of the native core. */
  public static String version() {
    load();
    return dc4j.dc4j_version().getString();
  }

  /** Best ISA tier of this processor: generic, avx2, avx512, vnni or amx. */
  public static String bestIsa() {
    load();
    return dc4j.dc4j_cpu_best_isa().getString();
  }

  /** Why CUDA is not usable here, or "" where it is. */
  public static String cudaStatus() {
    load();
    return dc4j.dc4j_cuda_status().getString();
  }

  /** How many CUDA devices this machine has, 0 where CUDA is not usable. */
  public static int cudaDeviceCount() {
    load();
    return dc4j.dc4j_cuda_device_count();
  }

  /**
   * One of them; asking wakes that device up and no other.
   *
   * @param ordinal i of "cuda:i"
   * @throws KernelException with the reason if the device does not answer, such as where another
   *     process has it alone or has taken its memory
   */
  public static CudaDevice cudaDevice(int ordinal) {
    load();
    try (org.dc4j.nativecore.CudaDevice found = new org.dc4j.nativecore.CudaDevice()) {
      Status.check(dc4j.dc4j_cuda_describe(ordinal, found));
      return CudaDevice.of(ordinal, found);
    }
  }

  /**
   * Puts the CUDA backend beside the core, which opens it from there when a CUDA device is asked
   * for. A jar without it is one built on a machine without nvcc.
   */
  private static void placeCudaLibrary() {
    String name = Loader.getPlatform() + "/libdc4j_cuda.so";
    if (Environment.class.getResource(name) == null) {
      return;
    }
    try {
      Loader.cacheResource(Environment.class, name);
    } catch (IOException e) {
      LOG.warn("the CUDA backend cannot be unpacked: {}", e.getMessage());
    }
  }

  /** Bytes of native matrices and vectors not closed yet. */
  public static long allocatedBytes() {
    load();
    return dc4j.dc4j_allocated_bytes();
  }

  private static List<String> settleEnvironment() {
    List<String> changes = new ArrayList<>();
    String core = System.getenv("OPENBLAS_CORETYPE");
    if (core != null && !Boolean.getBoolean("dc4j.keepBlasCoreType")) {
      // A pin made for another processor halves the speed of every BLAS call of the process.
      Environment.unsetenv("OPENBLAS_CORETYPE");
      changes.add(
          "dropped OPENBLAS_CORETYPE="
              + core
              + " so that OpenBLAS chooses by processor (-Ddc4j.keepBlasCoreType=true keeps it)");
    }
    if (System.getenv("OMP_WAIT_POLICY") == null) {
      // A spinning OpenMP team starves our own threads on few cores.
      Environment.setenv("OMP_WAIT_POLICY", "PASSIVE", 0);
    }
    if (System.getenv("OPENBLAS_THREAD_TIMEOUT") == null) {
      // OpenBLAS starts a thread per core as it is loaded, and each looks for work for 2^28 clocks:
      // a tenth of a second in which everything else of the process has half the machine.
      Environment.setenv("OPENBLAS_THREAD_TIMEOUT", "22", 0);
    }
    if (System.getenv("OPENCV_LOG_LEVEL") == null) {
      // Damaged images are reported by exceptions; OpenCV would also write each one to stderr.
      Environment.setenv("OPENCV_LOG_LEVEL", "SILENT", 0);
    }
    return changes;
  }
}
