package org.dc4j.cli;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.dc4j.PlanEstimate;
import org.dc4j.config.PlanFiles;

/** What train --dry-run prints. */
final class EstimateText {
  private EstimateText() {}

  static Command.Result result(PlanEstimate estimate) {
    return Command.Result.done(values(estimate), text(estimate));
  }

  private static Map<String, Object> values(PlanEstimate estimate) {
    PlanEstimate.Times times = estimate.times();
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("images", estimate.images());
    values.put("parameters", estimate.parameters());
    values.put("scan_seconds", times.scan());
    values.put("embed_seconds", times.embed());
    values.put("cluster_seconds", times.cluster());
    values.put("train_seconds", times.train());
    values.put("select_seconds", times.select());
    values.put("epoch_seconds", estimate.epochSeconds());
    values.put("final_seconds", estimate.finalSeconds());
    values.put("total_seconds", estimate.totalSeconds());
    values.put("peak_memory_bytes", estimate.memory().peak());
    values.put("device", estimate.device().name());
    values.put("embedding_rows_at_once", estimate.device().embeddingRows());
    values.put("feature_rows_at_once", estimate.device().featureRows());
    values.put("plan", PlanFiles.toYaml(estimate.plan()));
    return values;
  }

  private static String text(PlanEstimate estimate) {
    PlanEstimate.Times times = estimate.times();
    PlanEstimate.Memory memory = estimate.memory();
    int epochs = estimate.plan().schedule().epochs();
    int clusterings = estimate.clusterings();
    StringBuilder text = new StringBuilder(PlanFiles.toYaml(estimate.plan()).stripTrailing());
    text.append(
        "%n%n%d images, %d parameters%n".formatted(estimate.images(), estimate.parameters()));
    text.append("%n%-22s %10s %6s %10s%n".formatted("time", "once", "times", "in all"));
    // The embeddings that a run writes are one pass more.
    line(text, "scan", times.scan(), 1);
    line(text, "embed", times.embed(), clusterings + 1);
    line(text, "whiten and k-means", times.cluster(), clusterings);
    line(text, "train epoch", times.train(), epochs);
    if (times.select() > 0) {
      line(text, "embed --select-on", times.select(), epochs);
    }
    text.append("%-22s %10s%n".formatted("one epoch", duration(estimate.epochSeconds())));
    text.append(
        "%-22s %10s%n".formatted("after the last epoch", duration(estimate.finalSeconds())));
    text.append(
        "%-22s %10s %6s %10s%n".formatted("in all", "", "", duration(estimate.totalSeconds())));
    text.append("%n%-22s %10s%n".formatted("memory", "MiB"));
    memory(text, "program and batches", memory.measured());
    memory(text, "features", memory.features());
    memory(text, "assignments", memory.assignments());
    memory(text, "Java heap's growth", memory.heap());
    memory(text, "peak", memory.peak());
    PlanEstimate.Device device = estimate.device();
    text.append("%n%-22s %s%n".formatted("device", device.name()));
    atOnce(text, "embeddings at once", device.embeddingRows(), estimate.images());
    atOnce(text, "features at once", device.featureRows(), estimate.images());
    return text.toString();
  }

  private static void line(StringBuilder text, String stage, double seconds, int times) {
    text.append(
        "%-22s %10s %6d %10s%n"
            .formatted(stage, duration(seconds), times, duration(seconds * times)));
  }

  private static void memory(StringBuilder text, String cause, long bytes) {
    text.append("%-22s %10d%n".formatted(cause, bytes >> 20));
  }

  private static void atOnce(StringBuilder text, String rows, long chunk, int images) {
    String share = chunk == images ? "all rows" : "%d of %d rows".formatted(chunk, images);
    text.append("%-22s %s%n".formatted(rows, share));
  }

  private static String duration(double seconds) {
    if (seconds < 10) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    long whole = Math.round(seconds);
    return whole < 3600
        ? "%d:%02d min".formatted(whole / 60, whole % 60)
        : "%d:%02d:%02d h".formatted(whole / 3600, whole / 60 % 60, whole % 60);
  }
}
