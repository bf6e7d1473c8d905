package org.dc4j.train;

/** Progress of one stage at a time; implementations print, the library never does. */
public interface Progress {
  /** Does nothing. */
  Progress NONE =
      new Progress() {
        @Override
        public void start(String stage, long total) {}

        @Override
        public void advance(long done) {}

        @Override
        public void finish() {}
      };

  /** A stage of {@code total} items begins. */
  void start(String stage, long total);

  /** {@code done} items of the stage are done so far. */
  void advance(long done);

  /** The stage ended. */
  void finish();
}
