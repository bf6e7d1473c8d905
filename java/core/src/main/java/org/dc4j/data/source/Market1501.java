package org.dc4j.data.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.dc4j.data.DataException;
import org.dc4j.data.decode.ImageDecoder;
import org.dc4j.format.FileErrors;

/**
 * Market-1501 (Zheng et al. 2015) and sets packed like it: folders bounding_box_train, query and
 * bounding_box_test (the gallery), identity and camera in the file name, "0002_c1s1_000451_03.jpg".
 * Identity -1 is junk and dropped; 0, the distractors, stays in the gallery.
 */
final class Market1501 {
  private static final Map<String, String> FOLDERS =
      Map.of("train", "bounding_box_train", "query", "query", "gallery", "bounding_box_test");
  private static final Pattern NAME = Pattern.compile("(-1|\\d{1,9})_c(\\d{1,4}).*\\.(?i:jpg|png)");

  private Market1501() {}

  static DataSet open(Path folder, String split, ImageDecoder decoder) {
    Path root = LabelledFiles.root(folder, "Market-1501-v15.09.15");
    return open(root, split, decoder, "Market-1501");
  }

  /** Whether a folder has this layout. */
  static boolean isLayoutOf(Path root) {
    return Files.isDirectory(root.resolve("bounding_box_train"));
  }

  static DataSet open(Path root, String split, ImageDecoder decoder, String set) {
    String which = LabelledFiles.split(root, split, "train", "query", "gallery");
    Path images = root.resolve(FOLDERS.get(which));
    LabelledFiles files = new LabelledFiles();
    for (String name : list(images)) {
      Matcher parts = NAME.matcher(name);
      if (parts.matches() && !parts.group(1).equals("-1")) {
        files.add(
            FOLDERS.get(which) + "/" + name,
            Integer.parseInt(parts.group(1)),
            Integer.parseInt(parts.group(2)));
      }
    }
    return files.identities(root, decoder, set + " " + which);
  }

  private static List<String> list(Path images) {
    if (!Files.isDirectory(images)) {
      throw new DataException(images + ": no such folder; accepted: the layout of Market-1501");
    }
    try (Stream<Path> entries = Files.list(images)) {
      return entries.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new DataException(images + ": cannot be listed: " + FileErrors.describe(images, e), e);
    }
  }
}
