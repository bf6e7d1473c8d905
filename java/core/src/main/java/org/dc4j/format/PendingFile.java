package org.dc4j.format;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A file being written under a temporary name in the target's folder. {@link #commit} makes it the
 * target; close without commit deletes it, so that the target is the old file or the new one, never
 * a part. Not thread-safe.
 */
final class PendingFile implements AutoCloseable {
  private final Path target;
  private final Path temporary;
  private final FileChannel channel;
  private boolean committed;

  PendingFile(Path file) throws IOException {
    target = resolve(file);
    Path folder = target.getParent();
    FileErrors.requireFolder(folder);
    temporary = TemporaryName.in(folder, target.getFileName().toString());
    channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
  }

  /** The file behind a link; refuses folders and devices, which a rename would replace. */
  static Path resolve(Path file) throws IOException {
    Path absolute = file.toAbsolutePath();
    if (!Files.exists(absolute)) {
      return absolute;
    }
    if (Files.isDirectory(absolute)) {
      throw new FileAlreadyExistsException(file.toString(), null, "is a folder, expected a file");
    }
    if (!Files.isRegularFile(absolute)) {
      throw new FileSystemException(file.toString(), null, "is not a regular file");
    }
    return absolute.toRealPath();
  }

  FileChannel channel() {
    return channel;
  }

  void commit() throws IOException {
    channel.force(true);
    channel.close();
    Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    committed = true;
    TemporaryName.syncFolder(target.getParent());
  }

  @Override
  public void close() throws IOException {
    channel.close();
    if (!committed) {
      Files.deleteIfExists(temporary);
    }
  }
}
