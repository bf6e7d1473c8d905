package org.dc4j;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.dc4j.cluster.KMeans;
import org.dc4j.config.TrainingPlan.ImagePlan;
import org.dc4j.data.ImageBatch;
import org.dc4j.data.MemoryImages;
import org.dc4j.data.batch.BatchLoader;
import org.dc4j.data.view.EvaluationViews;
import org.dc4j.encoder.Backbone;
import org.dc4j.encoder.Encoder;
import org.dc4j.encoder.EncoderSpec;
import org.dc4j.encoder.LinearHead;
import org.dc4j.encoder.OptimizerSpec;
import org.dc4j.encoder.TrainingPass;
import org.dc4j.encoder.torch.TorchEncoders;
import org.dc4j.faiss.Faiss;
import org.dc4j.faiss.FaissIndex;
import org.dc4j.faiss.FaissKMeans;
import org.dc4j.faiss.FaissMetric;
import org.dc4j.faiss.FaissPca;
import org.dc4j.index.CosineNeighbours;
import org.dc4j.index.NearestIndex;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.ImageViews;
import org.dc4j.kernels.IntVector;
import org.dc4j.kernels.Kernels;
import org.dc4j.kernels.LongVector;
import org.dc4j.kernels.NativeLibraries;
import org.dc4j.kernels.Pca;
import org.dc4j.kernels.SparseGraph;
import org.dc4j.kernels.Whitening;
import org.dc4j.random.RandomStream;

/**
 * What {@link LeakTest} runs in a JVM of its own. Prints for every owner: "owner", its name,
 * cycles, then how much grew after the warm-up: resident bytes less what the JVM added for code and
 * metadata, bytes of native arrays, JavaCPP pointers with memory, threads.
 */
final class LeakCycles {
  private static final int CYCLES = 1000;

  private final Kernels kernels;
  private final FloatMatrix rows = gaussian(4096, 4);

  private LeakCycles(Kernels kernels) {
    this.kernels = kernels;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    try (DeviceContext context = DeviceContext.open("cpu", 1)) {
      LeakCycles cycles = new LeakCycles(context.kernels());
      measure("FloatMatrix", cycles::matrix);
      measure("IntVector", cycles::ints);
      measure("LongVector", cycles::longs);
      measure("DeviceContext", cycles::context);
      measure("Pca+Whitening", cycles::pca);
      measure("SparseGraph", cycles::graph);
      measure("ImageViews", cycles::views);
      measure("KMeans.Result", cycles::clustering);
      measure("NearestIndex", cycles::index);
      measure("CosineNeighbours", cycles::neighbours);
      measure("BatchLoader", cycles::loader);
      measure("Encoder+LinearHead+TrainingPass", cycles::encoder);
      if (Faiss.isAvailable()) {
        measure("FaissIndex", cycles::faissIndex);
        measure("FaissKMeans.Result", cycles::faissClustering);
        measure("FaissPca", cycles::faissPca);
      }
    }
  }

  private static void measure(String owner, Runnable cycle)
      throws IOException, InterruptedException {
    for (int i = 0; i < CYCLES / 5; i++) {
      cycle.run();
    }
    long[] before = sizes();
    for (int i = 0; i < CYCLES; i++) {
      cycle.run();
    }
    long[] after = sizes();
    // The threads of a closed executor end soon, not at once.
    for (int wait = 0; wait < 100 && after[3] > before[3]; wait++) {
      Thread.sleep(20);
      after = sizes();
    }
    System.out.printf(
        "owner %s %d %d %d %d %d%n",
        owner,
        CYCLES,
        after[0] - before[0],
        after[1] - before[1],
        after[2] - before[2],
        after[3] - before[3]);
  }

  private static long[] sizes() throws IOException {
    System.gc();
    long managed = 0;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      managed += pool.getType() == MemoryType.NON_HEAP ? pool.getUsage().getCommitted() : 0;
    }
    long pages = Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ")[1]);
    return new long[] {
      pages * 4096 - managed,
      NativeLibraries.allocatedBytes(),
      Pointer.totalCount(),
      Files.list(Path.of("/proc/self/task")).count()
    };
  }

  private static FloatMatrix gaussian(int n, int d) {
    RandomStream random = new RandomStream(n);
    float[] values = new float[n * d];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return FloatMatrix.of(values, n, d);
  }

  private void matrix() {
    try (FloatMatrix matrix = FloatMatrix.allocate(256, 64);
        FloatMatrix view = matrix.rowRange(8, 64)) {
      matrix.set(9, 1, 2);
      kernels.normalizeRows(view, view);
    }
  }

  private void ints() {
    try (IntVector vector = IntVector.allocate(16_384)) {
      vector.set(7, 1);
    }
  }

  private void longs() {
    try (LongVector vector = LongVector.allocate(8192)) {
      vector.set(7, 1);
    }
  }

  private void context() {
    try (DeviceContext context = DeviceContext.open("cpu", 3);
        FloatMatrix matrix = FloatMatrix.allocate(512, 32)) {
      context.kernels().normalizeRows(matrix, matrix);
    }
  }

  private void pca() {
    try (Pca pca = kernels.pca(96);
        FloatMatrix block = gaussian(100, 96);
        FloatMatrix out = FloatMatrix.allocate(100, 4)) {
      pca.add(block);
      try (Whitening whitening = pca.finish(4, 0)) {
        kernels.whitenApply(whitening, block, true, out);
      }
    }
  }

  private void graph() {
    int n = 2048; // 16 + 64 KiB of offsets and entries
    int pairs = 4;
    long[] offsets = new long[n + 1];
    int[] columns = new int[n * pairs];
    for (int i = 0; i < n; i++) {
      offsets[i + 1] = (i + 1L) * pairs;
      for (int p = 0; p < pairs; p++) {
        columns[i * pairs + p] = i / pairs * pairs + p;
      }
    }
    SparseGraph.of(offsets, columns, new float[n * pairs], 1).close();
  }

  private void views() {
    float[] one = {1};
    int n = 512; // 24 + 128 bytes of description each
    ImageViews.View view =
        new ImageViews.View(0, 0, 2, 2, 2, 2, false, 0, 0, 0, 0, false, 1, 1, 1, 0, false);
    try (ImageViews views = new ImageViews(n, new ImageViews.Format(2, 2, 1, false, one, one));
        BytePointer pixels = new BytePointer(4);
        FloatMatrix batch = FloatMatrix.allocate(n, 4)) {
      for (int i = 0; i < n; i++) {
        views.add(pixels, 2, 2, 1, view);
      }
      kernels.imagesApply(views, batch);
    }
  }

  private void clustering() {
    KMeans.Options few = KMeans.Options.of(8, 1);
    KMeans.Options options =
        new KMeans.Options(few.k(), 2, few.init(), few.empty(), few.spherical(), few.seed());
    KMeans.fit(kernels, rows, options).close();
  }

  private void index() {
    List<String> names = IntStream.range(0, 4096).mapToObj(Integer::toString).toList();
    try (NearestIndex index = NearestIndex.copyOf(kernels, rows, names);
        FloatMatrix query = rows.rowRange(3, 2)) {
      index.search(query, 5);
    }
  }

  private void faissIndex() {
    try (FaissIndex index = FaissIndex.create(4, "IVF4,Flat", FaissMetric.L2);
        FloatMatrix queries = rows.rowRange(3, 700)) {
      index.train(queries, 1);
      index.add(rows, 1);
      index.search(queries, 12, 1).close();
    }
  }

  private void faissClustering() {
    FaissKMeans.fit(rows, new FaissKMeans.Options(8, 2, 1, 1, false, 256), 1).close();
  }

  private void faissPca() {
    try (FloatMatrix block = gaussian(100, 96);
        FaissPca pca = FaissPca.train(block, 40, true, 1)) {
      pca.apply(block, 1).close();
    }
  }

  private void neighbours() {
    try (CosineNeighbours neighbours = CosineNeighbours.of(kernels, rows);
        FloatMatrix query = rows.rowRange(3, 2)) {
      neighbours.nearest(query, 5, (row, ids, distances) -> {});
    }
  }

  private void loader() {
    float[] one = {1};
    ImageViews.Format format = new ImageViews.Format(64, 64, 1, false, one, one);
    EvaluationViews views = new EvaluationViews(new ImagePlan(64, 64, 1, false, 0, one, one));
    BatchLoader.Options options = new BatchLoader.Options(16, 2, 2, false);
    try (BatchLoader loader = new BatchLoader(new MemoryImages(64, 64, 64), format, options)) {
      Iterator<ImageBatch> batches = loader.batches(IntStream.range(0, 64).toArray(), views);
      batches.next().close();
    }
  }

  private void encoder() {
    EncoderSpec spec = new EncoderSpec(Backbone.COMPACT, 1, 16, 16, 8);
    OptimizerSpec adam = OptimizerSpec.adam(0.003, 1e-4);
    try (Encoder encoder = TorchEncoders.create(spec, adam, 7, 1);
        LinearHead head = encoder.newHead(5, adam, 1);
        FloatMatrix images = FloatMatrix.allocate(4, 256);
        FloatMatrix out = FloatMatrix.allocate(4, 8)) {
      try (TrainingPass pass = encoder.forward(images, head, 1)) {
        pass.gradient().set(1, 1, 1);
        pass.backward();
      }
      encoder.step();
      head.step();
      encoder.embed(images, out);
      head.loadState(head.state());
      encoder.loadWeights(encoder.weights());
      encoder.loadOptimizerState(encoder.optimizerState());
    }
  }
}
