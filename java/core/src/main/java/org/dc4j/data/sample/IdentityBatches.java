package org.dc4j.data.sample;

import java.util.Arrays;
import org.dc4j.random.RandomStream;

/**
 * Batches of P identities with {@code instances} images each, identities standing for clusters
 * (methods.md 1.9). A pass visits the clusters in random order: an anchor image at random, then
 * instances - 1 others of the same cluster from cameras other than the anchor's, with replacement
 * only if there are fewer; from the anchor's own camera if the cluster has no other. A cluster of
 * one image gives that image once. A pass is cut into batches, what is left over is dropped, and
 * passes follow one another until there are enough batches.
 */
public final class IdentityBatches {
  private final int[][] members;
  private final int[] cameras;
  private final int instances;
  private final RandomStream random;

  private IdentityBatches(int[][] members, int[] cameras, int instances, RandomStream random) {
    this.members = members;
    this.cameras = cameras;
    this.instances = instances;
    this.random = random;
  }

  /**
   * Draws image ids.
   *
   * @param labels [n] cluster of each image, negative = left out
   * @param clusters number of clusters
   * @param cameras [n] camera of each image; all equal = none is avoided
   * @param instances images of a cluster in a row
   * @param batchSize images of a batch
   * @param iterations batches
   * @return [iterations * batchSize] ids
   * @throws IllegalArgumentException if a pass over the clusters does not fill a batch
   */
  public static int[] draw(
      int[] labels,
      int clusters,
      int[] cameras,
      int instances,
      int batchSize,
      int iterations,
      RandomStream random) {
    IdentityBatches pass =
        new IdentityBatches(members(labels, clusters), cameras, instances, random);
    int[] drawn = new int[Math.multiplyExact(batchSize, iterations)];
    int at = 0;
    while (at < drawn.length) {
      int[] ids = pass.ids();
      int whole = ids.length / batchSize * batchSize;
      if (whole == 0) {
        throw new IllegalArgumentException(
            "%d clusters give %d images, a batch has %d"
                .formatted(clusters, ids.length, batchSize));
      }
      int used = Math.min(whole, drawn.length - at);
      System.arraycopy(ids, 0, drawn, at, used);
      at += used;
    }
    return drawn;
  }

  private static int[][] members(int[] labels, int clusters) {
    int[] sizes = new int[clusters];
    for (int label : labels) {
      if (label >= 0) {
        sizes[label]++;
      }
    }
    int[][] members = new int[clusters][];
    Arrays.setAll(members, c -> new int[sizes[c]]);
    for (int i = labels.length - 1; i >= 0; i--) {
      if (labels[i] >= 0) {
        members[labels[i]][--sizes[labels[i]]] = i;
      }
    }
    return members;
  }

  private int[] ids() {
    int[] ids = new int[members.length * instances];
    int at = 0;
    for (int cluster : random.permutation(members.length)) {
      int[] all = members[cluster];
      if (all.length == 0) {
        continue;
      }
      int anchor = all[random.nextInt(all.length)];
      ids[at++] = anchor;
      if (all.length > 1) {
        at = drawOthers(all, anchor, ids, at);
      }
    }
    return Arrays.copyOf(ids, at);
  }

  private int drawOthers(int[] all, int anchor, int[] ids, int start) {
    int[] others = Arrays.stream(all).filter(id -> cameras[id] != cameras[anchor]).toArray();
    if (others.length == 0) {
      others = Arrays.stream(all).filter(id -> id != anchor).toArray();
    }
    boolean repeat = others.length < instances - 1;
    int at = start;
    for (int i = 0; i < instances - 1; i++) {
      int first = repeat ? 0 : i;
      int pick = first + random.nextInt(others.length - first);
      int id = others[pick];
      others[pick] = others[first];
      others[first] = id;
      ids[at++] = id;
    }
    return at;
  }
}
