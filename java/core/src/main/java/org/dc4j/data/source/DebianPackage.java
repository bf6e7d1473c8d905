package org.dc4j.data.source;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.dc4j.data.DataException;

/**
 * A Debian package as a source of files: downloaded and unpacked, not installed, without root.
 *
 * @param aptGet, dpkgDeb the two programs
 * @param name of the package
 */
record DebianPackage(String aptGet, String dpkgDeb, String name) {
  private static final long TIMEOUT_MINUTES = 15;
  private static final int REPORTED_LINES = 5;

  /**
   * Downloads the package into {@code work} and unpacks it into {@code work/content}.
   *
   * @throws DataException if a program is missing or refuses, with its last words
   */
  void unpack(Path work, Consumer<String> listener) throws IOException {
    listener.accept("downloading Debian package " + name);
    Result download = run(work, List.of(aptGet, "download", name));
    if (download.code() != 0) {
      // No package lists on this machine, or old ones: fetch lists into a folder of our own, which
      // needs no root.
      listener.accept("fetching Debian's package lists");
      List<String> lists = privateLists(work);
      Result update = run(work, command(lists, "update"));
      if (update.code() != 0) {
        throw new DataException(aptGet + " update failed: " + update.lastWords());
      }
      listener.accept("downloading Debian package " + name);
      download = run(work, command(lists, "download", name));
      if (download.code() != 0) {
        throw new DataException(aptGet + " download " + name + " failed: " + download.lastWords());
      }
    }
    Path content = Files.createDirectories(work.resolve("content"));
    Result unpacked =
        run(work, List.of(dpkgDeb, "-x", downloaded(work).toString(), content.toString()));
    if (unpacked.code() != 0) {
      throw new DataException(dpkgDeb + " -x failed: " + unpacked.lastWords());
    }
  }

  private static List<String> privateLists(Path work) throws IOException {
    Path lists = work.resolve("apt/lists");
    Path cache = work.resolve("apt/cache");
    Files.createDirectories(lists.resolve("partial"));
    Files.createDirectories(cache.resolve("archives/partial"));
    return List.of("-o", "Dir::State::Lists=" + lists, "-o", "Dir::Cache=" + cache);
  }

  private List<String> command(List<String> options, String... words) {
    List<String> command = new ArrayList<>(List.of(aptGet));
    command.addAll(options);
    Collections.addAll(command, words);
    return command;
  }

  private Path downloaded(Path work) throws IOException {
    try (Stream<Path> files = Files.list(work)) {
      return files
          .filter(file -> file.getFileName().toString().endsWith(".deb"))
          .findFirst()
          .orElseThrow(() -> new DataException(aptGet + " left no .deb file"));
    }
  }

  private record Result(int code, String output) {
    String lastWords() {
      List<String> lines = output.lines().filter(line -> !line.isBlank()).toList();
      String last =
          String.join(
              " | ", lines.subList(Math.max(0, lines.size() - REPORTED_LINES), lines.size()));
      return last.isEmpty() ? "exit code " + code : last;
    }
  }

  private static Result run(Path folder, List<String> command) throws IOException {
    Path log = Files.createTempFile(folder, "output", ".txt");
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
    } catch (IOException e) {
      throw new DataException(command.get(0) + " cannot be started: " + e.getMessage(), e);
    }
    try {
      process.getOutputStream().close(); // no answers to questions
      if (!process.waitFor(TIMEOUT_MINUTES, TimeUnit.MINUTES)) {
        throw new DataException(
            "%s did not finish within %d minutes".formatted(command.get(0), TIMEOUT_MINUTES));
      }
      return new Result(process.exitValue(), Files.readString(log, StandardCharsets.ISO_8859_1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted while running " + command.get(0));
    } finally {
      process.destroy();
      Files.deleteIfExists(log);
    }
  }

  /** Deletes a folder that this program made. */
  static void deleteTree(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      List<Path> deepestFirst = new ArrayList<>(files.toList());
      Collections.reverse(deepestFirst);
      for (Path file : deepestFirst) {
        Files.deleteIfExists(file);
      }
    }
  }
}
