package org.dc4j.data;

/**
 * An ordered set of images without labels: all that training may see. Ids are 0..size()-1 in
 * data-set order. Thread-safe for reading.
 */
public interface ImageSource {
  /** Number of images. */
  int size();

  /**
   * Stable name of an image for reports and ids.txt: relative path, or "train/00017" for packed
   * files. The same on every machine; a path that is no line of Unicode is written as {@link
   * ImageNames} tells.
   */
  String name(int id);

  /**
   * Decodes an image.
   *
   * @throws UnreadableImageException if the file is damaged or of an unknown kind; its message
   *     names the file
   */
  Image read(int id);

  /**
   * The camera (or other capture condition) an image was taken with, which some samplers mix on
   * purpose; -1 = unknown.
   */
  default int camera(int id) {
    return -1;
  }
}
