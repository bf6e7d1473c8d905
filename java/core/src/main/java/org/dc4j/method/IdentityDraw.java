package org.dc4j.method;

import java.util.Arrays;
import java.util.Locale;
import org.dc4j.cluster.JaccardDbscan;
import org.dc4j.data.sample.IdentityBatches;
import org.dc4j.kernels.FloatMatrix;

/**
 * The batches of the re-identification methods: P = batchSize / instances clusters with {@code
 * instances} images each, another order in every epoch.
 */
final class IdentityDraw {
  private final MethodContext run;
  private final int instances;
  private final int iterations;
  private final int[] cameras;

  /**
   * Checks that the plan's batches can be cut so, and that there are cameras if they are to count.
   *
   * @param instances images of a cluster in a batch
   * @param iterations batches of an epoch
   * @param byCamera whether a cluster's images are taken from different cameras
   */
  IdentityDraw(MethodContext run, int instances, int iterations, boolean byCamera) {
    int batch = run.plan().schedule().batchSize();
    if (batch % instances != 0) {
      throw new IllegalArgumentException(
          "schedule.batchSize is %d; accepted: a multiple of options.instances = %d"
              .formatted(batch, instances));
    }
    if (byCamera && Arrays.stream(run.cameras()).allMatch(camera -> camera < 0)) {
      throw new IllegalArgumentException(
          "options.cameras is true but no image has a camera; accepted: false");
    }
    this.run = run;
    this.instances = instances;
    this.iterations = iterations;
    this.cameras = byCamera ? run.cameras() : null;
  }

  /**
   * What a method needs of a clustering, in the words of its error.
   *
   * @param clusters least number
   * @param reason why
   * @param otherwise what to change where no eps gives so many
   */
  record Need(int clusters, String reason, String otherwise) {}

  /** Enough clusters for a batch of {@link #epoch}. */
  Need batches() {
    int batch = run.plan().schedule().batchSize();
    return new Need(
        batch / instances,
        "batches of %d with options.instances = %d need %d clusters"
            .formatted(batch, instances, batch / instances),
        "a smaller batchSize, or more instances");
  }

  /** {@link #epoch} with clusters of one image, which give that image once. */
  int[] epochWithSingles(int[] labels, int clusters, int epoch) {
    return IdentityBatches.drawWithSingles(
        labels,
        clusters,
        cameras,
        instances,
        run.plan().schedule().batchSize(),
        iterations,
        run.seeds().stream("sampler", epoch));
  }

  /**
   * Image ids of an epoch; labels [n] of 0..clusters-1, -1 = left out. Clusters of one image are
   * left out too.
   */
  int[] epoch(int[] labels, int clusters, int epoch) {
    return IdentityBatches.draw(
        labels,
        clusters,
        cameras,
        instances,
        run.plan().schedule().batchSize(),
        iterations,
        run.seeds().stream("sampler", epoch));
  }

  /**
   * Refuses a clustering with too few clusters, with an eps that would do.
   *
   * @param rows [n x d] what was clustered
   */
  void requireEnough(
      JaccardDbscan.Found found,
      Need need,
      double eps,
      FloatMatrix rows,
      JaccardDbscan.Options options) {
    if (found.clusters() >= need.clusters()) {
      return;
    }
    String advice;
    try (JaccardDbscan wide = new JaccardDbscan(run.device(), rows, options, JaccardDbscan.FAR)) {
      advice = advice(wide, options.minSamples(), need);
    }
    throw new IllegalArgumentException(
        "options.eps is %s: %d clusters with %.0f %% of the %d images, but %s; %s"
            .formatted(
                eps,
                found.clusters(),
                100 * found.coverage(),
                run.images(),
                need.reason(),
                advice));
  }

  private static String advice(JaccardDbscan graph, int minSamples, Need need) {
    JaccardDbscan.Proposal best = graph.propose(need.clusters());
    float[] distances = graph.kDistances();
    int n = distances.length;
    String curve =
        "distances to neighbour %d: 10 %% of the images below %s, 50 %% below %s, 90 %% below %s"
            .formatted(
                minSamples,
                text(distances[n / 10]),
                text(distances[n / 2]),
                text(distances[n * 9 / 10]));
    String would =
        "%s gives %d clusters with %.0f %%"
            .formatted(best.eps(), best.found().clusters(), 100 * best.found().coverage());
    return best.found().clusters() >= need.clusters()
        ? "accepted: for example " + would + " (" + curve + ")"
        : "no eps does, the best, %s (%s); accepted: %s".formatted(would, curve, need.otherwise());
  }

  private static String text(float distance) {
    return Float.isInfinite(distance)
        ? String.format(Locale.ROOT, "%.2f or more", JaccardDbscan.FAR)
        : String.format(Locale.ROOT, "%.2f", distance);
  }
}
