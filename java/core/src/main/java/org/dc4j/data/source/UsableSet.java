package org.dc4j.data.source;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.dc4j.data.DataException;
import org.dc4j.data.ImageScan;
import org.dc4j.data.ScanReport;
import org.dc4j.data.ScanReport.Unreadable;
import org.dc4j.data.Subset;

/**
 * What can be scored of a data set: its images that decode and, if it has labels, have one.
 *
 * @param set those images, with their labels
 * @param left the others by ascending id, with reasons
 */
public record UsableSet(DataSet set, List<Unreadable> left) {
  public UsableSet {
    left = List.copyOf(left);
  }

  /**
   * Reads every image once.
   *
   * @param threads decoding threads, >= 1
   * @param progress told the number of images done
   * @throws DataException if nothing is left
   */
  public static UsableSet of(DataSet all, int threads, IntConsumer progress) {
    ScanReport scan = ImageScan.scan(all.images(), threads, progress);
    List<Unreadable> left = new ArrayList<>(scan.unreadable());
    int[] kept = scan.readable();
    if (all.labels().isPresent()) {
      int[] labels = all.labels().get();
      kept = Arrays.stream(kept).filter(id -> labels[id] >= 0).toArray();
      for (int id : scan.readable()) {
        if (labels[id] < 0) {
          String name = all.images().name(id);
          String reason = "%s: label %d; accepted: 0 or more".formatted(name, labels[id]);
          left.add(new Unreadable(id, name, reason));
        }
      }
      left.sort(Comparator.comparingInt(Unreadable::id));
    }
    if (kept.length == 0) {
      throw new DataException(
          "%s: none of %d images can be used, first %s"
              .formatted(all.description(), scan.total(), left.get(0).reason()));
    }
    return new UsableSet(left.isEmpty() ? all : subset(all, kept), left);
  }

  private static DataSet subset(DataSet all, int[] kept) {
    Subset images = new Subset(all.images(), kept);
    Optional<int[]> labels = all.labels().map(images::select);
    return new DataSet(images, labels, all.description());
  }

  /** One line about what was left out, or empty. */
  public Optional<String> told() {
    return left.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "%s: %d of %d images cannot be used, first %s"
                .formatted(
                    set.description(),
                    left.size(),
                    left.size() + set.images().size(),
                    left.get(0).reason()));
  }
}
