package org.dc4j.method;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.dc4j.cluster.Assignments;
import org.dc4j.cluster.KMeans;
import org.dc4j.format.StateDict;
import org.dc4j.format.TensorData;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.EmptyClusterPolicy;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.IntVector;
import org.dc4j.kernels.LongVector;
import org.dc4j.kernels.MemoryUpdate;
import org.dc4j.kernels.SeedMethod;

/**
 * The memories of online deep clustering (methods.md 2.4): samples F [N x d] of unit length with
 * their labels, centroids C [K x d] which are means of them and not normalised. Owns F and C: close
 * it. Not thread-safe.
 */
final class OdcMemories implements AutoCloseable {
  private static final int SPLIT_ITERATIONS = 20;
  private static final long SPLIT_SEED = 0; // the authors fix it: a split depends on its members
  private static final double WEIGHT_OFFSET = 1e-5;

  private final DeviceContext device;
  private final Odc.Options options;
  private final int k;
  private final FloatMatrix samples;
  private final int[] labels;
  private final int[] sizes;
  private final FloatMatrix centroids;
  private FloatMatrix compared; // what rows are compared with: see compared()

  /** Takes over both matrices. */
  OdcMemories(
      DeviceContext device,
      Odc.Options options,
      FloatMatrix samples,
      int[] labels,
      FloatMatrix centroids) {
    this.device = device;
    this.options = options;
    this.k = Math.toIntExact(centroids.rows());
    this.samples = samples;
    this.labels = labels;
    this.sizes = new int[k];
    this.centroids = centroids;
    for (int label : labels) {
      sizes[label]++;
    }
  }

  FloatMatrix samples() {
    return samples;
  }

  /** A copy of the labels by image id. */
  int[] labels() {
    return labels.clone();
  }

  int[] labelsOf(int[] ids) {
    return Assignments.select(labels, ids);
  }

  /** w_c = (n_c + 1e-5)^-power, scaled to sum 1; [1 x K], the caller closes it. */
  FloatMatrix classWeights() {
    double[] weights = new double[k];
    double sum = 0;
    for (int c = 0; c < k; c++) {
      weights[c] = Math.pow(sizes[c] + WEIGHT_OFFSET, -options.weightPower());
      sum += weights[c];
    }
    float[] scaled = new float[k];
    for (int c = 0; c < k; c++) {
      scaled[c] = (float) (weights[c] / sum);
    }
    return FloatMatrix.of(scaled, 1, k);
  }

  /**
   * F_i = normalize((1 - m) F_i + m f_i), f_i the embedding scaled to unit length. Of an id that
   * comes twice in a batch the last one counts.
   *
   * @param embedding [ids.length x d]
   */
  void moveTowards(int[] ids, FloatMatrix embedding) {
    int[] rows = ids.clone();
    for (int i = 0; i < rows.length; i++) {
      for (int later = i + 1; later < ids.length; later++) {
        if (ids[later] == ids[i]) {
          rows[i] = -1;
          break;
        }
      }
    }
    try (FloatMatrix unit = FloatMatrix.allocate(embedding.rows(), embedding.cols());
        IntVector targets = IntVector.of(rows)) {
      device.kernels().normalizeRows(embedding, unit);
      device
          .losses()
          .memoryUpdate(samples, unit, targets, MemoryUpdate.CM, 1 - options.featureWeight());
    }
  }

  /** Sends the samples of the ids to their nearest centroids; says how many changed their label. */
  int reassign(int[] ids) {
    int[] nearest = nearest(ids);
    int changed = 0;
    for (int i = 0; i < ids.length; i++) {
      if (labels[ids[i]] != nearest[i]) {
        changed++;
        move(ids[i], nearest[i]);
      }
    }
    return changed;
  }

  private void move(int id, int label) {
    sizes[labels[id]]--;
    labels[id] = label;
    sizes[label]++;
  }

  /** Centroids become the means of their members; those without members stay. */
  void updateCentroids() {
    try (IntVector current = IntVector.of(labels);
        LongVector counts = LongVector.allocate(k)) {
      device.kernels().kmeansUpdate(samples, current, centroids, counts);
    }
    centroidsChanged();
  }

  /**
   * Members of classes below the smallest size go to their nearest class among the others; then
   * each of these classes receives half of the class that is largest at that moment.
   */
  void dissolveSmall() {
    int[] small = IntStream.range(0, k).filter(c -> sizes[c] < options.smallest()).toArray();
    if (small.length == 0) {
      return;
    }
    int[] homeless =
        IntStream.range(0, labels.length)
            .filter(id -> sizes[labels[id]] < options.smallest())
            .toArray();
    int[] targets = nearestOfOthers(homeless, small);
    for (int i = 0; i < homeless.length; i++) {
      move(homeless[i], targets[i]);
    }
    for (int c : small) {
      split(largest(), c);
    }
    centroidsChanged();
  }

  private int largest() {
    int largest = 0;
    for (int c = 1; c < k; c++) {
      largest = sizes[c] > sizes[largest] ? c : largest;
    }
    return largest;
  }

  /** The second of two halves by 2-means gets the label {@code empty}. */
  private void split(int full, int empty) {
    int[] members = IntStream.range(0, labels.length).filter(id -> labels[id] == full).toArray();
    KMeans.Options halves =
        new KMeans.Options(
            2, SPLIT_ITERATIONS, SeedMethod.RANDOM, EmptyClusterPolicy.KEEP, false, SPLIT_SEED);
    try (FloatMatrix rows = samples.gatherRows(members);
        KMeans.Result found = KMeans.fit(device.kernels(), rows, halves)) {
      // All members alike: any two halves are as good.
      boolean oneSided = found.empty() > 0;
      int[] half = new int[members.length];
      for (int i = 0; i < members.length; i++) {
        half[i] = oneSided ? i % 2 : found.labels().get(i);
        if (half[i] == 1) {
          move(members[i], empty);
        }
      }
      replaceCentroids(rows, half, full, empty);
    }
  }

  private void replaceCentroids(FloatMatrix rows, int[] half, int first, int second) {
    try (FloatMatrix means = FloatMatrix.allocate(2, rows.cols());
        IntVector sides = IntVector.of(half);
        LongVector counts = LongVector.allocate(2)) {
      device.kernels().kmeansUpdate(rows, sides, means, counts);
      centroids.setRow(first, means.row(0));
      centroids.setRow(second, means.row(1));
    }
  }

  private int[] nearest(int[] ids) {
    try (FloatMatrix rows = samples.gatherRows(ids)) {
      return nearest(rows, compared());
    }
  }

  private int[] nearestOfOthers(int[] ids, int[] left) {
    int[] others = IntStream.range(0, k).filter(c -> Arrays.binarySearch(left, c) < 0).toArray();
    try (FloatMatrix rows = samples.gatherRows(ids);
        FloatMatrix choice = compared().gatherRows(others)) {
      return Arrays.stream(nearest(rows, choice)).map(at -> others[at]).toArray();
    }
  }

  /** rows [n x d], choice [m x d] or [m x (d + 1)] as {@link #compared} gives them. */
  private int[] nearest(FloatMatrix rows, FloatMatrix choice) {
    try (FloatMatrix wide = FloatMatrix.allocate(rows.rows(), choice.cols());
        IntVector found = IntVector.allocate(rows.rows())) {
      for (int i = 0; i < rows.rows(); i++) {
        wide.setRow(i, Arrays.copyOf(rows.row(i), Math.toIntExact(choice.cols())));
      }
      device.kernels().kmeansAssign(wide, choice, found, null);
      return found.toArray();
    }
  }

  /**
   * The centroids, or for the largest product the same with one more column that brings all of them
   * to one length: the nearest of them to (x, 0) is then the one of largest product with x (two
   * whose products differ by less than 1e-7 of the longest centroid's square may swap).
   */
  private FloatMatrix compared() {
    if (options.nearest().equals("euclidean")) {
      return centroids;
    }
    if (compared == null) {
      compared = lengthened();
    }
    return compared;
  }

  private FloatMatrix lengthened() {
    int d = Math.toIntExact(centroids.cols());
    float[][] rows = new float[k][];
    double[] squares = new double[k];
    for (int c = 0; c < k; c++) {
      rows[c] = Arrays.copyOf(centroids.row(c), d + 1);
      for (int j = 0; j < d; j++) {
        squares[c] += (double) rows[c][j] * rows[c][j];
      }
    }
    double most = Arrays.stream(squares).max().orElse(0);
    for (int c = 0; c < k; c++) {
      rows[c][d] = (float) Math.sqrt(most - squares[c]);
    }
    return FloatMatrix.of(rows);
  }

  private void centroidsChanged() {
    if (compared != null) {
      compared.close();
      compared = null;
    }
  }

  StateDict state() {
    return new StateDict()
        .put("samples", TensorData.of(samples))
        .put("labels", TensorData.of(labels, labels.length))
        .put("centroids", TensorData.of(centroids));
  }

  /** What {@link #state} gave. */
  static OdcMemories restore(DeviceContext device, Odc.Options options, StateDict state) {
    return new OdcMemories(
        device,
        options,
        state.get("samples").matrix(),
        state.get("labels").ints(),
        state.get("centroids").matrix());
  }

  @Override
  public void close() {
    centroidsChanged();
    samples.close();
    centroids.close();
  }
}
