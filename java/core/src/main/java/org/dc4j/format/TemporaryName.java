package org.dc4j.format;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Names of files and folders that are not finished: {@code .dc4j-<kind>-<process>-<time>.<name>},
 * in the target's folder because a rename is atomic only inside one file system.
 */
final class TemporaryName {
  private static final String NEW = ".dc4j-new-";
  private static final String OLD = ".dc4j-old-";

  private TemporaryName() {}

  /** A free name for the new content of {@code name}. */
  static Path in(Path folder, String name) {
    return free(folder, NEW, name);
  }

  /** A free name to set the old content of {@code name} aside. */
  static Path aside(Path folder, String name) {
    return free(folder, OLD, name);
  }

  static boolean isNew(Path path) {
    return path.getFileName().toString().startsWith(NEW);
  }

  static boolean isAside(Path path) {
    return path.getFileName().toString().startsWith(OLD);
  }

  /** The final name inside a temporary one. */
  static String finalName(Path path) {
    String name = path.getFileName().toString();
    return name.substring(name.indexOf('.', 1) + 1);
  }

  private static Path free(Path folder, String prefix, String name) {
    String process = prefix + ProcessHandle.current().pid() + "-";
    long time = System.nanoTime();
    Path path;
    do {
      path = folder.resolve(process + Long.toHexString(time++) + "." + name);
    } while (Files.exists(path));
    return path;
  }

  /** Makes renames inside a folder durable, where the system can (POSIX). */
  static void syncFolder(Path folder) throws IOException {
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }
}
