package org.dc4j.data.source;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.dc4j.data.DataException;
import org.dc4j.data.decode.ImageDecoder;

/**
 * A folder of image files: flat, or one folder per class. Files are taken at any depth, in the byte
 * order of their UTF-8 relative paths, so that ids are the same on every machine; hidden files and
 * folders are passed over, links are followed.
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
    List<String> names = list(folder);
    if (names.isEmpty()) {
      throw new DataException(
          "%s has no images; accepted: files ending in .%s"
              .formatted(folder, String.join(", .", new TreeSet<>(EXTENSIONS))));
    }
    List<String> classes = classes(names);
    String description =
        classes.size() < 2
            ? "%s: %,d images".formatted(folder, names.size())
            : "%s: %,d images in %,d class folders".formatted(folder, names.size(), classes.size());
    return new DataSet(new ImageFiles(folder, names, decoder), labels(names, classes), description);
  }

  private static List<String> list(Path folder) {
    List<String> names = new ArrayList<>();
    try {
      Files.walkFileTree(
          folder,
          EnumSet.of(FileVisitOption.FOLLOW_LINKS),
          Integer.MAX_VALUE,
          new Lister(folder, names));
    } catch (IOException e) {
      throw new DataException(folder + ": cannot be listed: " + e.getMessage(), e);
    }
    // UTF-8 byte order is code point order, which String.compareTo (UTF-16 units) is not.
    record Entry(byte[] key, String name) {}
    List<Entry> entries = new ArrayList<>(names.size());
    for (String name : names) {
      entries.add(new Entry(name.getBytes(StandardCharsets.UTF_8), name));
    }
    entries.sort((a, b) -> Arrays.compareUnsigned(a.key(), b.key()));
    return entries.stream().map(Entry::name).toList();
  }

  private static final class Lister extends SimpleFileVisitor<Path> {
    private final Path folder;
    private final List<String> names;

    Lister(Path folder, List<String> names) {
      this.folder = folder;
      this.names = names;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path at, BasicFileAttributes attributes) {
      return !at.equals(folder) && hidden(at)
          ? FileVisitResult.SKIP_SUBTREE
          : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      // A dangling link counts as an image, so that it shows up as unreadable and is not just lost.
      if (!hidden(file) && (attributes.isRegularFile() || attributes.isSymbolicLink())) {
        String name = file.getFileName().toString();
        String extension = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        if (EXTENSIONS.contains(extension)) {
          names.add(folder.relativize(file).toString().replace('\\', '/'));
        }
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
      if (failure instanceof FileSystemLoopException) {
        return FileVisitResult.CONTINUE; // a link to a parent folder: already visited
      }
      throw failure;
    }

    private static boolean hidden(Path file) {
      return file.getFileName() != null && file.getFileName().toString().startsWith(".");
    }
  }

  private static List<String> classes(List<String> names) {
    List<String> classes = new ArrayList<>();
    for (String name : names) {
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
    int[] labels = new int[names.size()];
    int at = 0;
    for (int i = 0; i < labels.length; i++) {
      if (!names.get(i).startsWith(classes.get(at) + "/")) {
        at++;
      }
      labels[i] = at;
    }
    return Optional.of(labels);
  }
}
