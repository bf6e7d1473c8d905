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
 * Self-paced contrastive learning, SpCL, without a labelled source (Ge et al., NeurIPS 2020;
 * methods.md 2.8). The memory has a unit row of every image, from the network before training. Each
 * epoch:
 *
 * <ol>
 *   <li>DBSCAN on the Jaccard distances of the memory's rows, with eps and a little less and more;
 *   <li>{@link SelfPacedLabels} keep the clusters that hardly depend on eps, by a threshold that
 *       the first epoch fixes; every other image is a class of its own;
 *   <li>batches of classes with {@code instances} images each, or with the one they have; InfoNCE
 *       of the embeddings against the mean memory row of every class, one optimiser step, momentum
 *       update of the images' own rows.
 * </ol>
 */
public final class SelfPacedContrast implements Method {
  /**
   * Constants of the method.
   *
   * @param k1 neighbours of an image in the graph, itself among them
   * @param k2 neighbours that a neighbourhood is averaged over; 1 = none
   * @param eps largest Jaccard distance between neighbours in DBSCAN
   * @param epsMargin how much tighter and looser the two other clusterings are
   * @param minSamples images within eps that make an image core, itself counted
   * @param temperature of the softmax over the classes
   * @param memoryMomentum weight of the OLD memory row in an update, the new embedding has the rest
   * @param instances images of a cluster in a batch
   * @param iterations batches of an epoch
   * @param cameras whether a cluster's images in a batch come from different cameras
   */
  public record Options(
      int k1,
      int k2,
      double eps,
      double epsMargin,
      int minSamples,
      double temperature,
      double memoryMomentum,
      int instances,
      int iterations,
      boolean cameras) {
    public Options {
      PlanDemands.range("k1", k1, 1, 4096);
      PlanDemands.range("k2", k2, 1, 4096);
      PlanDemands.range("epsMargin", epsMargin, 0, 0.49);
      PlanDemands.range("eps", eps, epsMargin, 0.99 - epsMargin);
      PlanDemands.range("minSamples", minSamples, 1, Integer.MAX_VALUE);
      PlanDemands.range("temperature", temperature, 1e-6, 1e6);
      PlanDemands.range("memoryMomentum", memoryMomentum, 0, 1);
      PlanDemands.range("instances", instances, 1, Integer.MAX_VALUE);
      PlanDemands.range("iterations", iterations, 1, Integer.MAX_VALUE);
    }
  }

  private static final IdentityDraw.Need NEED =
      new IdentityDraw.Need(
          1,
          "the first epoch takes the threshold from its clusters, at least 1",
          "a smaller options.minSamples");

  private final MethodContext run;
  private final Options options;
  private final JaccardDbscan.Options graph;
  private final IdentityDraw draw;
  private FloatMatrix memory; // [n x d] by image id
  private double threshold; // of the independence gap, NaN before the first epoch
  private Assignments assignments; // -1 = a class of its own
  private int[] classes; // [n] the clusters, then the images that stand alone
  private int count; // of classes
  private ClassMeans means; // made of memory and classes when a step asks

  private SelfPacedContrast(MethodContext run, Options options) {
    PlanDemands.requireNormalized(run);
    this.run = run;
    this.options = options;
    this.graph = new JaccardDbscan.Options(options.k1(), options.k2(), options.minSamples());
    this.draw = new IdentityDraw(run, options.instances(), options.iterations(), options.cameras());
    this.threshold = Double.NaN;
  }

  /** The method for a run. */
  public static Method of(MethodContext run) {
    return new SelfPacedContrast(run, run.plan().options().as(Options.class));
  }

  @Override
  public int[] beginEpoch(int epoch, Map<String, Object> metrics) {
    if (memory == null) {
      memory = run.features().table(epoch, 0, 0).rows(); // ours from here on
    }
    int[] kept = cluster(metrics);
    use(ClusterMeans.assignments(run.kernels(), memory, kept, clusters(kept)).compact());
    return draw.epochWithSingles(classes, count, epoch);
  }

  private int[] cluster(Map<String, Object> metrics) {
    double loose = options.eps() + options.epsMargin();
    try (JaccardDbscan clustering = new JaccardDbscan(run.device(), memory, graph, loose)) {
      JaccardDbscan.Found found = clustering.cluster(options.eps());
      SelfPacedLabels labels =
          new SelfPacedLabels(
              found,
              clustering.cluster(options.eps() - options.epsMargin()).labels(),
              clustering.cluster(loose).labels());
      if (Double.isNaN(threshold)) {
        draw.requireEnough(found, NEED, options.eps(), memory, graph);
        threshold = labels.threshold();
      }
      metrics.put("coverage_before", found.coverage());
      return labels.kept(threshold);
    }
  }

  private static int clusters(int[] labels) {
    int clusters = 0;
    for (int label : labels) {
      clusters = Math.max(clusters, label + 1);
    }
    return clusters;
  }

  private ClassMeans means() {
    if (means == null) {
      means = new ClassMeans(memory, classes, count);
    }
    return means;
  }

  private void forgetMeans() {
    if (means != null) {
      means.close();
      means = null;
    }
  }

  private void use(Assignments found) {
    forgetMeans();
    assignments = found;
    classes = found.labels().clone();
    count = found.k();
    for (int i = 0; i < classes.length; i++) {
      if (classes[i] < 0) {
        classes[i] = count++;
      }
    }
  }

  @Override
  public double step(ImageBatch batch, long step) {
    double loss;
    try (IntVector labels = IntVector.of(Assignments.select(classes, batch.ids()));
        IntVector ids = IntVector.of(batch.ids());
        TrainingPass pass =
            run.encoder().forward(batch.pixels(), run.seeds().key("dropout", step))) {
      loss =
          run.losses()
              .infoNce(
                  pass.output(), means().rows(), labels, options.temperature(), pass.gradient());
      pass.backward();
      run.losses()
          .memoryUpdate(memory, pass.output(), ids, MemoryUpdate.CM, options.memoryMomentum());
      means.update(batch.ids());
    }
    run.encoder().step();
    return loss;
  }

  @Override
  public Assignments assignments() {
    return assignments;
  }

  /** DBSCAN with eps on the trained network's features; noise images are in no cluster. */
  @Override
  public Assignments finalAssignments(Map<String, Object> metrics) {
    try (Features.Table features = run.features().table(run.plan().schedule().epochs(), 0, 0);
        JaccardDbscan clustering =
            new JaccardDbscan(run.device(), features.rows(), graph, options.eps())) {
      JaccardDbscan.Found found = clustering.cluster(options.eps());
      return ClusterMeans.assignments(
          run.kernels(), features.rows(), found.labels(), found.clusters());
    }
  }

  @Override
  public StateDict state() {
    StateDict state = new StateDict();
    if (assignments != null) {
      state
          .putAll("assignments.", assignments.state())
          .put("threshold", TensorData.of(new double[] {threshold}, 1))
          .put("memory", TensorData.of(memory));
    }
    return state;
  }

  @Override
  public void restore(StateDict state) {
    Assignments.restore(state.subset("assignments.")).ifPresent(this::use);
    if (state.contains("memory")) {
      close();
      memory = state.get("memory").matrix();
      threshold = state.get("threshold").doubles()[0];
    }
  }

  @Override
  public int[] resumeEpoch(int epoch, StateDict state) {
    restore(state);
    return draw.epochWithSingles(classes, count, epoch);
  }

  @Override
  public void close() {
    forgetMeans();
    if (memory != null) {
      memory.close();
      memory = null;
    }
  }
}
