package org.dc4j.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.dc4j.format.CsvFile;
import org.dc4j.format.FileErrors;
import org.dc4j.format.FormatException;
import org.dc4j.format.JsonLines;

/**
 * What a run folder holds for a report; every file is optional.
 *
 * @param name of the folder
 * @param plan text of plan.yaml
 * @param epochs rows of metrics.jsonl that belong to an epoch, by epoch; of two rows of an epoch
 *     the later one
 * @param assignments the last assignment
 * @param results results.json
 * @param skipped name and reason of each image left out
 */
record RunFiles(
    String name,
    Optional<String> plan,
    List<Map<String, Object>> epochs,
    Optional<AssignmentTable> assignments,
    Optional<JsonNode> results,
    List<List<String>> skipped) {

  /**
   * @throws FormatException if the folder is none, or holds neither metrics nor assignments
   */
  static RunFiles read(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new FormatException(folder, "is not a folder, expected a run folder");
    }
    Optional<Path> metrics = file(folder, "metrics.jsonl");
    Optional<Path> assignments = file(folder, "assignments.csv");
    if (metrics.isEmpty() && assignments.isEmpty()) {
      throw new FormatException(
          folder, "holds neither metrics.jsonl nor assignments.csv, expected a run folder");
    }
    return new RunFiles(
        folder.toAbsolutePath().normalize().getFileName().toString(),
        file(folder, "plan.yaml").map(RunFiles::text),
        metrics.map(RunFiles::epochs).orElse(List.of()),
        assignments.map(AssignmentTable::read),
        file(folder, "results.json").map(RunFiles::results),
        file(folder, "skipped.csv").map(RunFiles::skipped).orElse(List.of()));
  }

  private static Optional<Path> file(Path folder, String name) {
    return Optional.of(folder.resolve(name)).filter(Files::isRegularFile);
  }

  private static String text(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot read " + file + ": " + FileErrors.describe(file, e), e);
    }
  }

  private static List<Map<String, Object>> epochs(Path file) {
    Map<Double, Map<String, Object>> byEpoch = new TreeMap<>();
    for (Map<String, Object> row : JsonLines.read(file)) {
      boolean ofEpoch = "epoch".equals(row.getOrDefault("event", "epoch"));
      if (ofEpoch && row.get("epoch") instanceof Number epoch) {
        byEpoch.put(epoch.doubleValue(), row);
      }
    }
    return List.copyOf(byEpoch.values());
  }

  private static JsonNode results(Path file) {
    try {
      return new ObjectMapper().readTree(text(file));
    } catch (JsonProcessingException e) {
      throw new FormatException(file, "is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static List<List<String>> skipped(Path file) {
    if (CsvFile.header(file).size() < 2) {
      throw new FormatException(file, "expected the columns name, reason");
    }
    List<List<String>> rows = new ArrayList<>();
    CsvFile.read(file, rows::add);
    return rows;
  }
}
