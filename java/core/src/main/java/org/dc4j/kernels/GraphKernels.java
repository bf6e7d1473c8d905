package org.dc4j.kernels;

import org.bytedeco.javacpp.LongPointer;
import org.dc4j.nativecore.GraphHandle;
import org.dc4j.nativecore.PicParameters;
import org.dc4j.nativecore.global.dc4j;

/**
 * Neighbour graphs and the clusterings that run on them, typed; what is said of {@link Kernels}
 * holds here too. Every definition stands in native/include/dc4j/graph.h.
 */
public final class GraphKernels {
  private final DeviceContext context;

  GraphKernels(DeviceContext context) {
    this.context = context;
  }

  /**
   * k-reciprocal Jaccard distance of rows from their neighbours; the caller closes the graph.
   *
   * @param x [n x d], rows of norm 1
   * @param ids [n * k1] from {@link Kernels#nearestSelf}, with or without the row itself
   * @param k1 neighbours, the row itself among them (published: 30)
   * @param k2 rows a query is expanded over, itself among them; 1 = none (published: 6)
   * @param limit keep pairs with distance < limit, 0 < limit <= 1. A little above the largest eps
   *     asked for later is enough; 1 keeps often thousands of pairs per row
   */
  public SparseGraph jaccard(FloatMatrix x, LongVector ids, int k1, int k2, float limit) {
    requireSize("ids", ids.size(), x.rows() * Math.max(k1, 0));
    GraphHandle out = new GraphHandle();
    context.call(
        handle -> dc4j.dc4j_jaccard(handle, x.nativeView(), ids.pointer(), k1, k2, limit, out));
    return new SparseGraph(out);
  }

  /**
   * DBSCAN with scikit-learn's labels, -1 for noise; says how many clusters.
   *
   * @param eps 0 <= eps < the graph's limit; neighbours are within distance <= eps
   * @param minSamples neighbours that make a row core, itself counted
   * @param labels [n] out
   */
  public int dbscan(SparseGraph graph, float eps, int minSamples, IntVector labels) {
    requireSize("labels", labels.size(), graph.rows());
    try (LongPointer clusters = new LongPointer(1)) {
      context.call(
          handle ->
              graph.use(
                  open ->
                      dc4j.dc4j_dbscan(handle, open, eps, minSamples, labels.pointer(), clusters)));
      return Math.toIntExact(clusters.get());
    }
  }

  /**
   * Power iteration clustering, which finds the number of clusters itself and returns it.
   *
   * @param ids [n * k] from {@link Kernels#nearestSelf}, best with each row excluded from its own
   *     list
   * @param distances [n x k] squared distances to them
   * @param labels [n] out, clusters numbered by their lowest row
   */
  public int pic(LongVector ids, FloatMatrix distances, PicOptions options, IntVector labels) {
    requireSize("ids", ids.size(), distances.rows() * distances.cols());
    requireSize("labels", labels.size(), distances.rows());
    try (PicParameters parameters = new PicParameters();
        LongPointer clusters = new LongPointer(1)) {
      parameters.sigma(options.sigma()).alpha(options.alpha()).iterations(options.iterations());
      context.call(
          handle ->
              dc4j.dc4j_pic(
                  handle,
                  ids.pointer(),
                  distances.nativeView(),
                  parameters,
                  labels.pointer(),
                  clusters));
      return Math.toIntExact(clusters.get());
    }
  }

  private static void requireSize(String name, long size, long expected) {
    if (size != expected) {
      throw new InvalidArgumentException(name + " has " + size + " entries, expected " + expected);
    }
  }
}
