package org.dc4j.kernels;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.bytedeco.javacpp.BytePointer;

/**
 * What {@link BadArgumentsTest} runs in a JVM of its own: every line "seed N" stands before the
 * call it names, the last lines count what became of the calls of each kernel.
 */
final class BadCalls {
  static final int CALLS = 10_000;
  private static final List<String> PLAIN =
      List.of(
          "normalizeRows",
          "pca",
          "whitenApply",
          "kmeansAssign",
          "kmeansAssign2",
          "kmeansFollow",
          "kmeansUpdate",
          "kmeansSums",
          "kmeansSeed",
          "kmeansFillEmpty",
          "nearest",
          "nearestSelf",
          "crossEntropy",
          "imagesApply");
  static final List<String> KERNELS =
      Stream.of(PLAIN, BadLossCalls.NAMES, BadGraphCalls.NAMES).flatMap(List::stream).toList();
  private static final Set<Class<?>> DOCUMENTED =
      Set.of(
          InvalidArgumentException.class,
          NotFiniteException.class,
          NumericException.class,
          NativeMemoryException.class,
          IllegalStateException.class,
          NullPointerException.class);

  private final List<DeviceContext> contexts;

  private BadCalls(List<DeviceContext> contexts) {
    this.contexts = contexts;
  }

  public static void main(String[] arguments) throws Exception {
    Map<String, int[]> counts = new TreeMap<>();
    DeviceContext closed = DeviceContext.open("cpu", 1);
    Kernels ofClosed = closed.kernels();
    LossKernels lossesOfClosed = closed.losses();
    GraphKernels graphsOfClosed = closed.graphs();
    closed.close();
    try (DeviceContext one = DeviceContext.open("cpu", 1);
        DeviceContext two = DeviceContext.open("cpu", 2);
        DeviceContext reference = DeviceContext.open("reference", 1)) {
      BadCalls calls = new BadCalls(List.of(one, two, reference));
      for (long seed = 0; seed < CALLS; seed++) {
        System.out.println("seed " + seed);
        String name = KERNELS.get((int) (seed % KERNELS.size()));
        int refused = calls.refuses(name, seed, ofClosed, lossesOfClosed, graphsOfClosed) ? 1 : 0;
        counts.computeIfAbsent(name, key -> new int[2])[refused]++;
      }
    }
    counts.forEach((name, n) -> System.out.printf("kernel %s %d %d%n", name, n[0], n[1]));
  }

  private boolean refuses(
      String name,
      long seed,
      Kernels ofClosed,
      LossKernels lossesOfClosed,
      GraphKernels graphsOfClosed)
      throws Exception {
    try (BadArguments a = new BadArguments(seed)) {
      DeviceContext context = contexts.get(a.pick(0, 1, 2));
      boolean open = !(a.bad() && a.bad());
      try {
        if (BadLossCalls.NAMES.contains(name)) {
          BadLossCalls.call(name, a, open ? context.losses() : lossesOfClosed);
        } else if (BadGraphCalls.NAMES.contains(name)) {
          BadGraphCalls.call(name, a, open ? context.graphs() : graphsOfClosed);
        } else {
          call(name, a, open ? context.kernels() : ofClosed);
        }
        return false;
      } catch (RuntimeException e) {
        if (!DOCUMENTED.contains(e.getClass())) {
          throw new AssertionError(name + " with seed " + seed + " threw " + e, e);
        }
        return true;
      } finally {
        a.checkGuards();
      }
    }
  }

  private static void call(String name, BadArguments a, Kernels kernels) throws Exception {
    switch (name) {
      case "normalizeRows" -> normalizeRows(a, kernels);
      case "pca" -> pca(a, kernels);
      case "whitenApply" -> whitenApply(a, kernels);
      case "kmeansAssign" -> kmeansAssign(a, kernels);
      case "kmeansAssign2" -> kmeansAssign2(a, kernels);
      case "kmeansFollow" -> kmeansFollow(a, kernels);
      case "kmeansUpdate" -> kmeansUpdate(a, kernels);
      case "kmeansSums" -> kmeansSums(a, kernels);
      case "kmeansSeed" -> kmeansSeed(a, kernels);
      case "kmeansFillEmpty" -> kmeansFillEmpty(a, kernels);
      case "nearest" -> nearest(a, kernels);
      case "nearestSelf" -> nearestSelf(a, kernels);
      case "crossEntropy" -> crossEntropy(a, kernels);
      default -> imagesApply(a, kernels);
    }
  }

  private static void normalizeRows(BadArguments a, Kernels kernels) {
    int n = a.size();
    int d = a.size();
    FloatMatrix x = a.matrix(n, d);
    FloatMatrix out = a.flip() ? x : a.matrix(n, d);
    kernels.normalizeRows(x, out);
    for (float value : out.toArray()) {
      require(Math.abs(value) <= 1, "component " + value);
    }
  }

  private static void pca(BadArguments a, Kernels kernels) {
    int d = a.size();
    long dims = a.bad() ? a.pick(-1, 0, Integer.MAX_VALUE) : d;
    try (Pca pca = kernels.pca(dims, a.flip() ? Precision.FAST : Precision.FP32)) {
      pca.add(a.matrix(a.size(), d));
      if (a.bad()) {
        pca.close();
      }
      int components =
          a.bad() ? a.pick(Integer.MIN_VALUE, -1, 0, d + 1, Integer.MAX_VALUE) : Math.max(1, d / 2);
      double floor = a.bad() ? a.pick(Double.NaN, -1, 1e300, Double.POSITIVE_INFINITY) : 1e-6;
      try (Whitening whitening = pca.finish(components, floor)) {
        require(whitening.rank() >= 0 && whitening.rank() <= components, "rank of " + whitening);
        require(whitening.transform().rows() == components, "transform of " + whitening);
      }
    }
  }

  private static void kmeansSums(BadArguments a, Kernels kernels) {
    int n = a.size();
    int d = a.size();
    int k = 1 + a.size();
    FloatMatrix x = a.matrix(n, d);
    try (KMeansSums sums = kernels.kmeansSums(x, a.bad() ? a.pick(Integer.MIN_VALUE, -1, 0) : k)) {
      for (int round = 0; round < 2; round++) {
        if (a.bad()) {
          sums.close();
        }
        FloatMatrix same = a.bad() ? a.matrix(a.size(), d) : x;
        LongVector counts = a.longs(k, 0, 1);
        long moved = sums.update(same, a.ints(n, -1, k), a.matrix(k, d), counts);
        require(moved >= 0 && moved <= n, "moved " + moved);
      }
    }
  }

  private static void whitenApply(BadArguments a, Kernels kernels) {
    int n = a.size();
    int d = a.size();
    int to = a.size();
    Whitening whitening = new Whitening(a.matrix(1, d), a.matrix(to, d), new double[0], 0);
    kernels.whitenApply(a.orNull(whitening), a.matrix(n, d), a.flip(), a.matrix(n, to));
  }

  private static void kmeansAssign(BadArguments a, Kernels kernels) {
    int n = a.size();
    int d = a.size();
    FloatMatrix x = a.matrix(n, d);
    FloatMatrix centroids = a.matrix(a.size(), d);
    IntVector labels = a.ints(n, 0, 3);
    FloatMatrix distances = a.flip() ? null : a.matrix(1, n);
    double objective =
        a.flip()
            ? kernels.kmeansAssign(x, centroids, labels, distances)
            : kernels.kmeansReassign(x, centroids, labels, distances);
    require(objective >= 0, "objective " + objective);
    requireWithin(labels, 0, centroids.rows());
  }

  private static void kmeansFollow(BadArguments a, Kernels kernels) {
    int n = a.size();
    int d = a.size();
    int k = a.size();
    FloatMatrix x = a.matrix(n, d);
    FloatMatrix centroids = a.matrix(k, d);
    FloatMatrix previous = a.flip() ? centroids : a.matrix(k, d);
    IntVector labels = a.ints(n, -1, 3);
    FloatMatrix distances = a.flip() ? null : a.matrix(1, n);
    double objective = kernels.kmeansFollow(x, centroids, previous, labels, distances);
    require(objective >= 0, "objective " + objective);
    requireWithin(labels, 0, centroids.rows());
  }

  private static void kmeansAssign2(BadArguments a, Kernels kernels) {
    int n = a.size();
    int d = a.size();
    FloatMatrix x = a.matrix(n, d);
    FloatMatrix centroids = a.matrix(a.size(), d);
    IntVector first = a.ints(n, 0, 3);
    IntVector second = a.bad() ? first : a.ints(n, 0, 3);
    boolean without = a.flip();
    FloatMatrix firstDistances = without ? null : a.matrix(1, n);
    FloatMatrix secondDistances = without ? null : a.matrix(1, n);
    kernels.kmeansAssign2(x, centroids, first, second, firstDistances, secondDistances);
    requireWithin(first, 0, centroids.rows());
    requireWithin(second, 0, centroids.rows());
  }

  private static void kmeansUpdate(BadArguments a, Kernels kernels) {
    int n = a.size();
    int d = a.size();
    int k = a.size();
    FloatMatrix x = a.matrix(n, d);
    LongVector counts = a.longs(k, 0, 5);
    kernels.kmeansUpdate(x, a.ints(n, -1, k), a.matrix(k, d), counts);
    long sum = 0;
    for (long count : counts.toArray()) {
      sum += count;
    }
    require(sum <= x.rows(), "counts of " + sum + " rows for " + x);
  }

  private static void kmeansSeed(BadArguments a, Kernels kernels) {
    int k = a.size();
    int n = a.bad() ? a.size() : k + a.size();
    int d = a.size();
    FloatMatrix x = a.matrix(n, d);
    FloatMatrix centroids = a.matrix(k, d);
    LongVector rows = a.flip() ? null : a.longs(k, 0, 5);
    SeedMethod method = a.flip() ? SeedMethod.RANDOM : SeedMethod.KMEANS_PLUS_PLUS;
    kernels.kmeansSeed(x, a.orNull(method), a.seed(), centroids, rows);
    if (rows != null) {
      for (long row : rows.toArray()) {
        require(row >= 0 && row < x.rows(), "row " + row);
      }
    }
  }

  private static void kmeansFillEmpty(BadArguments a, Kernels kernels) {
    int n = a.size();
    int d = a.size();
    int k = a.size();
    EmptyClusterPolicy[] policies = EmptyClusterPolicy.values();
    EmptyClusterPolicy policy = a.orNull(policies[a.pick(0, 1, 2)]);
    FloatMatrix x = a.matrix(n, d);
    IntVector labels = a.ints(n, -1, k);
    FloatMatrix distances = a.matrix(1, n);
    FloatMatrix centroids = a.matrix(k, d);
    LongVector counts = a.longs(k, 0, Math.max(1, n / 4));
    long filled =
        kernels.kmeansFillEmpty(x, labels, distances, policy, a.seed(), centroids, counts);
    require(filled >= 0 && filled <= centroids.rows(), filled + " filled");
  }

  private static void nearest(BadArguments a, Kernels kernels) {
    int queries = a.size();
    int n = a.size();
    int d = a.size();
    int m = a.pick(1, 2, 5, 40);
    int asked = a.bad() ? a.pick(-1, 0, m + 1, Integer.MIN_VALUE, Integer.MAX_VALUE) : m;
    FloatMatrix base = a.matrix(n, d);
    LongVector exclude = a.flip() ? null : a.longs(queries, -1, n);
    LongVector ids = a.longs((long) queries * m, 0, 5);
    FloatMatrix distances = a.flip() ? null : a.matrix(queries, m);
    kernels.nearest(a.matrix(queries, d), base, asked, exclude, ids, distances);
    for (long id : ids.toArray()) {
      require(id >= -1 && id < base.rows(), "id " + id);
    }
  }

  private static void nearestSelf(BadArguments a, Kernels kernels) {
    int n = a.size();
    int m = a.pick(1, 2, 5, 40);
    int asked = a.bad() ? a.pick(-1, 0, m + 1, Integer.MIN_VALUE, Integer.MAX_VALUE) : m;
    LongVector ids = a.longs((long) n * m, 0, 5);
    FloatMatrix distances = a.flip() ? null : a.matrix(n, m);
    kernels.nearestSelf(a.matrix(n, a.size()), asked, a.flip(), ids, distances);
    for (long id : ids.toArray()) {
      require(id >= -1 && id < n, "id " + id);
    }
  }

  private static void crossEntropy(BadArguments a, Kernels kernels) {
    int n = a.size();
    int k = a.size();
    FloatMatrix logits = a.matrix(n, k);
    FloatMatrix weights = a.flip() ? null : a.matrix(1, k);
    FloatMatrix gradient = a.flip() ? null : a.matrix(n, k);
    double loss = kernels.crossEntropy(logits, a.ints(n, -1, k), weights, gradient);
    require(loss >= 0, "loss " + loss);
  }

  private static void imagesApply(BadArguments a, Kernels kernels) {
    int n = a.pick(0, 1, 3);
    int side = a.pick(1, 4, 9);
    int channels = a.pick(1, 3);
    float[] mean = {a.bad() ? Float.NaN : 0.5f};
    float[] deviation = {a.bad() ? 0 : 0.25f};
    float[] fill = {a.bad() ? Float.NEGATIVE_INFINITY : 0.5f};
    int outSide = a.bad() ? a.pick(-1, 0, Integer.MAX_VALUE, 1 << 20) : side;
    int outChannels = a.bad() ? a.pick(-1, 0, 2, 4) : channels;
    ImageViews.Format format =
        new ImageViews.Format(outSide, side, outChannels, a.flip(), mean, deviation, fill);
    FloatMatrix batch = a.matrix(n, (format.sobel() ? 2L : channels) * side * side);
    try (BytePointer pixels = new BytePointer(9 * 9 * 3);
        ImageViews views = new ImageViews(3, format)) {
      BytePointer.memset(pixels, 99, pixels.capacity());
      for (int i = 0; i < n; i++) {
        int height = a.bad() ? a.pick(-1, 0, side + 1, 1 << 30, Integer.MAX_VALUE) : side;
        int depth = a.bad() ? a.pick(-3, 0, 2, 4, Integer.MAX_VALUE) : channels;
        views.add(a.orNull(pixels), height, side, depth, a.orNull(view(a, side)));
      }
      if (a.bad() && a.flip()) {
        views.close();
      }
      kernels.imagesApply(a.orNull(views), batch);
    }
  }

  private static ImageViews.View view(BadArguments a, int side) {
    double[] odd = {Double.NaN, -1, 0, 1e-300, 1e300, Double.NEGATIVE_INFINITY};
    int[] sizes = {-1, 0, 1, 1000, Integer.MAX_VALUE, Integer.MIN_VALUE};
    return new ImageViews.View(
        a.bad() ? a.pick(odd) : 0,
        a.bad() ? a.pick(odd) : 0,
        a.bad() ? a.pick(odd) : side,
        a.bad() ? a.pick(odd) : side,
        a.bad() ? a.pick(sizes) : side,
        a.bad() ? a.pick(sizes) : side,
        a.flip(),
        a.bad() ? a.pick(sizes) : 0,
        a.bad() ? a.pick(sizes) : 0,
        a.bad() ? a.pick(sizes) : 0,
        a.bad() ? a.pick(odd) : 30,
        a.flip(),
        a.bad() ? a.pick(odd) : 1.2,
        a.bad() ? a.pick(odd) : 0.8,
        a.bad() ? a.pick(odd) : 1.1,
        a.bad() ? a.pick(odd) : 0.1,
        a.flip(),
        a.bad() ? a.pick(odd) : a.pick(0.0, 0.7),
        a.orNull(
            new ImageViews.Area(
                a.bad() ? a.pick(sizes) : 0,
                a.bad() ? a.pick(sizes) : 0,
                a.bad() ? a.pick(sizes) : side,
                a.bad() ? a.pick(sizes) : a.pick(0, side))));
  }

  private static void requireWithin(IntVector labels, int low, long high) {
    for (int label : labels.toArray()) {
      require(label >= low && label < high, "label " + label + " of " + high);
    }
  }

  static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
