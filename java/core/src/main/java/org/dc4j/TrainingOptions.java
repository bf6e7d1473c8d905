package org.dc4j;

import org.dc4j.train.Probe;
import org.dc4j.train.StopSignal;
import org.dc4j.train.TrainingListener;

/**
 * How to run a plan; none of it changes the result.
 *
 * @param resume continue the run in the folder
 * @param strict fail on the first unreadable image instead of skipping it
 * @param listener receives progress and epoch rows
 * @param stop asks the run to stop after the next step
 * @param probe measures from outside after each epoch
 * @param failOnCollapse stop with a TrainingCollapsedException when one cluster swallows the data,
 *     the embeddings shrink to a line or all is noise, instead of a warning
 */
public record TrainingOptions(
    boolean resume,
    boolean strict,
    TrainingListener listener,
    StopSignal stop,
    Probe probe,
    boolean failOnCollapse) {

  /** A fresh, quiet run that skips unreadable images. */
  public static TrainingOptions defaults() {
    return new TrainingOptions(
        false, false, TrainingListener.NONE, new StopSignal(), Probe.NONE, false);
  }

  public TrainingOptions withListener(TrainingListener newListener) {
    return new TrainingOptions(resume, strict, newListener, stop, probe, failOnCollapse);
  }

  public TrainingOptions withResume(boolean newResume) {
    return new TrainingOptions(newResume, strict, listener, stop, probe, failOnCollapse);
  }
}
