package org.dc4j.report;

/** Small pictures for reports. Called from one thread. */
@FunctionalInterface
public interface Thumbnails {
  /**
   * A PNG of at most about 100 pixels a side.
   *
   * @param imageId id as in assignments.csv
   * @return the file's bytes, or null if there is no picture: a grey box is shown. An exception is
   *     taken for null too, because one unreadable image must not cost the report.
   */
  byte[] png(int imageId);
}
