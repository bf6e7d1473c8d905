package org.dc4j.cli;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.dc4j.format.FileErrors;

/** The run that an earlier demo left: what may be deleted to make room for another. */
final class EarlierDemo {
  // A name that is not here is somebody's own: a folder with one of those is left as it is.
  private static final Pattern FILES =
      Pattern.compile(
          "plan\\.yaml|run\\.lock|metrics\\.jsonl|model\\.(safetensors|json)|embeddings\\.npy|ids\\.txt"
              + "|(assignments|skipped)\\.csv|results\\.json|report\\.html"
              + "|events\\.out\\.tfevents\\.\\d+\\.dc4j\\.[0-9.]+"
              + "|checkpoints/step-\\d{10}/(state\\.safetensors|position\\.json)"
              + "|data/("
              + String.join("|", DemoImages.FILES)
              + ")|(checkpoints/)?\\.dc4j-.*");
  private static final Pattern FOLDERS =
      Pattern.compile("|data|checkpoints(/step-\\d{10})?|(checkpoints/)?\\.dc4j-.*");
  private static final int MOST_NAMED = 5;

  private final Path root;
  private final Path plan;
  private final List<Path> own = new ArrayList<>(); // a folder comes after what is in it
  private final List<String> foreign = new ArrayList<>();

  private EarlierDemo(Path root) {
    this.root = root;
    this.plan = root.resolve("plan.yaml");
  }

  /**
   * Deletes a run, all or nothing; the folder itself stays.
   *
   * @throws IllegalArgumentException naming what is there besides the files of a run; nothing is
   *     deleted then
   */
  static void delete(Path run) throws IOException {
    EarlierDemo demo = new EarlierDemo(run.toRealPath());
    Files.walkFileTree(demo.root, demo.new Look());
    if (!demo.foreign.isEmpty()) {
      List<String> first = demo.foreign.stream().sorted().limit(MOST_NAMED).toList();
      throw new IllegalArgumentException(
          "%s holds what no demo made: %s%s; move it away, or choose another folder with --out"
              .formatted(
                  run,
                  String.join(", ", first),
                  demo.foreign.size() > MOST_NAMED
                      ? " and %d more".formatted(demo.foreign.size() - MOST_NAMED)
                      : ""));
    }
    for (Path path : demo.own) {
      Files.delete(path);
    }
    Files.delete(demo.plan); // last: until then --overwrite can take up a deletion that was killed
  }

  /** Sorts what is there; links are looked at themselves, not followed. */
  private final class Look extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
      if (FOLDERS.matcher(name(folder)).matches()) {
        return FileVisitResult.CONTINUE;
      }
      foreign.add(name(folder) + "/");
      return FileVisitResult.SKIP_SUBTREE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (!FILES.matcher(name(file)).matches()) {
        foreign.add(name(file));
      } else if (!file.equals(plan)) {
        own.add(file);
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) {
      foreign.add(FileErrors.describe(failure));
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path folder, IOException failure) throws IOException {
      if (failure != null) {
        throw failure;
      }
      if (!folder.equals(root)) {
        own.add(folder);
      }
      return FileVisitResult.CONTINUE;
    }

    private String name(Path path) {
      return root.relativize(path).toString();
    }
  }
}
