package org.dc4j.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.dc4j.cluster.Assignments;
import org.dc4j.data.ImageSource;
import org.dc4j.format.AtomicFiles;
import org.dc4j.format.JsonLines;
import org.dc4j.format.TensorBoardWriter;

/**
 * A run's folder and its layout: plan.yaml, metrics.jsonl, TensorBoard events, checkpoints/, model.safetensors +
 * model.json, embeddings.npy, ids.txt, assignments.csv, skipped.csv, report.html. Close it.
 */
public final class RunFolder implements AutoCloseable {
  private final Path root;
  private final JsonLines metrics;
  private final TensorBoardWriter events;

  private RunFolder(Path root) throws IOException {
    this.root = root;
    this.metrics = JsonLines.open(root.resolve("metrics.jsonl"));
    this.events = TensorBoardWriter.open(root.resolve("events"));
  }

  /**
   * Opens the folder of a new run, or of one to resume.
   *
   * @param resume continue what is there
   * @throws IllegalArgumentException if a run is there already and resume is false
   */
  public static RunFolder open(Path root, boolean resume) {
    try {
      boolean there = Files.exists(root.resolve("plan.yaml"));
      if (there && !resume) {
        throw new IllegalArgumentException(
            root + " holds a run already; --resume continues it, or choose another folder");
      }
      Files.createDirectories(root);
      return new RunFolder(root);
    } catch (IOException e) {
      throw new UncheckedIOException("run folder " + root + ": " + e.getMessage(), e);
    }
  }

  public Path root() {
    return root;
  }

  /** plan.yaml. */
  public Path plan() {
    return root.resolve("plan.yaml");
  }

  /** checkpoints/. */
  public Path checkpoints() {
    return root.resolve("checkpoints");
  }

  /** Length of metrics.jsonl in bytes. */
  long metricsBytes() {
    return metrics.length();
  }

  /** Cuts metrics.jsonl back to a checkpoint's length. */
  void truncateMetrics(long bytes) {
    metrics.truncateTo(bytes);
  }

  /** Appends an epoch's row to metrics.jsonl and its numbers to the TensorBoard events. */
  void appendRow(Map<String, Object> row, int epoch) {
    metrics.append(row);
    row.forEach(
        (name, value) -> {
          if (value instanceof Number number && !name.equals("epoch")) {
            events.scalar(name, epoch, number.doubleValue());
          }
        });
    events.flush();
  }

  /** Writes a text file atomically. */
  void writeText(String name, String text) {
    try {
      AtomicFiles.write(root.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(root.resolve(name) + ": " + e.getMessage(), e);
    }
  }

  /** ids.txt: image names in row order of embeddings.npy. */
  void writeIds(ImageSource images) {
    StringBuilder text = new StringBuilder();
    for (int id = 0; id < images.size(); id++) {
      text.append(images.name(id)).append('\n');
    }
    writeText("ids.txt", text.toString());
  }

  /** assignments.csv: id, name, cluster, squared distance to its centre. */
  void writeAssignments(Assignments assignments, ImageSource images) {
    StringBuilder text = new StringBuilder("id,name,cluster,distance\n");
    for (int id = 0; id < images.size(); id++) {
      text.append(id)
          .append(',')
          .append(quote(images.name(id)))
          .append(',')
          .append(assignments.labels()[id])
          .append(',')
          .append(assignments.distances()[id])
          .append('\n');
    }
    writeText("assignments.csv", text.toString());
  }

  /** skipped.csv: images that could not be read, with the reason. */
  void writeSkipped(List<String[]> skipped) {
    StringBuilder text = new StringBuilder("name,reason\n");
    for (String[] row : skipped) {
      text.append(quote(row[0])).append(',').append(quote(row[1])).append('\n');
    }
    writeText("skipped.csv", text.toString());
  }

  // RFC 4180.
  private static String quote(String field) {
    boolean plain = field.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? field : '"' + field.replace("\"", "\"\"") + '"';
  }

  @Override
  public void close() {
    metrics.close();
    events.close();
  }
}
