package org.dc4j.data.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.dc4j.data.DataException;
import org.dc4j.data.Image;
import org.dc4j.data.ImageSource;
import org.dc4j.format.AtomicFiles;
import org.dc4j.format.FileErrors;
import org.dc4j.format.NpyFile;

/**
 * A folder of images made by this program: for each split {@code SPLIT-images.npy} (u1 [n, h, w] or
 * [n, h, w, 3]), {@code SPLIT-labels.npy} and {@code SPLIT-cameras.npy} (i4 [n]) and {@code
 * SPLIT-names.txt}; {@code manifest.json}, written last, says where they come from.
 */
final class PackedFolder {
  static final String MANIFEST = "manifest.json";
  private static final String FORMAT = "dc4j-images-1";

  /**
   * An image of a split.
   *
   * @param label class, >= 0
   * @param camera -1 = unknown
   */
  record Entry(String name, int label, int camera) {}

  /**
   * The images of a split, drawn or decoded one after the other.
   *
   * @param shape height, width and, unless grey, 3
   */
  record Split(List<Entry> entries, Iterator<byte[]> pixels, long... shape) {}

  private PackedFolder() {}

  /**
   * Opens a split.
   *
   * @param set name of the data set, as the manifest has it
   * @throws DataException if the folder is not there, holds another set or was not finished
   */
  static DataSet open(Path folder, String set, String split) {
    String how = "\"dc4j data fetch " + set + " --out DIR\" makes one";
    if (!Files.isDirectory(folder)) {
      throw new DataException(folder + ": no such folder; " + how);
    }
    Map<?, ?> manifest = manifest(folder);
    if (manifest.isEmpty()) {
      throw new DataException(
          "%s has no %s: not a %s folder, or one that was not finished; %s"
              .formatted(folder, MANIFEST, set, how));
    }
    if (!FORMAT.equals(manifest.get("format")) || !set.equals(manifest.get("set"))) {
      throw new DataException(
          "%s holds set %s in format %s; accepted: set %s in format %s"
              .formatted(folder, manifest.get("set"), manifest.get("format"), set, FORMAT));
    }
    if (!Files.exists(folder.resolve(split + "-images.npy"))) {
      throw new DataException(
          "%s has no split \"%s\"; accepted: train, test".formatted(folder, split));
    }
    DataSet pixels = NpyImages.open(folder.resolve(split + "-images.npy"));
    int n = pixels.images().size();
    int[] labels = vector(folder.resolve(split + "-labels.npy"), n);
    int[] cameras = vector(folder.resolve(split + "-cameras.npy"), n);
    List<String> names = names(folder.resolve(split + "-names.txt"), n);
    String description = String.format(Locale.ROOT, "%s %s: %,d images", set, split, n);
    return new DataSet(
        new Images(pixels.images(), names, cameras), Optional.of(labels), description);
  }

  private record Images(ImageSource pixels, List<String> names, int[] cameras)
      implements ImageSource {
    @Override
    public int size() {
      return names.size();
    }

    @Override
    public String name(int id) {
      return names.get(id);
    }

    @Override
    public Image read(int id) {
      return pixels.read(id);
    }

    @Override
    public int camera(int id) {
      return cameras[id];
    }
  }

  /** The manifest, empty if there is none. */
  static Map<?, ?> manifest(Path folder) {
    Path file = folder.resolve(MANIFEST);
    if (!Files.exists(file)) {
      return Map.of();
    }
    try {
      return new ObjectMapper().readValue(Files.readString(file), Map.class);
    } catch (JsonProcessingException e) {
      throw new DataException(file + ": damaged: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + FileErrors.describe(file, e), e);
    }
  }

  /** Writes a split. */
  static void write(Path folder, String name, Split split) {
    List<Entry> entries = split.entries();
    long[] shape = new long[1 + split.shape().length];
    shape[0] = entries.size();
    System.arraycopy(split.shape(), 0, shape, 1, split.shape().length);
    NpyFile.writeBytes(folder.resolve(name + "-images.npy"), split.pixels(), shape);
    NpyFile.writeInts(
        folder.resolve(name + "-labels.npy"), entries.stream().mapToInt(Entry::label).toArray());
    NpyFile.writeInts(
        folder.resolve(name + "-cameras.npy"), entries.stream().mapToInt(Entry::camera).toArray());
    StringBuilder names = new StringBuilder();
    entries.forEach(entry -> names.append(entry.name()).append('\n'));
    AtomicFiles.write(folder.resolve(name + "-names.txt"), names.toString());
  }

  /** Writes the manifest: the folder is complete. */
  static void finish(Path folder, String set, Map<String, Object> facts) {
    Map<String, Object> manifest = new LinkedHashMap<>();
    manifest.put("format", FORMAT);
    manifest.put("set", set);
    manifest.putAll(facts);
    try {
      String text =
          new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(manifest);
      AtomicFiles.write(folder.resolve(MANIFEST), text + "\n");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("manifest of " + folder, e);
    }
  }

  private static int[] vector(Path file, int n) {
    int[] values = NpyFile.readInts(file);
    if (values.length != n) {
      throw new DataException("%s has %d values for %d images".formatted(file, values.length, n));
    }
    return values;
  }

  private static List<String> names(Path file, int n) {
    try {
      List<String> names = new ArrayList<>(Files.readAllLines(file));
      if (names.size() != n) {
        throw new DataException("%s has %d names for %d images".formatted(file, names.size(), n));
      }
      return names;
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + FileErrors.describe(file, e), e);
    }
  }
}
