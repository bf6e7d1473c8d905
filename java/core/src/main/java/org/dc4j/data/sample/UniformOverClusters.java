package org.dc4j.data.sample;

import java.util.Arrays;
import org.dc4j.random.RandomStream;

/**
 * DeepCluster's draw of an epoch (methods.md 1.10, as intended by its authors): from each of the n
 * non-empty clusters q = floor(N' / n) + 1 images, with replacement if the cluster has no more than
 * q; shuffled, cut to N'. So large clusters do not drown the small ones. Since q n > N', the cut
 * never falls short.
 */
public final class UniformOverClusters {
  private UniformOverClusters() {}

  /**
   * Draws image ids.
   *
   * @param labels [n] cluster of each image, negative = left out
   * @param clusters number of clusters, some may be empty
   * @param samples N', how many to draw
   * @return [samples] ids
   * @throws IllegalArgumentException for a label outside the clusters, or if no image has one
   */
  public static int[] draw(int[] labels, int clusters, int samples, RandomStream random) {
    if (samples < 0) {
      throw new IllegalArgumentException("samples is " + samples + "; accepted: 0 or more");
    }
    ClusterMembers all = ClusterMembers.of(labels, clusters);
    int[] starts = all.starts();
    int[] members = all.ids();
    int nonEmpty = 0;
    for (int c = 0; c < clusters; c++) {
      nonEmpty += all.size(c) > 0 ? 1 : 0;
    }
    if (nonEmpty == 0) {
      throw new IllegalArgumentException(
          "none of the " + labels.length + " images is in a cluster; nothing to draw from");
    }
    int quota = drawsPerCluster(samples, nonEmpty);
    int[] drawn = new int[Math.multiplyExact(quota, nonEmpty)];
    int at = 0;
    for (int c = 0; c < clusters; c++) {
      int size = all.size(c);
      for (int i = 0; i < quota && size > 0; i++) {
        // Without replacement: drawn members move to the front, out of reach of later draws.
        int first = starts[c] + (size > quota ? i : 0);
        int pick = first + random.nextInt(starts[c + 1] - first);
        int id = members[pick];
        members[pick] = members[first];
        members[first] = id;
        drawn[at++] = id;
      }
    }
    random.shuffle(drawn);
    return Arrays.copyOf(drawn, samples);
  }

  /** q of methods.md 1.10. */
  public static int drawsPerCluster(int samples, int nonEmptyClusters) {
    return samples / nonEmptyClusters + 1;
  }
}
