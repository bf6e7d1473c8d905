package org.dc4j.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.dc4j.cluster.Assignments;
import org.dc4j.data.ImageNames;
import org.dc4j.data.ImageSource;
import org.dc4j.format.AtomicFiles;
import org.dc4j.format.CsvFile;
import org.dc4j.format.FileErrors;
import org.dc4j.format.JsonLines;
import org.dc4j.format.TensorBoardWriter;

/**
 * A run's folder and its layout: plan.yaml, metrics.jsonl, TensorBoard events, checkpoints/,
 * model.safetensors + model.json, embeddings.npy, ids.txt, assignments.csv, skipped.csv,
 * report.html, run.lock. One run at a time has it. Close it.
 */
public final class RunFolder implements AutoCloseable {
  private final Path root;
  private final FolderLock lock;
  private final JsonLines metrics;
  private TensorBoardWriter events; // from the first row on, when it is known where a run goes on

  private RunFolder(Path root, FolderLock lock) {
    this.root = root;
    this.lock = lock;
    this.metrics = JsonLines.open(root.resolve("metrics.jsonl"));
  }

  /**
   * Opens the folder of a new run, or of one to resume.
   *
   * @param resume continue what is there
   * @throws IllegalArgumentException if a run is there already and resume is false, or if another
   *     run is at work there
   */
  public static RunFolder open(Path root, boolean resume) {
    FolderLock lock;
    try {
      Files.createDirectories(root.resolve("checkpoints"));
      lock = FolderLock.of(root);
    } catch (IOException e) {
      throw new UncheckedIOException("run folder " + root + ": " + FileErrors.describe(e), e);
    }
    try {
      requireFree(root, resume); // now that nobody else can begin one
      AtomicFiles.recover(root);
      AtomicFiles.recover(root.resolve("checkpoints"));
      return new RunFolder(root, lock);
    } catch (RuntimeException e) {
      unlock(root, lock);
      throw e;
    }
  }

  private static void unlock(Path root, FolderLock lock) {
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException("run folder " + root + ": " + FileErrors.describe(e), e);
    }
  }

  /** The check of {@link #open} alone: before work that would be in vain. */
  public static void requireFree(Path root, boolean resume) {
    if (Files.exists(root.resolve("plan.yaml")) && !resume) {
      throw new IllegalArgumentException(
          root + " holds a run already; --resume continues it, or choose another folder");
    }
  }

  public Path root() {
    return root;
  }

  /** The folder of the checkpoints. */
  public Path checkpoints() {
    return root.resolve("checkpoints");
  }

  /** Writes a text file atomically. */
  public void writeText(String name, String text) {
    AtomicFiles.write(root.resolve(name), text);
  }

  /** skipped.csv: name and reason of each image that could not be read. */
  public void writeSkipped(List<List<String>> skipped) {
    CsvFile.write(root.resolve("skipped.csv"), List.of("name", "reason"), skipped.stream());
  }

  /** ids.txt: image names in row order of embeddings.npy, one a line ({@link ImageNames}). */
  public void writeIds(ImageSource images) {
    writeText(
        "ids.txt",
        IntStream.range(0, images.size())
            .mapToObj(id -> ImageNames.oneLine(images.name(id)) + "\n")
            .collect(Collectors.joining()));
  }

  /** assignments.csv: id, name, cluster, squared distance to its centre. */
  public void writeAssignments(Assignments assignments, ImageSource images) {
    Stream<List<?>> rows =
        IntStream.range(0, images.size())
            .mapToObj(
                id ->
                    List.of(
                        id,
                        images.name(id),
                        assignments.labels()[id],
                        assignments.distances()[id]));
    CsvFile.write(
        root.resolve("assignments.csv"), List.of("id", "name", "cluster", "distance"), rows);
  }

  /** Length of metrics.jsonl in bytes, on disk. */
  long metricsBytes() {
    metrics.sync();
    return metrics.length();
  }

  /** Drops the rows of a run that was killed before its first checkpoint: it begins again. */
  public void startOver() {
    if (metrics.length() > 0) {
      goBack(0, 0);
    }
  }

  /** Goes back to a checkpoint: metrics.jsonl to its length then, TensorBoard to its epoch. */
  void goBack(long metricsBytes, int epoch) {
    metrics.truncateTo(metricsBytes);
    events = TensorBoardWriter.resume(root, epoch + 1);
  }

  /** Appends a row to metrics.jsonl and its numbers to the TensorBoard events. */
  public void appendRow(Map<String, Object> row, int epoch) {
    metrics.append(row);
    if (events == null) {
      events = TensorBoardWriter.open(root);
    }
    row.forEach(
        (name, value) -> {
          if (value instanceof Number number && !name.equals("epoch")) {
            events.scalar(name, epoch, number.doubleValue());
          }
        });
  }

  @Override
  public void close() {
    try (metrics) {
      if (events != null) {
        events.close();
      }
    } finally {
      unlock(root, lock);
    }
  }
}
