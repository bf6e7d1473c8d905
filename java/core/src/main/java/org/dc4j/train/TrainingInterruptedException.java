package org.dc4j.train;

/** The run was asked to stop and saved a checkpoint first; resuming continues where it was. */
public final class TrainingInterruptedException extends RuntimeException {
  public TrainingInterruptedException(String message) {
    super(message);
  }
}
