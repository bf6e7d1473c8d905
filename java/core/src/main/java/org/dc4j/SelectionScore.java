package org.dc4j;

import java.util.Arrays;
import org.dc4j.data.DataException;
import org.dc4j.data.source.DataSet;
import org.dc4j.eval.MeanAveragePrecision;
import org.dc4j.eval.RecallAtK;
import org.dc4j.eval.RetrievalItems;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.Kernels;
import org.dc4j.train.BestEpoch;
import org.dc4j.train.Probe;

/**
 * Scores a network by how well the images of a labelled set find each other: mean average precision
 * by the rules of re-identification where they come from several cameras, else recall at 1.
 */
final class SelectionScore implements BestEpoch.Score {
  private final Kernels kernels;
  private final DataSet set;
  private final int[] labels;
  private final int[] cameras; // null: all the same

  SelectionScore(Kernels kernels, DataSet set) {
    this.kernels = kernels;
    this.set = set;
    this.labels =
        set.labels()
            .orElseThrow(
                () ->
                    new DataException(set.description() + " has no labels to choose an epoch by"));
    int[] found = Training.cameras(set.images());
    this.cameras = Arrays.stream(found).distinct().count() > 1 ? found : null;
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
