package org.dc4j.cli.terminal;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.dc4j.train.Progress;

/**
 * Shows a stage of work with its rate and the time left: on a terminal as one line redrawn in
 * place, elsewhere as a plain line every {@value #LINE_SECONDS} seconds. Not thread-safe.
 *
 * <p>The time left is computed from the stage's mean rate and holds still through small dips of the
 * rate instead of counting up; it is raised only when it has become clearly wrong.
 */
public final class ProgressBar implements Progress {
  static final int LINE_SECONDS = 10;
  private static final long REDRAW_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long LINE_NANOS = TimeUnit.SECONDS.toNanos(LINE_SECONDS);
  // Rates of the first moments say little (warm-up, first batch).
  private static final double FIRST_ESTIMATE_SECONDS = 1;
  private static final int MIN_BAR = 10;
  private static final int MAX_BAR = 30;

  private final PrintWriter out;
  private final Terminal terminal;
  private final LongSupplier nanoTime;
  private String stage; // null between stages
  private long total;
  private long done;
  private long started;
  private long shown;
  private double etaSeconds; // of the last estimate, infinite before the first
  private long etaAt;

  /** A bar on {@code out}; the clock is in nanoseconds and never runs backwards. */
  public ProgressBar(PrintWriter out, Terminal terminal, LongSupplier nanoTime) {
    this.out = out;
    this.terminal = terminal;
    this.nanoTime = nanoTime;
  }

  @Override
  public void start(String stage, long total) {
    finish();
    this.stage = stage;
    this.total = total;
    done = 0;
    started = nanoTime.getAsLong();
    etaSeconds = Double.POSITIVE_INFINITY;
    etaAt = started;
    shown = started;
    if (terminal.style() == Terminal.Style.BAR) {
      draw(started);
    }
  }

  @Override
  public void advance(long done) {
    if (stage == null) {
      return;
    }
    this.done = Math.max(this.done, done);
    long now = nanoTime.getAsLong();
    estimate(now);
    switch (terminal.style()) {
      case BAR -> {
        if (now - shown >= REDRAW_NANOS) {
          draw(now);
        }
      }
      case LINES -> {
        if (now - shown >= LINE_NANOS) {
          line(now, timeLeft(now));
        }
      }
      default -> {}
    }
  }

  @Override
  public void finish() {
    if (stage == null) {
      return;
    }
    long now = nanoTime.getAsLong();
    if (terminal.style() == Terminal.Style.BAR) {
      erase();
    }
    if (terminal.style() != Terminal.Style.NONE) {
      line(now, "in " + duration(seconds(now)));
    }
    stage = null;
  }

  /** Writes a line of its own above the bar. */
  public void message(String text) {
    if (terminal.style() == Terminal.Style.BAR) {
      erase();
    }
    out.println(text);
    if (stage != null && terminal.style() == Terminal.Style.BAR) {
      draw(nanoTime.getAsLong());
    }
    out.flush();
  }

  private void estimate(long now) {
    if (total <= 0 || done == 0 || seconds(now) < FIRST_ESTIMATE_SECONDS) {
      return;
    }
    double fresh = seconds(now) / done * Math.max(total - done, 0);
    boolean dip = fresh > etaSeconds && fresh < 1.25 * etaSeconds + 2;
    etaSeconds = dip ? etaSeconds : fresh;
    etaAt = now;
  }

  private void draw(long now) {
    String text = describe(timeLeft(now));
    int bar = Math.min(MAX_BAR, terminal.columns() - 1 - text.length() - 3);
    String line = text;
    if (total > 0 && bar >= MIN_BAR) {
      int full = (int) (bar * Math.min(done, total) / total);
      line = text + " [" + "#".repeat(full) + ".".repeat(bar - full) + "]";
    }
    // One column stays free: a full line would wrap and then could not be redrawn.
    int room = Math.max(terminal.columns() - 1, 1);
    out.print("\r" + line.substring(0, Math.min(room, line.length())) + "\u001b[K");
    out.flush();
    shown = now;
  }

  private void erase() {
    out.print("\r\u001b[K");
  }

  private void line(long now, String time) {
    out.println(describe(time));
    out.flush();
    shown = now;
  }

  private String describe(String time) {
    double elapsed = seconds(nanoTime.getAsLong());
    StringBuilder text = new StringBuilder(stage);
    if (total > 0) {
      text.append(" %d%% %d/%d".formatted(100 * Math.min(done, total) / total, done, total));
    } else if (done > 0) {
      text.append(" ").append(done);
    }
    if (done > 0 && elapsed > 0) {
      text.append(", ").append(rate(done / elapsed)).append("/s");
    }
    return time.isEmpty() ? text.toString() : text.append(", ").append(time).toString();
  }

  private String timeLeft(long now) {
    if (Double.isInfinite(etaSeconds)) {
      return "";
    }
    double since = (now - etaAt) / 1e9;
    return duration(Math.max(etaSeconds - since, 0)) + " left";
  }

  private double seconds(long now) {
    return (now - started) / 1e9;
  }

  private static String rate(double perSecond) {
    return String.format(Locale.ROOT, perSecond < 10 ? "%.1f" : "%.0f", perSecond);
  }

  static String duration(double seconds) {
    long whole = Math.round(seconds);
    if (whole >= 3600) {
      return "%d:%02d:%02d".formatted(whole / 3600, whole / 60 % 60, whole % 60);
    }
    return "%d:%02d".formatted(whole / 60, whole % 60);
  }
}
