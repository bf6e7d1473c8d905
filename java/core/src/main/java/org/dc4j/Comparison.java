package org.dc4j;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dc4j.config.PlanFiles;
import org.dc4j.config.TrainingPlan;
import org.dc4j.data.source.DataSet;
import org.dc4j.eval.MeanAndDeviation;
import org.dc4j.eval.RepresentationScore;
import org.dc4j.format.AtomicFiles;
import org.dc4j.train.Progress;
import org.dc4j.train.StopSignal;
import org.dc4j.train.TrainingInterruptedException;

/**
 * What training was worth: raw pixels, the untrained network and the trained one by the same
 * measurement ({@link LabelScore}).
 *
 * @param rawPixels score of the pixels themselves
 * @param untrained score of the network with its first weights
 * @param trained score of the run's model
 */
public record Comparison(
    RepresentationScore rawPixels, RepresentationScore untrained, RepresentationScore trained) {
  private static final List<String> COLUMNS = List.of("raw pixels", "untrained", "trained");

  /** Measures a finished run on labelled sets. */
  public static Comparison of(Path run, TrainingPlan plan, DataSet train, DataSet test) {
    return of(run, plan, train, test, Progress.NONE, new StopSignal());
  }

  /**
   * Measures a finished run on labelled sets.
   *
   * @param progress told one stage with three steps, one for each representation
   * @param stop looked at between them
   * @throws TrainingInterruptedException after a stop request
   */
  public static Comparison of(
      Path run,
      TrainingPlan plan,
      DataSet train,
      DataSet test,
      Progress progress,
      StopSignal stop) {
    TrainingPlan fresh = PlanFiles.with(plan, "encoder.weights", "null");
    progress.start("score", COLUMNS.size());
    try (LabelScore score = new LabelScore(plan, train, test);
        Workbench untrained = Workbench.open(fresh);
        TrainedModel trained = TrainedModel.open(run)) {
      RepresentationScore ofPixels = score.rawPixels();
      stepDone(1, progress, stop);
      RepresentationScore ofUntrained = score.of(untrained::embeddings);
      stepDone(2, progress, stop);
      RepresentationScore ofTrained = score.of(trained::embeddings);
      progress.advance(COLUMNS.size());
      progress.finish();
      return new Comparison(ofPixels, ofUntrained, ofTrained);
    }
  }

  private static void stepDone(int steps, Progress progress, StopSignal stop) {
    progress.advance(steps);
    if (stop.isRequested()) {
      throw new TrainingInterruptedException("stopped while scoring; --resume continues");
    }
  }

  /** Names of the three representations, in the order of {@link #rows}. */
  public static List<String> columns() {
    return COLUMNS;
  }

  /** Metric name to its three values, in the order raw pixels, untrained, trained. */
  public Map<String, List<MeanAndDeviation>> rows() {
    Map<String, List<MeanAndDeviation>> rows = new LinkedHashMap<>();
    List<RepresentationScore> scores = List.of(rawPixels, untrained, trained);
    rows.put("knn", scores.stream().map(s -> new MeanAndDeviation(s.knnAccuracy(), 0)).toList());
    rows.put("recall@1", scores.stream().map(s -> new MeanAndDeviation(s.recallAt1(), 0)).toList());
    rows.put("nmi", scores.stream().map(RepresentationScore::nmi).toList());
    rows.put("ari", scores.stream().map(RepresentationScore::ari).toList());
    rows.put("accuracy", scores.stream().map(RepresentationScore::accuracy).toList());
    return rows;
  }

  /** Writes results.json, which the report shows. */
  public void write(Path run) {
    List<Map<String, Object>> rows = new ArrayList<>();
    rows()
        .forEach(
            (metric, values) -> {
              Map<String, Object> row = new LinkedHashMap<>();
              row.put("metric", metric);
              row.put("mean", values.stream().map(MeanAndDeviation::mean).toList());
              row.put("spread", values.stream().map(MeanAndDeviation::deviation).toList());
              rows.add(row);
            });
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("columns", COLUMNS);
    document.put("rows", rows);
    try {
      String text =
          new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(document);
      AtomicFiles.write(run.resolve("results.json"), text + "\n");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("results of " + run, e);
    }
  }
}
