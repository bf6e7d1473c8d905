package org.dc4j.data;

import java.util.List;

/**
 * What a scan of a source found.
 *
 * @param readable ids of the images that decode, ascending
 * @param unreadable the others, by ascending id
 */
public record ScanReport(int[] readable, List<Unreadable> unreadable) {
  /**
   * An image that does not decode.
   *
   * @param reason the reader's message, which names the file
   */
  public record Unreadable(int id, String name, String reason) {}

  public ScanReport {
    unreadable = List.copyOf(unreadable);
  }

  /** Images looked at. */
  public int total() {
    return readable.length + unreadable.size();
  }

  /** The readable images of the scanned source; the source itself if all are. */
  public ImageSource quarantine(ImageSource scanned) {
    if (scanned.size() != total()) {
      throw new IllegalArgumentException(
          "a report over %d images for a source of %d".formatted(total(), scanned.size()));
    }
    return unreadable.isEmpty() ? scanned : new Subset(scanned, readable);
  }
}
