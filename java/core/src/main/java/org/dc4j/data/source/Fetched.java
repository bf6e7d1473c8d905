package org.dc4j.data.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.dc4j.data.DataException;

/** Makes a {@link PackedFolder} out of Debian packages. */
final class Fetched {
  /** Turns the packages' files into splits. */
  @FunctionalInterface
  interface Maker {
    /**
     * Writes the splits.
     *
     * @param content root of the unpacked packages
     * @param facts for the manifest, may be added to
     */
    void make(Path content, Map<String, Object> facts) throws IOException;
  }

  private Fetched() {}

  /**
   * Downloads, makes and finishes a folder; one that was made in the same way stays as it is.
   *
   * @param options what the images depend on, kept in the manifest
   * @throws DataException if it cannot be made, or the folder has files of something else
   */
  static void into(
      Path out,
      String set,
      Map<String, Object> options,
      DebianPackages packages,
      Consumer<String> listener,
      Maker maker) {
    try {
      Files.createDirectories(out);
      Map<?, ?> manifest = PackedFolder.manifest(out);
      if (set.equals(manifest.get("set")) && options.equals(manifest.get("options"))) {
        listener.accept(set + " is already in " + out);
        return;
      }
      if (!manifest.isEmpty()) {
        throw new DataException(
            "%s holds set %s with options %s; give another folder, or delete that one"
                .formatted(out, manifest.get("set"), manifest.get("options")));
      }
      Path work = Files.createTempDirectory("dc4j-" + set);
      try {
        List<Path> files = packages.unpack(work, listener);
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("options", options);
        facts.put("packages", files.stream().map(file -> file.getFileName().toString()).toList());
        listener.accept("making the images");
        maker.make(work.resolve("content"), facts);
        PackedFolder.finish(out, set, facts);
      } finally {
        DebianPackages.deleteTree(work);
      }
      listener.accept(set + " is in " + out);
    } catch (IOException | DataException e) {
      throw new DataException(
          "%s was not fetched: %s%nIt is made from Debian's %s (apt-get download, dpkg-deb -x)."
              .formatted(set, e.getMessage(), String.join(", ", packages.names())),
          e);
    }
  }
}
