package org.dc4j.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.dc4j.Training;
import org.dc4j.TrainingOptions;
import org.dc4j.TrainingReport;
import org.dc4j.cli.terminal.Interrupts;
import org.dc4j.cli.terminal.Session;
import org.dc4j.config.TrainingPlan;
import org.dc4j.train.Probe;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** dc4j train: from images to a run folder. */
@picocli.CommandLine.Command(
    name = "train",
    description = {
      "Learns an encoder from unlabelled images.",
      "The run folder receives the plan, figures of every epoch, checkpoints, the model, embeddings,"
          + " clusters and a report."
    })
final class TrainCommand extends Command {
  @Mixin PlanOptions planOptions = new PlanOptions();

  @Option(
      names = "--data",
      paramLabel = "SPEC",
      description = "images: ${COMPLETION-CANDIDATES}",
      completionCandidates = DataForms.class)
  String data;

  @Option(
      names = "--out",
      paramLabel = "RUN",
      description = "the run's folder, made if missing; needed but with --dry-run")
  Path out;

  @Option(
      names = "--resume",
      description = "continue the run in RUN by its own plan; plan options must not be given")
  boolean resume;

  @Option(names = "--strict", description = "stop at an unreadable image instead of skipping it")
  boolean strict;

  @Option(
      names = "--fail-on-collapse",
      description =
          "stop when one cluster holds half of the images, the embeddings shrink to a line or all is"
              + " noise, instead of a warning")
  boolean failOnCollapse;

  @Option(
      names = "--dry-run",
      description = "print the plan with its time by stage and peak memory, from a few real steps")
  boolean dryRun;

  TrainCommand(Session session) {
    super(session);
  }

  @Override
  Result execute() throws Exception {
    if (dryRun && !resume) {
      return EstimateText.result(Training.estimate(planOptions.plan(data, common)));
    }
    if (out == null || dryRun) {
      throw new IllegalArgumentException(
          out == null
              ? "--out is missing: the folder of the run"
              : "--dry-run looks at a new plan; it cannot go with --resume");
    }
    TrainingPlan plan = resume ? resumedPlan() : planOptions.plan(data, common);
    Interrupts.stopInGoodOrder(session, "saving a checkpoint; --resume continues from it");
    TrainingOptions options =
        new TrainingOptions(
            resume,
            strict,
            session.listener(common.quiet),
            session.stop(),
            Probe.NONE,
            failOnCollapse);
    TrainingReport report = Training.run(plan, out, options);
    return report(report);
  }

  private TrainingPlan resumedPlan() throws Exception {
    boolean planGiven =
        data != null
            || common.seed != null
            || common.threads != null
            || common.device != null
            || planOptions.isGiven();
    if (planGiven) {
      throw new IllegalArgumentException(
          "--resume continues by %s; accepted beside it: --out, --strict, --json, -v, -q"
              .formatted(out.resolve("plan.yaml")));
    }
    return PlanOptions.ofRun(out);
  }

  private static Result report(TrainingReport report) {
    Map<String, Object> values = new LinkedHashMap<>(report.metrics());
    values.remove("event");
    StringBuilder text = new StringBuilder();
    values.forEach((name, value) -> text.append("%s %s%n".formatted(name, value)));
    text.append("peak memory %d MiB%n".formatted(report.peakMemoryBytes() >> 20));
    text.append("run %s%nreport %s%n".formatted(report.run(), report.run().resolve("report.html")));
    values.put("images", report.images());
    values.put("skipped", report.skipped());
    values.put("peak_memory_bytes", report.peakMemoryBytes());
    values.put("run", report.run().toString());
    return Result.done(values, text.toString());
  }
}
