package org.dc4j.train;

/**
 * Watches a long piece of work, stage by stage: start, any number of advances, finish. Called from
 * one thread; must be cheap, since work may report every step. What is not overridden does nothing.
 */
public interface Progress {
  /** Watches nothing. */
  Progress NONE = new Progress() {};

  /**
   * A stage begins; an unfinished one before it ends here.
   *
   * @param stage what is done, for example "epoch 3/15"
   * @param total units of work, 0 = unknown
   */
  default void start(String stage, long total) {}

  /**
   * @param done units done since the start of the stage, not since the last call
   */
  default void advance(long done) {}

  /** The stage is over. */
  default void finish() {}
}
