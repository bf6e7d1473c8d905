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
 * Debian packages as a source of files: downloaded and unpacked, not installed, without root.
 *
 * @param aptGet, dpkgDeb the two programs
 * @param names of the packages
 */
record DebianPackages(String aptGet, String dpkgDeb, List<String> names) {
  private static final long TIMEOUT_MINUTES = 15;
  private static final int REPORTED_LINES = 5;

  /** Packages fetched by the programs of this machine. */
  static DebianPackages of(String... names) {
    return new DebianPackages("apt-get", "dpkg-deb", List.of(names));
  }

  /**
   * Downloads the packages into {@code work} and unpacks them into {@code work/content}.
   *
   * @return the files downloaded, whose names tell the versions
   * @throws DataException if a program is missing or refuses, with its last words
   */
  List<Path> unpack(Path work, Consumer<String> listener) throws IOException {
    String which =
        (names.size() == 1 ? "Debian package " : "Debian packages ") + String.join(", ", names);
    listener.accept("downloading " + which);
    Result download = run(work, command(List.of(), "download"));
    if (download.code() != 0) {
      // No package lists on this machine, or old ones: fetch lists into a folder of our own, which
      // needs no root.
      listener.accept("fetching Debian's package lists");
      List<String> lists = privateLists(work);
      List<String> update = new ArrayList<>(List.of(aptGet));
      update.addAll(lists);
      update.add("update");
      Result updated = run(work, update);
      if (updated.code() != 0) {
        throw new DataException(aptGet + " update failed: " + updated.lastWords());
      }
      listener.accept("downloading " + which);
      download = run(work, command(lists, "download"));
      if (download.code() != 0) {
        throw new DataException(
            "%s download %s failed: %s"
                .formatted(aptGet, String.join(" ", names), download.lastWords()));
      }
    }
    Path content = Files.createDirectories(work.resolve("content"));
    List<Path> files = downloaded(work);
    for (Path file : files) {
      Result unpacked = run(work, List.of(dpkgDeb, "-x", file.toString(), content.toString()));
      if (unpacked.code() != 0) {
        throw new DataException(dpkgDeb + " -x failed: " + unpacked.lastWords());
      }
    }
    return files;
  }

  private static List<String> privateLists(Path work) throws IOException {
    Path lists = work.resolve("apt/lists");
    Path cache = work.resolve("apt/cache");
    Files.createDirectories(lists.resolve("partial"));
    Files.createDirectories(cache.resolve("archives/partial"));
    return List.of("-o", "Dir::State::Lists=" + lists, "-o", "Dir::Cache=" + cache);
  }

  private List<String> command(List<String> options, String word) {
    List<String> command = new ArrayList<>(List.of(aptGet));
    command.addAll(options);
    command.add(word);
    command.addAll(names);
    return command;
  }

  private List<Path> downloaded(Path work) throws IOException {
    try (Stream<Path> files = Files.list(work)) {
      List<Path> found =
          files.filter(file -> file.getFileName().toString().endsWith(".deb")).sorted().toList();
      if (found.size() != names.size()) {
        throw new DataException(
            "%s left %d .deb files for %d packages".formatted(aptGet, found.size(), names.size()));
      }
      return found;
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
