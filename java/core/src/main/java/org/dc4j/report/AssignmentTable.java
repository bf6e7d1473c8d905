package org.dc4j.report;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.dc4j.format.CsvFile;
import org.dc4j.format.FormatException;

/**
 * assignments.csv in columns: one row per image. Names are read again for the few images that are
 * shown; those of a million images would fill the memory.
 */
final class AssignmentTable {
  private final Path file;
  private int rows;
  private int[] ids = new int[1024];
  private int[] clusters = new int[1024];
  private float[] distances = new float[1024];
  private final boolean withDistances;

  private AssignmentTable(Path file, boolean withDistances) {
    this.file = file;
    this.withDistances = withDistances;
  }

  /** Reads a file with the columns id and cluster, and perhaps distance and name. */
  static AssignmentTable read(Path file) {
    List<String> header = CsvFile.header(file);
    int id = column(file, header, "id");
    int cluster = column(file, header, "cluster");
    int distance = header.indexOf("distance");
    AssignmentTable table = new AssignmentTable(file, distance >= 0);
    CsvFile.read(
        file,
        fields ->
            table.add(
                table.integer(fields.get(id), "id"),
                table.integer(fields.get(cluster), "cluster"),
                distance < 0 ? Float.NaN : table.real(fields.get(distance))));
    return table;
  }

  private static int column(Path file, List<String> header, String name) {
    int column = header.indexOf(name);
    if (column < 0) {
      throw new FormatException(
          file, "has the columns " + header + "; expected id, name, cluster, distance");
    }
    return column;
  }

  private int integer(String field, String column) {
    try {
      return Integer.parseInt(field.strip());
    } catch (NumberFormatException e) {
      throw new FormatException(
          file, "row %d: %s '%s' is not a whole number".formatted(rows + 2, column, field), e);
    }
  }

  private float real(String field) {
    try {
      return field.isBlank() ? Float.NaN : Float.parseFloat(field);
    } catch (NumberFormatException e) {
      throw new FormatException(
          file, "row %d: distance '%s' is not a number".formatted(rows + 2, field), e);
    }
  }

  private void add(int id, int cluster, float distance) {
    if (rows == ids.length) {
      ids = Arrays.copyOf(ids, rows * 2);
      clusters = Arrays.copyOf(clusters, rows * 2);
      distances = Arrays.copyOf(distances, rows * 2);
    }
    ids[rows] = id;
    clusters[rows] = cluster;
    distances[rows++] = distance;
  }

  int rows() {
    return rows;
  }

  int id(int row) {
    return ids[row];
  }

  /** Cluster of a row; negative for an image in no cluster. */
  int cluster(int row) {
    return clusters[row];
  }

  /** Distance of a row to its cluster's centre, NaN if unknown. */
  float distance(int row) {
    return distances[row];
  }

  boolean withDistances() {
    return withDistances;
  }

  /** Names by row, for these rows; "image ID" where the file has no names. */
  Map<Integer, String> names(Set<Integer> wanted) {
    Map<Integer, String> names = new HashMap<>();
    int name = CsvFile.header(file).indexOf("name");
    if (name < 0) {
      wanted.forEach(row -> names.put(row, "image " + ids[row]));
      return names;
    }
    int[] row = {0};
    CsvFile.read(
        file,
        fields -> {
          if (wanted.contains(row[0])) {
            names.put(row[0], fields.get(name));
          }
          row[0]++;
        });
    return names;
  }
}
