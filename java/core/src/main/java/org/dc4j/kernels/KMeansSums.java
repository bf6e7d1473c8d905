package org.dc4j.kernels;

import org.bytedeco.javacpp.LongPointer;
import org.dc4j.nativecore.KMeansSumsHandle;
import org.dc4j.nativecore.global.dc4j;

/**
 * The cluster sums of k-means kept between iterations, so that an update costs the rows whose label
 * changed; memory 8 k d + 8 k + 4 n bytes. Results are {@link Kernels#kmeansUpdate}'s, bit for bit.
 * Close it. With its context closed it throws IllegalStateException. Not thread-safe.
 */
public final class KMeansSums implements AutoCloseable {
  private final DeviceContext context;
  private final NativeHandle<KMeansSumsHandle> handle;
  private final long rows;
  private final long clusters;

  KMeansSums(DeviceContext context, FloatMatrix x, long clusters) {
    this.context = context;
    KMeansSumsHandle out = new KMeansSumsHandle();
    context.call(open -> dc4j.dc4j_kmeans_sums_begin(open, x.nativeView(), clusters, out));
    handle = new NativeHandle<>(out, "KMeansSums", dc4j::dc4j_kmeans_sums_close);
    rows = x.rows();
    this.clusters = clusters;
  }

  /**
   * Centroid = mean of its rows, exact sums; clusters without rows keep theirs.
   *
   * @param x [n x d] the rows these sums were begun with, unchanged
   * @param labels [n] 0..k-1, or -1 for a row to leave out
   * @param centroids [k x d] in and out
   * @param counts [k] out
   * @return rows whose label changed since the last update
   */
  public long update(FloatMatrix x, IntVector labels, FloatMatrix centroids, LongVector counts) {
    Kernels.requireSize("labels", labels.size(), rows);
    Kernels.requireSize("counts", counts.size(), clusters);
    try (LongPointer moved = new LongPointer(1)) {
      // With the context held open, too: the native side reads it.
      context.call(
          open ->
              handle.use(
                  sums ->
                      dc4j.dc4j_kmeans_sums_update(
                          sums,
                          x.nativeView(),
                          labels.pointer(),
                          centroids.nativeView(),
                          counts.pointer(),
                          moved)));
      return moved.get();
    }
  }

  @Override
  public void close() {
    handle.close();
  }
}
