package org.dc4j.method;

import java.util.Map;
import org.dc4j.cluster.Assignments;
import org.dc4j.cluster.KMeans;
import org.dc4j.config.TrainingPlan.ClusteringPlan;
import org.dc4j.data.ImageBatch;
import org.dc4j.data.sample.UniformOverClusters;
import org.dc4j.encoder.LinearHead;
import org.dc4j.encoder.OptimizerSpec;
import org.dc4j.encoder.TrainingPass;
import org.dc4j.format.StateDict;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.IntVector;

/**
 * DeepCluster (Caron et al., ECCV 2018; methods.md 2.1). Each epoch:
 *
 * <ol>
 *   <li>features of the whole set before the last ReLU, evaluation mode, deterministic view;
 *   <li>PCA-whiten, L2-normalise, k-means into K clusters;
 *   <li>pseudo labels 0.. over the clusters that occur; a new linear head with an optimiser without
 *       momentum;
 *   <li>N' = reassign N images, uniform over clusters, random views; cross-entropy on the pseudo
 *       labels, one step of both optimisers a batch.
 * </ol>
 */
public final class DeepCluster implements Method {
  /** The method has no constants beside those of clustering, headOptimizer and schedule. */
  public record Options() {}

  /** How step 2's rows become clusters. */
  interface Clustering {
    /**
     * Clusters.
     *
     * @param rows [n x d] unit rows by image id
     * @param metrics receives figures of the clustering
     */
    Assignments cluster(FloatMatrix rows, int epoch, Map<String, Object> metrics);
  }

  /**
   * Steps 1 to 3.
   *
   * @param whiten width after PCA-whitening, 0 = none
   * @param eigenvalueFloor smallest eigenvalue kept, as a share of the largest
   * @param everyEpochs epochs between clusterings
   */
  record Recipe(int whiten, double eigenvalueFloor, int everyEpochs, Clustering clustering) {}

  private final MethodContext run;
  private final Recipe recipe;
  private final OptimizerSpec headOptimizer;
  private final int samples; // N'
  private Assignments assignments;
  private Assignments pseudoLabels; // the same without empty clusters: 0..head.classes()-1
  private LinearHead head;

  /** With k-means, as published. */
  public DeepCluster(MethodContext run) {
    this(run, kMeans(run, PlanDemands.clustering(run)));
  }

  DeepCluster(MethodContext run, Recipe recipe) {
    this.run = run;
    this.recipe = recipe;
    this.headOptimizer = OptimizerSpecs.of(PlanDemands.headOptimizer(run));
    this.samples = PlanDemands.samples(run);
  }

  @Override
  public int[] beginEpoch(int epoch, Map<String, Object> metrics) {
    if (assignments == null || epoch % recipe.everyEpochs() == 0) {
      use(cluster(epoch, metrics));
    }
    newHead(epoch);
    return order(epoch);
  }

  private static Recipe kMeans(MethodContext run, ClusteringPlan plan) {
    return new Recipe(
        plan.whiten(),
        plan.eigenvalueFloor(),
        plan.everyEpochs(),
        (rows, epoch, metrics) -> {
          long seed = run.seeds().key("kmeans", epoch);
          KMeans.Options options = KMeans.Options.of(plan, seed);
          try (KMeans.Result result = KMeans.fit(run.kernels(), rows, options)) {
            metrics.put("objective", result.objective());
            metrics.put("kmeans_iterations", result.iterations());
            return Assignments.of(result, plan.k());
          }
        });
  }

  private Assignments cluster(int epoch, Map<String, Object> metrics) {
    try (Features.Table features =
        run.features().table(epoch, recipe.whiten(), recipe.eigenvalueFloor())) {
      return recipe.clustering().cluster(features.rows(), epoch, metrics);
    }
  }

  private void use(Assignments found) {
    assignments = found;
    pseudoLabels = found.compact();
  }

  private void newHead(int epoch) {
    closeHead();
    head = run.encoder().newHead(pseudoLabels.k(), headOptimizer, run.seeds().key("head", epoch));
  }

  private int[] order(int epoch) {
    return UniformOverClusters.draw(
        pseudoLabels.labels(), pseudoLabels.k(), samples, run.seeds().stream("sampler", epoch));
  }

  @Override
  public void setHeadLearningRate(double learningRate) {
    head.setLearningRate(learningRate);
  }

  @Override
  public double step(ImageBatch batch, long step) {
    double loss;
    try (IntVector labels = IntVector.of(pseudoLabels.labelsOf(batch.ids()));
        TrainingPass pass =
            run.encoder().forward(batch.pixels(), head, run.seeds().key("dropout", step))) {
      loss = run.kernels().crossEntropy(pass.output(), labels, null, pass.gradient());
      pass.backward();
    }
    run.encoder().step();
    head.step();
    return loss;
  }

  @Override
  public Assignments assignments() {
    return assignments;
  }

  @Override
  public Assignments finalAssignments(Map<String, Object> metrics) {
    return cluster(run.plan().schedule().epochs(), metrics);
  }

  @Override
  public StateDict state() {
    StateDict state = new StateDict();
    if (assignments != null) {
      state.putAll("assignments.", assignments.state()).putAll("head.", head.state());
    }
    return state;
  }

  @Override
  public void restore(StateDict state) {
    Assignments.restore(state.subset("assignments.")).ifPresent(this::use);
  }

  @Override
  public int[] resumeEpoch(int epoch, StateDict state) {
    restore(state);
    newHead(epoch);
    head.loadState(state.subset("head."));
    return order(epoch);
  }

  private void closeHead() {
    if (head != null) {
      head.close();
      head = null;
    }
  }

  @Override
  public void close() {
    closeHead();
  }
}
