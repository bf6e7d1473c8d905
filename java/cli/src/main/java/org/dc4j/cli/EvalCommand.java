package org.dc4j.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.dc4j.Comparison;
import org.dc4j.RunPlan;
import org.dc4j.cli.terminal.Session;
import org.dc4j.cluster.KMeans;
import org.dc4j.data.source.DataSet;
import org.dc4j.data.source.DataSets;
import org.dc4j.data.source.DataSpec;
import org.dc4j.data.source.UsableSet;
import org.dc4j.eval.Contingency;
import org.dc4j.eval.KnnClassifier;
import org.dc4j.format.FormatException;
import org.dc4j.format.NpyFile;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.Kernels;
import org.dc4j.train.Progress;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** dc4j eval: scores of embeddings and clusters against labels. */
@picocli.CommandLine.Command(
    name = "eval",
    description = {
      "Scores embeddings and clusters, or a whole model, against labels.",
      "nmi, nmi-geometric, ami, ari and accuracy compare clusters with labels; recall@K and knn"
          + " look at nearest neighbours by cosine; map and cmc@K rank all other rows, without"
          + " those of the row's own class and camera.",
      "A model is scored beside raw pixels and the untrained network; in retrieval and reid that is"
          + " the network with the weights it began with, and colour histograms stand beside it."
    })
final class EvalCommand extends Command {
  private static final Map<String, List<String>> PROTOCOLS = new LinkedHashMap<>();

  static {
    PROTOCOLS.put("clusters", List.of("nmi", "ami", "ari", "accuracy", "recall@1", "knn"));
    PROTOCOLS.put("retrieval", List.of("recall@1", "recall@2", "recall@4", "recall@8", "nmi"));
    PROTOCOLS.put("reid", List.of("map", "cmc@1", "cmc@5", "cmc@10"));
  }

  private static final Set<String> OF_OUTPUT = Set.of("--json", "--verbose", "--quiet");

  @Spec CommandSpec spec;

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
      names = "--cameras",
      paramLabel = "C.npy",
      description = "one camera per row, 0 or more, for map and cmc@K; without it no match is junk")
  Path cameras;

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
      paramLabel = "M",
      description =
          "comma-separated; any K in recall@K and cmc@K (default:"
              + " nmi,ami,ari,accuracy,recall@1,knn; of a protocol its own)")
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
      description = "score this run's model; needs --data, and --test for protocol clusters")
  Path model;

  @Option(
      names = "--data",
      paramLabel = "SPEC",
      description =
          "labelled images that vote in knn and fit the whitening; in retrieval and reid the images"
              + " to score, each a query")
  String data;

  @Option(
      names = "--test",
      paramLabel = "SPEC",
      description = "labelled images to score, protocol clusters")
  String test;

  @Option(
      names = "--gallery",
      paramLabel = "SPEC",
      description = "images to search in reid (default: all others of --data)")
  String gallery;

  @Option(
      names = "--protocol",
      paramLabel = "P",
      description =
          "of a model: clusters (default), retrieval (recall@K over classes training did not see)"
              + " or reid (map and cmc@K, matches by other cameras)")
  String protocol;

  EvalCommand(Session session) {
    super(session);
  }

  @Override
  Result execute() throws IOException {
    if (model != null || data != null || test != null || protocol != null || gallery != null) {
      return scoreModel();
    }
    if (labels == null) {
      throw new IllegalArgumentException(
          "--labels is missing; to score a model give --model, --data and --test");
    }
    LabelMetrics wanted = metrics("clusters");
    if ((trainEmbeddings == null) != (trainLabels == null)) {
      throw new IllegalArgumentException(
          "--train-embeddings and --train-labels: give both or neither");
    }
    if (embeddings == null && (wanted.needRows() || clusters == null)) {
      throw new IllegalArgumentException(
          wanted.needRows()
              ? "--embeddings is missing: recall@K, knn, map and cmc@K are measured on them"
              : "--embeddings or --clusters is missing");
    }
    int[] classes = NpyFile.readInts(labels);
    if (!wanted.needRows() && clusters != null) {
      if (common.device != null) {
        common.openDevice().close(); // counting needs none, but one that is named must be there
      }
      int[] groups = NpyFile.readInts(clusters);
      requireSameLength(clusters, "clusters", groups, classes.length, "labels of " + labels);
      Map<String, Object> found =
          wanted.measure(new LabelMetrics.Subject(null, null, classes, null, groups), null, null);
      return Result.done(found, table(found));
    }
    try (DeviceContext context = common.openDevice();
        FloatMatrix x = NpyFile.readFloatMatrix(embeddings)) {
      requireSameLength(labels, "labels", classes, x.rows(), "rows of " + embeddings);
      int[] seen = cameras == null ? null : cameras(x);
      Kernels kernels = context.kernels();
      int[] groups = wanted.needClusters() ? clusters(kernels, x, classes) : null;
      Map<String, Object> found =
          wanted.measure(
              new LabelMetrics.Subject(kernels, x, classes, seen, groups),
              null,
              () -> knn(kernels, x, classes));
      return Result.done(found, table(found));
    }
  }

  /** Refuses what was given but would change nothing: nobody should believe in it. */
  private void acceptOnly(Set<String> used, String why) {
    List<String> vain =
        spec.commandLine().getParseResult().matchedOptions().stream()
            .map(OptionSpec::longestName)
            .filter(name -> !used.contains(name) && !OF_OUTPUT.contains(name))
            .distinct()
            .toList();
    if (!vain.isEmpty()) {
      throw new IllegalArgumentException(String.join(", ", vain) + ": " + why);
    }
  }

  private LabelMetrics metrics(String protocolName) {
    return new LabelMetrics(metrics == null ? PROTOCOLS.get(protocolName) : metrics);
  }

  private int[] cameras(FloatMatrix x) {
    int[] values = NpyFile.readInts(cameras);
    requireSameLength(cameras, "cameras", values, x.rows(), "rows of " + embeddings);
    for (int i = 0; i < values.length; i++) {
      if (values[i] < 0) {
        throw new FormatException(
            cameras, "camera %d at index %d; accepted: 0 or more".formatted(values[i], i));
      }
    }
    return values;
  }

  private Result scoreModel() throws IOException {
    String chosen = protocol == null ? "clusters" : protocol;
    if (!PROTOCOLS.containsKey(chosen)) {
      throw Choices.unknown("--protocol", chosen, PROTOCOLS.keySet());
    }
    if (!chosen.equals("clusters")) {
      return scoreRetrieval(chosen);
    }
    if (gallery != null) {
      throw new IllegalArgumentException("--gallery is for --protocol reid");
    }
    if (model == null || data == null || test == null || embeddings != null || labels != null) {
      throw new IllegalArgumentException(
          "a model is scored by --model, --data and --test together, without --embeddings or"
              + " --labels");
    }
    acceptOnly(
        Set.of("--model", "--data", "--test", "--protocol"),
        "--protocol clusters measures its own metrics by the plan of the run; --protocol retrieval"
            + " and files of rows take more options");
    Comparison comparison =
        Comparison.of(
            model,
            RunPlan.of(model),
            usable(data),
            usable(test),
            session.listener(common.quiet),
            session.stop());
    Map<String, Object> found = ComparisonTable.values(comparison, 2);
    found.put("raw_pixels", ComparisonTable.values(comparison, 0));
    found.put("untrained", ComparisonTable.values(comparison, 1));
    return Result.done(found, ComparisonTable.of(comparison));
  }

  private Result scoreRetrieval(String chosen) throws IOException {
    if (model == null
        || data == null
        || test != null
        || embeddings != null
        || labels != null
        || clusters != null
        || cameras != null) {
      throw new IllegalArgumentException(
          "--protocol %s scores --model on --data, without --test or files of rows"
              .formatted(chosen));
    }
    acceptOnly(
        Set.of(
            "--model",
            "--data",
            "--gallery",
            "--protocol",
            "--metrics",
            "--neighbours",
            "--temperature",
            "--seed",
            "--threads",
            "--device"),
        "--protocol %s ranks images of --data alone".formatted(chosen));
    LabelMetrics wanted = metrics(chosen);
    if (gallery != null && !wanted.areOfRanking()) {
      throw new IllegalArgumentException("--gallery is for map and cmc@K alone");
    }
    DataSet queries = usable(data);
    DataSet searched = gallery == null ? null : usable(gallery);
    KnnClassifier knn = new KnnClassifier(neighbours, temperature);
    ModelRetrieval retrieval =
        new ModelRetrieval(wanted, chosen.equals("reid"), knn, this::clusters);
    Map<String, Map<String, Object>> found;
    try (DeviceContext context = common.openDevice()) {
      found = retrieval.score(context.kernels(), model, queries, searched, progress());
    }
    Map<String, Object> values = new LinkedHashMap<>(found.get("embeddings"));
    found.forEach((kind, scores) -> values.put(kind, scores));
    values.remove("embeddings");
    return Result.done(values, ModelRetrieval.table(found));
  }

  /** A set without its images that cannot be read or have no label; says which. */
  private DataSet usable(String spec) {
    DataSet all = DataSets.open(DataSpec.parse(spec));
    Progress progress = progress();
    progress.start("scan", all.images().size());
    int threads = Runtime.getRuntime().availableProcessors();
    UsableSet usable = UsableSet.of(all, threads, progress::advance);
    progress.finish();
    usable.left().forEach(bad -> session.err().println("skipped: " + bad.reason()));
    return usable.set();
  }

  private double knn(Kernels kernels, FloatMatrix x, int[] classes) {
    KnnClassifier knn = new KnnClassifier(neighbours, temperature);
    if (trainEmbeddings == null) {
      return knn.leaveOneOut(kernels, x, classes);
    }
    try (FloatMatrix train = NpyFile.readFloatMatrix(trainEmbeddings)) {
      int[] votes = NpyFile.readInts(trainLabels);
      requireSameLength(trainLabels, "labels", votes, train.rows(), "rows of " + trainEmbeddings);
      if (train.cols() != x.cols()) {
        throw new FormatException(
            trainEmbeddings,
            "%d columns, unlike the %d of %s".formatted(train.cols(), x.cols(), embeddings));
      }
      return knn.accuracy(kernels, train, votes, x, classes);
    }
  }

  private int[] clusters(Kernels kernels, FloatMatrix x, int[] classes) {
    if (clusters != null) {
      int[] groups = NpyFile.readInts(clusters);
      requireSameLength(clusters, "clusters", groups, x.rows(), "rows of " + embeddings);
      return groups;
    }
    int k = Contingency.of(classes, classes).classes();
    KMeans.Options options = KMeans.Options.of(k, common.seedOr(0));
    try (KMeans.Result result = KMeans.fit(kernels, x, options)) {
      return result.labels().toArray();
    }
  }

  private static void requireSameLength(
      Path file, String what, int[] values, long wanted, String others) {
    if (values.length != wanted) {
      throw new FormatException(
          file, "%d %s for the %d %s".formatted(values.length, what, wanted, others));
    }
  }

  private static String table(Map<String, Object> found) {
    StringBuilder table = new StringBuilder();
    int width = found.keySet().stream().mapToInt(String::length).max().orElse(0);
    found.forEach(
        (metric, value) ->
            table.append(
                String.format(Locale.ROOT, "%-" + width + "s  %.4f%n", metric, (Double) value)));
    return table.toString();
  }
}
