package org.dc4j.cluster;

import java.util.function.BooleanSupplier;
import org.dc4j.kernels.EmptyClusterPolicy;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.IntVector;
import org.dc4j.kernels.InvalidArgumentException;
import org.dc4j.kernels.Kernels;
import org.dc4j.kernels.LongVector;
import org.dc4j.kernels.SeedMethod;

/**
 * Lloyd's k-means on rows x [n x d], squared Euclidean, with exact labels: label(i) is the nearest
 * centroid in fp64, lowest index on ties, at any thread count and on any backend. With {@link
 * Options#spherical()} centroids are kept on the unit sphere (x should be too), so that nearest
 * means largest cosine.
 *
 * <p>Cost 2 n k d multiply-adds an iteration; memory 8 n + 8 k d bytes besides x.
 */
public final class KMeans {
  /**
   * Options of a run.
   *
   * @param k clusters, 1..n
   * @param iterations most Lloyd iterations; fewer if an iteration changes no label
   * @param init choice of the first centroids
   * @param empty what becomes of clusters without rows
   * @param spherical whether centroids are normalised after each update
   * @param seed seed of init and of the empty-cluster policy
   */
  public record Options(
      int k,
      int iterations,
      SeedMethod init,
      EmptyClusterPolicy empty,
      boolean spherical,
      long seed) {

    /** DeepCluster's and FAISS's defaults: 20 iterations from random rows, empty clusters split. */
    public static Options of(int k, long seed) {
      return new Options(k, 20, SeedMethod.RANDOM, EmptyClusterPolicy.FAISS, false, seed);
    }
  }

  /**
   * A clustering, owned: close frees it.
   *
   * @param centroids [k x d]
   * @param labels [n] the exact assignment to {@code centroids}
   * @param distances [1 x n] squared distance of each row to its centroid
   * @param objective sum of the distances, fp64
   * @param iterations Lloyd iterations done
   * @param empty clusters without rows in the final assignment
   */
  public record Result(
      FloatMatrix centroids,
      IntVector labels,
      FloatMatrix distances,
      double objective,
      int iterations,
      long empty)
      implements AutoCloseable {
    @Override
    public void close() {
      centroids.close();
      labels.close();
      distances.close();
    }
  }

  private KMeans() {}

  /** Clusters x; throws if k is outside 1..n or x holds NaN or infinity. */
  public static Result fit(Kernels kernels, FloatMatrix x, Options options) {
    return fit(kernels, x, options, () -> false);
  }

  /**
   * {@link #fit(Kernels, FloatMatrix, Options)} that ends after the running iteration once {@code
   * stop} says so.
   */
  public static Result fit(Kernels kernels, FloatMatrix x, Options options, BooleanSupplier stop) {
    checkOptions(x, options);
    FloatMatrix centroids = FloatMatrix.allocate(options.k(), x.cols());
    IntVector labels = IntVector.allocate(x.rows());
    FloatMatrix distances = FloatMatrix.allocate(1, x.rows());
    try (LongVector counts = LongVector.allocate(options.k())) {
      kernels.kmeansSeed(x, options.init(), options.seed(), centroids, null);
      normalizeIfSpherical(kernels, centroids, options);
      double previous = Double.POSITIVE_INFINITY;
      int iteration = 0;
      while (iteration < options.iterations() && !stop.getAsBoolean()) {
        double objective = kernels.kmeansAssign(x, centroids, labels, distances);
        iteration++;
        kernels.kmeansUpdate(x, labels, centroids, counts);
        kernels.kmeansFillEmpty(
            x, labels, distances, options.empty(), options.seed() + iteration, centroids, counts);
        normalizeIfSpherical(kernels, centroids, options);
        if (objective == previous) {
          break; // a fixed point: the same labels gave the same sum
        }
        previous = objective;
      }
      double objective = kernels.kmeansAssign(x, centroids, labels, distances);
      return new Result(
          centroids, labels, distances, objective, iteration, countEmpty(labels, options.k()));
    } catch (RuntimeException e) {
      centroids.close();
      labels.close();
      distances.close();
      throw e;
    }
  }

  private static void checkOptions(FloatMatrix x, Options options) {
    if (options.k() < 1 || options.k() > x.rows()) {
      throw new InvalidArgumentException(
          "k is %d; accepted: 1..%d (the number of rows)".formatted(options.k(), x.rows()));
    }
    if (options.iterations() < 0) {
      throw new InvalidArgumentException(
          "iterations is " + options.iterations() + "; accepted: >= 0");
    }
  }

  private static void normalizeIfSpherical(
      Kernels kernels, FloatMatrix centroids, Options options) {
    if (options.spherical()) {
      kernels.normalizeRows(centroids, centroids);
    }
  }

  /** How many of the clusters 0..k-1 no label names. */
  public static long countEmpty(IntVector labels, int k) {
    boolean[] seen = new boolean[k];
    long empty = k;
    for (int label : labels.toArray()) {
      if (!seen[label]) {
        seen[label] = true;
        empty--;
      }
    }
    return empty;
  }
}
