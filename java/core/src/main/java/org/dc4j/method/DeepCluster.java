package org.dc4j.method;

import java.util.Locale;
import java.util.Map;
import org.dc4j.cluster.Assignments;
import org.dc4j.cluster.KMeans;
import org.dc4j.config.TrainingPlan.ClusteringPlan;
import org.dc4j.data.sample.UniformOverClusters;
import org.dc4j.encoder.LinearHead;
import org.dc4j.encoder.OptimizerSpec;
import org.dc4j.encoder.TrainingPass;
import org.dc4j.eval.ClusterHealth;
import org.dc4j.eval.Nmi;
import org.dc4j.format.StateDict;
import org.dc4j.format.TensorData;
import org.dc4j.kernels.EmptyClusterPolicy;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.IntVector;
import org.dc4j.kernels.SeedMethod;

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
  private final MethodContext run;
  private Assignments assignments; // compact: labels 0..head.classes()-1
  private LinearHead head;

  public DeepCluster(MethodContext run) {
    this.run = run;
  }

  @Override
  public int[] beginEpoch(int epoch, Map<String, Object> metrics) {
    if (assignments == null || epoch % run.plan().clustering().everyEpochs() == 0) {
      Assignments previous = assignments;
      Assignments found = cluster(epoch, metrics);
      assignments = found.compact();
      putHealth(found, metrics);
      if (previous != null) {
        metrics.put("nmi_previous", Nmi.of(previous.labels(), assignments.labels()));
      }
    }
    newHead(epoch);
    return order(epoch);
  }

  private static void putHealth(Assignments found, Map<String, Object> metrics) {
    ClusterHealth health = ClusterHealth.of(found.labels(), found.k());
    metrics.put("clusters", health.k());
    metrics.put("empty", health.empty());
    metrics.put("smallest", health.smallest());
    metrics.put("largest", health.largest());
    metrics.put("gini", health.gini());
  }

  private Assignments cluster(int epoch, Map<String, Object> metrics) {
    ClusteringPlan plan = run.plan().clustering();
    long started = System.nanoTime();
    try (Features.Table features =
        run.features().table(epoch, plan.whiten(), plan.eigenvalueFloor())) {
      metrics.put("embed_seconds", seconds(started));
      if (plan.whiten() > 0) {
        metrics.put("effective_rank", ClusterHealth.effectiveRank(features.eigenvalues()));
      }
      started = System.nanoTime();
      try (KMeans.Result result =
          KMeans.fit(run.kernels(), features.rows(), options(plan, epoch))) {
        metrics.put("objective", result.objective());
        metrics.put("kmeans_iterations", result.iterations());
        metrics.put("kmeans_seconds", seconds(started));
        return Assignments.of(result, plan.k());
      }
    }
  }

  private KMeans.Options options(ClusteringPlan plan, int epoch) {
    return new KMeans.Options(
        plan.k(),
        plan.iterations(),
        plan.init().equals("kmeans++") ? SeedMethod.KMEANS_PLUS_PLUS : SeedMethod.RANDOM,
        EmptyClusterPolicy.valueOf(plan.empty().toUpperCase(Locale.ROOT)),
        false,
        run.seeds().key("kmeans", epoch));
  }

  private void newHead(int epoch) {
    closeHead();
    OptimizerSpec optimizer = OptimizerSpecs.of(run.plan().headOptimizer());
    head = run.encoder().newHead(assignments.k(), optimizer, run.seeds().key("head", epoch));
  }

  private int[] order(int epoch) {
    int samples = (int) Math.floor(run.plan().schedule().reassign() * run.images());
    return UniformOverClusters.draw(
        assignments.labels(), assignments.k(), samples, run.seeds().stream("sampler", epoch));
  }

  @Override
  public double step(int[] ids, FloatMatrix pixels, long step) {
    double loss;
    try (IntVector labels = IntVector.of(labelsOf(ids));
        TrainingPass pass = run.encoder().forward(pixels, head, run.seeds().key("dropout", step))) {
      loss = run.kernels().crossEntropy(pass.output(), labels, null, pass.gradient());
      pass.backward();
    }
    run.encoder().step();
    head.step();
    return loss;
  }

  private int[] labelsOf(int[] ids) {
    int[] labels = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      labels[i] = assignments.labels()[ids[i]];
    }
    return labels;
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
      int n = assignments.labels().length;
      state
          .put("labels", TensorData.of(assignments.labels(), n))
          .put("distances", TensorData.of(assignments.distances(), n))
          .put("clusters", TensorData.of(new int[] {assignments.k()}, 1))
          .putAll("head.", head.state());
    }
    return state;
  }

  @Override
  public void restore(StateDict state) {
    if (state.contains("labels")) {
      assignments =
          new Assignments(
              state.get("labels").ints(),
              state.get("distances").floats(),
              state.get("clusters").ints()[0],
              Double.NaN,
              0);
    }
  }

  @Override
  public int[] resumeEpoch(int epoch, StateDict state) {
    restore(state);
    newHead(epoch);
    head.loadState(state.subset("head."));
    return order(epoch);
  }

  private static double seconds(long startedNanos) {
    return (System.nanoTime() - startedNanos) / 1e9;
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
