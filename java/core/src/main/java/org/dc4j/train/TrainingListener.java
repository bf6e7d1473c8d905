package org.dc4j.train;

import java.util.Map;

/** What a run tells while it runs. Called from the training thread; must not throw. */
public interface TrainingListener extends Progress {
  /** Does nothing. */
  TrainingListener NONE = new TrainingListener() {};

  /**
   * An epoch ended.
   *
   * @param row its figures as written to metrics.jsonl; keys ending in _seconds are timings
   */
  default void epoch(int epoch, int epochs, Map<String, Object> row) {}

  /** Something the user should know: a skipped image, a warning. */
  default void message(String text) {}
}
