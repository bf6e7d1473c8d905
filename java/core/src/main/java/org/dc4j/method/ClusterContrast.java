package org.dc4j.method;

import java.util.Map;
import org.dc4j.cluster.Assignments;
import org.dc4j.cluster.ClusterMeans;
import org.dc4j.cluster.JaccardDbscan;
import org.dc4j.data.ImageBatch;
import org.dc4j.encoder.TrainingPass;
import org.dc4j.format.StateDict;
import org.dc4j.format.TensorData;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.IntVector;
import org.dc4j.kernels.MemoryUpdate;

/**
 * Cluster-Contrast (Dai et al., 2021; methods.md 2.6). Each epoch:
 *
 * <ol>
 *   <li>unit features of the whole set, evaluation mode; k-reciprocal Jaccard distances; DBSCAN;
 *   <li>noise images are left out of the epoch; a new memory of the K normalised cluster means;
 *   <li>batches of P clusters x {@code instances} images; InfoNCE of the embeddings against the
 *       memory, one optimiser step, momentum update of the memory with the same embeddings.
 * </ol>
 */
public final class ClusterContrast implements Method {
  /**
   * Constants of the method.
   *
   * @param k1 neighbours of an image in the graph, itself among them
   * @param k2 neighbours that a neighbourhood is averaged over; 1 = none
   * @param eps largest Jaccard distance between neighbours in DBSCAN
   * @param minSamples images within eps that make an image core, itself counted
   * @param temperature of the softmax over the memory
   * @param memoryMomentum weight of the OLD memory row in an update, the new embedding has the rest
   * @param memoryUpdate "cm": every image in batch order; "cm_hard": the one least like its cluster
   * @param instances images of a cluster in a batch
   * @param iterations batches of an epoch
   * @param cameras whether a cluster's images in a batch come from different cameras
   */
  public record Options(
      int k1,
      int k2,
      double eps,
      int minSamples,
      double temperature,
      double memoryMomentum,
      String memoryUpdate,
      int instances,
      int iterations,
      boolean cameras) {
    public Options {
      PlanDemands.range("k1", k1, 1, 4096);
      PlanDemands.range("k2", k2, 1, 4096);
      PlanDemands.range("eps", eps, 0, 0.99);
      PlanDemands.range("minSamples", minSamples, 1, Integer.MAX_VALUE);
      PlanDemands.range("temperature", temperature, 1e-6, 1e6);
      PlanDemands.range("memoryMomentum", memoryMomentum, 0, 1);
      PlanDemands.oneOf("memoryUpdate", memoryUpdate, "cm", "cm_hard");
      PlanDemands.range("instances", instances, 1, Integer.MAX_VALUE);
      PlanDemands.range("iterations", iterations, 1, Integer.MAX_VALUE);
    }

    MemoryUpdate update() {
      return memoryUpdate.equals("cm") ? MemoryUpdate.CM : MemoryUpdate.CM_HARD;
    }
  }

  /** What a step minimises, and what it does to the memory. */
  interface Objective {
    /**
     * Loss with its gradient, both by the memory as it is, and then the memory's update.
     *
     * @param embeddings [b x d] unit rows
     * @param labels [b] their clusters
     * @param memory [k x d] unit rows, in and out
     * @param step global step number
     * @param gradient [b x d] out: d loss / d embeddings
     */
    double apply(
        FloatMatrix embeddings,
        IntVector labels,
        FloatMatrix memory,
        long step,
        FloatMatrix gradient);
  }

  private final MethodContext run;
  private final JaccardDbscan.Options graph;
  private final double eps;
  private final IdentityDraw draw;
  private final Objective objective;
  private Assignments assignments;
  private FloatMatrix memory; // [k x d]

  ClusterContrast(MethodContext run, Options options, Objective objective) {
    PlanDemands.requireNormalized(run);
    this.run = run;
    this.graph = new JaccardDbscan.Options(options.k1(), options.k2(), options.minSamples());
    this.eps = options.eps();
    this.draw = new IdentityDraw(run, options.instances(), options.iterations(), options.cameras());
    this.objective = objective;
  }

  /** The method for a run, as published. */
  public static Method of(MethodContext run) {
    Options options = run.plan().options().as(Options.class);
    return new ClusterContrast(
        run,
        options,
        (embeddings, labels, memory, step, gradient) -> {
          double loss =
              run.losses().infoNce(embeddings, memory, labels, options.temperature(), gradient);
          run.losses()
              .memoryUpdate(memory, embeddings, labels, options.update(), options.memoryMomentum());
          return loss;
        });
  }

  @Override
  public int[] beginEpoch(int epoch, Map<String, Object> metrics) {
    try (Features.Table features = run.features().table(epoch, 0, 0)) {
      JaccardDbscan.Found found = cluster(features.rows());
      draw.requireEnough(found, draw.batches(), eps, features.rows(), graph);
      assignments = assignments(features.rows(), found);
      use(ClusterMeans.of(run.kernels(), features.rows(), found.labels(), found.clusters(), true));
    }
    return draw.epoch(assignments.labels(), assignments.k(), epoch);
  }

  private JaccardDbscan.Found cluster(FloatMatrix rows) {
    try (JaccardDbscan clustering = new JaccardDbscan(run.device(), rows, graph, eps)) {
      return clustering.cluster(eps);
    }
  }

  private Assignments assignments(FloatMatrix rows, JaccardDbscan.Found found) {
    return ClusterMeans.assignments(run.kernels(), rows, found.labels(), found.clusters());
  }

  private void use(FloatMatrix newMemory) {
    close();
    memory = newMemory;
  }

  @Override
  public double step(ImageBatch batch, long step) {
    double loss;
    try (IntVector labels = IntVector.of(assignments.labelsOf(batch.ids()));
        TrainingPass pass =
            run.encoder().forward(batch.pixels(), run.seeds().key("dropout", step))) {
      loss = objective.apply(pass.output(), labels, memory, step, pass.gradient());
      pass.backward();
    }
    run.encoder().step();
    return loss;
  }

  @Override
  public Assignments assignments() {
    return assignments;
  }

  @Override
  public Assignments finalAssignments(Map<String, Object> metrics) {
    try (Features.Table features = run.features().table(run.plan().schedule().epochs(), 0, 0)) {
      return assignments(features.rows(), cluster(features.rows()));
    }
  }

  @Override
  public StateDict state() {
    StateDict state = new StateDict();
    if (assignments != null) {
      state.putAll("assignments.", assignments.state()).put("memory", TensorData.of(memory));
    }
    return state;
  }

  @Override
  public void restore(StateDict state) {
    Assignments.restore(state.subset("assignments.")).ifPresent(found -> assignments = found);
    if (state.contains("memory")) {
      use(state.get("memory").matrix());
    }
  }

  @Override
  public int[] resumeEpoch(int epoch, StateDict state) {
    restore(state);
    return draw.epoch(assignments.labels(), assignments.k(), epoch);
  }

  @Override
  public void close() {
    if (memory != null) {
      memory.close();
      memory = null;
    }
  }
}
