package org.dc4j.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dc4j.cli.terminal.Terminal.Style;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgressBarTest {
  private static final String REDRAW = "\r";
  private static final String ERASE_REST = "\u001b[K";

  private final StringWriter screen = new StringWriter();
  private long nanos = 5_000_000_000L;

  private ProgressBar bar(Style style, int columns) {
    return new ProgressBar(new PrintWriter(screen), new Terminal(style, columns), () -> nanos);
  }

  private void pass(double seconds) {
    nanos += (long) (seconds * 1e9);
  }

  /** What stood on the line, one entry for each redraw. */
  private List<String> frames() {
    List<String> frames = new ArrayList<>();
    for (String frame : screen.toString().split(REDRAW)) {
      if (!frame.isEmpty()) {
        frames.add(frame.replace(ERASE_REST, ""));
      }
    }
    return frames;
  }

  @Test
  void drawsRateAndTimeLeftInPlace() {
    ProgressBar bar = bar(Style.BAR, 80);
    bar.start("epoch 1/3", 100);
    pass(10);
    bar.advance(25);
    assertThat(frames())
        .last()
        .asString()
        .startsWith("epoch 1/3 25% 25/100, 2.5/s, 0:30 left [###");
    assertThat(screen.toString()).doesNotContain("\n");
    pass(30);
    bar.advance(100);
    bar.finish();
    assertThat(screen.toString()).endsWith("epoch 1/3 100% 100/100, 2.5/s, in 0:40\n");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 10, 20, 40, 60, 80, 300})
  void neverFillsTheLine(int columns) {
    ProgressBar bar = bar(Style.BAR, columns);
    bar.start("clustering 123456 images", 1000);
    for (int i = 1; i < 1000; i += 50) {
      pass(1);
      bar.advance(i);
    }
    assertThat(frames())
        .allSatisfy(
            frame -> assertThat(frame.length()).isLessThanOrEqualTo(Math.max(columns - 1, 1)));
  }

  @Test
  void redrawsAtMostTenTimesASecond() {
    ProgressBar bar = bar(Style.BAR, 80);
    bar.start("x", 10_000);
    for (int i = 0; i < 10_000; i++) {
      pass(0.0005);
      bar.advance(i);
    }
    assertThat(frames()).hasSizeBetween(40, 52); // 5 seconds
  }

  @Test
  void timeLeftNeverRisesThroughSmallDips() {
    ProgressBar bar = bar(Style.BAR, 80);
    bar.start("x", 1000);
    for (int i = 1; i <= 1000; i++) {
      pass(i % 7 == 0 ? 0.9 : 0.4);
      bar.advance(i);
    }
    List<Integer> left = secondsLeft();
    assertThat(left).hasSizeGreaterThan(500).isSortedAccordingTo((a, b) -> Integer.compare(b, a));
  }

  @Test
  void timeLeftIsCorrectedWhenWorkBecomesMuchSlower() {
    ProgressBar bar = bar(Style.BAR, 80);
    bar.start("x", 100);
    for (int i = 1; i <= 10; i++) {
      pass(0.5);
      bar.advance(i);
    }
    pass(95);
    bar.advance(20);
    List<Integer> left = secondsLeft();
    assertThat(left.get(left.size() - 2)).isEqualTo(45);
    assertThat(left.get(left.size() - 1)).isEqualTo(400);
  }

  private List<Integer> secondsLeft() {
    List<Integer> seconds = new ArrayList<>();
    Matcher matcher = Pattern.compile("([0-9]+):([0-9]{2}) left").matcher(screen.toString());
    while (matcher.find()) {
      seconds.add(60 * Integer.parseInt(matcher.group(1)) + Integer.parseInt(matcher.group(2)));
    }
    return seconds;
  }

  @Test
  void elsewhereWritesAPlainLineNowAndThen() {
    ProgressBar bar = bar(Style.LINES, 80);
    bar.start("epoch 1/3", 100);
    for (int i = 1; i <= 50; i++) {
      pass(0.5);
      bar.advance(i);
    }
    bar.start("epoch 2/3", 0);
    bar.advance(7);
    bar.finish();
    bar.finish();
    assertThat(screen.toString())
        .isEqualToNormalizingNewlines(
            "epoch 1/3 20% 20/100, 2.0/s, 0:40 left\n"
                + "epoch 1/3 40% 40/100, 2.0/s, 0:30 left\n"
                + "epoch 1/3 50% 50/100, 2.0/s, in 0:25\n"
                + "epoch 2/3 7, in 0:00\n");
  }

  @Test
  void doneNeverGoesBackAndNothingIsDrawnOutsideAStage() {
    ProgressBar bar = bar(Style.LINES, 80);
    bar.advance(3);
    bar.start("x", 10);
    bar.advance(9);
    bar.advance(2);
    bar.finish();
    assertThat(screen.toString()).isEqualToNormalizingNewlines("x 90% 9/10, in 0:00\n");
  }

  @Test
  void quietIsQuiet() {
    ProgressBar bar = bar(Style.NONE, 80);
    bar.start("x", 10);
    pass(100);
    bar.advance(5);
    bar.finish();
    assertThat(screen.toString()).isEmpty();
  }

  @Test
  void theEnvironmentDecidesOverTheLookAtTheTerminal() {
    assertThat(Terminal.detect(Map.of("DC4J_PROGRESS", "bar", "COLUMNS", "61")))
        .isEqualTo(new Terminal(Style.BAR, 61));
    assertThat(Terminal.detect(Map.of("DC4J_PROGRESS", "none")).style()).isEqualTo(Style.NONE);
    assertThat(Terminal.detect(Map.of("TERM", "dumb")).style()).isEqualTo(Style.LINES);
    assertThatThrownBy(() -> Terminal.detect(Map.of("DC4J_PROGRESS", "fancy")))
        .hasMessage("DC4J_PROGRESS is 'fancy'; accepted: bar, lines, none");
  }

  @Test
  void theFirstInterruptAsksAndTheSecondEnds() {
    StringWriter err = new StringWriter();
    Session session =
        new Session(
            new PrintWriter(screen),
            new PrintWriter(err),
            Terminal.silent(),
            new org.dc4j.train.StopSignal());
    List<Integer> halts = new ArrayList<>();
    Interrupts.received(session, "saving a checkpoint", halts::add);
    assertThat(session.stop().isRequested()).isTrue();
    assertThat(halts).isEmpty();
    assertThat(err.toString()).contains("interrupted: saving a checkpoint; once more");
    Interrupts.received(session, "saving a checkpoint", halts::add);
    assertThat(halts).containsExactly(130);
    assertThat(screen.toString()).isEmpty();
  }
}
