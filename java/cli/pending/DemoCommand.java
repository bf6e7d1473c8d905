package org.dc4j.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dc4j.TrainedModel;
import org.dc4j.Training;
import org.dc4j.TrainingOptions;
import org.dc4j.TrainingReport;
import org.dc4j.cli.terminal.Interrupts;
import org.dc4j.cli.terminal.Session;
import org.dc4j.cluster.KMeans;
import org.dc4j.config.PlanFiles;
import org.dc4j.config.PlanValidation;
import org.dc4j.config.TrainingPlan;
import org.dc4j.config.TrainingPlan.EvaluationPlan;
import org.dc4j.data.Image;
import org.dc4j.data.ImageSource;
import org.dc4j.data.source.DataSet;
import org.dc4j.data.source.DataSets;
import org.dc4j.data.source.DataSpec;
import org.dc4j.eval.Contingency;
import org.dc4j.eval.RepresentationScore;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.Kernels;
import org.dc4j.train.Probe;
import picocli.CommandLine.Option;

/** dc4j demo: the whole way on real images that ship with it. */
@picocli.CommandLine.Command(
    name = "demo",
    description = {
      "Trains DeepCluster on photos of clothes that ship with it, without their labels, and scores"
          + " the result against raw pixels and the untrained network.",
      "Minutes on two cores; no network."
    })
final class DemoCommand extends Command {
  private static final List<String> FILES =
      List.of(
          "train-images-idx3-ubyte.gz",
          "train-labels-idx1-ubyte.gz",
          "t10k-images-idx3-ubyte.gz",
          "t10k-labels-idx1-ubyte.gz",
          "LICENSE");
  private static final long[] SEEDS = {0, 1, 2};

  @Option(
      names = "--out",
      defaultValue = "dc4j-demo",
      paramLabel = "RUN",
      description = "the run's folder, made if missing (default: ${DEFAULT-VALUE})")
  Path out;

  @Option(names = "--epochs", paramLabel = "E", description = "passes over the data (default: 15)")
  String epochs;

  DemoCommand(Session session) {
    super(session);
  }

  @Override
  Result execute() throws IOException {
    Path folder = out.resolveSibling(out.getFileName() + "-data");
    unpack(folder);
    TrainingPlan plan = plan(folder);
    Interrupts.stopInGoodOrder(session, "saving a checkpoint; train --resume continues from it");
    TrainingOptions options =
        new TrainingOptions(
            false, false, session.listener(common.quiet), session.stop(), Probe.NONE);
    TrainingReport report = Training.run(plan, out, options);

    DataSet train = DataSets.open(DataSpec.parse("fashion-mnist:" + folder));
    DataSet test = DataSets.open(DataSpec.parse("fashion-mnist:" + folder + "?split=test"));
    Map<String, Object> values = new LinkedHashMap<>();
    try (DeviceContext context = common.openDevice()) {
      Scores scores = new Scores(context.kernels(), plan.evaluation(), train, test);
      try (TrainedModel model = TrainedModel.open(out)) {
        values.putAll(scores.of(model::embeddings));
      }
      values.put("raw_pixels", scores.of(DemoCommand::pixels));
      try (TrainedModel model = TrainedModel.untrained(plan)) {
        values.put("untrained", scores.of(model::embeddings));
      }
    }
    String text = table(values) + "report " + report.run().resolve("report.html");
    values.put("run", report.run().toString());
    return Result.done(values, text);
  }

  private TrainingPlan plan(Path folder) {
    TrainingPlan plan = PlanFiles.preset("deepcluster-small");
    plan = PlanFiles.with(plan, "data", "fashion-mnist:" + folder + "?split=train");
    plan = common.seed == null ? plan : PlanFiles.with(plan, "seed", common.seed.toString());
    plan = common.threads == null ? plan : PlanFiles.with(plan, "threads", "" + common.threads);
    plan = common.device == null ? plan : PlanFiles.with(plan, "device", common.device);
    plan = epochs == null ? plan : PlanFiles.with(plan, "schedule.epochs", epochs);
    return PlanValidation.validate(plan);
  }

  private static void unpack(Path folder) throws IOException {
    Files.createDirectories(folder);
    for (String name : FILES) {
      try (InputStream in = DemoCommand.class.getResourceAsStream("fashion-mnist/" + name)) {
        Files.copy(in, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  /** Pixels in 0..1 as rows. */
  private static FloatMatrix pixels(ImageSource images) {
    Image first = images.read(0);
    FloatMatrix rows = FloatMatrix.allocate(images.size(), first.pixels().length);
    float[] row = new float[first.pixels().length];
    for (int id = 0; id < images.size(); id++) {
      byte[] pixels = images.read(id).pixels();
      for (int i = 0; i < row.length; i++) {
        row[i] = (pixels[i] & 0xFF) / 255f;
      }
      rows.setRow(id, row);
    }
    return rows;
  }

  private static String table(Map<String, Object> values) {
    StringBuilder table = new StringBuilder("                k-NN    NMI     ARI     accuracy\n");
    line(table, "trained", values);
    line(table, "untrained", section(values, "untrained"));
    line(table, "raw pixels", section(values, "raw_pixels"));
    return table.toString();
  }

  @SuppressWarnings("unchecked") // put there above
  private static Map<String, Object> section(Map<String, Object> values, String name) {
    return (Map<String, Object>) values.get(name);
  }

  private static void line(StringBuilder table, String name, Map<String, Object> scores) {
    table.append(
        "%-14s  %.4f  %.4f  %.4f  %.4f%n"
            .formatted(
                name,
                scores.get("knn"),
                scores.get("nmi"),
                scores.get("ari"),
                scores.get("accuracy")));
  }

  /** One protocol for every representation. */
  private record Scores(Kernels kernels, EvaluationPlan evaluation, DataSet train, DataSet test) {
    /** Rows of a data set. */
    interface Representation {
      FloatMatrix rows(ImageSource images);
    }

    Map<String, Object> of(Representation representation) {
      int[] testLabels = test.labels().orElseThrow();
      int classes = Contingency.of(testLabels, testLabels).classes();
      RepresentationScore.Protocol protocol =
          new RepresentationScore.Protocol(
              evaluation.whiten(),
              evaluation.neighbours(),
              evaluation.temperature(),
              classes,
              SEEDS);
      try (FloatMatrix trainRows = representation.rows(train.images());
          FloatMatrix testRows = representation.rows(test.images())) {
        RepresentationScore score =
            RepresentationScore.of(
                kernels,
                trainRows,
                train.labels().orElseThrow(),
                testRows,
                testLabels,
                protocol,
                this::clusters);
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("knn", score.knnAccuracy());
        values.put("nmi", score.nmi().mean());
        values.put("nmi_deviation", score.nmi().deviation());
        values.put("ari", score.ari().mean());
        values.put("accuracy", score.accuracy().mean());
        return values;
      }
    }

    private int[] clusters(FloatMatrix x, int k, long seed) {
      try (KMeans.Result result = KMeans.fit(kernels, x, KMeans.Options.of(k, seed))) {
        return result.labels().toArray();
      }
    }
  }
}
