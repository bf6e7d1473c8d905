package org.dc4j.method;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.IntVector;
import org.dc4j.kernels.LongVector;
import org.dc4j.kernels.LossKernels;

/**
 * Implicit sample extension, ISE (Zhang et al., CVPR 2022; methods.md 2.7): {@link ClusterContrast}
 * with other steps. For a batch of unit embeddings f with labels y, at step t of T:
 *
 * <ol>
 *   <li>lambda = 0.25 extension ln(1 + (e - 1) t / T), which grows from 0;
 *   <li>c* = the memory row nearest to f other than c = C_y; support s = norm(f + lambda (c* - c));
 *   <li>InfoNCE of [f; s] with labels [y; y] against the memory, plus preservingWeight times the
 *       label-preserving loss of f against s; the gradient of a support goes on to its f;
 *   <li>momentum update of the memory with [f; s].
 * </ol>
 */
public final class ImplicitSampleExtension {
  private static final double SHARE = 0.25; // the authors' 0.5 twice

  /**
   * Constants of the method; those up to cameras are {@link ClusterContrast.Options}'.
   *
   * @param extension scale of lambda
   * @param preservingWeight weight of the label-preserving loss
   * @param preservingTemperature of its exponentials
   */
  public record Options(
      int k1,
      int k2,
      double eps,
      int minSamples,
      double temperature,
      double memoryMomentum,
      String memoryUpdate,
      int instances,
      int iterations,
      boolean cameras,
      double extension,
      double preservingWeight,
      double preservingTemperature) {
    public Options {
      PlanDemands.range("extension", extension, 0, 1e6);
      PlanDemands.range("preservingWeight", preservingWeight, 0, 1e6);
      PlanDemands.range("preservingTemperature", preservingTemperature, 1e-6, 1e6);
    }

    ClusterContrast.Options contrast() {
      return new ClusterContrast.Options(
          k1,
          k2,
          eps,
          minSamples,
          temperature,
          memoryMomentum,
          memoryUpdate,
          instances,
          iterations,
          cameras);
    }
  }

  private final MethodContext run;
  private final LossKernels losses;
  private final Options options;
  private final ClusterContrast.Options contrast;
  private final double steps; // T

  private ImplicitSampleExtension(MethodContext run, Options options) {
    this.run = run;
    this.losses = run.losses();
    this.options = options;
    this.contrast = options.contrast();
    this.steps = (double) options.iterations() * run.plan().schedule().epochs();
  }

  /** The method for a run. */
  public static Method of(MethodContext run) {
    Options options = run.plan().options().as(Options.class);
    ImplicitSampleExtension extension = new ImplicitSampleExtension(run, options);
    return new ClusterContrast(run, extension.contrast, extension::objective);
  }

  /** How far towards its neighbour cluster a sample is extended when a share of a run is done. */
  static double lambda(double extension, double done) {
    return SHARE * extension * Math.log1p((Math.E - 1) * done);
  }

  private double objective(
      FloatMatrix f, IntVector labels, FloatMatrix memory, long step, FloatMatrix gradient) {
    double lambda = lambda(options.extension(), step / steps);
    long rows = f.rows();
    try (IntVector others = nearestOthers(f, labels, memory);
        IntVector twice = twice(labels);
        FloatMatrix both = FloatMatrix.allocate(2 * rows, f.cols());
        FloatMatrix supports = both.rowRange(rows, rows);
        FloatMatrix bothGradient = FloatMatrix.allocate(2 * rows, f.cols());
        FloatMatrix ofRows = bothGradient.rowRange(0, rows);
        FloatMatrix ofSupports = bothGradient.rowRange(rows, rows)) {
      both.setRows(0, f);
      losses.extendRows(f, memory, labels, others, lambda, supports);
      double loss = losses.infoNce(both, memory, twice, contrast.temperature(), bothGradient);
      loss += preserve(f, labels, supports, ofRows, ofSupports);
      gradient.setRows(0, ofRows);
      losses.extendRowsGradient(f, memory, labels, others, lambda, ofSupports, gradient);
      losses.memoryUpdate(memory, both, twice, contrast.update(), contrast.memoryMomentum());
      return loss;
    }
  }

  /** The memory row nearest to each f but its own; -1 if there is one row only. */
  private IntVector nearestOthers(FloatMatrix f, IntVector labels, FloatMatrix memory) {
    long[] own = Arrays.stream(labels.toArray()).asLongStream().toArray();
    try (LongVector exclude = LongVector.of(own);
        LongVector ids = LongVector.allocate(own.length)) {
      // Memory rows have length 1: nearest is largest dot product.
      run.kernels().nearest(f, memory, 1, exclude, ids, null);
      return IntVector.of(Arrays.stream(ids.toArray()).mapToInt(Math::toIntExact).toArray());
    }
  }

  private static IntVector twice(IntVector labels) {
    int[] once = labels.toArray();
    return IntVector.of(IntStream.concat(Arrays.stream(once), Arrays.stream(once)).toArray());
  }

  /** The weighted label-preserving loss; adds its gradients. */
  private double preserve(
      FloatMatrix f,
      IntVector labels,
      FloatMatrix supports,
      FloatMatrix gradient,
      FloatMatrix supportGradient) {
    double weight = options.preservingWeight();
    try (FloatMatrix ofRows = FloatMatrix.allocate(f.rows(), f.cols());
        FloatMatrix ofSupports = FloatMatrix.allocate(f.rows(), f.cols())) {
      double loss =
          losses.labelPreservingLoss(
              f, labels, supports, labels, options.preservingTemperature(), ofRows, ofSupports);
      losses.addScaled(ofRows, weight, gradient);
      losses.addScaled(ofSupports, weight, supportGradient);
      return weight * loss;
    }
  }
}
