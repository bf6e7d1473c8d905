package org.dc4j.method;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.dc4j.config.PlanFiles;
import org.dc4j.config.TrainingPlan;
import org.dc4j.data.ImageBatch;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.random.RandomStream;
import org.dc4j.random.Seeds;

/** A method over a {@link StandInEncoder}: fixed unit rows as features, batches of rows. */
final class MethodFixture implements AutoCloseable {
  final int n;
  final int d;
  final float[][] features; // [n x d] unit rows
  final StandInEncoder encoder;
  final DeviceContext device = DeviceContext.open("cpu", 2);
  final TrainingPlan plan;
  final Method method;
  final Map<String, Object> metrics = new LinkedHashMap<>();

  MethodFixture(int n, int d, String preset, String... settings) {
    this.n = n;
    this.d = d;
    this.features = unitRows(n, d, 11);
    this.encoder = new StandInEncoder(d);
    TrainingPlan changed = PlanFiles.with(PlanFiles.preset(preset), "data", "npy:none");
    changed = PlanFiles.with(changed, "clustering.whiten", "0");
    for (String setting : settings) {
      changed = PlanFiles.with(changed, setting);
    }
    this.plan = changed;
    int[] cameras = new int[n];
    Arrays.setAll(cameras, i -> i % 3);
    this.method =
        Methods.create(
            new MethodContext(plan, new Seeds(plan.seed()), device, encoder, this::table, cameras));
  }

  private Features.Table table(int epoch, int whiten, double floor) {
    return new Features.Table(FloatMatrix.of(features), new double[] {1});
  }

  int[] beginEpoch(int epoch) {
    return method.beginEpoch(epoch, metrics);
  }

  /** One step on images whose views are the given rows. */
  double step(int[] ids, float[][] views) {
    try (ImageBatch batch = new ImageBatch(ids, FloatMatrix.of(views))) {
      return method.step(batch, 0);
    }
  }

  /** Rows of unit length in some groups, never two alike. */
  static float[][] unitRows(int n, int d, long seed) {
    RandomStream random = new RandomStream(seed);
    float[][] rows = new float[n][d];
    for (int i = 0; i < n; i++) {
      double norm = 0;
      for (int j = 0; j < d; j++) {
        rows[i][j] =
            (float) (random.nextDouble() - 0.5 + 2 * Math.cos(1 + i % 7 + j * (1 + i % 7)));
        norm += (double) rows[i][j] * rows[i][j];
      }
      for (int j = 0; j < d; j++) {
        rows[i][j] /= (float) Math.sqrt(norm);
      }
    }
    return rows;
  }

  @Override
  public void close() {
    method.close();
    device.close();
  }
}
