package org.dc4j.data.source;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.dc4j.data.DataException;
import org.dc4j.data.decode.ImageDecoder;

/**
 * A folder of image files: flat, or one folder per class. Files are taken at any depth, in the byte
 * order of their UTF-8 relative paths, so that ids are the same on every machine; hidden files and
 * folders are passed over, links are followed. A folder inside that cannot be listed stands for its
 * images as one that cannot be read, so that it is skipped and reported like those.
 */
public final class ImageFolder {
  /** File name endings taken for images, in lower case. */
  public static final Set<String> EXTENSIONS =
      Set.of("jpg", "jpeg", "png", "bmp", "webp", "tif", "tiff");

  private ImageFolder() {}

  /**
   * Lists a folder. Labels are the class folders in order, if every image lies in one and there are
   * at least two.
   *
   * @throws DataException if there is no such folder, it cannot be listed or has no images
   */
  public static DataSet open(Path folder, ImageDecoder decoder) {
    if (!Files.isDirectory(folder)) {
      throw new DataException(
          folder + (Files.exists(folder) ? " is a file, not a folder" : ": no such folder"));
    }
    FolderListing listing = FolderListing.of(folder);
    List<String> names = listing.names();
    if (names.isEmpty()) {
      throw new DataException(
          "%s has no images; accepted: files ending in .%s"
              .formatted(folder, String.join(", .", new TreeSet<>(EXTENSIONS))));
    }
    List<String> classes = classes(listing);
    int images = names.size() - listing.unreadable().size();
    String description =
        classes.size() < 2
            ? "%s: %,d images".formatted(folder, images)
            : "%s: %,d images in %,d class folders".formatted(folder, images, classes.size());
    return new DataSet(
        new ImageFiles(folder, names, null, listing.places(), listing.unreadable(), decoder),
        labels(names, classes),
        description);
  }

  private static List<String> classes(FolderListing listing) {
    List<String> classes = new ArrayList<>();
    for (String name : listing.names()) {
      if (listing.unreadable().containsKey(name)) {
        continue; // no image
      }
      int slash = name.indexOf('/');
      if (slash < 0) {
        return List.of();
      }
      String first = name.substring(0, slash);
      // Equal first folders are adjacent: names are sorted and "/" ends the folder's part.
      if (classes.isEmpty() || !classes.get(classes.size() - 1).equals(first)) {
        classes.add(first);
      }
    }
    return classes;
  }

  private static Optional<int[]> labels(List<String> names, List<String> classes) {
    if (classes.size() < 2) {
      return Optional.empty();
    }
    Map<String, Integer> numbers = new HashMap<>();
    classes.forEach(name -> numbers.put(name, numbers.size()));
    int[] labels = new int[names.size()];
    for (int i = 0; i < labels.length; i++) {
      // What could not be listed may be in no class: it gets -1.
      String first = names.get(i).substring(0, names.get(i).indexOf('/'));
      labels[i] = numbers.getOrDefault(first, -1);
    }
    return Optional.of(labels);
  }
}
