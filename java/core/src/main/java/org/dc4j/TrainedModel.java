package org.dc4j;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.dc4j.cluster.Spectrum;
import org.dc4j.config.TrainingPlan;
import org.dc4j.data.DataException;
import org.dc4j.data.ImageSource;
import org.dc4j.format.AtomicFiles;
import org.dc4j.format.FormatException;
import org.dc4j.format.NpyWriter;
import org.dc4j.format.SafetensorsFile;
import org.dc4j.format.StateDict;
import org.dc4j.format.TensorData;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.Pca;
import org.dc4j.kernels.Whitening;
import org.dc4j.train.EmbeddingPass;
import org.dc4j.train.Progress;
import org.dc4j.train.StopSignal;
import org.dc4j.train.TrainingListener;

/**
 * A trained encoder with the whitening fitted on its training set, read from a run folder. Close
 * it. Not thread-safe.
 *
 * <p>Two kinds of rows: {@link #embeddings} are the network's own output, {@link #features} the
 * same whitened and L2-normalised, the space in which clusters, neighbours and k-NN are measured.
 */
public final class TrainedModel implements AutoCloseable {
  private static final double EIGENVALUE_FLOOR = 1e-6; // as a share of the largest
  private static final String WEIGHTS = "model.safetensors";
  private static final String FORMAT = "dc4j-1";
  private static final String DESCRIPTION = "model.json";

  private final Workbench bench;
  private final Whitening whitening; // null without

  private TrainedModel(Workbench bench, StateDict weights) {
    this.bench = bench;
    bench.encoder().loadWeights(weights.subset("encoder."));
    this.whitening =
        weights.contains("whitening.transform") || weights.contains("whitening.mean")
            ? whitening(weights, bench.plan().encoder().embedding())
            : null;
  }

  /**
   * Opens the model of a run folder.
   *
   * @throws DataException naming the file, if one is missing or plan.yaml is no plan
   * @throws FormatException naming the file, if the weights are damaged or another plan's
   */
  public static TrainedModel open(Path run) {
    for (String name : new String[] {WEIGHTS, "plan.yaml"}) {
      if (!Files.exists(run.resolve(name))) {
        throw new DataException(run + " is not a finished run: " + name + " is missing");
      }
    }
    TrainingPlan plan = RunPlan.of(run);
    StateDict weights = weights(run.resolve(WEIGHTS));
    Workbench bench = Workbench.open(plan);
    try {
      return new TrainedModel(bench, weights);
    } catch (IllegalArgumentException e) {
      bench.close();
      throw new FormatException(
          run.resolve(WEIGHTS), "does not fit plan.yaml beside it: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      bench.close();
      throw e;
    }
  }

  /** Plan the model was trained by. */
  public TrainingPlan plan() {
    return bench.plan();
  }

  /** Width of {@link #features} rows. */
  public int featureWidth() {
    return whitening == null
        ? bench.plan().encoder().embedding()
        : Math.toIntExact(whitening.outputWidth());
  }

  /** The network's own embeddings [n x embedding] in the source's order; the caller closes them. */
  public FloatMatrix embeddings(ImageSource images) {
    try (EmbeddingPass pass = pass(images, Progress.NONE)) {
      return pass.embeddings();
    }
  }

  /** Whitened unit rows [n x featureWidth] in the source's order; the caller closes them. */
  public FloatMatrix features(ImageSource images) {
    FloatMatrix out = FloatMatrix.allocate(images.size(), featureWidth());
    try {
      features(images, out::scatterRows, Progress.NONE);
      return out;
    } catch (RuntimeException e) {
      out.close();
      throw e;
    }
  }

  /** {@link #embeddings(ImageSource)} batch by batch, in order, for sets larger than memory. */
  public void embeddings(
      ImageSource images, BiConsumer<int[], FloatMatrix> sink, Progress progress) {
    try (EmbeddingPass pass = pass(images, progress)) {
      pass.inOrder(sink);
    }
  }

  /** {@link #features(ImageSource)} batch by batch, in order, for sets larger than memory. */
  public void features(ImageSource images, BiConsumer<int[], FloatMatrix> sink, Progress progress) {
    embeddings(
        images,
        (ids, rows) -> {
          try (FloatMatrix unit = FloatMatrix.allocate(ids.length, featureWidth())) {
            if (whitening == null) {
              bench.kernels().normalizeRows(rows, unit);
            } else {
              bench.kernels().whitenApply(whitening, rows, true, unit);
            }
            sink.accept(ids, unit);
          }
        },
        progress);
  }

  private EmbeddingPass pass(ImageSource images, Progress progress) {
    return bench.embedding(images, progress, new StopSignal());
  }

  private static Whitening whitening(StateDict weights, int width) {
    TensorData transform = weights.get("whitening.transform");
    TensorData mean = weights.get("whitening.mean");
    long[] shape = transform.shape();
    if (shape.length != 2 || shape[0] < 1 || shape[0] > width || shape[1] != width) {
      throw new IllegalArgumentException(
          "tensor 'whitening.transform' is %s, expected [1..%d, %d]"
              .formatted(Arrays.toString(shape), width, width));
    }
    if (mean.elements() != width) {
      throw new IllegalArgumentException(
          "tensor 'whitening.mean' is %s, expected [%d]"
              .formatted(Arrays.toString(mean.shape()), width));
    }
    float[] values = transform.floats();
    return new Whitening(
        FloatMatrix.of(mean.floats(), 1, width),
        FloatMatrix.of(values, shape[0], width),
        new double[0],
        Math.toIntExact(shape[0]));
  }

  /** A file's tensors, all finite, of this version if it is one of ours. */
  private static StateDict weights(Path file) {
    SafetensorsFile.Contents contents = SafetensorsFile.read(file);
    String format = contents.metadata().getOrDefault("format", FORMAT);
    if (format.startsWith("dc4j-") && !format.equals(FORMAT)) {
      throw new FormatException(file, "has the format '" + format + "'; accepted: " + FORMAT);
    }
    contents
        .tensors()
        .tensors()
        .forEach(
            (name, tensor) -> {
              if (!tensor.isFinite()) {
                throw new FormatException(file, "tensor '" + name + "' has NaN or infinite values");
              }
            });
    return contents.tensors();
  }

  /** An encoder's weights from a safetensors file: a run's model, or the tensors alone. */
  static StateDict encoderWeights(Path file) {
    StateDict tensors = weights(file);
    StateDict ofModel = tensors.subset("encoder.");
    return ofModel.tensors().isEmpty() ? tensors : ofModel;
  }

  /**
   * Writes embeddings.npy, model.safetensors and model.json of the bench's encoder over its data
   * set. Embeddings that are all equal have no whitening: the listener is told, and the model is
   * written without.
   */
  static void write(Path run, Workbench bench, EmbeddingPass embedding, TrainingListener listener) {
    TrainingPlan plan = bench.plan();
    int width = plan.encoder().embedding();
    int whiten = Math.min(Math.min(plan.evaluation().whiten(), width), embedding.size() - 1);
    StateDict state = new StateDict().putAll("encoder.", bench.encoder().weights());
    try (Pca pca = bench.kernels().pca(width);
        NpyWriter writer = NpyWriter.create(run.resolve("embeddings.npy"), width)) {
      embedding.inOrder(
          (ids, rows) -> {
            writer.append(rows);
            pca.add(rows);
          });
      writer.commit();
      if (whiten > 0 && !putWhitening(pca, whiten, state)) {
        whiten = 0;
        listener.message(
            "collapse: the embeddings of all %d images are equal; the model is written without whitening"
                .formatted(embedding.size()));
      }
    }
    SafetensorsFile.write(run.resolve(WEIGHTS), state, Map.of("format", FORMAT));
    AtomicFiles.write(run.resolve(DESCRIPTION), description(plan, whiten));
  }

  private static boolean putWhitening(Pca pca, int whiten, StateDict state) {
    Optional<Whitening> found = Spectrum.whitening(pca, whiten, EIGENVALUE_FLOOR);
    found.ifPresent(
        whitening -> {
          try (whitening) {
            int width = Math.toIntExact(whitening.mean().cols());
            float[] transform = whitening.transform().toArray();
            state
                .put("whitening.mean", TensorData.of(whitening.mean().toArray(), width))
                .put("whitening.transform", TensorData.of(transform, whiten, width));
          }
        });
    return found.isPresent();
  }

  private static String description(TrainingPlan plan, int whiten) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("format", FORMAT);
    fields.put("method", plan.method());
    fields.put("encoder", Workbench.spec(plan));
    fields.put("image", plan.image());
    fields.put("whiten", whiten);
    try {
      return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(fields) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("model description", e);
    }
  }

  @Override
  public void close() {
    if (whitening != null) {
      whitening.close();
    }
    bench.close();
  }
}
