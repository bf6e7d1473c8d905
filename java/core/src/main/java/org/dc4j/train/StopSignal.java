package org.dc4j.train;

/** Asks a run to stop at the next step, after saving a checkpoint. Thread-safe. */
public final class StopSignal {
  private volatile boolean requested;

  public void request() {
    requested = true;
  }

  public boolean isRequested() {
    return requested;
  }
}
