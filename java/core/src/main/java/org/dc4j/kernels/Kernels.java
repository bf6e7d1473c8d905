package org.dc4j.kernels;

import java.lang.ref.Reference;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.dc4j.nativecore.MatrixView;
import org.dc4j.nativecore.global.dc4j;

/**
 * The native kernels of one context, typed. Shapes: n rows, d columns, k clusters. Outputs are
 * allocated by the caller. Wrong shapes, labels or sizes throw {@link InvalidArgumentException},
 * NaN or infinity {@link NotFiniteException}, closed ones {@link IllegalStateException}, null where
 * nothing says "or null" {@link NullPointerException}; outputs are then unspecified. Every kernel's
 * definition stands in native/include/dc4j/kernels.h.
 */
public final class Kernels {
  private final DeviceContext context;

  Kernels(DeviceContext context) {
    this.context = context;
  }

  /**
   * x where these kernels read it fastest: on a GPU with room for it a copy there. For what reads
   * the rows again and again, such as k-means; the caller closes it, before x.
   */
  public ResidentRows resident(FloatMatrix x) {
    return ResidentRows.of(context, x);
  }

  /** out_i = x_i / |x_i|; zero rows stay zero. x and out [n x d], may be the same. */
  public void normalizeRows(FloatMatrix x, FloatMatrix out) {
    context.call(handle -> dc4j.dc4j_normalize_rows(handle, x.nativeView(), out.nativeView()));
  }

  /** A streaming PCA of rows of width dims; the caller closes it. */
  public Pca pca(long dims) {
    return pca(dims, Precision.FP32);
  }

  /**
   * A streaming PCA whose covariance has products of the given precision; the caller closes it.
   * With FAST in bf16 the leading subspace is within a sine of about 5e-3 of the fp32 one.
   */
  public Pca pca(long dims, Precision precision) {
    return new Pca(context, dims, precision);
  }

  /** out_i = transform (x_i - mean), divided by its norm if asked. x [n x D], out [n x d]. */
  public void whitenApply(
      Whitening whitening, FloatMatrix x, boolean l2Normalize, FloatMatrix out) {
    context.call(
        handle ->
            dc4j.dc4j_whiten_apply(
                handle,
                x.nativeView(),
                whitening.mean().nativeView(),
                whitening.transform().nativeView(),
                l2Normalize ? 1 : 0,
                out.nativeView()));
  }

  /**
   * Nearest centroid of every row, exact by the fp64 score, lowest index on ties.
   *
   * @param labels [n] out
   * @param distances [1 x n] squared distances out, or null
   * @return sum of the squared distances
   */
  public double kmeansAssign(
      FloatMatrix x, FloatMatrix centroids, IntVector labels, FloatMatrix distances) {
    requireSize("labels", labels.size(), x.rows());
    requireRowVector("distances", distances, x.rows());
    try (OutNumber objective = context.outNumber()) {
      context.call(
          handle ->
              dc4j.dc4j_kmeans_assign(
                  handle,
                  x.nativeView(),
                  centroids.nativeView(),
                  labels.pointer(),
                  floats(distances),
                  objective.pointer()));
      return objective.get();
    }
  }

  /**
   * {@link #kmeansAssign} for rows that have labels: the same result, sooner where most labels
   * stay.
   *
   * @param labels [n] in: centroids believed near (others than 0..k-1 are ignored); out: the
   *     nearest
   */
  public double kmeansReassign(
      FloatMatrix x, FloatMatrix centroids, IntVector labels, FloatMatrix distances) {
    requireSize("labels", labels.size(), x.rows());
    requireRowVector("distances", distances, x.rows());
    try (OutNumber objective = context.outNumber()) {
      context.call(
          handle ->
              dc4j.dc4j_kmeans_reassign(
                  handle,
                  x.nativeView(),
                  centroids.nativeView(),
                  labels.pointer(),
                  floats(distances),
                  objective.pointer()));
      return objective.get();
    }
  }

  /**
   * {@link #kmeansReassign} for labels that are exact for other centroids: the same result without
   * comparing what cannot have changed, which pays once some centroids stay where they are.
   *
   * @param previous [k x d] the centroids for which labels are exact
   * @param labels [n] in: nearest under previous; out: the nearest
   * @param distances [1 x n] squared distances out, or null
   * @return sum of the squared distances; 0 where distances is null
   */
  public double kmeansFollow(
      FloatMatrix x,
      FloatMatrix centroids,
      FloatMatrix previous,
      IntVector labels,
      FloatMatrix distances) {
    requireSize("labels", labels.size(), x.rows());
    requireRowVector("distances", distances, x.rows());
    try (OutNumber objective = context.outNumber()) {
      context.call(
          handle ->
              dc4j.dc4j_kmeans_follow(
                  handle,
                  x.nativeView(),
                  centroids.nativeView(),
                  previous.nativeView(),
                  labels.pointer(),
                  floats(distances),
                  distances == null ? null : objective.pointer(),
                  (LongPointer) null));
      return objective.get();
    }
  }

  /** Sums of k clusters of x for a run of updates; the caller closes them. */
  public KMeansSums kmeansSums(FloatMatrix x, long clusters) {
    return new KMeansSums(context, x, clusters);
  }

  /** Nearest and second-nearest centroid of every row; distances [1 x n] both or neither. */
  public void kmeansAssign2(
      FloatMatrix x,
      FloatMatrix centroids,
      IntVector first,
      IntVector second,
      FloatMatrix firstDistances,
      FloatMatrix secondDistances) {
    requireSize("first", first.size(), x.rows());
    requireSize("second", second.size(), x.rows());
    requireRowVector("firstDistances", firstDistances, x.rows());
    requireRowVector("secondDistances", secondDistances, x.rows());
    context.call(
        handle ->
            dc4j.dc4j_kmeans_assign2(
                handle,
                x.nativeView(),
                centroids.nativeView(),
                first.pointer(),
                second.pointer(),
                floats(firstDistances),
                floats(secondDistances)));
  }

  /** Centroid = mean of its rows, exact sums; clusters without rows keep theirs. counts [k] out. */
  public void kmeansUpdate(
      FloatMatrix x, IntVector labels, FloatMatrix centroids, LongVector counts) {
    requireSize("labels", labels.size(), x.rows());
    requireSize("counts", counts.size(), centroids.rows());
    context.call(
        handle ->
            dc4j.dc4j_kmeans_update(
                handle,
                x.nativeView(),
                labels.pointer(),
                centroids.nativeView(),
                counts.pointer()));
  }

  /** First centroids [k x d]: rows of x; rows [k] receives their ids, or null. */
  public void kmeansSeed(
      FloatMatrix x, SeedMethod method, long seed, FloatMatrix centroids, LongVector rows) {
    if (rows != null) {
      requireSize("rows", rows.size(), centroids.rows());
    }
    context.call(
        handle ->
            dc4j.dc4j_kmeans_seed(
                handle,
                x.nativeView(),
                method.code,
                seed,
                centroids.nativeView(),
                rows == null ? null : rows.pointer()));
  }

  /**
   * Re-seeds clusters of count 0 and says how many. labels, distances: only `farthest` reads them.
   */
  public long kmeansFillEmpty(
      FloatMatrix x,
      IntVector labels,
      FloatMatrix distances,
      EmptyClusterPolicy policy,
      long seed,
      FloatMatrix centroids,
      LongVector counts) {
    requireSize("counts", counts.size(), centroids.rows());
    if (labels != null) {
      requireSize("labels", labels.size(), x.rows());
    }
    requireRowVector("distances", distances, x.rows());
    try (LongPointer filled = new LongPointer(1)) {
      context.call(
          handle ->
              dc4j.dc4j_kmeans_fill_empty(
                  handle,
                  x.nativeView(),
                  labels == null ? (IntPointer) null : labels.pointer(),
                  floats(distances),
                  policy.code,
                  seed,
                  centroids.nativeView(),
                  counts.pointer(),
                  filled));
      return filled.get();
    }
  }

  /**
   * The nearest rows of base for every query, exact, lowest row on ties.
   *
   * @param neighbours m >= 1
   * @param exclude [q] a base row each query must not return, -1 = none; or null
   * @param ids [q * m] out, -1 beyond the available rows
   * @param distances [q x m] squared distances out, or null
   */
  public void nearest(
      FloatMatrix queries,
      FloatMatrix base,
      int neighbours,
      LongVector exclude,
      LongVector ids,
      FloatMatrix distances) {
    requireSize("ids", ids.size(), queries.rows() * Math.max(neighbours, 0));
    if (exclude != null) {
      requireSize("exclude", exclude.size(), queries.rows());
    }
    requireNeighbourDistances(distances, queries.rows(), neighbours);
    context.call(
        handle ->
            dc4j.dc4j_nearest(
                handle,
                queries.nativeView(),
                base.nativeView(),
                neighbours,
                exclude == null ? null : exclude.pointer(),
                ids.pointer(),
                floats(distances)));
  }

  /**
   * {@link #nearest} of x among its own rows, the same result by half the products.
   *
   * @param neighbours m >= 1
   * @param itself whether a row may be among its own neighbours
   * @param ids [n * m] out, -1 beyond the available rows
   * @param distances [n x m] squared distances out, or null
   */
  public void nearestSelf(
      FloatMatrix x, int neighbours, boolean itself, LongVector ids, FloatMatrix distances) {
    requireSize("ids", ids.size(), x.rows() * Math.max(neighbours, 0));
    requireNeighbourDistances(distances, x.rows(), neighbours);
    context.call(
        handle ->
            dc4j.dc4j_nearest_self(
                handle,
                x.nativeView(),
                neighbours,
                itself ? 1 : 0,
                ids.pointer(),
                floats(distances)));
  }

  private static void requireNeighbourDistances(FloatMatrix distances, long rows, int neighbours) {
    if (distances != null && (distances.rows() != rows || distances.cols() != neighbours)) {
      throw new InvalidArgumentException(
          "distances is " + distances + ", expected [" + rows + " x " + neighbours + "]");
    }
  }

  /**
   * Weighted mean softmax cross-entropy and its gradient.
   *
   * @param logits [n x k]
   * @param labels [n]; a negative label leaves its row out
   * @param classWeights [1 x k], or null for all 1
   * @param gradient [n x k] out, or null
   */
  public double crossEntropy(
      FloatMatrix logits, IntVector labels, FloatMatrix classWeights, FloatMatrix gradient) {
    requireSize("labels", labels.size(), logits.rows());
    requireRowVector("classWeights", classWeights, logits.cols());
    try (OutNumber loss = context.outNumber()) {
      context.call(
          handle ->
              dc4j.dc4j_cross_entropy(
                  handle,
                  logits.nativeView(),
                  labels.pointer(),
                  floats(classWeights),
                  gradient == null ? (MatrixView) null : gradient.nativeView(),
                  loss.pointer()));
      return loss.get();
    }
  }

  /**
   * Renders one view per image into a batch (images.h).
   *
   * @param views n images with their view parameters
   * @param batch [n x (C * height * width)] out
   */
  public void imagesApply(ImageViews views, FloatMatrix batch) {
    context.call(
        handle ->
            dc4j.dc4j_images_apply(
                handle,
                views.size(),
                views.images(),
                views.parameters(),
                views.output(),
                batch.nativeView()));
    Reference.reachabilityFence(views); // refers to the pixels
  }

  private static FloatPointer floats(FloatMatrix matrix) {
    return matrix == null ? null : matrix.pointer();
  }

  static void requireSize(String name, long size, long expected) {
    if (size != expected) {
      throw new InvalidArgumentException(name + " has " + size + " entries, expected " + expected);
    }
  }

  private static void requireRowVector(String name, FloatMatrix vector, long expected) {
    if (vector != null && vector.rows() * vector.cols() != expected) {
      throw new InvalidArgumentException(
          name + " is " + vector + ", expected [1 x " + expected + "]");
    }
  }
}
