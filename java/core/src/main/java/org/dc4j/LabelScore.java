package org.dc4j;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.dc4j.cluster.Assignments;
import org.dc4j.cluster.KMeans;
import org.dc4j.config.TrainingPlan;
import org.dc4j.config.TrainingPlan.EvaluationPlan;
import org.dc4j.data.DataException;
import org.dc4j.data.source.DataSet;
import org.dc4j.eval.Nmi;
import org.dc4j.eval.RepresentationScore;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.EmptyClusterPolicy;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.SeedMethod;
import org.dc4j.random.Seeds;
import org.dc4j.train.Probe;

/**
 * Scores embeddings against the labels of a training and a test set: one protocol for raw pixels,
 * untrained and trained networks. Labels are read here and nowhere else. Owns a context on the
 * plan's device: close it. As a {@link Probe} it adds knn, nmi and nmi_labels to the rows of a run.
 */
public final class LabelScore implements Probe, AutoCloseable {
  private static final int KMEANS_RUNS = 3;
  private static final int KMEANS_ITERATIONS = 100;

  private final TrainingPlan plan;
  private final DataSet train;
  private final DataSet test;
  private final int[] trainLabels;
  private final int[] testLabels;
  private final DeviceContext context;

  /**
   * Takes two labelled sets.
   *
   * @param train where neighbours and the whitening come from
   * @param test what is scored
   */
  public LabelScore(TrainingPlan plan, DataSet train, DataSet test) {
    this.plan = plan;
    this.train = train;
    this.test = test;
    this.trainLabels = labels(train);
    this.testLabels = labels(test);
    this.context = DeviceContext.open(plan.device(), plan.threads());
  }

  private static int[] labels(DataSet set) {
    return set.labels()
        .orElseThrow(() -> new DataException(set.description() + " has no labels to score with"));
  }

  /** Scores raw pixels: the evaluation views flattened. */
  public RepresentationScore rawPixels() {
    return of(images -> Workbench.pixels(plan, images));
  }

  /** Scores what {@code network} makes of the two sets. */
  public RepresentationScore of(Network network) {
    EvaluationPlan protocol = plan.evaluation();
    try (FloatMatrix base = network.embeddings(train.images());
        FloatMatrix rows = network.embeddings(test.images())) {
      int whiten = (int) Math.min(protocol.whiten(), Math.min(base.cols(), base.rows() - 1));
      return RepresentationScore.of(
          context.kernels(),
          base,
          trainLabels,
          rows,
          testLabels,
          new RepresentationScore.Protocol(
              whiten, protocol.neighbours(), protocol.temperature(), classes(), seeds()),
          this::cluster);
    }
  }

  private int classes() {
    return (int) Arrays.stream(testLabels).distinct().count();
  }

  private long[] seeds() {
    Seeds seeds = new Seeds(plan.seed());
    long[] keys = new long[KMEANS_RUNS];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = seeds.key("score", i);
    }
    return keys;
  }

  private int[] cluster(FloatMatrix x, int k, long seed) {
    KMeans.Options options =
        new KMeans.Options(
            k,
            KMEANS_ITERATIONS,
            SeedMethod.KMEANS_PLUS_PLUS,
            EmptyClusterPolicy.FARTHEST,
            false,
            seed);
    try (KMeans.Result result = KMeans.fit(context.kernels(), x, options)) {
      return result.labels().toArray();
    }
  }

  @Override
  public Map<String, Double> measure(int epoch, Assignments assignments, Network network) {
    Map<String, Double> figures = new LinkedHashMap<>();
    if (assignments != null && assignments.labels().length == trainLabels.length) {
      figures.put("nmi_labels", Nmi.of(trainLabels, assignments.noiseAsCluster()));
    }
    int every = plan.evaluation().everyEpochs();
    if (every > 0 && (epoch % every == 0 || epoch == plan.schedule().epochs())) {
      RepresentationScore score = of(network);
      figures.put("knn", score.knnAccuracy());
      figures.put("nmi", score.nmi().mean());
    }
    return figures;
  }

  @Override
  public void close() {
    context.close();
  }
}
