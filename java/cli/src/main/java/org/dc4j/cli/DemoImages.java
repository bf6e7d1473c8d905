package org.dc4j.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/** The part of Fashion-MNIST that ships with the program. */
final class DemoImages {
  static final List<String> FILES =
      List.of(
          "train-images-idx3-ubyte.gz",
          "train-labels-idx1-ubyte.gz",
          "t10k-images-idx3-ubyte.gz",
          "t10k-labels-idx1-ubyte.gz",
          "LICENSE");

  // Absolute, so that 'dc4j report RUN' finds the pictures from any folder.
  private final Path folder;

  /** Images that are to be in {@code folder}. */
  DemoImages(Path folder) {
    this.folder = folder.toAbsolutePath().normalize();
  }

  /** The data set to open. */
  String spec(String split) {
    return "fashion-mnist:" + folder + "?split=" + split;
  }

  /**
   * Refuses a run folder with files of somebody else.
   *
   * @throws IllegalArgumentException if {@code run} is not empty and not an earlier demo's start
   */
  void requireOwnFolder(Path run) throws IOException {
    if (!Files.isDirectory(run) || Files.exists(folder.resolve(FILES.get(0)))) {
      return;
    }
    try (Stream<Path> entries = Files.list(run)) {
      if (entries.findAny().isPresent()) {
        throw new IllegalArgumentException(
            run + " holds files that are no dc4j run; choose another folder with --out");
      }
    }
  }

  /** Writes the files, over those of an interrupted start. */
  void unpack() throws IOException {
    Files.createDirectories(folder);
    for (String name : FILES) {
      try (InputStream in = DemoImages.class.getResourceAsStream("fashion-mnist/" + name)) {
        if (in == null) {
          throw new IllegalStateException("the jar lacks fashion-mnist/" + name);
        }
        Files.copy(in, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }
}
