package org.dc4j.method;

import java.util.Map;
import org.dc4j.cluster.Assignments;
import org.dc4j.cluster.ClusterMeans;
import org.dc4j.cluster.KMeans;
import org.dc4j.config.TrainingPlan.ClusteringPlan;
import org.dc4j.data.ImageBatch;
import org.dc4j.encoder.LinearHead;
import org.dc4j.encoder.TrainingPass;
import org.dc4j.format.StateDict;
import org.dc4j.format.TensorData;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.IntVector;
import org.dc4j.random.RandomStream;

/**
 * Online deep clustering (Zhan et al., CVPR 2020; methods.md 2.4). Before training: unit features
 * of the whole set, k-means into K classes; they fill the memories ({@link OdcMemories}). Then in
 * every step:
 *
 * <ol>
 *   <li>labels of the batch from the memory; cross-entropy weighted by class;
 *   <li>the batch's samples in the memory move towards their new features;
 *   <li>they go to the nearest centroid;
 *   <li>the optimisers step;
 *   <li>every so many steps all centroids are recomputed;
 *   <li>small classes are dissolved and large ones split in their place; class weights follow the
 *       sizes.
 * </ol>
 *
 * Images are drawn with replacement, uniformly; the weights do the balancing. There is no global
 * clustering after the first.
 */
public final class Odc implements Method {
  /**
   * Constants of the method; clustering.k is the number of classes.
   *
   * @param featureWeight share of the NEW feature in a sample's memory (published: 0.5); the
   *     memories of Cluster-Contrast, ISE and SpCL weigh the old one
   * @param centroidSteps steps between updates of the centroids (published: 10)
   * @param smallest classes with fewer members are dissolved (published: 20)
   * @param weightPower a class of n members weighs n^-weightPower (published: 0.5)
   * @param nearest "dot": largest product with the centroid as it is, as the authors' code does;
   *     "euclidean": smallest distance, as their paper says
   */
  public record Options(
      double featureWeight, int centroidSteps, int smallest, double weightPower, String nearest) {
    public Options {
      PlanDemands.range("featureWeight", featureWeight, 0, 1);
      PlanDemands.range("centroidSteps", centroidSteps, 1, Integer.MAX_VALUE);
      PlanDemands.range("smallest", smallest, 1, Integer.MAX_VALUE);
      PlanDemands.range("weightPower", weightPower, 0, 10);
      PlanDemands.oneOf("nearest", nearest, "dot", "euclidean");
    }
  }

  private final MethodContext run;
  private final Options options;
  private final ClusteringPlan clustering;
  private final int samples;
  private OdcMemories memories;
  private LinearHead head;
  private Assignments assignments; // as the running epoch found them
  private long changed; // labels of the epoch's batches that changed, of drawn
  private long drawn;

  public Odc(MethodContext run) {
    this.run = run;
    this.options = run.plan().options().as(Options.class);
    this.clustering = PlanDemands.clustering(run);
    this.samples = PlanDemands.samples(run);
    PlanDemands.headOptimizer(run);
    PlanDemands.requireNoWhitening(run);
    PlanDemands.requireNeck(run, "odc"); // its features are not negative, before and after a head
    if ((long) clustering.k() * options.smallest() > run.images()) {
      throw new IllegalArgumentException(
          "options.smallest is %d: %d classes of that size need %d images, there are %d; accepted: 1..%d"
              .formatted(
                  options.smallest(),
                  clustering.k(),
                  (long) clustering.k() * options.smallest(),
                  run.images(),
                  run.images() / clustering.k()));
    }
  }

  @Override
  public int[] beginEpoch(int epoch, Map<String, Object> metrics) {
    if (memories == null) {
      begin(epoch, metrics);
    }
    assignments =
        ClusterMeans.assignments(
            run.kernels(), memories.samples(), memories.labels(), clustering.k());
    changed = 0;
    drawn = 0;
    return order(epoch);
  }

  private void begin(int epoch, Map<String, Object> metrics) {
    long seed = run.seeds().key("kmeans", epoch);
    try (Features.Table features =
            run.features().table(epoch, clustering.whiten(), clustering.eigenvalueFloor());
        KMeans.Result found =
            KMeans.fit(run.kernels(), features.rows(), KMeans.Options.of(clustering, seed))) {
      metrics.put("objective", found.objective());
      metrics.put("kmeans_iterations", found.iterations());
      memories =
          new OdcMemories(
              run.device(),
              options,
              features.rows().copy(),
              found.labels().toArray(),
              FloatMatrix.allocate(clustering.k(), features.rows().cols()));
    }
    memories.updateCentroids();
    memories.dissolveSmall();
    newHead();
  }

  private void newHead() {
    head =
        run.encoder()
            .newHead(
                clustering.k(),
                OptimizerSpecs.of(run.plan().headOptimizer()),
                run.seeds().key("head"));
  }

  private int[] order(int epoch) {
    RandomStream random = run.seeds().stream("sampler", epoch);
    int[] ids = new int[samples];
    for (int i = 0; i < samples; i++) {
      ids[i] = random.nextInt(run.images());
    }
    return ids;
  }

  @Override
  public void setHeadLearningRate(double learningRate) {
    head.setLearningRate(learningRate);
  }

  @Override
  public double step(ImageBatch batch, long step) {
    double loss;
    try (IntVector labels = IntVector.of(memories.labelsOf(batch.ids()));
        FloatMatrix weights = memories.classWeights();
        TrainingPass pass =
            run.encoder().forward(batch.pixels(), head, run.seeds().key("dropout", step))) {
      loss = run.kernels().crossEntropy(pass.output(), labels, weights, pass.gradient());
      pass.backward();
      memories.moveTowards(batch.ids(), pass.embedding());
    }
    run.encoder().step();
    head.step();
    changed += memories.reassign(batch.ids());
    drawn += batch.size();
    if ((step + 1) % options.centroidSteps() == 0) {
      memories.updateCentroids();
    }
    memories.dissolveSmall();
    return loss;
  }

  @Override
  public void endEpoch(int epoch, Map<String, Object> metrics) {
    metrics.put("change_ratio", drawn == 0 ? 0.0 : (double) changed / drawn);
  }

  @Override
  public Assignments assignments() {
    return assignments;
  }

  @Override
  public Assignments finalAssignments(Map<String, Object> metrics) {
    return ClusterMeans.assignments(
        run.kernels(), memories.samples(), memories.labels(), clustering.k());
  }

  @Override
  public StateDict state() {
    StateDict state = new StateDict();
    if (memories != null) {
      state
          .putAll("assignments.", assignments.state())
          .putAll("memories.", memories.state())
          .putAll("head.", head.state())
          .put("changed", TensorData.of(new long[] {changed, drawn}, 2));
    }
    return state;
  }

  @Override
  public void restore(StateDict state) {
    Assignments.restore(state.subset("assignments."))
        .ifPresent(
            found -> {
              close();
              assignments = found;
              memories = OdcMemories.restore(run.device(), options, state.subset("memories."));
              newHead();
              head.loadState(state.subset("head."));
              changed = state.get("changed").longs()[0];
              drawn = state.get("changed").longs()[1];
            });
  }

  @Override
  public int[] resumeEpoch(int epoch, StateDict state) {
    restore(state);
    return order(epoch);
  }

  @Override
  public void close() {
    if (memories != null) {
      memories.close();
      memories = null;
    }
    if (head != null) {
      head.close();
      head = null;
    }
  }
}
