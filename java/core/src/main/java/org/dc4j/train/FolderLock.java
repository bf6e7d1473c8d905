package org.dc4j.train;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps a folder for one run at a time. The system takes the lock back when its process ends,
 * however it ends; the file stays, because another process may be opening it. Close it.
 */
final class FolderLock implements AutoCloseable {
  private static final String NAME = "run.lock";

  private final FileChannel channel;

  private FolderLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Locks an existing folder.
   *
   * @throws IllegalArgumentException if another run has it
   */
  static FolderLock of(Path folder) throws IOException {
    Path file = folder.resolve(NAME);
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (!take(channel)) {
        String holder = Files.readString(file).strip();
        throw new IllegalArgumentException(
            "%s is in use by another run%s; wait until it ends, or choose another folder"
                .formatted(folder, holder.isEmpty() ? "" : " (process " + holder + ")"));
      }
      String self = ProcessHandle.current().pid() + "\n";
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(self.getBytes(StandardCharsets.US_ASCII)));
      return new FolderLock(channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static boolean take(FileChannel channel) {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false; // a run of this process
    } catch (IOException e) {
      return true; // a file system without locks: whoever has it looks after its runs
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
