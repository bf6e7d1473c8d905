package org.dc4j;

import java.util.List;
import org.dc4j.data.DataException;
import org.dc4j.data.ImageSource;
import org.dc4j.data.Scan;
import org.dc4j.data.Subset;
import org.dc4j.train.TrainingListener;

/**
 * The images of a data set that can be read, and the others with their reasons.
 *
 * @param images ids 0.. over the readable images, data-set order
 * @param skipped name and reason of each unreadable one
 */
record ReadableImages(ImageSource images, List<String[]> skipped) {
  static ReadableImages of(ImageSource all, boolean strict, TrainingListener listener) {
    listener.start("scan", all.size());
    Scan scan = Scan.of(all, listener::advance);
    listener.finish();
    List<String[]> skipped =
        scan.unreadable().stream().map(bad -> new String[] {bad.name(), bad.reason()}).toList();
    if (strict && !skipped.isEmpty()) {
      throw new DataException(
          "%d of %d images cannot be read, first %s: %s"
              .formatted(
                  skipped.size(), all.size(), skipped.get(0)[0], skipped.get(0)[1]));
    }
    if (scan.readable().length == 0) {
      throw new DataException("none of the %d images can be read".formatted(all.size()));
    }
    if (!skipped.isEmpty()) {
      listener.message(
          "skipped %d of %d images, listed in skipped.csv; first %s: %s"
              .formatted(
                  skipped.size(), all.size(), skipped.get(0)[0], skipped.get(0)[1]));
    }
    ImageSource images = skipped.isEmpty() ? all : new Subset(all, scan.readable());
    return new ReadableImages(images, skipped);
  }
}
