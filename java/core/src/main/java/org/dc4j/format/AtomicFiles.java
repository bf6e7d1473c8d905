package org.dc4j.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.stream.Stream;

/**
 * Files and folders that are there whole or not at all: written under a temporary name beside the
 * target, forced to disk, renamed. A full disk, an exception or a kill leaves what was there
 * before. Writers of different targets may run at the same time; of writers of one target the last
 * wins.
 *
 * <p>All methods throw UncheckedIOException, naming the target, if the disk refuses.
 */
public final class AtomicFiles {
  /** Writes a file's bytes. */
  @FunctionalInterface
  public interface FileContent {
    void writeTo(FileChannel channel) throws IOException;
  }

  /** Fills an empty folder. */
  @FunctionalInterface
  public interface FolderContent {
    void writeTo(Path folder) throws IOException;
  }

  private AtomicFiles() {}

  /** Replaces or creates {@code target}, whose folder must exist. */
  public static void write(Path target, FileContent content) {
    FileErrors.writing(
        target,
        () -> {
          try (PendingFile file = new PendingFile(target)) {
            content.writeTo(file.channel());
            file.commit();
          }
        });
  }

  /**
   * Throws what writing would throw, where that can be known before there is anything to write: no
   * folder, or a folder or device in the file's place.
   */
  public static void requireTarget(Path target) {
    FileErrors.writing(
        target,
        () -> {
          Path folder = PendingFile.resolve(target).getParent();
          FileErrors.requireFolder(folder);
          if (!Files.isWritable(folder)) {
            throw new AccessDeniedException(folder.toString());
          }
        });
  }

  /** Replaces or creates {@code target} with these bytes. */
  public static void write(Path target, byte[] bytes) {
    write(target, channel -> ChannelBytes.write(channel, ByteBuffer.wrap(bytes)));
  }

  /** Replaces or creates {@code target} with this text in UTF-8. */
  public static void write(Path target, String text) {
    write(target, text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Creates the folder {@code target}, or replaces it with all that is in it. No file system
   * exchanges two folders portably, so a replacement is two renames; {@link #recover} repairs a
   * kill between them.
   */
  public static void writeFolder(Path target, FolderContent content) {
    FileErrors.writing(target, () -> replaceFolder(target.toAbsolutePath(), content));
  }

  private static void replaceFolder(Path target, FolderContent content) throws IOException {
    Path parent = target.getParent();
    FileErrors.requireFolder(parent);
    if (Files.exists(target) && !Files.isDirectory(target)) {
      throw new IOException("is a file, expected a folder");
    }
    Path temporary = Files.createDirectory(TemporaryName.in(parent, name(target)));
    try {
      content.writeTo(temporary);
      syncTree(temporary);
      publish(temporary, target, parent);
    } finally {
      deleteTree(temporary); // gone already if the rename succeeded
    }
  }

  private static void publish(Path temporary, Path target, Path parent) throws IOException {
    if (!Files.exists(target)) {
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      TemporaryName.syncFolder(parent);
      return;
    }
    Path aside = TemporaryName.aside(parent, name(target));
    Files.move(target, aside, StandardCopyOption.ATOMIC_MOVE);
    try {
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
      throw e;
    }
    TemporaryName.syncFolder(parent);
    deleteTree(aside);
  }

  /** Deletes a folder with all that is in it; one that does not exist is fine. */
  public static void deleteFolder(Path folder) {
    FileErrors.writing(folder, () -> deleteTree(folder));
  }

  /**
   * Cleans {@code folder} after a killed writer: deletes unfinished files and folders, and puts an
   * old folder back if its replacement never took its place. No writer may be at work in {@code
   * folder}.
   */
  public static void recover(Path folder) {
    FileErrors.writing(
        folder,
        () -> {
          List<Path> entries;
          try (Stream<Path> listing = Files.list(folder)) {
            entries = listing.sorted().toList();
          }
          for (Path entry : entries) {
            if (TemporaryName.isNew(entry)) {
              deleteTree(entry);
            } else if (TemporaryName.isAside(entry)) {
              Path target = folder.resolve(TemporaryName.finalName(entry));
              if (Files.exists(target)) {
                deleteTree(entry);
              } else {
                Files.move(entry, target, StandardCopyOption.ATOMIC_MOVE);
              }
            }
          }
          TemporaryName.syncFolder(folder);
        });
  }

  private static String name(Path path) {
    return path.getFileName().toString();
  }

  private static void syncTree(Path root) throws IOException {
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes a) throws IOException {
            if (a.isRegularFile()) {
              try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.force(true);
              }
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path dir, IOException e) throws IOException {
            if (e != null) {
              throw e;
            }
            TemporaryName.syncFolder(dir);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes a) throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path dir, IOException e) throws IOException {
            if (e != null) {
              throw e;
            }
            Files.delete(dir);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
