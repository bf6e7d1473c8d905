package org.dc4j.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;
import org.dc4j.Comparison;
import org.dc4j.cli.terminal.Session;
import org.dc4j.cluster.KMeans;
import org.dc4j.data.source.DataSets;
import org.dc4j.data.source.DataSpec;
import org.dc4j.eval.Ami;
import org.dc4j.eval.Ari;
import org.dc4j.eval.ClusterAccuracy;
import org.dc4j.eval.Contingency;
import org.dc4j.eval.KnnClassifier;
import org.dc4j.eval.Nmi;
import org.dc4j.eval.RecallAtK;
import org.dc4j.format.FormatException;
import org.dc4j.format.NpyFile;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.Kernels;
import picocli.CommandLine.Option;

/** dc4j eval: scores of embeddings and clusters against labels. */
@picocli.CommandLine.Command(
    name = "eval",
    description = {
      "Scores embeddings and clusters, or a whole model, against labels.",
      "nmi, nmi-geometric, ami, ari and accuracy compare clusters with labels; recall@K and knn"
          + " look at nearest neighbours by cosine. A model is scored beside raw pixels and the"
          + " untrained network."
    })
final class EvalCommand extends Command {
  private static final Map<String, ToDoubleFunction<Contingency>> PARTITION_METRICS =
      new LinkedHashMap<>();
  private static final Pattern RECALL = Pattern.compile("recall@([1-9][0-9]{0,8})");
  private static final Set<String> ACCEPTED;

  static {
    PARTITION_METRICS.put("nmi", Nmi::arithmetic);
    PARTITION_METRICS.put("nmi-geometric", Nmi::geometric);
    PARTITION_METRICS.put("ami", Ami::of);
    PARTITION_METRICS.put("ari", Ari::of);
    PARTITION_METRICS.put("accuracy", ClusterAccuracy::of);
    ACCEPTED = new LinkedHashSet<>(PARTITION_METRICS.keySet());
    ACCEPTED.addAll(List.of("recall@K", "knn"));
  }

  @Option(
      names = "--embeddings",
      paramLabel = "X.npy",
      description = "matrix, one row per item; not needed to compare --clusters with the labels")
  Path embeddings;

  @Option(
      names = "--labels",
      paramLabel = "Y.npy",
      description = "one class per row: i4, i8 or u1, 0 or more")
  Path labels;

  @Option(
      names = "--clusters",
      paramLabel = "C.npy",
      description =
          "one cluster per row; without it, k-means of the embeddings into as many clusters as"
              + " there are classes")
  Path clusters;

  @Option(
      names = "--train-embeddings",
      paramLabel = "X.npy",
      description = "rows that vote for knn; without them every row is classified by all others")
  Path trainEmbeddings;

  @Option(
      names = "--train-labels",
      paramLabel = "Y.npy",
      description = "classes of the rows that vote")
  Path trainLabels;

  @Option(
      names = "--metrics",
      split = ",",
      defaultValue = "nmi,ami,ari,accuracy,recall@1,knn",
      paramLabel = "M",
      description = "comma-separated; any K in recall@K (default: ${DEFAULT-VALUE})")
  List<String> metrics;

  @Option(
      names = "--neighbours",
      defaultValue = "20",
      paramLabel = "N",
      description = "rows that vote in knn (default: ${DEFAULT-VALUE})")
  int neighbours;

  @Option(
      names = "--temperature",
      defaultValue = "0.07",
      paramLabel = "T",
      description = "a vote weighs exp(cosine / T) (default: ${DEFAULT-VALUE})")
  double temperature;

  @Option(
      names = "--model",
      paramLabel = "RUN",
      description = "score this run's model; needs --data and --test")
  Path model;

  @Option(
      names = "--data",
      paramLabel = "SPEC",
      description = "labelled images that vote in knn and fit the whitening")
  String data;

  @Option(names = "--test", paramLabel = "SPEC", description = "labelled images to score")
  String test;

  EvalCommand(Session session) {
    super(session);
  }

  @Override
  Result execute() throws IOException {
    if (model != null || data != null || test != null) {
      return scoreModel();
    }
    if (labels == null) {
      throw new IllegalArgumentException(
          "--labels is missing; to score a model give --model, --data and --test");
    }
    metrics.forEach(EvalCommand::requireKnown);
    if ((trainEmbeddings == null) != (trainLabels == null)) {
      throw new IllegalArgumentException(
          "--train-embeddings and --train-labels: give both or neither");
    }
    boolean partition = metrics.stream().anyMatch(PARTITION_METRICS::containsKey);
    boolean rows = !PARTITION_METRICS.keySet().containsAll(metrics);
    if (embeddings == null && (rows || clusters == null)) {
      throw new IllegalArgumentException(
          rows
              ? "--embeddings is missing: recall@K and knn are measured on them"
              : "--embeddings or --clusters is missing");
    }
    int[] classes = NpyFile.readInts(labels);
    Map<String, Object> found = new LinkedHashMap<>();
    if (!rows && clusters != null) {
      score(found, null, null, classes, NpyFile.readInts(clusters));
      return Result.done(found, table(found));
    }
    try (DeviceContext context = common.openDevice();
        FloatMatrix x = NpyFile.readFloatMatrix(embeddings)) {
      requireSameLength(x, classes);
      Kernels kernels = context.kernels();
      int[] assigned = partition ? clusters(kernels, x, classes) : null;
      score(found, kernels, x, classes, assigned);
    }
    return Result.done(found, table(found));
  }

  private Result scoreModel() throws IOException {
    if (model == null || data == null || test == null || embeddings != null || labels != null) {
      throw new IllegalArgumentException(
          "a model is scored by --model, --data and --test together, without --embeddings or"
              + " --labels");
    }
    Comparison comparison =
        Comparison.of(
            model,
            PlanOptions.ofRun(model),
            DataSets.open(DataSpec.parse(data)),
            DataSets.open(DataSpec.parse(test)),
            session.listener(common.quiet),
            session.stop());
    Map<String, Object> found = ComparisonTable.values(comparison, 2);
    found.put("raw_pixels", ComparisonTable.values(comparison, 0));
    found.put("untrained", ComparisonTable.values(comparison, 1));
    return Result.done(found, ComparisonTable.of(comparison));
  }

  private void score(
      Map<String, Object> found, Kernels kernels, FloatMatrix x, int[] classes, int[] assigned) {
    Contingency counts = assigned == null ? null : Contingency.of(classes, assigned);
    for (String metric : metrics) {
      if (PARTITION_METRICS.containsKey(metric)) {
        found.put(metric, PARTITION_METRICS.get(metric).applyAsDouble(counts));
      } else if (metric.equals("knn")) {
        found.put(metric, knn(kernels, x, classes));
      } else {
        int k = Integer.parseInt(metric.substring(metric.indexOf('@') + 1));
        found.put(metric, RecallAtK.of(kernels, x, classes, k)[0]);
      }
    }
  }

  private double knn(Kernels kernels, FloatMatrix x, int[] classes) {
    KnnClassifier knn = new KnnClassifier(neighbours, temperature);
    if (trainEmbeddings == null) {
      return knn.leaveOneOut(kernels, x, classes);
    }
    try (FloatMatrix train = NpyFile.readFloatMatrix(trainEmbeddings)) {
      return knn.accuracy(kernels, train, NpyFile.readInts(trainLabels), x, classes);
    }
  }

  private int[] clusters(Kernels kernels, FloatMatrix x, int[] classes) {
    if (clusters != null) {
      return NpyFile.readInts(clusters);
    }
    int k = Contingency.of(classes, classes).classes();
    KMeans.Options options = KMeans.Options.of(k, common.seedOr(0));
    try (KMeans.Result result = KMeans.fit(kernels, x, options)) {
      return result.labels().toArray();
    }
  }

  private void requireSameLength(FloatMatrix x, int[] classes) {
    if (classes.length != x.rows()) {
      throw new FormatException(
          labels,
          "%d labels for the %d rows of %s".formatted(classes.length, x.rows(), embeddings));
    }
  }

  private static void requireKnown(String metric) {
    boolean known =
        PARTITION_METRICS.containsKey(metric)
            || metric.equals("knn")
            || RECALL.matcher(metric).matches();
    if (!known) {
      throw Choices.unknown("--metrics", metric, ACCEPTED);
    }
  }

  private static String table(Map<String, Object> found) {
    StringBuilder table = new StringBuilder();
    int width = found.keySet().stream().mapToInt(String::length).max().orElse(0);
    found.forEach(
        (metric, value) ->
            table.append(("%-" + width + "s  %.4f%n").formatted(metric, (Double) value)));
    return table.toString();
  }
}
