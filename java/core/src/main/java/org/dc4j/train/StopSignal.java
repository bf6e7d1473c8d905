package org.dc4j.train;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * Asks running work to stop at the next safe point: training saves a checkpoint and returns.
 * Thread-safe; a request cannot be withdrawn.
 */
public final class StopSignal implements BooleanSupplier {
  private final AtomicBoolean requested = new AtomicBoolean();

  /** Asks for a stop; true if nobody had asked before. */
  public boolean request() {
    return requested.compareAndSet(false, true);
  }

  public boolean isRequested() {
    return requested.get();
  }

  /** {@link #isRequested}, for work that takes a plain condition. */
  @Override
  public boolean getAsBoolean() {
    return isRequested();
  }
}
