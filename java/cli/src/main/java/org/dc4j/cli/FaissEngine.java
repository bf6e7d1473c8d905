package org.dc4j.cli;

import org.dc4j.cluster.KMeans;
import org.dc4j.faiss.Faiss;
import org.dc4j.faiss.FaissKMeans;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.EmptyClusterPolicy;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.SeedMethod;
import org.dc4j.kernels.UnsupportedDeviceException;

/** k-means by FAISS, with the promise of the command: labels are the exact assignment. */
final class FaissEngine {
  private static final int SEEDS = 1 << 30;

  private FaissEngine() {}

  /**
   * A clustering and what FAISS took for it.
   *
   * @param result centroids of FAISS; the rest is the exact assignment to them, by dc4j
   * @param seconds FAISS alone
   */
  record Timed(KMeans.Result result, double seconds) {}

  /** Throws unless FAISS is there, on a CUDA device that is named too, and does what is asked. */
  static void require(KMeans.Options options, String device) {
    if (!Faiss.isAvailable()) {
      throw new UnsupportedDeviceException("--engine faiss: " + Faiss.whyNot());
    }
    String whyNot = device.startsWith("cuda") ? Faiss.whyNot(device) : "";
    if (!whyNot.isEmpty()) {
      throw new UnsupportedDeviceException(
          "--engine faiss --device %s: %s".formatted(device, whyNot));
    }
    if (options.init() != SeedMethod.RANDOM) {
      throw new IllegalArgumentException("--engine faiss takes --init random only");
    }
    if (options.empty() != EmptyClusterPolicy.FAISS) {
      throw new IllegalArgumentException("--engine faiss takes --empty faiss only");
    }
    if (options.tolerance() != 0) {
      throw new IllegalArgumentException("--engine faiss takes --tolerance 0 only");
    }
  }

  /** Where FAISS computes: as told; with "auto" on the GPU if both engines can use it. */
  private static String device(String asked, DeviceContext context) {
    if (asked.startsWith("cuda")) {
      return asked;
    }
    boolean both = context.backend().equals("cuda") && Faiss.whyNot("cuda").isEmpty();
    return both ? "cuda" : "cpu";
  }

  /**
   * The caller closes the result.
   *
   * @param device as asked for on the command line
   */
  static Timed fit(DeviceContext context, FloatMatrix x, KMeans.Options options, String device) {
    FaissKMeans.Options parameters =
        new FaissKMeans.Options(
            options.k(),
            options.iterations(),
            options.restarts(),
            Math.floorMod(options.seed(), SEEDS),
            options.spherical(),
            Integer.MAX_VALUE);
    long started = System.nanoTime();
    FaissKMeans.Result found =
        FaissKMeans.fit(x, parameters, device(device, context), context.threads());
    double seconds = (System.nanoTime() - started) / 1e9;
    try {
      double objective =
          context.kernels().kmeansAssign(x, found.centroids(), found.labels(), found.distances());
      KMeans.Result result =
          new KMeans.Result(
              found.centroids(),
              found.labels(),
              found.distances(),
              objective,
              found.objectives().length,
              KMeans.countEmpty(found.labels(), options.k()));
      return new Timed(result, seconds);
    } catch (RuntimeException e) {
      found.close();
      throw e;
    }
  }
}
