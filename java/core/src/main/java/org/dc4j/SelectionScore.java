package org.dc4j;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.dc4j.data.DataException;
import org.dc4j.data.source.DataSet;
import org.dc4j.data.source.UsableSet;
import org.dc4j.eval.MeanAveragePrecision;
import org.dc4j.eval.RecallAtK;
import org.dc4j.eval.RetrievalItems;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.Kernels;
import org.dc4j.train.BestEpoch;
import org.dc4j.train.Probe;
import org.dc4j.train.TrainingListener;

/**
 * Scores a network by how well the images of a labelled set find each other: mean average precision
 * by the rules of re-identification where they come from several cameras, else recall at 1.
 */
final class SelectionScore implements BestEpoch.Score {
  private final Kernels kernels;
  private final DataSet set;
  private final int[] labels;
  private final int[] cameras; // null: all the same

  private SelectionScore(Kernels kernels, DataSet set) {
    this.kernels = kernels;
    this.set = set;
    this.labels = set.labels().orElseThrow();
    int[] found = Training.cameras(set.images());
    boolean known = Arrays.stream(found).allMatch(camera -> camera >= 0);
    this.cameras = known && Arrays.stream(found).distinct().count() > 1 ? found : null;
  }

  /**
   * The score by a set, of which every image is looked at now: after an epoch it would be late.
   *
   * @param strict refuse a set with images that cannot be used, instead of leaving them out
   * @throws DataException if the set cannot choose between networks
   */
  static SelectionScore of(
      Kernels kernels, DataSet all, int threads, boolean strict, TrainingListener listener) {
    if (all.labels().isEmpty()) {
      throw new DataException(all.description() + " has no labels to choose an epoch by");
    }
    listener.start("scan", all.images().size());
    UsableSet usable = UsableSet.of(all, threads, listener::advance);
    listener.finish();
    if (strict && usable.told().isPresent()) {
      throw new DataException(usable.told().get());
    }
    usable.told().ifPresent(what -> listener.message("skipped: " + what));
    SelectionScore score = new SelectionScore(kernels, usable.set());
    score.requireMatches();
    return score;
  }

  private void requireMatches() {
    Map<Integer, Integer> first = new HashMap<>();
    for (int id = 0; id < labels.length; id++) {
      Integer other = first.putIfAbsent(labels[id], id);
      if (other != null && (cameras == null || cameras[other] != cameras[id])) {
        return;
      }
    }
    throw new DataException(
        "%s: no two images have the same label%s: it cannot choose an epoch"
            .formatted(set.description(), cameras == null ? "" : " and different cameras"));
  }

  @Override
  public String name() {
    return cameras == null ? "selection_recall@1" : "selection_map";
  }

  @Override
  public double of(Probe.Network network) {
    try (FloatMatrix rows = network.embeddings(set.images())) {
      return cameras == null
          ? RecallAtK.of(kernels, rows, labels, 1)[0]
          : MeanAveragePrecision.of(kernels, new RetrievalItems(rows, labels, cameras));
    }
  }
}
