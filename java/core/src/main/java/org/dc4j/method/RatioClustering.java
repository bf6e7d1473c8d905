package org.dc4j.method;

import java.util.Map;
import org.dc4j.cluster.Assignments;
import org.dc4j.cluster.KMeans;
import org.dc4j.config.TrainingPlan.ClusteringPlan;
import org.dc4j.data.ImageBatch;
import org.dc4j.data.sample.Shuffled;
import org.dc4j.encoder.TrainingPass;
import org.dc4j.format.StateDict;
import org.dc4j.format.TensorData;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.IntVector;
import org.dc4j.kernels.LossKernels;

/**
 * The ratio-loss clustering embedding for fine-grained retrieval (Yang, Yan and Wang 2022;
 * methods.md 2.5):
 *
 * <ol>
 *   <li>every so many epochs (20): unit features of the whole set, k-means++, K centres;
 *   <li>every image once, random views; for an embedding f with the nearest centre c+ and the
 *       second nearest c-, the loss is the mean of |f - c+| / |f - c-|, the centres constants.
 * </ol>
 */
public final class RatioClustering implements Method {
  /**
   * What the paper leaves open.
   *
   * @param target c+ of a view: "nearest" to the view as it is now, or the centre its image was
   *     "assigned" to at the last clustering
   * @param unitCentres whether centres are scaled to unit length (in the paper they are means)
   * @param tolerance k-means ends once an iteration lowers its objective by less than this share
   */
  public record Options(String target, boolean unitCentres, double tolerance) {
    public Options {
      PlanDemands.oneOf("target", target, "nearest", "assigned");
      PlanDemands.range("tolerance", tolerance, 0, 0.999999);
    }
  }

  private final MethodContext run;
  private final Options options;
  private final ClusteringPlan clustering;
  private final int samples;
  private Assignments assignments;
  private FloatMatrix centres; // [K x d]

  public RatioClustering(MethodContext run) {
    this.run = run;
    this.options = run.plan().options().as(Options.class);
    this.clustering = PlanDemands.clustering(run);
    this.samples = PlanDemands.samples(run);
    PlanDemands.requireNormalized(run);
    PlanDemands.requireNoWhitening(run);
  }

  @Override
  public int[] beginEpoch(int epoch, Map<String, Object> metrics) {
    if (assignments == null || epoch % clustering.everyEpochs() == 0) {
      try (KMeans.Result found = cluster(epoch, metrics)) {
        use(Assignments.of(found, clustering.k()), found.centroids().copy());
        if (options.unitCentres()) {
          run.kernels().normalizeRows(centres, centres); // once: twice may change a bit
        }
      }
    }
    return order(epoch);
  }

  private int[] order(int epoch) {
    return Shuffled.draw(run.images(), samples, run.seeds().stream("sampler", epoch));
  }

  private KMeans.Result cluster(int epoch, Map<String, Object> metrics) {
    long seed = run.seeds().key("kmeans", epoch);
    KMeans.Options kmeans = KMeans.Options.of(clustering, seed).withTolerance(options.tolerance());
    try (Features.Table features =
        run.features().table(epoch, clustering.whiten(), clustering.eigenvalueFloor())) {
      KMeans.Result found = KMeans.fit(run.kernels(), features.rows(), kmeans);
      metrics.put("objective", found.objective());
      metrics.put("kmeans_iterations", found.iterations());
      return found;
    }
  }

  /** Takes over the centres, which it owns from here on. */
  private void use(Assignments found, FloatMatrix foundCentres) {
    close();
    assignments = found;
    centres = foundCentres;
  }

  @Override
  public double step(ImageBatch batch, long step) {
    double loss;
    try (TrainingPass pass =
            run.encoder().forward(batch.pixels(), run.seeds().key("dropout", step));
        IntVector positive = IntVector.allocate(batch.size());
        IntVector negative = IntVector.allocate(batch.size())) {
      run.kernels().kmeansAssign2(pass.output(), centres, positive, negative, null, null);
      if (options.target().equals("assigned")) {
        keepAssigned(batch.ids(), positive, negative);
      }
      loss =
          run.losses()
              .ratioLoss(
                  pass.output(),
                  centres,
                  positive,
                  negative,
                  LossKernels.RATIO_EPSILON,
                  pass.gradient());
      pass.backward();
    }
    run.encoder().step();
    return loss;
  }

  /** c+ = the image's own centre, c- = the nearest of the others. */
  private void keepAssigned(int[] ids, IntVector positive, IntVector negative) {
    int[] assigned = assignments.labelsOf(ids);
    for (int i = 0; i < ids.length; i++) {
      if (positive.get(i) != assigned[i]) {
        negative.set(i, positive.get(i));
        positive.set(i, assigned[i]);
      }
    }
  }

  @Override
  public Assignments assignments() {
    return assignments;
  }

  @Override
  public Assignments finalAssignments(Map<String, Object> metrics) {
    try (KMeans.Result found = cluster(run.plan().schedule().epochs(), metrics)) {
      return Assignments.of(found, clustering.k());
    }
  }

  @Override
  public StateDict state() {
    StateDict state = new StateDict();
    if (assignments != null) {
      state.putAll("assignments.", assignments.state()).put("centres", TensorData.of(centres));
    }
    return state;
  }

  @Override
  public void restore(StateDict state) {
    Assignments.restore(state.subset("assignments."))
        .ifPresent(found -> use(found, state.get("centres").matrix()));
  }

  @Override
  public int[] resumeEpoch(int epoch, StateDict state) {
    restore(state);
    return order(epoch);
  }

  @Override
  public void close() {
    if (centres != null) {
      centres.close();
      centres = null;
    }
  }
}
