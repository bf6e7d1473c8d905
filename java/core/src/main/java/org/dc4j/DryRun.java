package org.dc4j;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.dc4j.cluster.StreamingWhitening;
import org.dc4j.config.PlanValidation;
import org.dc4j.config.TrainingPlan;
import org.dc4j.data.DataException;
import org.dc4j.data.ImageBatch;
import org.dc4j.data.ImageScan;
import org.dc4j.data.ImageSource;
import org.dc4j.data.ScanReport;
import org.dc4j.data.Subset;
import org.dc4j.data.batch.BatchLoader;
import org.dc4j.data.source.DataSets;
import org.dc4j.data.source.DataSpec;
import org.dc4j.data.view.EvaluationViews;
import org.dc4j.data.view.ViewPlan;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.Kernels;
import org.dc4j.kernels.Pca;
import org.dc4j.kernels.Whitening;
import org.dc4j.method.Features;
import org.dc4j.method.Method;
import org.dc4j.method.MethodContext;
import org.dc4j.method.Methods;
import org.dc4j.random.RandomStream;
import org.dc4j.random.Seeds;
import org.dc4j.train.ProcessMemory;

/**
 * Measures a plan: a few real training steps and embedding batches on images of the data set,
 * whitening and k-means on a part of made-up features. Writes nothing.
 */
final class DryRun {
  private static final int SAMPLE_IMAGES = 512;
  private static final int SAMPLE_ROWS = 4096;
  private static final int WARM_UP_BATCHES = 2;
  private static final int MOST_BATCHES = 12;
  private static final double TIMED_SECONDS = 2;
  private static final int MEMORY_PASSES = 3;
  private static final int BLOBS = 64;
  private static final float BLOB_SPREAD = 0.5f;
  // A pass leaves this many bytes of garbage an image (pixels apart): the image, its view, strings.
  private static final long GARBAGE_PER_IMAGE = 600;

  private final TrainingPlan plan;
  private final int images;
  private final Workbench bench;
  private final BatchLoader loader;
  private final ImageSource sample;
  private final int sampled;
  private long peakOfSteps;

  private DryRun(
      TrainingPlan plan, int images, Workbench bench, BatchLoader loader, ImageSource sample) {
    this.plan = plan;
    this.images = images;
    this.bench = bench;
    this.loader = loader;
    this.sample = sample;
    this.sampled = sample.size();
  }

  static PlanEstimate of(TrainingPlan plan, int decoders) {
    PlanValidation.validate(plan);
    Methods.check(plan);
    ImageSource all = DataSets.open(DataSpec.parse(plan.data())).images();
    int size = Math.min(SAMPLE_IMAGES, all.size());
    int[] spread =
        IntStream.range(0, size).map(i -> (int) ((long) i * all.size() / size)).toArray();
    Subset sample = new Subset(all, spread);
    long started = System.nanoTime();
    ScanReport scan = ImageScan.scan(sample, decoders, done -> {});
    double scanSeconds = seconds(started) / size * all.size();
    if (scan.readable().length == 0) {
      throw new DataException(
          "none of %d images looked at can be read, first %s"
              .formatted(size, scan.unreadable().get(0).reason()));
    }
    ImageSource readable = scan.quarantine(sample);
    try (Workbench bench = Workbench.open(plan);
        BatchLoader loader = bench.loader(readable, true)) {
      return new DryRun(plan, all.size(), bench, loader, readable).estimate(scanSeconds);
    }
  }

  private PlanEstimate estimate(double scanSeconds) {
    int rows = rowsForClustering();
    Begun small = begin(rows / 2, null);
    double[] train = new double[1];
    double[] embed = new double[1];
    Begun large =
        begin(
            rows,
            (method, order) -> {
              int[] ids = Arrays.copyOf(order, plan.schedule().batchSize());
              Step step = batch -> method.step(new ImageBatch(ids, batch.crops()), 0);
              train[0] = perImage(bench.trainingViews(0), step);
              bench.encoder().weights(); // a checkpoint copies both
              bench.encoder().optimizerState();
              // Epochs follow each other: what one kind of pass leaves of malloc's heap does not
              // fit the other's tensors, and the heap is at its largest from the second epoch on.
              for (int pass = 0; pass < MEMORY_PASSES; pass++) {
                embed[0] = perImage(new EvaluationViews(plan.image()), this::embed);
                perImage(bench.trainingViews(0), step);
              }
            });
    drawThumbnails();
    peakOfSteps = ProcessMemory.peakBytes();
    return new PlanEstimate(
        plan,
        images,
        bench.encoder().parameterCount(),
        new PlanEstimate.Times(
            scanSeconds,
            embed[0] * images,
            clusterSeconds(small, large, rows),
            train[0] * large.drawn(rows, images),
            embed[0] * imagesToSelectOn()),
        memory(small, large, rows),
        new PlanEstimate.Device(
            bench.device().toString(),
            bench.device().chunkRows(images, 4L * plan.encoder().embedding()),
            featureRows(bench.device())));
  }

  /** K-means keeps its rows on the device where there is room for all of them. */
  private long featureRows(DeviceContext device) {
    long bytesPerRow = 4L * featureWidth();
    boolean all = images * bytesPerRow <= device.residentBytes();
    return all ? images : device.chunkRows(images, bytesPerRow);
  }

  private int imagesToSelectOn() {
    String data = plan.evaluation().selectOn();
    return data == null ? 0 : DataSets.open(DataSpec.parse(data)).images().size();
  }

  /** What the start of an epoch took on so many made-up rows, and left behind. */
  private record Begun(double seconds, int drawn, long stateBytes) {
    /** Images of an epoch on the whole set: in proportion to it, or as many whatever its size. */
    long drawn(int rows, int images) {
      return drawn == rows ? images : drawn;
    }
  }

  /** Used with a method whose epoch has begun. */
  private interface Use {
    void run(Method method, int[] order);
  }

  private Begun begin(int rows, Use use) {
    double[] making = new double[1];
    Features features =
        (epoch, whiten, floor) -> {
          long started = System.nanoTime();
          FloatMatrix table = blobs(rows, whiten == 0 ? plan.encoder().embedding() : whiten);
          making[0] += seconds(started);
          return new Features.Table(table, new double[] {1});
        };
    int[] cameras = Arrays.copyOf(Training.cameras(sample), rows); // in turn, as the images come
    for (int i = sampled; i < rows; i++) {
      cameras[i] = cameras[i % sampled];
    }
    MethodContext context =
        new MethodContext(
            plan, new Seeds(plan.seed()), bench.device(), bench.encoder(), features, cameras);
    try (Method method = Methods.create(context)) {
      Map<String, Object> row = new LinkedHashMap<>();
      long started = System.nanoTime();
      int[] order = method.beginEpoch(0, row);
      double seconds = seconds(started) - making[0];
      // Made-up rows settle sooner than real ones.
      if (row.get("kmeans_iterations") instanceof Integer done && plan.clustering() != null) {
        seconds *= (double) plan.clustering().iterations() / Math.max(1, done);
      }
      long bytes =
          method.state().tensors().values().stream()
              .mapToLong(tensor -> tensor.data().remaining())
              .sum();
      if (use != null) {
        use.run(method, order);
      }
      return new Begun(seconds, order.length, bytes);
    }
  }

  /** Extrapolated by the growth between the two sizes, which is between linear and quadratic. */
  private double clusterSeconds(Begun small, Begun large, int rows) {
    double growth = Math.log(large.seconds() / small.seconds()) / Math.log(2);
    double power = Math.max(1, Math.min(2, growth));
    return large.seconds() * Math.pow((double) images / rows, power) + whiteningSeconds();
  }

  /** As the report does: Java's imaging takes tens of megabytes once it is loaded. */
  private void drawThumbnails() {
    ThumbnailsOf thumbnails = new ThumbnailsOf(sample);
    for (int id = 0; id < sampled; id++) {
      thumbnails.png(id);
    }
  }

  private void embed(ImageBatch batch) {
    int width = plan.encoder().embedding();
    try (FloatMatrix rows = FloatMatrix.allocate(batch.size(), width)) {
      bench.encoder().embed(batch.pixels(), rows);
    }
  }

  /** What is done with a batch. */
  private interface Step {
    void run(ImageBatch batch);
  }

  private double perImage(ViewPlan views, Step step) {
    int size = plan.schedule().batchSize();
    int[] order = IntStream.range(0, size * MOST_BATCHES).map(i -> i % sampled).toArray();
    Iterator<ImageBatch> batches = loader.batches(order, views);
    long started = 0;
    int timed = 0;
    for (int i = 0; batches.hasNext() && (timed < 2 || seconds(started) < TIMED_SECONDS); i++) {
      if (i == WARM_UP_BATCHES) {
        started = System.nanoTime();
      }
      try (ImageBatch batch = batches.next()) {
        step.run(batch);
      }
      timed = Math.max(0, i + 1 - WARM_UP_BATCHES);
    }
    return seconds(started) / timed / size;
  }

  private int rowsForClustering() {
    int k = plan.clustering() == null ? 0 : plan.clustering().k();
    int needed = 2 * Math.max(2 * k, plan.schedule().batchSize());
    return Math.min(images, Math.max(SAMPLE_ROWS, needed));
  }

  private int whiten() {
    return plan.clustering() == null ? 0 : plan.clustering().whiten();
  }

  private int featureWidth() {
    return whiten() == 0 ? plan.encoder().embedding() : whiten();
  }

  /** Unit rows in well separated groups, so that every method finds clusters in them. */
  private FloatMatrix blobs(int rows, int cols) {
    FloatMatrix matrix = random(rows, cols);
    try (FloatMatrix centres = random(BLOBS, cols)) {
      for (int i = 0; i < rows; i++) {
        float[] row = matrix.row(i);
        float[] centre = centres.row(i % BLOBS);
        for (int j = 0; j < cols; j++) {
          row[j] = centre[j] + BLOB_SPREAD * row[j];
        }
        matrix.setRow(i, row);
      }
    }
    bench.kernels().normalizeRows(matrix, matrix);
    return matrix;
  }

  private static FloatMatrix random(int rows, int cols) {
    RandomStream random = new RandomStream(1);
    FloatMatrix matrix = FloatMatrix.allocate(rows, cols);
    float[] row = new float[cols];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        row[j] = (float) random.nextDouble() - 0.5f;
      }
      matrix.setRow(i, row);
    }
    return matrix;
  }

  private double whiteningSeconds() {
    int whiten = whiten();
    if (whiten == 0) {
      return 0;
    }
    Kernels kernels = bench.kernels();
    int width = plan.encoder().embedding();
    int rows = Math.min(images, Math.max(2048, 2 * whiten));
    double perFitRow;
    double fit;
    double perRow;
    try (FloatMatrix x = random(rows, width);
        FloatMatrix out = FloatMatrix.allocate(rows, whiten);
        Pca pca = kernels.pca(width)) {
      long started = System.nanoTime();
      pca.add(x);
      perFitRow = seconds(started) / rows;
      started = System.nanoTime();
      try (Whitening whitening = pca.finish(whiten, plan.clustering().eigenvalueFloor())) {
        fit = seconds(started);
        started = System.nanoTime();
        kernels.whitenApply(whitening, x, true, out);
        perRow = seconds(started) / rows;
      }
    }
    return perFitRow * StreamingWhitening.fitRows(images, width) + fit + perRow * images;
  }

  private PlanEstimate.Memory memory(Begun small, Begun large, int rows) {
    long n = images;
    int width = plan.encoder().embedding();
    long table = 4 * n * featureWidth();
    long held = 0;
    if (whiten() > 0) {
      long fitRows = StreamingWhitening.fitRows(images, width);
      held = fitRows * 4 * (1L + width + featureWidth()) + 24L * width * width;
    }
    // What the method holds by image (labels, memories), once more in a checkpoint's copy; labels
    // and distances in native memory; the order.
    double perRow =
        Math.max(0, large.stateBytes() - small.stateBytes()) / (double) (rows - rows / 2);
    long assignments = Math.round(n * (2 * perRow + 8 + 4));
    long passes = 2L * (plan.schedule().epochs() + 2);
    long garbage = passes * n * (GARBAGE_PER_IMAGE + imageBytes());
    long heap = Math.min(garbage, untouchedHeap());
    return new PlanEstimate.Memory(peakOfSteps, table + held, assignments, heap);
  }

  /**
   * What a longer run in such a JVM touches of the Java heap beyond this one: the young generation
   * is filled again and again, the old one up to its size before it is collected. Survivors' space
   * is left out; the steps have shown how much of it this plan needs.
   */
  private static long untouchedHeap() {
    long bytes = 0;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      if (pool.getType() == MemoryType.HEAP && !pool.getName().contains("Survivor")) {
        long touched = pool.getPeakUsage().getUsed();
        bytes += Math.max(0, pool.getUsage().getCommitted() - touched);
      }
    }
    return bytes;
  }

  private long imageBytes() {
    return (long) plan.image().height() * plan.image().width() * plan.image().channels();
  }

  private static double seconds(long startedNanos) {
    return (System.nanoTime() - startedNanos) / 1e9;
  }
}
