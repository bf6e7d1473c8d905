package org.dc4j.cli.terminal;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.dc4j.train.TrainingListener;

/** A training run's progress, epochs and warnings as lines around a progress bar. */
final class TrainingMessages implements TrainingListener {
  private static final List<String> SHOWN =
      List.of("loss", "clusters", "coverage", "nmi_previous", "empty", "largest", "effective_rank");

  private final ProgressBar bar;

  TrainingMessages(ProgressBar bar) {
    this.bar = bar;
  }

  @Override
  public void start(String stage, long total) {
    bar.start(stage, total);
  }

  @Override
  public void advance(long done) {
    bar.advance(done);
  }

  @Override
  public void finish() {
    bar.finish();
  }

  @Override
  public void epoch(int epoch, int epochs, Map<String, Object> row) {
    StringBuilder line = new StringBuilder("epoch ").append(epoch).append('/').append(epochs);
    for (String key : SHOWN) {
      if (row.get(key) instanceof Number number) {
        boolean whole = number instanceof Integer || number instanceof Long;
        String format = whole ? "  %s %d" : "  %s %.4g";
        line.append(String.format(Locale.ROOT, format, key, number));
      }
    }
    bar.message(line.toString());
  }

  @Override
  public void message(String text) {
    bar.message(text);
  }
}
