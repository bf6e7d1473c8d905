package org.dc4j.train;

/**
 * The clusters of a run collapsed, and it was asked to stop then or cannot go on with them; the
 * message says how.
 */
public final class TrainingCollapsedException extends RuntimeException {
  public TrainingCollapsedException(String message) {
    super(message);
  }

  public TrainingCollapsedException(String message, Throwable cause) {
    super(message, cause);
  }
}
