package org.dc4j.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
  @TempDir Path folder;

  @Test
  void createsAndReplacesFiles() {
    Path file = folder.resolve("plan.yaml");
    AtomicFiles.write(file, "first");
    AtomicFiles.write(file, "größer");
    assertThat(file).hasContent("größer");
    assertThat(folder.toFile().list()).containsExactly("plan.yaml");
  }

  @Test
  void aFailureLeavesTheOldFileAndNothingElse() throws IOException {
    Path file = Files.writeString(folder.resolve("x.bin"), "old");
    AtomicFiles.FileContent diskFull =
        channel -> {
          channel.write(ByteBuffer.wrap(new byte[100]));
          throw new IOException("No space left on device");
        };
    assertThatThrownBy(() -> AtomicFiles.write(file, diskFull))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage("cannot write " + file + ": No space left on device");
    assertThat(file).hasContent("old");
    assertThat(folder.toFile().list()).containsExactly("x.bin");
  }

  /** The kernel's own full disk: every write to /dev/full fails with ENOSPC. */
  @Test
  void aFullDiskIsReportedByName() {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "no /dev/full on this system");
    Path file = folder.resolve("x.bin");
    assertThatThrownBy(
            () ->
                AtomicFiles.write(
                    file,
                    channel -> {
                      try (FileChannel device = FileChannel.open(full, StandardOpenOption.WRITE)) {
                        ChannelBytes.write(device, ByteBuffer.wrap(new byte[10]));
                      }
                    }))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("cannot write " + file)
        .hasMessageContaining("No space left");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void refusesWhatARenameWouldDestroy() throws IOException {
    Path device = Path.of("/dev/null");
    assumeTrue(Files.exists(device), "no /dev/null on this system");
    assertThatThrownBy(() -> AtomicFiles.write(device, "x"))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("is not a regular file");
    assertThatThrownBy(() -> AtomicFiles.write(folder, "x")).hasMessageContaining("is a folder");
    assertThatThrownBy(() -> AtomicFiles.write(folder.resolve("no/x"), "x"))
        .hasMessageContaining("does not exist");
    Path real = Files.writeString(folder.resolve("real"), "old");
    Path link = Files.createSymbolicLink(folder.resolve("link"), real);
    AtomicFiles.write(link, "new");
    assertThat(link).isSymbolicLink();
    assertThat(real).hasContent("new");
  }

  @Test
  void createsAndReplacesFolders() throws IOException {
    Path target = folder.resolve("epoch-0001");
    AtomicFiles.writeFolder(target, dir -> Files.writeString(dir.resolve("a"), "1"));
    assertThat(target.resolve("a")).hasContent("1");
    AtomicFiles.writeFolder(
        target,
        dir -> {
          Files.createDirectory(dir.resolve("sub"));
          Files.writeString(dir.resolve("sub").resolve("b"), "2");
        });
    assertThat(target.resolve("a")).doesNotExist();
    assertThat(target.resolve("sub").resolve("b")).hasContent("2");
    assertThat(folder.toFile().list()).containsExactly("epoch-0001");
    AtomicFiles.deleteFolder(target);
    AtomicFiles.deleteFolder(target);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aFailureLeavesTheOldFolder() {
    Path target = folder.resolve("epoch-0001");
    AtomicFiles.writeFolder(target, dir -> Files.writeString(dir.resolve("a"), "1"));
    AtomicFiles.FolderContent failing =
        dir -> {
          Files.writeString(dir.resolve("b"), "half");
          throw new IOException("No space left on device");
        };
    assertThatThrownBy(() -> AtomicFiles.writeFolder(target, failing))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("epoch-0001");
    assertThat(target.resolve("a")).hasContent("1");
    assertThat(folder.toFile().list()).containsExactly("epoch-0001");
  }

  /** The three states that a killed writer can leave. */
  @Test
  void recoversAfterAKill() throws IOException {
    Path unfinished = Files.createDirectory(TemporaryName.in(folder, "epoch-0001"));
    Files.writeString(unfinished.resolve("a"), "half");
    Files.writeString(TemporaryName.in(folder, "x.npy"), "half");
    Path replaced = Files.createDirectory(TemporaryName.aside(folder, "epoch-0002"));
    Files.writeString(replaced.resolve("a"), "old");
    Files.createDirectory(folder.resolve("epoch-0002"));
    Path setAside = Files.createDirectory(TemporaryName.aside(folder, "epoch.v3"));
    Files.writeString(setAside.resolve("a"), "old");
    Files.writeString(folder.resolve(".hidden"), "not ours");
    AtomicFiles.recover(folder);
    assertThat(folder.toFile().list())
        .containsExactlyInAnyOrder("epoch-0002", "epoch.v3", ".hidden");
    assertThat(folder.resolve("epoch-0002")).isEmptyDirectory();
    assertThat(folder.resolve("epoch.v3").resolve("a")).hasContent("old");
  }
}
