package org.dc4j.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.dc4j.cli.terminal.Session;
import org.dc4j.cluster.KMeans;
import org.dc4j.format.AtomicFiles;
import org.dc4j.format.FileErrors;
import org.dc4j.format.NpyFile;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.EmptyClusterPolicy;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.Kernels;
import org.dc4j.kernels.Pca;
import org.dc4j.kernels.Precision;
import org.dc4j.kernels.SeedMethod;
import org.dc4j.kernels.Whitening;
import picocli.CommandLine.Option;

/** dc4j cluster: k-means of any matrix. */
@picocli.CommandLine.Command(
    name = "cluster",
    description = {
      "Clusters the rows of a matrix by k-means.",
      "The labels written are the exact assignment of the rows to the centroids written."
    })
final class ClusterCommand extends Command {
  private static final Map<String, Boolean> SPHERICAL =
      Choices.of("kmeans", false, "spherical", true);
  private static final Map<String, SeedMethod> INITS =
      Choices.of("random", SeedMethod.RANDOM, "kmeans++", SeedMethod.KMEANS_PLUS_PLUS);
  private static final Map<String, EmptyClusterPolicy> POLICIES =
      Choices.of(
          "faiss", EmptyClusterPolicy.FAISS,
          "farthest", EmptyClusterPolicy.FARTHEST,
          "keep", EmptyClusterPolicy.KEEP);

  private static final Map<String, Precision> PRECISIONS =
      Choices.of("fp32", Precision.FP32, "fast", Precision.FAST);

  private static final Map<String, Boolean> ENGINES = Choices.of("dc4j", false, "faiss", true);

  // Weaker directions are rounding noise of fp32 features; the floor keeps them small.
  private static final double EIGENVALUE_FLOOR = 1e-7;

  private static final long BLOCK_FLOATS = 1 << 24; // 64 MiB of rows for the PCA at a time

  @Option(
      names = "--features",
      required = true,
      paramLabel = "X.npy",
      description = "matrix of f4 or f8, one row per item")
  Path features;

  @Option(names = "--k", required = true, paramLabel = "K", description = "number of clusters")
  int k;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "LABELS.npy",
      description = "receives one label 0..K-1 per row, i4")
  Path out;

  @Option(
      names = "--centroids",
      paramLabel = "C.npy",
      description = "receives the centroids, f4; with --whiten they live in the whitened space")
  Path centroids;

  @Option(
      names = "--algorithm",
      defaultValue = "kmeans",
      paramLabel = "A",
      description = "kmeans, or spherical: unit rows and centroids (default: ${DEFAULT-VALUE})")
  String algorithm;

  @Option(
      names = "--init",
      defaultValue = "random",
      paramLabel = "I",
      description = "random or kmeans++ (default: ${DEFAULT-VALUE})")
  String init;

  @Option(
      names = "--iterations",
      defaultValue = "20",
      paramLabel = "N",
      description = "most Lloyd iterations (default: ${DEFAULT-VALUE})")
  int iterations;

  @Option(
      names = "--restarts",
      defaultValue = "1",
      paramLabel = "N",
      description =
          "runs from first rows of their own, the best is kept (default: ${DEFAULT-VALUE})")
  int restarts;

  @Option(
      names = "--tolerance",
      defaultValue = "0",
      paramLabel = "T",
      description =
          "ends a run once an iteration lowers the objective by less than this share; 0 = once no"
              + " label changes (the default)")
  double tolerance;

  @Option(
      names = "--mapped",
      description =
          "leaves the rows on disk, for matrices larger than memory (f4, two-dimensional)")
  boolean mapped;

  @Option(
      names = "--empty",
      defaultValue = "faiss",
      paramLabel = "E",
      description =
          "what becomes of a cluster without rows: faiss (splits a large one), farthest (moves to"
              + " the farthest row) or keep (default: ${DEFAULT-VALUE})")
  String empty;

  @Option(
      names = "--whiten",
      defaultValue = "0",
      paramLabel = "D",
      description = "PCA-whiten to D columns and normalise the rows first; 0 = off (the default)")
  int whiten;

  @Option(
      names = "--precision",
      defaultValue = "fp32",
      paramLabel = "P",
      description = {
        "products of --whiten's covariance: fp32, or fast: bf16 where the processor has it (see dc4j"
            + " doctor), at twice the rate (default: ${DEFAULT-VALUE})"
      })
  String precision;

  @Option(
      names = "--engine",
      defaultValue = "dc4j",
      paramLabel = "E",
      description = {
        "dc4j, or faiss where it is there (see dc4j doctor): random first rows, empty clusters"
            + " split (default: ${DEFAULT-VALUE})"
      })
  String engine;

  ClusterCommand(Session session) {
    super(session);
  }

  @Override
  Result execute() {
    KMeans.Options options =
        new KMeans.Options(
            k,
            iterations,
            Choices.choose("--init", init, INITS),
            Choices.choose("--empty", empty, POLICIES),
            Choices.choose("--algorithm", algorithm, SPHERICAL),
            common.seedOr(0),
            restarts,
            tolerance);
    Precision products = Choices.choose("--precision", precision, PRECISIONS);
    boolean byFaiss = Choices.choose("--engine", engine, ENGINES);
    requireFiles();
    if (byFaiss) {
      FaissEngine.require(options, common.deviceName());
    }
    try (DeviceContext context = common.openDevice();
        FloatMatrix x = prepare(context.kernels(), read(), options, products)) {
      if (byFaiss) {
        FaissEngine.Timed timed = FaissEngine.fit(context, x, options, common.deviceName());
        return write(x, timed.result(), timed.seconds());
      }
      long started = System.nanoTime();
      KMeans.Result result = KMeans.fit(context.kernels(), x, options);
      return write(x, result, (System.nanoTime() - started) / 1e9);
    }
  }

  /** Refuses results that would have no place, or take that of another file, before the work. */
  private void requireFiles() {
    AtomicFiles.requireTarget(out);
    requireAnother("--out", out, "--features", features);
    if (centroids != null) {
      AtomicFiles.requireTarget(centroids);
      requireAnother("--centroids", centroids, "--features", features);
      requireAnother("--centroids", centroids, "--out", out);
    }
  }

  private static void requireAnother(String option, Path file, String other, Path otherFile) {
    boolean same = file.toAbsolutePath().normalize().equals(otherFile.toAbsolutePath().normalize());
    try {
      same |= Files.exists(file) && Files.exists(otherFile) && Files.isSameFile(file, otherFile);
    } catch (IOException e) {
      throw new UncheckedIOException(FileErrors.describe(e), e);
    }
    if (same) {
      throw new IllegalArgumentException(
          "%s is %s, the file of %s; accepted: another".formatted(option, file, other));
    }
  }

  private FloatMatrix read() {
    return mapped ? NpyFile.mapFloatMatrix(features) : NpyFile.readFloatMatrix(features);
  }

  /** Writes the files and tells what was done; takes over {@code result}. */
  private Result write(FloatMatrix x, KMeans.Result result, double seconds) {
    try (result) {
      NpyFile.writeInts(out, result.labels().toArray());
      if (centroids != null) {
        NpyFile.writeFloatMatrix(centroids, result.centroids());
      }
      return report(x, result, seconds);
    }
  }

  /** The rows to be clustered; takes over {@code raw}. */
  private FloatMatrix prepare(
      Kernels kernels, FloatMatrix raw, KMeans.Options options, Precision products) {
    if (whiten != 0) {
      try (raw) {
        return whitened(kernels, raw, products);
      }
    }
    if (options.spherical()) {
      try {
        kernels.normalizeRows(raw, raw);
      } catch (RuntimeException e) {
        raw.close();
        throw e;
      }
    }
    return raw;
  }

  private FloatMatrix whitened(Kernels kernels, FloatMatrix raw, Precision products) {
    long most = Math.min(raw.cols(), raw.rows() - 1);
    if (whiten < 0 || whiten > most) {
      throw new IllegalArgumentException(
          "--whiten is %d; accepted: 0..%d for a matrix [%d x %d]"
              .formatted(whiten, most, raw.rows(), raw.cols()));
    }
    try (Pca pca = kernels.pca(raw.cols(), products)) {
      // In blocks: each is read more than once while it is in memory, mapped rows but once.
      long block = Math.max(1, BLOCK_FLOATS / raw.cols());
      for (long from = 0; from < raw.rows(); from += block) {
        try (FloatMatrix part = raw.rowRange(from, Math.min(block, raw.rows() - from))) {
          pca.add(part);
        }
      }
      try (Whitening whitening = pca.finish(whiten, EIGENVALUE_FLOOR)) {
        FloatMatrix white = FloatMatrix.allocate(raw.rows(), whiten);
        try {
          kernels.whitenApply(whitening, raw, true, white);
          return white;
        } catch (RuntimeException e) {
          white.close();
          throw e;
        }
      }
    }
  }

  private Result report(FloatMatrix x, KMeans.Result result, double seconds) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("k", k);
    values.put("iterations", result.iterations());
    values.put("objective", result.objective());
    values.put("empty", result.empty());
    values.put("seconds", seconds);
    String text =
        String.format(
            Locale.ROOT,
            "%d rows x %d in %d clusters (%d empty), objective %.6g after %d iterations, %.2f s: %s",
            x.rows(),
            x.cols(),
            k,
            result.empty(),
            result.objective(),
            result.iterations(),
            seconds,
            out);
    return Result.done(values, text);
  }
}
