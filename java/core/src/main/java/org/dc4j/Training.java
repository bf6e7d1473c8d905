package org.dc4j;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.dc4j.cluster.Assignments;
import org.dc4j.config.PlanFiles;
import org.dc4j.config.PlanValidation;
import org.dc4j.config.TrainingPlan;
import org.dc4j.data.ImageSource;
import org.dc4j.data.batch.BatchLoader;
import org.dc4j.data.source.DataSet;
import org.dc4j.data.source.DataSets;
import org.dc4j.data.source.DataSpec;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.NotFiniteException;
import org.dc4j.method.Method;
import org.dc4j.method.MethodContext;
import org.dc4j.method.Methods;
import org.dc4j.random.Seeds;
import org.dc4j.report.RunReport;
import org.dc4j.train.BestEpoch;
import org.dc4j.train.Checkpoint;
import org.dc4j.train.EmbeddingPass;
import org.dc4j.train.EpochLoop;
import org.dc4j.train.ProcessMemory;
import org.dc4j.train.RunFolder;
import org.dc4j.train.TrainingDivergedException;
import org.dc4j.train.TrainingListener;

/**
 * The front door: trains a plan and leaves a run folder. From images to clusters:
 *
 * <pre>{@code
 * TrainingPlan plan = PlanFiles.preset("deepcluster-small");
 * plan = PlanFiles.with(plan, "data", "folder:photos");
 * TrainingReport report = Training.run(plan, Path.of("run"), TrainingOptions.defaults());
 * }</pre>
 */
public final class Training {
  // Decoding is short and the order of its results fixed, so its threads are no part of the plan.
  private static final int DECODERS = Runtime.getRuntime().availableProcessors();

  private Training() {}

  /**
   * Trains, then writes model, embeddings, clusters and report. The same plan, data and thread
   * count give the same bytes, also when the run was killed and resumed in between.
   *
   * @param folder the run's folder, made if missing
   * @throws org.dc4j.config.InvalidPlanException if the plan is out of range
   * @throws org.dc4j.data.DataException if the data set is not usable
   * @throws org.dc4j.train.TrainingInterruptedException after a stop request, with a checkpoint
   *     saved
   */
  public static TrainingReport run(TrainingPlan plan, Path folder, TrainingOptions options) {
    PlanValidation.validate(plan);
    Methods.check(plan);
    ImageSource all = DataSets.open(DataSpec.parse(plan.data())).images();
    return run(plan, all, folder, options);
  }

  /** {@link #run(TrainingPlan, Path, TrainingOptions)} on images of the caller's own. */
  public static TrainingReport run(
      TrainingPlan plan, ImageSource all, Path folder, TrainingOptions options) {
    PlanValidation.validate(plan);
    Methods.check(plan);
    RunFolder.requireFree(folder, options.resume());
    if (plan.device().startsWith("cuda")) {
      // One that is not there should not be found out after a look at a million images.
      DeviceContext.open(plan.device(), plan.threads()).close();
    }
    TrainingListener listener = options.listener();
    ReadableImages readable = ReadableImages.of(all, DECODERS, options.strict(), listener);
    ImageSource images = readable.images();
    try (RunFolder run = RunFolder.open(folder, options.resume());
        Workbench bench = Workbench.open(plan);
        BatchLoader loader = bench.loader(images, true);
        EmbeddingPass embedding = bench.embedding(images, listener, options.stop())) {
      // A checkpoint of another run is refused before anything of that run is written over.
      Optional<Checkpoint> checkpoint =
          options.resume()
              ? Checkpoint.latest(run.checkpoints(), listener::message)
              : Optional.empty();
      checkpoint.ifPresent(found -> requireSameRun(found, plan, images));
      BestEpoch best = bestEpoch(plan, bench, options);
      MethodContext context =
          new MethodContext(
              plan,
              new Seeds(plan.seed()),
              bench.device(),
              bench.encoder(),
              embedding,
              cameras(images));
      try (Method method = Methods.create(context)) {
        if (checkpoint.isEmpty()) {
          if (options.resume()) {
            run.startOver();
          }
          begin(bench, loader, images.size(), listener);
        }
        // With its plan in it a folder holds a run. Weights that do not fit have been refused by
        // now: the corrected call finds no run in its way.
        run.writeText("plan.yaml", PlanFiles.toYaml(plan));
        run.writeSkipped(readable.skipped());
        EpochLoop loop =
            new EpochLoop(
                new EpochLoop.Parts(
                    plan,
                    method,
                    bench.encoder(),
                    loader,
                    bench::trainingViews,
                    embedding,
                    best,
                    run,
                    options.probe(),
                    bench::embeddings,
                    listener,
                    options.stop(),
                    options.failOnCollapse(),
                    fingerprint(plan, images)));
        checkpoint.ifPresent(loop::resume);
        loop.run();
        Map<String, Object> metrics = new LinkedHashMap<>();
        metrics.put("event", "final");
        best.use(bench.encoder(), metrics);
        finish(run, bench, embedding, method, images, metrics, listener);
        RunReport.write(folder, new ThumbnailsOf(images));
        return new TrainingReport(
            folder, images.size(), readable.skipped().size(), metrics, ProcessMemory.peakBytes());
      }
    }
  }

  /**
   * Predicts time and memory of {@link #run} from a few real steps in this process, about ten
   * seconds; writes nothing. Memory is that of a process with this one's settings that has done
   * nothing else before.
   *
   * @throws org.dc4j.config.InvalidPlanException if the plan is out of range
   * @throws org.dc4j.data.DataException if the data set is not usable
   */
  public static PlanEstimate estimate(TrainingPlan plan) {
    return DryRun.of(plan, DECODERS);
  }

  /**
   * Writes report.html of a run folder again, for example after results.json was added. The data
   * set is opened by the plan for its pictures; without it they are grey boxes and the listener is
   * told why.
   *
   * @return the page
   * @throws org.dc4j.format.FormatException if the folder is not a run's
   */
  public static Path report(Path folder, TrainingListener listener) {
    return RunReport.write(folder, RunPictures.open(folder, listener));
  }

  /** The network before the first step: given weights, statistics. */
  private static void begin(
      Workbench bench, BatchLoader loader, int images, TrainingListener listener) {
    String weights = bench.plan().encoder().weights();
    if (weights != null) {
      String left = bench.startFrom(Path.of(weights));
      if (!left.isEmpty()) {
        listener.message("weights " + weights + ": " + left);
      }
    }
    NormWarmup.run(bench, loader, images);
  }

  private static BestEpoch bestEpoch(TrainingPlan plan, Workbench bench, TrainingOptions options) {
    String data = plan.evaluation().selectOn();
    if (data == null) {
      return BestEpoch.last();
    }
    TrainingListener listener = options.listener();
    listener.message(
        "the labels of %s choose the epoch that is kept: what is measured on it is no test"
            .formatted(data));
    DataSet set = DataSets.open(DataSpec.parse(data));
    return BestEpoch.by(
        SelectionScore.of(bench.kernels(), set, DECODERS, options.strict(), listener));
  }

  private static void finish(
      RunFolder run,
      Workbench bench,
      EmbeddingPass embedding,
      Method method,
      ImageSource images,
      Map<String, Object> row,
      TrainingListener listener) {
    Assignments assignments;
    try {
      assignments = method.finalAssignments(row);
    } catch (NotFiniteException e) {
      throw TrainingDivergedException.of("after the last epoch", e);
    }
    run.writeIds(images);
    run.writeAssignments(assignments, images);
    TrainedModel.write(run.root(), bench, embedding, listener);
  }

  static int[] cameras(ImageSource images) {
    return IntStream.range(0, images.size()).map(images::camera).toArray();
  }

  /** What a checkpoint must agree with: the plan's text and the images' names. */
  private static String fingerprint(TrainingPlan plan, ImageSource images) {
    CRC32C sum = new CRC32C();
    for (int id = 0; id < images.size(); id++) {
      sum.update(images.name(id).getBytes(StandardCharsets.UTF_8));
      sum.update('\n');
    }
    CRC32C planSum = new CRC32C();
    planSum.update(PlanFiles.toYaml(plan).getBytes(StandardCharsets.UTF_8));
    return String.format(
        Locale.ROOT,
        "plan %08x, %d images %08x",
        planSum.getValue(),
        images.size(),
        sum.getValue());
  }

  private static void requireSameRun(Checkpoint checkpoint, TrainingPlan plan, ImageSource images) {
    String mine = fingerprint(plan, images);
    String theirs = checkpoint.position().fingerprint();
    if (!mine.equals(theirs)) {
      throw new IllegalArgumentException(
          "the checkpoint belongs to another run (%s; this one is %s): resume with the plan.yaml in the run folder and the same images"
              .formatted(theirs, mine));
    }
  }
}
