package org.dc4j.kernels;

import java.util.List;

/** The calls of {@link BadCalls} on neighbour graphs. */
final class BadGraphCalls {
  static final List<String> NAMES = List.of("jaccard", "dbscan", "pic");

  private BadGraphCalls() {}

  static void call(String name, BadArguments a, GraphKernels graphs) {
    switch (name) {
      case "jaccard" -> jaccard(a, graphs);
      case "dbscan" -> dbscan(a, graphs);
      default -> pic(a, graphs);
    }
  }

  private static void jaccard(BadArguments a, GraphKernels graphs) {
    int n = a.size();
    int k1 = a.pick(1, 2, 5, 12);
    FloatMatrix x = a.matrix(n, a.size());
    LongVector ids = a.table(n, k1);
    int asked = a.bad() ? a.pick(-1, 0, k1 + 1, Integer.MIN_VALUE, Integer.MAX_VALUE) : k1;
    int k2 = a.bad() ? a.pick(0, -1, Integer.MAX_VALUE) : a.pick(1, 6);
    float limit = a.bad() ? (float) a.pick(0, -1, 2, Double.NaN) : 1;
    try (SparseGraph graph = graphs.jaccard(x, ids, asked, k2, limit)) {
      long entries = 0;
      for (long i = 0; i < graph.rows(); i++) {
        int[] columns = graph.neighbours(i);
        float[] distances = graph.distances(i);
        entries += columns.length;
        for (int e = 0; e < columns.length; e++) {
          require(columns[e] >= 0 && columns[e] < graph.rows(), "column " + columns[e]);
          require(distances[e] >= 0 && distances[e] < limit, "distance " + distances[e]);
        }
      }
      require(entries == graph.size(), entries + " entries in " + graph);
    }
  }

  private static void dbscan(BadArguments a, GraphKernels graphs) {
    int n = Math.max(2, a.size());
    try (SparseGraph ring = ring(a, n)) {
      if (a.bad() && a.flip()) {
        ring.close();
      }
      IntVector labels = a.ints(n, 0, 3);
      float eps = a.bad() ? (float) a.pick(-1, 1, Double.NaN, 1e30) : 0.5f;
      int least = a.bad() ? a.pick(0, -1, Integer.MIN_VALUE, Integer.MAX_VALUE) : a.pick(1, 2, 4);
      int clusters = graphs.dbscan(a.orNull(ring), eps, least, labels);
      for (int label : labels.toArray()) {
        require(label >= -1 && label < clusters, "label " + label + " of " + clusters);
      }
    }
  }

  private static void pic(BadArguments a, GraphKernels graphs) {
    int n = a.size();
    int k = a.pick(1, 2, 5);
    LongVector ids = a.table(n, k);
    IntVector labels = a.ints(n, 0, 3);
    double sigma = a.bad() ? a.pick(0, 1e-300, 1e300, Double.NaN) : 0.3;
    double alpha = a.bad() ? a.pick(-1, 1, Double.NaN) : 0.1;
    int steps = a.bad() ? a.pick(-1, Integer.MIN_VALUE, Integer.MAX_VALUE) : a.pick(0, 1, 20);
    PicOptions options = a.orNull(new PicOptions(sigma, alpha, steps));
    FloatMatrix distances = a.matrix(n, k);
    // Drawn as matrices are, but squared distances have no sign.
    if (distances != null && isOpen(distances) && !(a.bad() && a.flip())) {
      for (long i = 0; i < distances.rows(); i++) {
        for (long p = 0; p < distances.cols(); p++) {
          distances.set(i, p, Math.abs(distances.get(i, p)));
        }
      }
    }
    int clusters = graphs.pic(ids, distances, options, labels);
    for (int label : labels.toArray()) {
      require(label >= 0 && label < clusters, "label " + label + " of " + clusters);
    }
  }

  private static boolean isOpen(FloatMatrix matrix) {
    try {
      matrix.toArray();
      return true;
    } catch (IllegalStateException closed) {
      return false;
    }
  }

  /** Pairs (0, 1), (2, 3), ... 0.5 apart; sometimes an offset, a column or a distance is wrong. */
  private static SparseGraph ring(BadArguments a, int n) {
    int pairs = n / 2 * 2;
    long[] offsets = new long[n + 1];
    int[] columns = new int[pairs];
    float[] distances = new float[pairs];
    for (int i = 0; i < n; i++) {
      offsets[i + 1] = Math.min(i + 1, pairs);
    }
    for (int i = 0; i < pairs; i++) {
      columns[i] = i ^ 1;
      distances[i] = 0.5f;
    }
    if (a.bad() && a.flip()) {
      offsets[a.pick(0, 1, n - 1, n)] = a.pick(-1, 0, 1, n, 1 << 30, Integer.MIN_VALUE);
    }
    if (a.bad() && a.flip()) {
      columns[a.pick(0, 1)] = a.pick(-1, 0, n, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }
    if (a.bad() && a.flip()) {
      distances[a.pick(0, 1)] = (float) a.pick(-1, 0.25, 1, Double.NaN);
    }
    return SparseGraph.of(offsets, columns, distances, 1);
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
