package org.dc4j.cli.terminal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Where progress goes.
 *
 * @param style a bar redrawn in place, plain lines, or nothing
 * @param columns width of a line
 */
public record Terminal(Style style, int columns) {
  private static final int DEFAULT_COLUMNS = 80;

  /** How progress is shown. */
  public enum Style {
    BAR,
    LINES,
    NONE
  }

  /** No progress at all. */
  public static Terminal silent() {
    return new Terminal(Style.NONE, DEFAULT_COLUMNS);
  }

  /**
   * What standard error is connected to. DC4J_PROGRESS (bar, lines, none) decides over the look at
   * it, COLUMNS over the terminal's own width.
   */
  public static Terminal detect(Map<String, String> environment) {
    Style style =
        switch (environment.getOrDefault("DC4J_PROGRESS", "")) {
          case "bar" -> Style.BAR;
          case "lines" -> Style.LINES;
          case "none" -> Style.NONE;
          case "" -> drawable(environment) ? Style.BAR : Style.LINES;
          default ->
              throw new IllegalArgumentException(
                  "DC4J_PROGRESS is '%s'; accepted: bar, lines, none"
                      .formatted(environment.get("DC4J_PROGRESS")));
        };
    return new Terminal(style, style == Style.BAR ? columns(environment) : DEFAULT_COLUMNS);
  }

  private static boolean drawable(Map<String, String> environment) {
    return !"dumb".equals(environment.get("TERM")) && standardErrorIsTerminal();
  }

  private static boolean standardErrorIsTerminal() {
    Path descriptor = Path.of("/proc/self/fd/2");
    try {
      // System.console() asks about input and output; progress goes to standard error, which is
      // still a terminal in "dc4j ... --json > file".
      String target = Files.readSymbolicLink(descriptor).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      return System.console() != null;
    }
  }

  private static int columns(Map<String, String> environment) {
    String given = environment.getOrDefault("COLUMNS", "");
    if (given.matches("[1-9][0-9]{0,4}")) {
      return Integer.parseInt(given);
    }
    try {
      // Answers "rows columns" for the terminal that is its standard input.
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(Path.of("/dev/tty").toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String answer = new String(stty.getInputStream().readAllBytes()).strip();
      if (stty.waitFor(1, TimeUnit.SECONDS) && answer.matches("[0-9]+ [1-9][0-9]{0,4}")) {
        return Integer.parseInt(answer.substring(answer.indexOf(' ') + 1));
      }
    } catch (IOException e) {
      return DEFAULT_COLUMNS;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return DEFAULT_COLUMNS;
  }
}
