package org.dc4j;

import java.util.Iterator;
import org.dc4j.config.TrainingPlan;
import org.dc4j.data.ImageBatch;
import org.dc4j.data.batch.BatchLoader;
import org.dc4j.data.sample.Shuffled;
import org.dc4j.random.Seeds;

/**
 * Batch norm's running statistics of a network with random weights, before its first step. They
 * begin as mean 0 and variance 1, so that the first clustering, in evaluation mode, would see
 * embeddings that have little to do with those of the first training batches; a method that keeps
 * places of the embedding space (the centres of ratio clustering, the memories of ODC) would chase
 * them. No weight changes.
 */
final class NormWarmup {
  private NormWarmup() {}

  /**
   * Forward passes in training mode over so many images (encoder.normWarmup) with the views of the
   * first epoch; none without.
   *
   * @param size images of the set
   */
  static void run(Workbench bench, BatchLoader loader, int size) {
    TrainingPlan plan = bench.plan();
    if (plan.encoder().normWarmup() == 0) {
      return;
    }
    Seeds seeds = new Seeds(plan.seed());
    int[] ids = Shuffled.draw(size, plan.encoder().normWarmup(), seeds.stream("norm-warmup"));
    Iterator<ImageBatch> batches = loader.batches(ids, bench.trainingViews(0));
    for (long step = 0; batches.hasNext(); step++) {
      try (ImageBatch batch = batches.next()) {
        bench.encoder().forward(batch.pixels(), seeds.key("norm-warmup-dropout", step)).close();
      }
    }
  }
}
