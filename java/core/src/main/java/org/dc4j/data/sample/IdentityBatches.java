package org.dc4j.data.sample;

import java.util.Arrays;
import org.dc4j.random.RandomStream;

/**
 * Batches of P identities with K images each: the PK sampler of re-identification, there called
 * RandomMultipleGallerySampler (SpCL, Cluster-Contrast, ISE; methods.md 1.9). The clusters are the
 * identities.
 *
 * <p>A pass visits the clusters in random order. Of each it takes a random anchor and K - 1 more
 * images, from other cameras than the anchor's: without replacement if there are at least K such
 * images, else with. A cluster seen by one camera only gives its other images under the same rule,
 * and so does every cluster where there are no cameras.
 *
 * <p>Where the papers' loader breaks, this one is defined: a cluster of a single image, which would
 * give one index instead of K and shift every group behind it, is left out. What remains of a pass
 * after its last full batch is dropped and a new pass begins, so a batch never holds a cluster
 * twice.
 */
public final class IdentityBatches {
  private final ClusterMembers clusters;
  private final int[] cameras; // null = none
  private final int instances;
  private final RandomStream random;
  private final int[] candidates; // scratch, as long as the largest cluster

  private IdentityBatches(
      ClusterMembers clusters, int[] cameras, int instances, RandomStream random) {
    this.clusters = clusters;
    this.cameras = cameras;
    this.instances = instances;
    this.random = random;
    int largest = 0;
    for (int c = 0; c < clusters.starts().length - 1; c++) {
      largest = Math.max(largest, clusters.size(c));
    }
    this.candidates = new int[largest];
  }

  /**
   * Draws the image ids of an epoch.
   *
   * @param labels [n] cluster of each image, negative = noise, left out
   * @param clusters number of clusters, some may be empty
   * @param cameras [n] camera of each image, any numbers (an unknown one, -1, counts as a camera);
   *     or null: every other image of the cluster will do
   * @param instances K, images of a cluster in a batch, >= 1
   * @param batchSize P K, a multiple of K
   * @param iterations number of batches, >= 0
   * @return [iterations * batchSize] ids, batch after batch, groups of K of one cluster
   * @throws IllegalArgumentException for a label outside the clusters, sizes that do not fit, or
   *     fewer than P clusters with two or more images
   */
  public static int[] draw(
      int[] labels,
      int clusters,
      int[] cameras,
      int instances,
      int batchSize,
      int iterations,
      RandomStream random) {
    requireSizes(instances, batchSize, iterations);
    if (cameras != null && cameras.length != labels.length) {
      throw new IllegalArgumentException(
          cameras.length + " cameras for " + labels.length + " images; one each");
    }
    ClusterMembers members = ClusterMembers.of(labels, clusters);
    int[] usable = usable(members, instances, batchSize);
    IdentityBatches draw = new IdentityBatches(members, cameras, instances, random);
    int[] ids = new int[Math.multiplyExact(iterations, batchSize)];
    int perBatch = batchSize / instances;
    int next = usable.length; // the first pass begins at once
    for (int at = 0; at < ids.length; at += instances) {
      if (at % batchSize == 0 && next + perBatch > usable.length) {
        random.shuffle(usable);
        next = 0;
      }
      draw.group(usable[next++], ids, at);
    }
    return ids;
  }

  /** Whether a cluster of that many images can be in a batch. */
  public static boolean isUsable(int clusterSize) {
    return clusterSize >= 2;
  }

  private static void requireSizes(int instances, int batchSize, int iterations) {
    if (instances < 1 || batchSize < instances || batchSize % instances != 0) {
      throw new IllegalArgumentException(
          "a batch of %d images with %d of each cluster; accepted: 1 or more of each, batches of a"
                  .formatted(batchSize, instances)
              + " multiple of it");
    }
    if (iterations < 0) {
      throw new IllegalArgumentException(iterations + " batches; accepted: 0 or more");
    }
  }

  private static int[] usable(ClusterMembers members, int instances, int batchSize) {
    int clusters = members.starts().length - 1;
    int[] usable = new int[clusters];
    int count = 0;
    for (int c = 0; c < clusters; c++) {
      if (isUsable(members.size(c))) {
        usable[count++] = c;
      }
    }
    int needed = batchSize / instances;
    if (count < needed) {
      throw new IllegalArgumentException(
          ("%d clusters have two or more images, but a batch of %d with %d images of each needs %d;"
                  + " make the batch smaller, take more images of each, or cluster into more"
                  + " groups")
              .formatted(count, batchSize, instances, needed));
    }
    return Arrays.copyOf(usable, count);
  }

  private void group(int cluster, int[] ids, int at) {
    int from = clusters.starts()[cluster];
    int to = clusters.starts()[cluster + 1];
    int anchor = clusters.ids()[from + random.nextInt(to - from)];
    int count = candidates(from, to, anchor);
    boolean replace = count < instances;
    ids[at] = anchor;
    for (int i = 1; i < instances; i++) {
      // Without replacement: drawn candidates move to the front, out of reach of later draws.
      int first = replace ? 0 : i - 1;
      int pick = first + random.nextInt(count - first);
      int id = candidates[pick];
      candidates[pick] = candidates[first];
      candidates[first] = id;
      ids[at + i] = id;
    }
  }

  /** Collects the images that may stand beside the anchor, at least one, and counts them. */
  private int candidates(int from, int to, int anchor) {
    int count = 0;
    for (int i = from; i < to && cameras != null; i++) {
      int id = clusters.ids()[i];
      if (cameras[id] != cameras[anchor]) {
        candidates[count++] = id;
      }
    }
    if (count > 0) {
      return count;
    }
    for (int i = from; i < to; i++) {
      int id = clusters.ids()[i];
      if (id != anchor) {
        candidates[count++] = id;
      }
    }
    return count;
  }
}
