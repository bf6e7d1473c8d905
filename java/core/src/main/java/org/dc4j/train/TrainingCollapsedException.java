package org.dc4j.train;

/** Training was asked to stop when its clusters collapse, and they did; the message says how. */
public final class TrainingCollapsedException extends RuntimeException {
  public TrainingCollapsedException(String message) {
    super(message);
  }
}
