package org.dc4j.cli;

import org.dc4j.data.DataException;
import org.dc4j.data.ImageScan;
import org.dc4j.data.ImageSource;
import org.dc4j.data.ScanReport;
import org.dc4j.train.Progress;

/**
 * A data set after a look at every image.
 *
 * @param images those that can be read
 * @param report what the look found
 */
record ReadableSet(ImageSource images, ScanReport report) {
  static ReadableSet of(ImageSource all, Progress progress) {
    progress.start("scan", all.size());
    int threads = Runtime.getRuntime().availableProcessors();
    ScanReport report = ImageScan.scan(all, threads, progress::advance);
    progress.finish();
    if (report.readable().length == 0) {
      throw new DataException(
          "none of %d images can be read, first %s"
              .formatted(report.total(), report.unreadable().get(0).reason()));
    }
    return new ReadableSet(report.quarantine(all), report);
  }

  void requireAll() {
    if (!report.unreadable().isEmpty()) {
      throw new DataException(
          "%d of %d images cannot be read, first %s"
              .formatted(
                  report.unreadable().size(), report.total(), report.unreadable().get(0).reason()));
    }
  }

  /** One name per line, in the order of the images. */
  String names() {
    StringBuilder names = new StringBuilder();
    for (int id = 0; id < images.size(); id++) {
      names.append(images.name(id)).append('\n');
    }
    return names.toString();
  }
}
