package org.dc4j.data.source;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import org.dc4j.data.DataException;
import org.dc4j.data.decode.ImageDecoder;
import org.dc4j.format.FileErrors;

/** Collects the files of a split of a published data set, with what their annotations say. */
final class LabelledFiles {
  private final List<String> names = new ArrayList<>();
  private final List<Integer> labels = new ArrayList<>();
  private final List<Integer> cameras = new ArrayList<>();

  void add(String name, int label, int camera) {
    names.add(name);
    labels.add(label);
    cameras.add(camera);
  }

  /** The split with classes renumbered 0.. in their order: sets whose splits share no class. */
  DataSet renumbered(Path folder, ImageDecoder decoder, String description) {
    List<Integer> classes = new ArrayList<>(new TreeSet<>(labels));
    int[] dense =
        labels.stream().mapToInt(label -> Collections.binarySearch(classes, label)).toArray();
    return set(folder, decoder, description, dense, classes.size() + " classes");
  }

  /** The split with the identities' own numbers: those of query and gallery must match. */
  DataSet identities(Path folder, ImageDecoder decoder, String description) {
    int[] own = labels.stream().mapToInt(Integer::intValue).toArray();
    long count = labels.stream().distinct().count();
    return set(folder, decoder, description, own, count + " identities");
  }

  private DataSet set(
      Path folder, ImageDecoder decoder, String description, int[] numbers, String groups) {
    int[] seen = cameras.stream().mapToInt(Integer::intValue).toArray();
    return new DataSet(
        new ImageFiles(folder, names, seen, decoder),
        Optional.of(numbers),
        String.format(Locale.ROOT, "%s: %,d images of %s", description, names.size(), groups));
  }

  /**
   * The folder itself, or the one of the published name in it.
   *
   * @param published name of the folder in the set's archive
   */
  static Path root(Path folder, String published) {
    if (!Files.isDirectory(folder)) {
      throw new DataException(folder + ": no such folder; accepted: " + published);
    }
    Path inside = folder.resolve(published);
    return Files.isDirectory(inside) ? inside : folder;
  }

  /**
   * Which of the accepted splits is meant; null is the first.
   *
   * @throws DataException for another one
   */
  static String split(Path folder, String split, String... accepted) {
    if (split == null) {
      return accepted[0];
    }
    if (!List.of(accepted).contains(split)) {
      throw new DataException(
          "%s has no split \"%s\"; accepted: %s"
              .formatted(folder, split, String.join(", ", accepted)));
    }
    return split;
  }

  /** The lines of an annotation file without blank ones, each cut into words at most {@code n}. */
  static List<String[]> words(Path file, int n) {
    try {
      List<String[]> words = new ArrayList<>();
      int number = 0;
      for (String line : Files.readAllLines(file)) {
        number++;
        if (line.isBlank()) {
          continue;
        }
        String[] found = line.strip().split("\\s+", n);
        if (found.length != n) {
          throw new DataException(
              "%s line %d: \"%s\" has %d words; accepted: %d"
                  .formatted(file, number, line, found.length, n));
        }
        words.add(found);
      }
      return words;
    } catch (CharacterCodingException e) {
      throw new DataException(file + " is not UTF-8 text", e);
    } catch (IOException e) {
      throw new DataException(
          Files.exists(file)
              ? file + ": cannot be read: " + FileErrors.describe(file, e)
              : file + ": no such file",
          e);
    }
  }

  /** A number of an annotation file. */
  static int number(Path file, String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new DataException(file + ": \"" + text + "\" is not a number", e);
    }
  }
}
