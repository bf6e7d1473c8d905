package org.dc4j.data.source;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dc4j.data.DataException;
import org.dc4j.data.decode.ImageDecoder;
import org.dc4j.format.FileErrors;

/**
 * A text file (UTF-8) with one image path per line, absolute or relative to the file itself, and
 * optionally a space or tab and an integer label, on every line or on none. Empty lines and lines
 * that start with # are passed over. Paths may contain blanks: only a last word that is an integer
 * is a label.
 */
public final class ImageList {
  private static final Pattern LABELLED = Pattern.compile("(.*\\S)\\s+(-?\\d{1,9})");

  private ImageList() {}

  /**
   * Reads a list. The files it names are not looked at yet.
   *
   * @throws DataException if the list cannot be read, names nothing or has labels on some lines
   *     only
   */
  public static DataSet open(Path file, ImageDecoder decoder) {
    List<String> names = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    int number = 0;
    for (String line : lines(file)) {
      number++;
      String text = (number == 1 && line.startsWith("\uFEFF") ? line.substring(1) : line).strip();
      if (text.isEmpty() || text.startsWith("#")) {
        continue;
      }
      Matcher labelled = LABELLED.matcher(text);
      boolean hasLabel = labelled.matches();
      if (!names.isEmpty() && hasLabel == labels.isEmpty()) {
        throw new DataException(
            "%s line %d: \"%s\" has %s, unlike the lines before; accepted: labels on all lines or none"
                .formatted(file, number, text, hasLabel ? "a label" : "no label"));
      }
      String name = hasLabel ? labelled.group(1) : text;
      requirePath(file, number, name);
      names.add(name);
      if (hasLabel) {
        labels.add(Integer.valueOf(labelled.group(2)));
      }
    }
    if (names.isEmpty()) {
      throw new DataException(file + " lists no images; accepted: one path per line");
    }
    Path folder = file.toAbsolutePath().getParent();
    Optional<int[]> classes =
        labels.isEmpty()
            ? Optional.empty()
            : Optional.of(labels.stream().mapToInt(Integer::intValue).toArray());
    return new DataSet(
        new ImageFiles(folder, names, decoder),
        classes,
        String.format(Locale.ROOT, "%s: %,d images", file, names.size()));
  }

  private static List<String> lines(Path file) {
    if (Files.isDirectory(file)) {
      throw new DataException(file + " is a folder; accepted: a text file, or folder:" + file);
    }
    try {
      return Files.readAllLines(file);
    } catch (CharacterCodingException e) {
      throw new DataException(file + " is not UTF-8 text; accepted: one image path per line", e);
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + FileErrors.describe(file, e), e);
    }
  }

  private static void requirePath(Path file, int number, String name) {
    // A name that only this locale cannot write is an image that cannot be read (ImageFiles).
    if (name.indexOf('\0') >= 0) {
      throw new DataException(
          "%s line %d: not a path: it has a null character".formatted(file, number));
    }
  }
}
