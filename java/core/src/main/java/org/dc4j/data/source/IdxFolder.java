package org.dc4j.data.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.dc4j.data.DataException;
import org.dc4j.format.FileErrors;

/**
 * A folder in the layout of MNIST: {@code <split>-images-idx3-ubyte[.gz]} with, if there are
 * labels, {@code <split>-labels-idx1-ubyte[.gz]}. The split "test" is also found under MNIST's name
 * "t10k".
 */
public final class IdxFolder {
  private static final Pattern IMAGES = Pattern.compile("(.+)-images[-.]idx3-ubyte(\\.gz)?");
  private static final Pattern LABELS = Pattern.compile("(.+)-labels[-.]idx1-ubyte(\\.gz)?");
  private static final String DEFAULT_SPLIT = "train";

  private IdxFolder() {}

  /**
   * Opens a split.
   *
   * @param split prefix of the file names, or null: "train", or the only split there is
   * @throws DataException if the folder or the split is not there, or a file is damaged
   */
  public static DataSet open(Path folder, String split) {
    TreeMap<String, Path> images = files(folder, IMAGES);
    if (images.isEmpty()) {
      throw new DataException(
          folder + " has no IDX images; accepted: files train-images-idx3-ubyte[.gz]");
    }
    String wanted = split;
    if (wanted == null) {
      wanted = images.size() == 1 ? images.firstKey() : DEFAULT_SPLIT;
    }
    String prefix = wanted.equals("test") && !images.containsKey("test") ? "t10k" : wanted;
    if (!images.containsKey(prefix)) {
      throw new DataException(
          "%s has no split \"%s\"; accepted: %s"
              .formatted(folder, wanted, String.join(", ", images.keySet())));
    }
    Path imageFile = images.get(prefix);
    Path labelFile = files(folder, LABELS).get(prefix);
    return dataSet(
        IdxFile.read(imageFile, 3),
        imageFile.toString(),
        labelFile == null ? null : IdxFile.read(labelFile, 1),
        String.valueOf(labelFile),
        prefix);
  }

  /**
   * Opens a split from streams, for example class path resources.
   *
   * @param images IDX of 3 dimensions, plain or gzip; closed by the caller
   * @param labels IDX of 1 dimension, plain or gzip; closed by the caller
   * @param prefix of image names: "train" gives "train/00017"
   */
  public static DataSet open(InputStream images, InputStream labels, String prefix)
      throws IOException {
    String imageName = prefix + " images";
    String labelName = prefix + " labels";
    return dataSet(
        IdxFile.read(images, imageName, 3),
        imageName,
        IdxFile.read(labels, labelName, 1),
        labelName,
        prefix);
  }

  private static DataSet dataSet(
      IdxFile imageFile, String imageName, IdxFile labelFile, String labelName, String prefix) {
    IdxImages images = new IdxImages(imageFile, prefix, imageName);
    Optional<int[]> labels = Optional.empty();
    if (labelFile != null) {
      byte[] values = labelFile.values();
      if (values.length != images.size()) {
        throw new DataException(
            "%s has %d labels, %s has %d images"
                .formatted(labelName, values.length, imageName, images.size()));
      }
      int[] classes = new int[values.length];
      for (int i = 0; i < values.length; i++) {
        classes[i] = values[i] & 0xFF;
      }
      labels = Optional.of(classes);
    }
    String description =
        String.format(
            Locale.ROOT,
            "%s: %,d grey images of %d x %d pixels",
            prefix,
            images.size(),
            images.height(),
            images.width());
    return new DataSet(images, labels, description);
  }

  private static TreeMap<String, Path> files(Path folder, Pattern pattern) {
    if (!Files.isDirectory(folder)) {
      throw new DataException(folder + " is not a folder");
    }
    TreeMap<String, Path> found = new TreeMap<>();
    try (Stream<Path> entries = Files.list(folder)) {
      for (Path file : (Iterable<Path>) entries.sorted()::iterator) {
        Matcher name = pattern.matcher(file.getFileName().toString());
        if (name.matches()) {
          found.putIfAbsent(name.group(1), file); // sorted, so the unpacked twin wins over .gz
        }
      }
    } catch (IOException e) {
      throw new DataException(folder + ": cannot be listed: " + FileErrors.describe(folder, e), e);
    }
    return found;
  }
}
