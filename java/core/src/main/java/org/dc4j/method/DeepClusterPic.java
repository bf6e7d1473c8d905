package org.dc4j.method;

import org.dc4j.cluster.Assignments;
import org.dc4j.cluster.ClusterMeans;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.IntVector;
import org.dc4j.kernels.LongVector;
import org.dc4j.kernels.PicOptions;

/**
 * DeepCluster with power iteration clustering in the place of k-means (methods.md 1.5 and 2.2): it
 * decides the number of clusters itself, so the classifier's width changes from epoch to epoch. The
 * neighbours of an image never include the image itself, by id and not by rank, so that duplicates
 * do no harm.
 */
public final class DeepClusterPic {
  /**
   * Constants of the method.
   *
   * @param whiten width after PCA-whitening, 0 = none
   * @param eigenvalueFloor smallest eigenvalue kept, as a share of the largest
   * @param everyEpochs epochs between clusterings
   * @param neighbours edges of an image in the graph
   * @param sigma scale of distances in the edges' weights
   * @param alpha share of the neighbours in a power iteration
   * @param iterations power iterations
   */
  public record Options(
      int whiten,
      double eigenvalueFloor,
      int everyEpochs,
      int neighbours,
      double sigma,
      double alpha,
      int iterations) {
    public Options {
      PlanDemands.range("whiten", whiten, 0, 65536);
      PlanDemands.range("eigenvalueFloor", eigenvalueFloor, 0, 1);
      PlanDemands.range("everyEpochs", everyEpochs, 1, Integer.MAX_VALUE);
      PlanDemands.range("neighbours", neighbours, 1, 1024);
      PlanDemands.range("sigma", sigma, 1e-9, 1e9);
      PlanDemands.range("alpha", alpha, 0, 0.999999);
      PlanDemands.range("iterations", iterations, 0, 1_000_000);
    }
  }

  private DeepClusterPic() {}

  /** The method for a run. */
  public static Method of(MethodContext run) {
    Options options = run.plan().options().as(Options.class);
    PlanDemands.requireWhitening("options.whiten", options.whiten(), run.images());
    return new DeepCluster(
        run,
        new DeepCluster.Recipe(
            options.whiten(),
            options.eigenvalueFloor(),
            options.everyEpochs(),
            (rows, epoch, metrics) -> cluster(run, options, rows)));
  }

  private static Assignments cluster(MethodContext run, Options options, FloatMatrix rows) {
    int n = Math.toIntExact(rows.rows());
    PicOptions pic = new PicOptions(options.sigma(), options.alpha(), options.iterations());
    try (LongVector ids = LongVector.allocate((long) n * options.neighbours());
        FloatMatrix distances = FloatMatrix.allocate(n, options.neighbours());
        IntVector labels = IntVector.allocate(n)) {
      run.kernels().nearestSelf(rows, options.neighbours(), false, ids, distances);
      int k = run.graphs().pic(ids, distances, pic, labels);
      return ClusterMeans.assignments(run.kernels(), rows, labels.toArray(), k);
    }
  }
}
