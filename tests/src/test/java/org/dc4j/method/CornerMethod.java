package org.dc4j.method;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import org.dc4j.cluster.Assignments;
import org.dc4j.data.ImageBatch;
import org.dc4j.encoder.TrainingPass;
import org.dc4j.format.StateDict;
import org.dc4j.kernels.FloatMatrix;

/**
 * A toy that shows all a method is: every image belongs to the cluster of its number, and its
 * embedding is drawn towards that cluster's corner, 1 in one column and 0 in the others.
 */
public final class CornerMethod implements Method {
  /**
   * The toy's constants.
   *
   * @param corners clusters, at most the embedding's width
   */
  public record Options(int corners) {}

  private final MethodContext run;
  private final Assignments assignments;

  public CornerMethod(MethodContext run) {
    this.run = run;
    int corners = run.plan().options().as(Options.class).corners();
    int[] labels = IntStream.range(0, run.images()).map(id -> id % corners).toArray();
    this.assignments = new Assignments(labels, new float[labels.length], corners, 0, 0);
  }

  @Override
  public int[] beginEpoch(int epoch, Map<String, Object> metrics) {
    return run.seeds().stream("order", epoch).permutation(run.images());
  }

  /** Half the mean squared distance to the corners. */
  @Override
  public double step(ImageBatch batch, long step) {
    double loss = 0;
    int[] corners = assignments.labelsOf(batch.ids());
    try (TrainingPass pass =
        run.encoder().forward(batch.pixels(), run.seeds().key("dropout", step))) {
      FloatMatrix gradient = pass.gradient();
      for (int i = 0; i < corners.length; i++) {
        float[] difference = pass.output().row(i);
        difference[corners[i]] -= 1;
        for (int t = 0; t < difference.length; t++) {
          loss += 0.5 * difference[t] * difference[t] / corners.length;
          difference[t] /= corners.length;
        }
        gradient.setRow(i, difference);
      }
      pass.backward();
    }
    run.encoder().step();
    return loss;
  }

  @Override
  public Assignments assignments() {
    return assignments;
  }

  @Override
  public Assignments finalAssignments(Map<String, Object> metrics) {
    metrics.put("corners", Arrays.stream(assignments.labels()).max().orElse(-1) + 1);
    return assignments;
  }

  @Override
  public StateDict state() {
    return new StateDict(); // all of it follows from the plan
  }

  @Override
  public int[] resumeEpoch(int epoch, StateDict state) {
    return beginEpoch(epoch, Map.of());
  }

  @Override
  public void restore(StateDict state) {}

  @Override
  public void close() {}
}
