package org.dc4j.cluster;

import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.dc4j.config.TrainingPlan.ClusteringPlan;
import org.dc4j.kernels.EmptyClusterPolicy;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.IntVector;
import org.dc4j.kernels.InvalidArgumentException;
import org.dc4j.kernels.KMeansSums;
import org.dc4j.kernels.Kernels;
import org.dc4j.kernels.LongVector;
import org.dc4j.kernels.ResidentRows;
import org.dc4j.kernels.SeedMethod;

/**
 * Lloyd's k-means on rows x [n x d], squared Euclidean, with exact labels: label(i) is the nearest
 * centroid in fp64, lowest index on ties, at any thread count and on any backend. With {@link
 * Options#spherical()} centroids are kept on the unit sphere (x should be too), so that nearest
 * means largest cosine.
 *
 * <p>Cost n k d multiply-adds an iteration at most (labels of the iteration before save candidates,
 * rows skip centroids that stayed, sums follow the rows that moved); memory 12 n + 16 k d bytes
 * besides x, and 24 n in passing.
 */
public final class KMeans {
  /**
   * Options of a run.
   *
   * @param k clusters, 1..n
   * @param iterations most Lloyd iterations; fewer once an iteration changes no label
   * @param init choice of the first centroids
   * @param empty what becomes of clusters without rows
   * @param spherical whether centroids are normalised after each update
   * @param seed seed of init and of the empty-cluster policy
   * @param restarts runs from seeds of their own, 1 or more; the one of lowest objective is kept
   * @param tolerance ends a run once an iteration lowers the objective by less than this share of
   *     it; 0 = only when no label changes
   */
  public record Options(
      int k,
      int iterations,
      SeedMethod init,
      EmptyClusterPolicy empty,
      boolean spherical,
      long seed,
      int restarts,
      double tolerance) {

    /** One run, until no label changes. */
    public Options(
        int k,
        int iterations,
        SeedMethod init,
        EmptyClusterPolicy empty,
        boolean spherical,
        long seed) {
      this(k, iterations, init, empty, spherical, seed, 1, 0);
    }

    /** DeepCluster's and FAISS's defaults: 20 iterations from random rows, empty clusters split. */
    public static Options of(int k, long seed) {
      return new Options(k, 20, SeedMethod.RANDOM, EmptyClusterPolicy.FAISS, false, seed);
    }

    /** As a plan says; up to its most iterations, until no label changes. */
    public static Options of(ClusteringPlan plan, long seed) {
      return new Options(
          plan.k(),
          plan.iterations(),
          plan.init().equals("kmeans++") ? SeedMethod.KMEANS_PLUS_PLUS : SeedMethod.RANDOM,
          EmptyClusterPolicy.valueOf(plan.empty().toUpperCase(Locale.ROOT)),
          false,
          seed);
    }

    /** Centroids on the unit sphere. */
    public Options onSphere() {
      return new Options(k, iterations, init, empty, true, seed, restarts, tolerance);
    }

    /** The best of so many runs. */
    public Options withRestarts(int runs) {
      return new Options(k, iterations, init, empty, spherical, seed, runs, tolerance);
    }

    /** Ends a run early. */
    public Options withTolerance(double share) {
      return new Options(k, iterations, init, empty, spherical, seed, restarts, share);
    }

    private Options run(int restart) {
      // FAISS's step between the seeds of restarts; any odd number would do.
      return new Options(
          k, iterations, init, empty, spherical, seed + 15_486_557L * restart, 1, tolerance);
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
    try (ResidentRows resident = kernels.resident(x)) {
      Result best = fitOnce(kernels, resident.rows(), null, options.run(0), stop);
      for (int restart = 1; restart < options.restarts() && !stop.getAsBoolean(); restart++) {
        Result other = bestOrThrow(best, kernels, resident.rows(), options.run(restart), stop);
        Result worse = other.objective() < best.objective() ? best : other;
        best = worse == best ? other : best;
        worse.close();
      }
      return best;
    }
  }

  /**
   * One run from given centroids, those of an earlier clustering say, in the place of {@link
   * Options#init()} and {@link Options#restarts()}.
   *
   * @param start [k x d], left as it is
   */
  public static Result fitFrom(
      Kernels kernels, FloatMatrix x, FloatMatrix start, Options options, BooleanSupplier stop) {
    checkOptions(x, options);
    if (start.rows() != options.k() || start.cols() != x.cols()) {
      throw new InvalidArgumentException(
          "start is [%d x %d]; accepted: [%d x %d]"
              .formatted(start.rows(), start.cols(), options.k(), x.cols()));
    }
    try (ResidentRows resident = kernels.resident(x)) {
      return fitOnce(kernels, resident.rows(), start, options, stop);
    }
  }

  private static Result bestOrThrow(
      Result best, Kernels kernels, FloatMatrix x, Options run, BooleanSupplier stop) {
    try {
      return fitOnce(kernels, x, null, run, stop);
    } catch (RuntimeException e) {
      best.close();
      throw e;
    }
  }

  private static Result fitOnce(
      Kernels kernels, FloatMatrix x, FloatMatrix start, Options options, BooleanSupplier stop) {
    FloatMatrix centroids = FloatMatrix.allocate(options.k(), x.cols());
    IntVector labels = IntVector.allocate(x.rows());
    FloatMatrix distances = FloatMatrix.allocate(1, x.rows());
    try (FloatMatrix labelled = FloatMatrix.allocate(options.k(), x.cols())) {
      if (start == null) {
        kernels.kmeansSeed(x, options.init(), options.seed(), centroids, null);
      } else {
        centroids.setRows(0, start);
      }
      normalizeIfSpherical(kernels, centroids, options);
      int iterations = iterate(kernels, x, centroids, labelled, labels, distances, options, stop);
      double objective =
          iterations == 0
              ? kernels.kmeansAssign(x, centroids, labels, distances)
              : kernels.kmeansFollow(x, centroids, labelled, labels, distances);
      return new Result(
          centroids, labels, distances, objective, iterations, countEmpty(labels, options.k()));
    } catch (RuntimeException e) {
      centroids.close();
      labels.close();
      distances.close();
      throw e;
    }
  }

  /**
   * Lloyd's iterations: label, update, refill empty clusters. Returns how many; {@code labelled}
   * receives the centroids that the labels are exact for.
   */
  private static int iterate(
      Kernels kernels,
      FloatMatrix x,
      FloatMatrix centroids,
      FloatMatrix labelled,
      IntVector labels,
      FloatMatrix distances,
      Options options,
      BooleanSupplier stop) {
    boolean measured = options.tolerance() > 0 || options.empty() == EmptyClusterPolicy.FARTHEST;
    double previous = Double.POSITIVE_INFINITY;
    int iteration = 0;
    try (KMeansSums sums = kernels.kmeansSums(x, options.k());
        LongVector counts = LongVector.allocate(options.k())) {
      while (iteration < options.iterations() && !stop.getAsBoolean()) {
        double objective = 0;
        if (iteration == 0) {
          objective = kernels.kmeansAssign(x, centroids, labels, distances);
        } else {
          objective =
              kernels.kmeansFollow(x, centroids, labelled, labels, measured ? distances : null);
        }
        labelled.setRows(0, centroids);
        iteration++;
        long moved = sums.update(x, labels, centroids, counts);
        long filled =
            kernels.kmeansFillEmpty(
                x,
                labels,
                distances,
                options.empty(),
                options.seed() + iteration,
                centroids,
                counts);
        normalizeIfSpherical(kernels, centroids, options);
        boolean settled = measured && previous - objective < options.tolerance() * objective;
        if ((moved == 0 && filled == 0) || (options.tolerance() > 0 && settled)) {
          break;
        }
        previous = objective;
      }
    }
    return iteration;
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
    if (options.restarts() < 1) {
      throw new InvalidArgumentException("restarts is " + options.restarts() + "; accepted: >= 1");
    }
    if (!(options.tolerance() >= 0 && options.tolerance() < 1)) {
      throw new InvalidArgumentException(
          "tolerance is " + options.tolerance() + "; accepted: 0 <= tolerance < 1");
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
