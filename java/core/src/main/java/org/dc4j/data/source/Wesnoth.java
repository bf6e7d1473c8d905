package org.dc4j.data.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.dc4j.data.DataException;
import org.dc4j.random.Seeds;

/**
 * Unit sprites of The Battle for Wesnoth 1.16: many classes with few images, like SOP or CUB. A
 * class is a unit, its images are the frames of its animations; RGB, 72 x 72, laid over white. Half
 * of the classes are for training, the other half, disjoint, for tests. From Debian's package
 * wesnoth-1.16-data (GPL-2+ and CC BY-SA 4.0).
 */
public final class Wesnoth {
  private static final String SET = "wesnoth";
  private static final String UNITS = "usr/share/games/wesnoth/1.16/data/core/images/units";
  private static final int FEWEST_IMAGES = 4;
  private static final long SPLIT_SEED = 0;

  private Wesnoth() {}

  /**
   * Opens a split of a folder that {@link #fetch} made; labels are numbered from 0 in each.
   *
   * @param split "train" (also for null) or "test"
   * @throws DataException if the folder is not such a one
   */
  public static DataSet open(Path folder, String split) {
    return PackedFolder.open(folder, SET, split == null ? "train" : split);
  }

  /**
   * Gets the sprites from Debian (146 MB, without root, nothing is installed), packs them into
   * {@code out} and forgets the package.
   *
   * @param listener told each step in words
   * @throws DataException if that does not work, or the folder holds other images
   */
  public static void fetch(Path out, Consumer<String> listener) {
    fetch(out, listener, DebianPackages.of("wesnoth-1.16-data"));
  }

  static void fetch(Path out, Consumer<String> listener, DebianPackages packages) {
    Fetched.into(
        out,
        SET,
        Map.of("side", SpritePixels.SIDE),
        packages,
        listener,
        (content, facts) -> pack(content.resolve(UNITS), out, facts));
  }

  private static void pack(Path units, Path out, Map<String, Object> facts) throws IOException {
    if (!Files.isDirectory(units)) {
      throw new DataException("the package has no folder " + UNITS);
    }
    TreeMap<String, List<String>> classes = classes(units);
    List<String> names = new ArrayList<>(classes.keySet());
    int[] order = new Seeds(SPLIT_SEED).stream(SET).permutation(names.size());
    int train = names.size() / 2;
    Map<String, Object> counts = new LinkedHashMap<>();
    Map<String, Object> images = new LinkedHashMap<>();
    for (String split : List.of("train", "test")) {
      boolean first = split.equals("train");
      List<String> own = new ArrayList<>();
      for (int i = first ? 0 : train; i < (first ? train : names.size()); i++) {
        own.add(names.get(order[i]));
      }
      own.sort(null);
      counts.put(split, own.size());
      images.put(split, write(units, out, split, own, classes));
    }
    facts.put("classes", counts);
    facts.put("images", images);
  }

  /** Class name to its files, relative to the folder, in order; small classes are left out. */
  static TreeMap<String, List<String>> classes(Path units) throws IOException {
    TreeMap<String, List<String>> classes = new TreeMap<>();
    try (Stream<Path> files = Files.walk(units)) {
      files
          .map(file -> units.relativize(file).toString())
          .filter(SpriteClass::isUnit)
          .sorted()
          .forEach(
              file ->
                  classes
                      .computeIfAbsent(SpriteClass.of(file), name -> new ArrayList<>())
                      .add(file));
    }
    classes.values().removeIf(files -> files.size() < FEWEST_IMAGES);
    return classes;
  }

  private static int write(
      Path units, Path out, String split, List<String> names, Map<String, List<String>> classes) {
    List<PackedFolder.Entry> entries = new ArrayList<>();
    List<String> files = new ArrayList<>();
    for (int label = 0; label < names.size(); label++) {
      for (String file : classes.get(names.get(label))) {
        entries.add(new PackedFolder.Entry(file, label, -1));
        files.add(file);
      }
    }
    Iterator<byte[]> pixels =
        files.stream().map(file -> SpritePixels.read(units.resolve(file))).iterator();
    int side = SpritePixels.SIDE;
    PackedFolder.write(out, split, new PackedFolder.Split(entries, pixels, side, side, 3));
    return entries.size();
  }
}
