package org.dc4j.faiss;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.IntVector;
import org.dc4j.kernels.InvalidArgumentException;
import org.dc4j.nativecore.faiss.FaissKMeansOptions;
import org.dc4j.nativecore.faiss.global.dc4j_faiss;

/**
 * k-means by FAISS ({@code faiss::Clustering} over an exact index), the second engine beside {@link
 * org.dc4j.cluster.KMeans}. It rounds in fp32 and sums by thread: labels of near ties and centroids
 * may differ with the thread count, where dc4j's own do not. Empty clusters are split.
 */
public final class FaissKMeans {
  /**
   * Parameters, by FAISS's names.
   *
   * @param k clusters, 1..n
   * @param iterations Lloyd iterations of each run, 1..2^20
   * @param redo runs from other first centroids, of which the best is kept, 1..64
   * @param seed 0..2^30 - 1
   * @param spherical unit centroids compared by inner product; the rows should be unit rows
   * @param maxPointsPerCentroid FAISS draws k times as many rows and ignores the others, >= 1
   */
  public record Options(
      int k, int iterations, int redo, int seed, boolean spherical, int maxPointsPerCentroid) {

    /** 20 iterations, one run, all rows: what {@code KMeans.Options.of} does by its own means. */
    public static Options of(int k, int seed) {
      return new Options(k, 20, 1, seed, false, Integer.MAX_VALUE);
    }
  }

  /**
   * A clustering, owned: close frees it.
   *
   * @param centroids [k x d]
   * @param labels [n] 0..k-1, assigned to {@code centroids} by FAISS
   * @param distances [1 x n] squared distance of each row to its centroid; spherical: the inner
   *     product
   * @param objective sum of the distances, fp64
   * @param objectives FAISS's own sum over the rows it drew, before each update of the best run
   */
  public record Result(
      FloatMatrix centroids,
      IntVector labels,
      FloatMatrix distances,
      double objective,
      double[] objectives)
      implements AutoCloseable {
    @Override
    public void close() {
      centroids.close();
      labels.close();
      distances.close();
    }
  }

  private FaissKMeans() {}

  /**
   * Clusters x [n x d], which only needs to be open during the call; the caller closes the result.
   *
   * @param threads 1..1024, or 0 for all cores
   * @throws org.dc4j.kernels.UnsupportedDeviceException if FAISS is not available
   * @throws org.dc4j.kernels.NotFiniteException if x holds NaN or infinity
   */
  public static Result fit(FloatMatrix x, Options options, int threads) {
    return fit(x, options, "cpu", threads);
  }

  /**
   * The same with FAISS's searches on a device. On a CUDA device x may lie in host memory or on
   * that device, where it stays; the result lies in host memory.
   *
   * @param device "cpu" or "cuda[:i]"
   * @throws org.dc4j.kernels.UnsupportedDeviceException if FAISS is not available on it
   */
  public static Result fit(FloatMatrix x, Options options, String device, int threads) {
    Faiss.require();
    int ordinal = Faiss.ordinal(device);
    // Before memory of that size is asked for.
    requireRange("k", options.k(), x.rows());
    requireRange("iterations", options.iterations(), 1 << 20);
    FloatMatrix centroids = FloatMatrix.allocate(options.k(), x.cols());
    IntVector labels = IntVector.allocate(x.rows());
    FloatMatrix distances = FloatMatrix.allocate(1, x.rows());
    try (FaissKMeansOptions parameters = parameters(options).device(ordinal);
        DoublePointer objective = new DoublePointer(1);
        DoublePointer objectives = new DoublePointer(options.iterations());
        IntPointer count = new IntPointer(1)) {
      Faiss.check(
          dc4j_faiss.dc4j_faiss_kmeans(
              x.anyPointer(),
              x.rows(),
              x.cols(),
              options.k(),
              parameters,
              threads,
              centroids.pointer(),
              labels.pointer(),
              distances.pointer(),
              objective,
              objectives,
              count));
      double[] each = new double[count.get()];
      objectives.get(each);
      return new Result(centroids, labels, distances, objective.get(), each);
    } catch (RuntimeException e) {
      centroids.close();
      labels.close();
      distances.close();
      throw e;
    }
  }

  private static void requireRange(String name, int value, long most) {
    if (value < 1 || value > most) {
      throw new InvalidArgumentException(name + " is " + value + "; accepted: 1.." + most);
    }
  }

  private static FaissKMeansOptions parameters(Options options) {
    return new FaissKMeansOptions()
        .niter(options.iterations())
        .nredo(options.redo())
        .seed(options.seed())
        .spherical(options.spherical() ? 1 : 0)
        .max_points_per_centroid(options.maxPointsPerCentroid());
  }
}
