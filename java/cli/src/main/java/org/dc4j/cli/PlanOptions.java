package org.dc4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.dc4j.config.PlanFiles;
import org.dc4j.config.PlanValidation;
import org.dc4j.config.TrainingPlan;
import org.dc4j.data.DataException;
import org.dc4j.data.source.DataSpec;
import org.dc4j.encoder.Backbone;
import org.dc4j.method.Methods;
import picocli.CommandLine.Option;

/** The options that make a plan: preset, then the file, then named options, then --set. */
final class PlanOptions {
  @Option(
      names = "--method",
      paramLabel = "M",
      description = "training method (default deepcluster): ${COMPLETION-CANDIDATES}",
      completionCandidates = MethodNames.class)
  String method;

  @Option(
      names = "--preset",
      paramLabel = "P",
      description =
          "plan to start from (default: the method's published one): ${COMPLETION-CANDIDATES}",
      completionCandidates = PresetNames.class)
  String preset;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "YAML file laid over the preset; its keys are those of a run's plan.yaml")
  Path config;

  @Option(
      names = "--backbone",
      paramLabel = "B",
      description = "network: ${COMPLETION-CANDIDATES}",
      completionCandidates = BackboneNames.class)
  String backbone;

  @Option(
      names = "--weights",
      paramLabel = "FILE",
      description =
          "safetensors file to start from: a run's model, or a backbone alone with torchvision's names")
  String weights;

  @Option(names = "--k", paramLabel = "K", description = "number of clusters")
  String k;

  @Option(names = "--epochs", paramLabel = "E", description = "passes over the data")
  String epochs;

  @Option(names = "--batch-size", paramLabel = "N", description = "images per step")
  String batchSize;

  @Option(
      names = "--select-on",
      paramLabel = "SET",
      description =
          "labelled data whose mAP (several cameras) or R@1 after each epoch chooses the weights"
              + " that are kept; nothing measured on it is a test any more (default: the last"
              + " epoch's)")
  String selectOn;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "any setting of the plan, for example --set optimizer.learningRate=0.1")
  List<String> settings = List.of();

  /** For the help and for completion. */
  static final class MethodNames extends ArrayList<String> {
    MethodNames() {
      super(Methods.names());
    }
  }

  /** For the help and for completion. */
  static final class BackboneNames extends ArrayList<String> {
    BackboneNames() {
      super(Backbone.labels());
    }
  }

  /** For the help and for completion. */
  static final class PresetNames extends ArrayList<String> {
    PresetNames() {
      super(PlanFiles.presets());
    }
  }

  /** Whether any of these options was on the command line. */
  boolean isGiven() {
    return !settings.isEmpty()
        || Stream.of(method, preset, config, backbone, weights, k, epochs, batchSize, selectOn)
            .anyMatch(Objects::nonNull);
  }

  /** The validated plan. */
  TrainingPlan plan(String data, CommonOptions common) throws IOException {
    if (method != null && !Methods.names().contains(method)) {
      throw Choices.unknown("--method", method, new LinkedHashSet<>(Methods.names()));
    }
    String start = preset != null ? preset : method != null ? method : "deepcluster";
    TrainingPlan plan = PlanFiles.preset(start);
    if (config != null) {
      plan = PlanFiles.mergeFile(plan, config);
    }
    plan = with(plan, "method", method);
    plan = with(plan, "data", data);
    plan = with(plan, "seed", common.seed);
    plan = with(plan, "threads", common.threads);
    plan = with(plan, "device", common.device);
    plan = with(plan, "encoder.backbone", backbone);
    plan = with(plan, "encoder.weights", weights);
    plan = with(plan, "clustering.k", k);
    plan = with(plan, "schedule.epochs", epochs);
    plan = with(plan, "schedule.batchSize", batchSize);
    plan = with(plan, "evaluation.selectOn", selectOn);
    for (String setting : settings) {
      plan = PlanFiles.with(plan, setting);
    }
    return withAbsolutePaths(PlanValidation.validate(plan));
  }

  /** A plan that means the same in every folder: --resume and report may be called from another. */
  private static TrainingPlan withAbsolutePaths(TrainingPlan plan) {
    String given = plan.encoder().weights();
    String selectOn = plan.evaluation().selectOn();
    TrainingPlan whole = with(plan, "data", absolute(plan.data()));
    whole = with(whole, "evaluation.selectOn", selectOn == null ? null : absolute(selectOn));
    return with(whole, "encoder.weights", given == null ? null : Path.of(given).toAbsolutePath());
  }

  private static DataSpec absolute(String data) {
    DataSpec spec = DataSpec.parse(data);
    return new DataSpec(spec.kind(), spec.path().toAbsolutePath(), spec.split());
  }

  /** The plan of a run that is to be continued; it cannot be changed. */
  static TrainingPlan ofRun(Path run) throws IOException {
    Path plan = run.resolve("plan.yaml");
    if (!Files.exists(plan)) {
      throw new DataException(run + " holds no run to continue: plan.yaml is missing");
    }
    return PlanFiles.readFile(plan);
  }

  private static TrainingPlan with(TrainingPlan plan, String key, Object value) {
    return value == null ? plan : PlanFiles.with(plan, key, value.toString());
  }
}
