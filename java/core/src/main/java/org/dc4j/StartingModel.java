package org.dc4j;

import java.nio.file.Path;
import org.dc4j.config.TrainingPlan;
import org.dc4j.data.DataException;
import org.dc4j.data.ImageSource;
import org.dc4j.kernels.FloatMatrix;

/**
 * The encoder that a run began with: the given weights of its plan (encoder.weights), or the random
 * ones of its seed. A score of the {@link TrainedModel} says what training was worth only beside
 * this one's. Close it. Not thread-safe.
 */
public final class StartingModel implements AutoCloseable {
  private final Workbench bench;

  private StartingModel(Workbench bench) {
    this.bench = bench;
  }

  /**
   * Makes the encoder of a run folder's plan as it was before the first step.
   *
   * @throws DataException without a plan there, or if the file of given weights is gone or does not
   *     fit
   */
  public static StartingModel of(Path run) {
    return of(RunPlan.of(run));
  }

  private static StartingModel of(TrainingPlan plan) {
    Workbench bench = Workbench.open(plan);
    try {
      if (plan.encoder().weights() != null) {
        bench.startFrom(Path.of(plan.encoder().weights()));
      }
      return new StartingModel(bench);
    } catch (RuntimeException e) {
      bench.close();
      throw e;
    }
  }

  /** The network's own embeddings [n x embedding] in the source's order; the caller closes them. */
  public FloatMatrix embeddings(ImageSource images) {
    return bench.embeddings(images);
  }

  @Override
  public void close() {
    bench.close();
  }
}
