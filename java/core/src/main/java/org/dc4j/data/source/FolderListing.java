package org.dc4j.data.source;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.dc4j.data.DataException;
import org.dc4j.data.ImageNames;
import org.dc4j.format.FileErrors;

/**
 * The image files under a folder, at any depth.
 *
 * @param names relative paths in the byte order of their UTF-8
 * @param places paths of those names that do not lead back to their file: a path holds a file
 *     name's bytes, its text only what the locale makes of them
 * @param unreadable names that are known to be no image, with reasons; folders end in a slash
 */
record FolderListing(List<String> names, Map<String, Path> places, Map<String, String> unreadable) {

  /**
   * Lists a folder; one inside that cannot be listed is among the unreadable.
   *
   * @throws DataException if {@code folder} itself cannot be listed
   */
  static FolderListing of(Path folder) {
    FolderListing found = new FolderListing(new ArrayList<>(), new HashMap<>(), new HashMap<>());
    try {
      Files.walkFileTree(
          folder,
          EnumSet.of(FileVisitOption.FOLLOW_LINKS),
          Integer.MAX_VALUE,
          new Lister(folder, found));
    } catch (IOException e) {
      throw new DataException(folder + ": cannot be listed: " + FileErrors.describe(folder, e), e);
    }
    return new FolderListing(sorted(found.names), found.places, found.unreadable);
  }

  private static List<String> sorted(List<String> names) {
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
    private final String start; // of the raw path of everything in the folder
    private final FolderListing found;

    Lister(Path folder, FolderListing found) {
      this.folder = folder;
      this.start = folder.toUri().getRawPath();
      this.found = found;
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
        String last = file.getFileName().toString();
        String extension = last.substring(last.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        if (ImageFolder.EXTENSIONS.contains(extension)) {
          String name = name(file);
          found.names.add(name);
          if (!leadsTo(name, file)) {
            found.places.put(name, file);
          }
        }
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
      // A loop is a link to a parent folder, which is visited already.
      if (!(failure instanceof FileSystemLoopException) && (file.equals(folder) || !hidden(file))) {
        skip(file, failure);
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path at, IOException failure) throws IOException {
      if (failure != null) {
        skip(at, failure); // after some of its entries, which stay
      }
      return FileVisitResult.CONTINUE;
    }

    private void skip(Path at, IOException failure) throws IOException {
      if (at.equals(folder)) {
        throw failure;
      }
      boolean inside = Files.isDirectory(at);
      String name = name(at);
      name = inside && !name.endsWith("/") ? name + "/" : name;
      String reason = FileErrors.describe(at, failure);
      found.names.add(name);
      found.unreadable.put(
          name,
          inside
              ? "this folder cannot be listed, its images are left out: " + reason
              : "cannot be read: " + reason);
    }

    private static boolean hidden(Path file) {
      return file.getFileName() != null && file.getFileName().toString().startsWith(".");
    }

    /** The path inside the folder as text, the same in every locale. */
    private String name(Path file) {
      String separator = file.getFileSystem().getSeparator();
      String text = folder.relativize(file).toString().replace(separator, "/");
      if (text.chars().allMatch(c -> c >= ' ' && c < 0x7F)) {
        return text;
      }
      // A path's URI has its bytes, percent-encoded.
      String raw = file.toUri().getRawPath();
      return raw.startsWith(start) ? ImageNames.of(bytes(raw.substring(start.length()))) : text;
    }

    private static byte[] bytes(String raw) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream(raw.length());
      for (int at = 0; at < raw.length(); at++) {
        if (raw.charAt(at) == '%') {
          bytes.write(Integer.parseInt(raw.substring(at + 1, at + 3), 16));
          at += 2;
        } else {
          bytes.write(raw.charAt(at));
        }
      }
      return bytes.toByteArray();
    }

    private boolean leadsTo(String name, Path file) {
      try {
        return folder.resolve(name).equals(file);
      } catch (InvalidPathException e) {
        return false;
      }
    }
  }
}
