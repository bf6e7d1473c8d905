package org.dc4j.method;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.dc4j.cluster.Assignments;
import org.dc4j.cluster.KMeans;
import org.dc4j.config.TrainingPlan.ClusteringPlan;
import org.dc4j.config.TrainingPlan.LocalCropsPlan;
import org.dc4j.data.ImageBatch;
import org.dc4j.data.sample.Shuffled;
import org.dc4j.encoder.TrainingPass;
import org.dc4j.format.StateDict;
import org.dc4j.format.TensorData;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.IntVector;

/**
 * DeepCluster-v2 (Caron et al. 2020; methods.md 2.3):
 *
 * <ol>
 *   <li>a bank of unit embeddings for each of the first crops, filled by one pass before epoch 0;
 *   <li>every epoch and for each head: spherical k-means on a bank (in turn); its centroids are the
 *       head's prototypes, its labels the targets of the epoch; images not seen in the last epoch
 *       have no label;
 *   <li>all crops of an image share its label; the loss is the mean over heads of the cross-entropy
 *       of (z . prototypes / temperature);
 *   <li>the banks are overwritten with the embeddings of the batch's crops.
 * </ol>
 *
 * Prototypes receive no gradient: the published schedule freezes them for longer than it trains.
 */
public final class DeepClusterV2 implements Method {
  /**
   * Constants of the method; clustering.k is the number of prototypes of a head.
   *
   * @param heads clusterings an epoch (published: 3)
   * @param banks crops whose embeddings are kept (published: 2)
   * @param temperature of the softmax (published: 0.1)
   */
  public record Options(int heads, int banks, double temperature) {
    public Options {
      PlanDemands.range("heads", heads, 1, 64);
      PlanDemands.range("banks", banks, 1, 64);
      PlanDemands.range("temperature", temperature, 1e-6, 1e6);
    }
  }

  private final MethodContext run;
  private final Options options;
  private final ClusteringPlan clustering;
  private final int samples;
  private final FloatMatrix[] banks; // [N x d] each, rows by image id
  private final FloatMatrix[] prototypes; // [K x d] each
  private final int[][] labels; // [N] each, -1 = none
  private int[] seen; // [N] 1 = in this epoch's batches so far
  private Assignments assignments; // of the first head

  public DeepClusterV2(MethodContext run) {
    this.run = run;
    this.options = run.plan().options().as(Options.class);
    this.clustering = PlanDemands.clustering(run);
    this.samples = PlanDemands.samples(run);
    PlanDemands.requireNormalized(run);
    PlanDemands.requireNoWhitening(run);
    requireEnoughSeen();
    if (run.plan().augmentation().crops() < options.banks()) {
      throw new IllegalArgumentException(
          "options.banks is %d but there are %d crops (augmentation.crops); accepted: 1..%d"
              .formatted(
                  options.banks(),
                  run.plan().augmentation().crops(),
                  run.plan().augmentation().crops()));
    }
    this.banks = new FloatMatrix[options.banks()];
    this.prototypes = new FloatMatrix[options.heads()];
    this.labels = new int[options.heads()][];
    this.seen = new int[run.images()];
  }

  @Override
  public int[] beginEpoch(int epoch, Map<String, Object> metrics) {
    if (banks[0] == null) {
      fillBanks(epoch);
    }
    int[] members = IntStream.range(0, run.images()).filter(id -> seen[id] == 1).toArray();
    for (int head = 0; head < options.heads(); head++) {
      try (FloatMatrix rows = banks[head % banks.length].gatherRows(members);
          KMeans.Result found = cluster(rows, (long) epoch * options.heads() + head)) {
        Assignments ofMembers = Assignments.of(found, clustering.k());
        use(head, found.centroids().copy(), spread(ofMembers, members));
        if (head == 0) {
          metrics.put("objective", found.objective());
          metrics.put("kmeans_iterations", found.iterations());
        }
      }
    }
    seen = new int[run.images()];
    return order(epoch);
  }

  private void fillBanks(int epoch) {
    try (Features.Table features = run.features().table(epoch, 0, 0)) {
      for (int bank = 0; bank < banks.length; bank++) {
        banks[bank] = features.rows().copy();
      }
    }
    Arrays.fill(seen, 1);
  }

  /** Every epoch but the first clusters the images of the batches before it. */
  private void requireEnoughSeen() {
    int batch = run.plan().schedule().batchSize();
    int seenByEpoch = Math.min(run.images(), samples / batch * batch);
    if (clustering.k() > seenByEpoch && run.plan().schedule().epochs() > 1) {
      throw new IllegalArgumentException(
          "clustering.k is %d but an epoch sees %d images in batches of %d; accepted: 2..%d, or a larger schedule.reassign"
              .formatted(clustering.k(), seenByEpoch, batch, seenByEpoch));
    }
  }

  private KMeans.Result cluster(FloatMatrix rows, long run0) {
    long seed = run.seeds().key("kmeans", run0);
    return KMeans.fit(run.kernels(), rows, KMeans.Options.of(clustering, seed).onSphere());
  }

  /** From rows of a bank to images: those that are not members have no label. */
  private Assignments spread(Assignments found, int[] members) {
    int[] byImage = new int[run.images()];
    float[] distances = new float[run.images()];
    Arrays.fill(byImage, -1);
    for (int i = 0; i < members.length; i++) {
      byImage[members[i]] = found.labels()[i];
      distances[members[i]] = found.distances()[i];
    }
    return new Assignments(byImage, distances, found.k(), found.objective(), found.iterations());
  }

  private void use(int head, FloatMatrix centroids, Assignments found) {
    if (prototypes[head] != null) {
      prototypes[head].close();
    }
    prototypes[head] = centroids;
    labels[head] = found.labels();
    if (head == 0) {
      assignments = found;
    }
  }

  private int[] order(int epoch) {
    return Shuffled.draw(run.images(), samples, run.seeds().stream("sampler", epoch));
  }

  @Override
  public double step(ImageBatch batch, long step) {
    int large = run.plan().augmentation().crops();
    LocalCropsPlan local = run.plan().augmentation().localCrops();
    List<FloatMatrix> crops = batch.crops();
    double share = (double) large / crops.size();
    long seed = run.seeds().key("dropout", step);
    int height = run.plan().image().height();
    int width = run.plan().image().width();
    double loss = share * pass(batch, crops.subList(0, large), height, width, seed, share, true);
    if (local != null) {
      List<FloatMatrix> small = crops.subList(large, crops.size());
      double rest = 1 - share;
      loss += rest * pass(batch, small, local.size(), local.size(), seed + 1, rest, false);
    }
    run.encoder().step();
    for (int id : batch.ids()) {
      seen[id] = 1;
    }
    return loss;
  }

  /** Forward and backward of crops of one size; their share weighs the gradient. */
  private double pass(
      ImageBatch batch,
      List<FloatMatrix> crops,
      int height,
      int width,
      long seed,
      double share,
      boolean toBanks) {
    double loss = 0;
    try (FloatMatrix pixels = stacked(crops);
        TrainingPass pass = run.encoder().forward(pixels, height, width, seed);
        FloatMatrix gradient = FloatMatrix.allocate(pass.output().rows(), pass.output().cols())) {
      for (int head = 0; head < options.heads(); head++) {
        try (IntVector targets = IntVector.of(targets(head, batch.ids(), crops.size()))) {
          loss +=
              run.losses()
                  .infoNce(
                      pass.output(), prototypes[head], targets, options.temperature(), gradient);
        }
        run.losses().addScaled(gradient, share / options.heads(), pass.gradient());
      }
      pass.backward();
      for (int bank = 0; toBanks && bank < banks.length; bank++) {
        try (FloatMatrix rows = pass.output().rowRange((long) bank * batch.size(), batch.size())) {
          banks[bank].scatterRows(batch.ids(), rows);
        }
      }
    }
    return loss / options.heads();
  }

  private static FloatMatrix stacked(List<FloatMatrix> crops) {
    long b = crops.get(0).rows();
    FloatMatrix all = FloatMatrix.allocate(crops.size() * b, crops.get(0).cols());
    for (int crop = 0; crop < crops.size(); crop++) {
      all.setRows(crop * b, crops.get(crop));
    }
    return all;
  }

  /** The labels of the ids, once for each crop. */
  private int[] targets(int head, int[] ids, int crops) {
    int[] targets = new int[ids.length * crops];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = labels[head][ids[i % ids.length]];
    }
    return targets;
  }

  @Override
  public Assignments assignments() {
    return assignments;
  }

  @Override
  public Assignments finalAssignments(Map<String, Object> metrics) {
    int epochs = run.plan().schedule().epochs();
    try (Features.Table features = run.features().table(epochs, 0, 0);
        KMeans.Result found = cluster(features.rows(), (long) epochs * options.heads())) {
      metrics.put("objective", found.objective());
      return Assignments.of(found, clustering.k());
    }
  }

  @Override
  public StateDict state() {
    StateDict state = new StateDict();
    if (assignments != null) {
      state.putAll("assignments.", assignments.state());
      state.put("seen", TensorData.of(seen, seen.length));
      for (int bank = 0; bank < banks.length; bank++) {
        state.put("bank." + bank, TensorData.of(banks[bank]));
      }
      for (int head = 0; head < prototypes.length; head++) {
        state.put("prototypes." + head, TensorData.of(prototypes[head]));
        state.put("labels." + head, TensorData.of(labels[head], labels[head].length));
      }
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
              seen = state.get("seen").ints();
              for (int bank = 0; bank < banks.length; bank++) {
                banks[bank] = state.get("bank." + bank).matrix();
              }
              for (int head = 0; head < prototypes.length; head++) {
                prototypes[head] = state.get("prototypes." + head).matrix();
                labels[head] = state.get("labels." + head).ints();
              }
            });
  }

  @Override
  public int[] resumeEpoch(int epoch, StateDict state) {
    restore(state);
    return order(epoch);
  }

  @Override
  public void close() {
    for (FloatMatrix[] matrices : List.of(banks, prototypes)) {
      for (int i = 0; i < matrices.length; i++) {
        if (matrices[i] != null) {
          matrices[i].close();
          matrices[i] = null;
        }
      }
    }
  }
}
