package org.dc4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Rules of the sources that no compiler checks. */
class HouseRulesTest {
  private static final int MAX_LINES = 400;
  private static final List<String> ROOMS = List.of("java", "native", "tests", "bench", "cmake");
  private static final Pattern SOURCE =
      Pattern.compile(".*\\.(java|c|h|cpp|cu|cuh|py|sh|cmake|xml|yaml)|CMakeLists\\.txt");
  private static final Pattern LOCAL_DIGITS =
      Pattern.compile("\"[^\"\\n]*%0\\d+d[^\"\\n]*\"\\s*\\.formatted\\(");

  // Put together at run time, so that this file passes its own rule.
  private static final Pattern UNFINISHED =
      Pattern.compile(
          "\\b(TO"
              + "DO|FIX"
              + "ME|XX"
              + "X|HA"
              + "CK|WI"
              + "P)\\b|(?i)not (yet )?imple"
              + "mented");

  @Test
  void filesStayShort() throws IOException {
    assertThat(
            breaches(
                lines ->
                    lines.size() > MAX_LINES
                        ? List.of(lines.size() + " lines, at most " + MAX_LINES)
                        : List.of()))
        .isEmpty();
  }

  @Test
  void noTabs() throws IOException {
    assertThat(breaches(lines -> matching(lines, "tab", line -> line.indexOf('\t') >= 0)))
        .isEmpty();
  }

  @Test
  void noTrailingBlanks() throws IOException {
    assertThat(
            breaches(
                lines ->
                    matching(
                        lines,
                        "trailing blank",
                        line ->
                            !line.isEmpty()
                                && Character.isWhitespace(line.charAt(line.length() - 1)))))
        .isEmpty();
  }

  /**
   * What is padded with zeros is a name or a key that somebody looks for later; formatted() takes
   * the digits of the user's locale.
   */
  @Test
  void namesHaveTheSameDigitsEverywhere() throws IOException {
    List<String> found = new ArrayList<>();
    for (Path source : sources()) {
      if (source.startsWith(root().resolve("java/core"))
          && LOCAL_DIGITS.matcher(Files.readString(source)).find()) {
        found.add(root().relativize(source).toString());
      }
    }
    assertThat(found).isEmpty();
    assertThat("\"%s/%05d\"\n  .formatted(a, b)").containsPattern(LOCAL_DIGITS);
  }

  @Test
  void nothingUnfinished() throws IOException {
    assertThat(
            breaches(
                lines ->
                    matching(lines, "unfinished work", line -> UNFINISHED.matcher(line).find())))
        .isEmpty();
  }

  @Test
  void theRulesSeeTheSources() throws IOException {
    List<String> seen = sources().stream().map(Path::toString).toList();
    assertThat(seen)
        .anyMatch(name -> name.endsWith("FloatMatrix.java"))
        .anyMatch(name -> name.endsWith("guard.cpp"))
        .anyMatch(name -> name.endsWith("kernels.h"))
        .anyMatch(name -> name.endsWith("HouseRulesTest.java"))
        .noneMatch(name -> name.contains("/target/"));
    assertThat("\t// TO" + "DO later").containsPattern(UNFINISHED);
  }

  private static List<String> breaches(Function<List<String>, List<String>> rule)
      throws IOException {
    List<String> found = new ArrayList<>();
    for (Path source : sources()) {
      for (String breach : rule.apply(List.of(Files.readString(source).split("\n")))) {
        found.add(root().relativize(source) + ": " + breach);
      }
    }
    return found;
  }

  private static List<String> matching(
      List<String> lines, String what, Function<String, Boolean> breach) {
    List<String> found = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (breach.apply(lines.get(i))) {
        found.add("line " + (i + 1) + ": " + what);
      }
    }
    return found;
  }

  private static List<Path> sources() throws IOException {
    List<Path> sources = new ArrayList<>();
    for (String room : ROOMS) {
      Files.walkFileTree(
          root().resolve(room),
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
              String name = folder.getFileName().toString();
              return name.equals("target") || name.startsWith(".")
                  ? FileVisitResult.SKIP_SUBTREE
                  : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (SOURCE.matcher(file.getFileName().toString()).matches()) {
                sources.add(file);
              }
              return FileVisitResult.CONTINUE;
            }
          });
    }
    return sources;
  }

  /** The repository: the nearest folder upwards that has the rooms. */
  private static Path root() {
    Path at = Path.of("").toAbsolutePath();
    while (at != null && !ROOMS.stream().map(at::resolve).allMatch(Files::isDirectory)) {
      at = at.getParent();
    }
    if (at == null) {
      throw new UncheckedIOException(
          new IOException("no folder above " + Path.of("").toAbsolutePath() + " has " + ROOMS));
    }
    return at;
  }
}
