package org.dc4j;

import java.util.List;
import org.dc4j.data.DataException;
import org.dc4j.data.ImageScan;
import org.dc4j.data.ImageSource;
import org.dc4j.data.ScanReport;
import org.dc4j.train.TrainingListener;

/**
 * The images of a data set that can be read, and the others with their reasons.
 *
 * @param images ids 0.. over the readable images, data-set order
 * @param skipped name and reason of each unreadable one
 */
record ReadableImages(ImageSource images, List<List<String>> skipped) {
  static ReadableImages of(
      ImageSource all, int threads, boolean strict, TrainingListener listener) {
    listener.start("scan", all.size());
    ScanReport scan = ImageScan.scan(all, threads, listener::advance);
    listener.finish();
    if (!scan.unreadable().isEmpty()) {
      ScanReport.Unreadable first = scan.unreadable().get(0);
      String what =
          "%d of %d images cannot be read, first %s"
              .formatted(scan.unreadable().size(), scan.total(), first.reason());
      if (strict || scan.readable().length == 0) {
        throw new DataException(what);
      }
      listener.message("skipped: " + what + "; all are listed in skipped.csv");
    }
    List<List<String>> skipped =
        scan.unreadable().stream().map(bad -> List.of(bad.name(), bad.reason())).toList();
    return new ReadableImages(scan.quarantine(all), skipped);
  }
}
