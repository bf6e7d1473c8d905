package org.dc4j.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.dc4j.Baselines;
import org.dc4j.StartingModel;
import org.dc4j.TrainedModel;
import org.dc4j.data.DataException;
import org.dc4j.data.ImageSource;
import org.dc4j.data.source.DataSet;
import org.dc4j.eval.KnnClassifier;
import org.dc4j.eval.RetrievalItems;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.Kernels;
import org.dc4j.train.Progress;

/**
 * A model scored by retrieval: its embeddings, the same whitened, those it began with, raw pixels
 * and colour histograms by one measurement.
 *
 * @param metrics what is measured
 * @param useCameras whether matches by the same camera are junk
 * @param knn for the metric of that name
 * @param clusters labels of a clustering into as many groups as there are classes
 */
record ModelRetrieval(
    LabelMetrics metrics, boolean useCameras, KnnClassifier knn, Clustering clusters) {
  /** Clusters rows. */
  @FunctionalInterface
  interface Clustering {
    int[] of(Kernels kernels, FloatMatrix rows, int[] classes);
  }

  /**
   * Scores.
   *
   * @param gallery null: every image of the set against all others
   * @return representation ("embeddings", "whitened", "untrained", "raw_pixels",
   *     "colour_histogram") to metrics
   */
  Map<String, Map<String, Object>> score(
      Kernels kernels, Path run, DataSet queries, DataSet gallery, Progress progress) {
    Map<String, Map<String, Object>> found = new LinkedHashMap<>();
    labels(queries);
    cameras(queries); // says what is missing before anything is computed
    try (TrainedModel model = TrainedModel.open(run);
        StartingModel start = StartingModel.of(run)) {
      Map<String, Function<ImageSource, FloatMatrix>> kinds = new LinkedHashMap<>();
      kinds.put("embeddings", model::embeddings);
      kinds.put("whitened", model::features);
      kinds.put("untrained", start::embeddings);
      kinds.put("raw_pixels", Baselines::pixels);
      kinds.put("colour_histogram", Baselines::colourHistograms);
      progress.start("score", kinds.size());
      kinds.forEach(
          (name, rowsOf) -> {
            found.put(name, measure(kernels, rowsOf, queries, gallery));
            progress.advance(found.size());
          });
      progress.finish();
    }
    return found;
  }

  private Map<String, Object> measure(
      Kernels kernels,
      Function<ImageSource, FloatMatrix> rowsOf,
      DataSet queries,
      DataSet gallery) {
    int[] classes = labels(queries);
    try (FloatMatrix rows = rowsOf.apply(queries.images());
        FloatMatrix others = gallery == null ? null : rowsOf.apply(gallery.images())) {
      RetrievalItems searched =
          gallery == null ? null : new RetrievalItems(others, labels(gallery), cameras(gallery));
      int[] groups = metrics.needClusters() ? clusters.of(kernels, rows, classes) : null;
      LabelMetrics.Subject subject =
          new LabelMetrics.Subject(kernels, rows, classes, cameras(queries), groups);
      return metrics.measure(subject, searched, () -> knn.leaveOneOut(kernels, rows, classes));
    }
  }

  private static int[] labels(DataSet set) {
    return set.labels()
        .orElseThrow(() -> new DataException(set.description() + " has no labels to score with"));
  }

  private int[] cameras(DataSet set) {
    if (!useCameras) {
      return null;
    }
    int[] cameras = new int[set.images().size()];
    for (int id = 0; id < cameras.length; id++) {
      cameras[id] = set.images().camera(id);
      if (cameras[id] < 0) {
        throw new DataException(
            "%s: no camera is known for image %s; --protocol reid needs them (kanji, market1501 and"
                    .formatted(set.description(), set.images().name(id))
                + " msmt17 have them), --protocol retrieval does not");
      }
    }
    return cameras;
  }

  /** A row for each metric, a column for each representation. */
  static String table(Map<String, Map<String, Object>> found) {
    List<String> columns = List.copyOf(found.keySet());
    StringBuilder text = new StringBuilder("%-14s".formatted(""));
    columns.forEach(column -> text.append("  ").append(column.replace('_', ' ')));
    text.append('\n');
    for (String metric : found.get(columns.get(0)).keySet()) {
      text.append("%-14s".formatted(metric));
      for (String column : columns) {
        String format = "  %" + column.length() + ".4f";
        text.append(String.format(Locale.ROOT, format, found.get(column).get(metric)));
      }
      text.append('\n');
    }
    return text.toString();
  }
}
