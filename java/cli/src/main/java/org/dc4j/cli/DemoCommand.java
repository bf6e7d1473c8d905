package org.dc4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.dc4j.Comparison;
import org.dc4j.Training;
import org.dc4j.TrainingOptions;
import org.dc4j.TrainingReport;
import org.dc4j.cli.terminal.Interrupts;
import org.dc4j.cli.terminal.Session;
import org.dc4j.config.PlanFiles;
import org.dc4j.config.PlanValidation;
import org.dc4j.config.TrainingPlan;
import org.dc4j.data.source.DataSets;
import org.dc4j.data.source.DataSpec;
import org.dc4j.train.Probe;
import org.dc4j.train.ProcessMemory;
import org.dc4j.train.TrainingListener;
import picocli.CommandLine.Option;

/** dc4j demo: the whole way on real images that ship with it. */
@picocli.CommandLine.Command(
    name = "demo",
    description = {
      "Trains on photos of clothes that ship with dc4j (a part of Fashion-MNIST), without looking at"
          + " their labels, then scores raw pixels, the untrained and the trained network against"
          + " the labels and writes a report.",
      "Minutes on two cores; no network."
    })
final class DemoCommand extends Command {
  private static final String AGAIN =
      "%s holds a run already: --resume continues it, --overwrite starts anew, --out takes another"
          + " folder";

  @Option(
      names = "--out",
      defaultValue = "dc4j-demo",
      paramLabel = "RUN",
      description = "the run's folder, made if missing (default: ${DEFAULT-VALUE})")
  Path out;

  @Option(
      names = "--epochs",
      paramLabel = "E",
      description = "passes over the data (default: those of the preset demo)")
  String epochs;

  @Option(names = "--resume", description = "continue an interrupted demo in RUN")
  boolean resume;

  @Option(
      names = "--overwrite",
      description =
          "delete the demo's run in RUN and start anew; files of your own are not deleted")
  boolean overwrite;

  DemoCommand(Session session) {
    super(session);
  }

  @Override
  Result execute() throws IOException {
    long started = System.nanoTime();
    DemoImages images = new DemoImages(out.resolve("data"));
    TrainingPlan plan = resume ? resumedPlan(images) : newPlan(images);
    images.unpack();
    Interrupts.stopInGoodOrder(session, "saving a checkpoint; --resume continues from it");
    TrainingListener listener = session.listener(common.quiet);
    TrainingReport report =
        Training.run(
            plan,
            out,
            new TrainingOptions(resume, true, listener, session.stop(), Probe.NONE, false));
    Comparison comparison =
        Comparison.of(
            out,
            plan,
            DataSets.open(DataSpec.parse(images.spec("train"))),
            DataSets.open(DataSpec.parse(images.spec("test"))),
            listener,
            session.stop());
    comparison.write(out);
    Path page = Training.report(out, listener);
    double seconds = (System.nanoTime() - started) / 1e9;
    long peak = Math.max(report.peakMemoryBytes(), ProcessMemory.peakBytes());
    return Result.done(
        values(comparison, plan, report, page, seconds, peak),
        ComparisonTable.of(comparison)
            + "\n%d images in %d clusters, %s, peak memory %d MiB%nrun     %s%nreport  %s%n"
                .formatted(
                    report.images(),
                    plan.clustering().k(),
                    duration(seconds),
                    peak >> 20,
                    out,
                    page));
  }

  private TrainingPlan newPlan(DemoImages images) throws IOException {
    boolean run = Files.exists(out.resolve("plan.yaml"));
    if (run && !overwrite) {
      throw new IllegalArgumentException(AGAIN.formatted(out));
    }
    TrainingPlan plan = with(PlanFiles.preset("demo"), "data", images.spec("train"));
    plan = with(plan, "seed", common.seed);
    plan = with(plan, "threads", common.threads);
    plan = with(plan, "device", common.device);
    plan = PlanValidation.validate(with(plan, "schedule.epochs", epochs));
    if (run) {
      requireDemo(PlanOptions.ofRun(out), images, "--overwrite deletes runs of the demo alone");
      EarlierDemo.delete(out);
    } else {
      images.requireOwnFolder(out);
    }
    return plan;
  }

  private TrainingPlan resumedPlan(DemoImages images) throws IOException {
    boolean planGiven =
        overwrite
            || epochs != null
            || common.seed != null
            || common.threads != null
            || common.device != null;
    if (planGiven) {
      throw new IllegalArgumentException(
          "--resume continues by %s; accepted beside it: --out, --json, -v, -q"
              .formatted(out.resolve("plan.yaml")));
    }
    TrainingPlan plan = PlanOptions.ofRun(out);
    requireDemo(plan, images, "train --resume continues it");
    return plan;
  }

  private void requireDemo(TrainingPlan plan, DemoImages images, String instead) {
    if (!images.spec("train").equals(plan.data())) {
      throw new IllegalArgumentException(
          "%s was trained on %s, not by the demo in this place; %s"
              .formatted(out, plan.data(), instead));
    }
  }

  private static TrainingPlan with(TrainingPlan plan, String key, Object value) {
    return value == null ? plan : PlanFiles.with(plan, key, value.toString());
  }

  private static String duration(double seconds) {
    long whole = Math.round(seconds);
    return "%d:%02d min".formatted(whole / 60, whole % 60);
  }

  /** The trained network's figures, and beside them the same of what it is compared with. */
  private static Map<String, Object> values(
      Comparison comparison,
      TrainingPlan plan,
      TrainingReport report,
      Path page,
      double seconds,
      long peak) {
    Map<String, Object> all = ComparisonTable.values(comparison, 2);
    all.put("raw_pixels", ComparisonTable.values(comparison, 0));
    all.put("untrained", ComparisonTable.values(comparison, 1));
    all.put("images", report.images());
    all.put("clusters", plan.clustering().k());
    all.put("epochs", plan.schedule().epochs());
    all.put("seconds", seconds);
    all.put("peak_memory_bytes", peak);
    all.put("run", report.run().toString());
    all.put("report", page.toString());
    return all;
  }
}
