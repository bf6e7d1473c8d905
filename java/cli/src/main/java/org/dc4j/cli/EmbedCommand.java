package org.dc4j.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.dc4j.TrainedModel;
import org.dc4j.cli.terminal.Interrupts;
import org.dc4j.cli.terminal.Session;
import org.dc4j.data.ImageSource;
import org.dc4j.data.source.DataSets;
import org.dc4j.data.source.DataSpec;
import org.dc4j.format.AtomicFiles;
import org.dc4j.format.NpyWriter;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.train.TrainingInterruptedException;
import picocli.CommandLine.Option;

/** dc4j embed: embeddings of a data set by a trained model. */
@picocli.CommandLine.Command(
    name = "embed",
    description = {
      "Writes the embeddings of a data set, one row per readable image in data-set order.",
      "The images' names go beside them: X.npy and X.ids.txt."
    })
final class EmbedCommand extends Command {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "RUN",
      description = "folder of a finished run")
  Path model;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "SPEC",
      description = "images: ${COMPLETION-CANDIDATES}",
      completionCandidates = DataForms.class)
  String data;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "X.npy",
      description = "receives the matrix, f4")
  Path out;

  @Option(
      names = "--whitened",
      description =
          "whitened unit rows, as clusters and neighbours are measured, instead of the network's own")
  boolean whitened;

  @Option(names = "--strict", description = "stop at an unreadable image instead of skipping it")
  boolean strict;

  EmbedCommand(Session session) {
    super(session);
  }

  @Override
  Set<String> unused() {
    return CommonOptions.OF_COMPUTATION;
  }

  @Override
  String whyUnused() {
    return "embed uses seed, threads and device of the run's plan; change them in "
        + model.resolve("plan.yaml");
  }

  @Override
  Result execute() {
    if (!out.toString().endsWith(".npy")) {
      throw new IllegalArgumentException(
          "--out is %s; accepted: a name that ends in .npy".formatted(out));
    }
    AtomicFiles.requireTarget(out); // before minutes of work, not after
    ImageSource all = DataSets.open(DataSpec.parse(data)).images();
    try (TrainedModel trained = TrainedModel.open(model)) {
      ReadableSet readable = ReadableSet.of(all, progress());
      if (strict) {
        readable.requireAll();
      }
      ImageSource images = readable.images();
      int width = whitened ? trained.featureWidth() : trained.plan().encoder().embedding();
      try (NpyWriter writer = NpyWriter.create(out, width)) {
        Interrupts.stopInGoodOrder(session, "ending after this batch, nothing is written");
        BiConsumer<int[], FloatMatrix> sink =
            (ids, rows) -> {
              if (session.stop().isRequested()) {
                throw new TrainingInterruptedException("stopped; " + out + " is as it was");
              }
              writer.append(rows);
            };
        if (whitened) {
          trained.features(images, sink, progress());
        } else {
          trained.embeddings(images, sink, progress());
        }
        writer.commit();
      }
      AtomicFiles.write(idsFile(), readable.names());
      return report(images.size(), width, readable);
    }
  }

  private Path idsFile() {
    String name = out.getFileName().toString().replaceFirst("\\.npy$", "");
    return out.resolveSibling(name + ".ids.txt");
  }

  private Result report(int rows, int width, ReadableSet readable) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("rows", rows);
    values.put("width", width);
    values.put("skipped", readable.report().unreadable().size());
    values.put("out", out.toString());
    values.put("ids", idsFile().toString());
    readable
        .report()
        .unreadable()
        .forEach(bad -> session.err().println("skipped: " + bad.reason()));
    String text = "%d embeddings of width %d: %s, %s".formatted(rows, width, out, idsFile());
    return Result.done(values, text);
  }
}
