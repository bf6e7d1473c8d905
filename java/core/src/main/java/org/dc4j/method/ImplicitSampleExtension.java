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
 *       with several supports, one for each of the nearest such rows;
 *   <li>InfoNCE of [f; s] with labels [y; y] against the memory, plus preservingWeight times the
 *       label-preserving loss of f against all s; the gradient of a support goes on to its f;
 *   <li>momentum update of the memory with [f; s].
 * </ol>
 */
public final class ImplicitSampleExtension {
  private static final double SHARE = 0.25; // the authors' 0.5 twice

  /**
   * Constants of the method; those up to cameras are {@link ClusterContrast.Options}'.
   *
   * @param supports support samples of an image, one towards each of its nearest other clusters
   *     (published: 1; the authors' topK)
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
      int supports,
      double extension,
      double preservingWeight,
      double preservingTemperature) {
    public Options {
      PlanDemands.range("supports", supports, 1, 1024);
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
    // One cluster alone has no other: its images are their own supports.
    int count = (int) Math.max(1, Math.min(options.supports(), memory.rows() - 1));
    long rows = f.rows();
    int[] others = nearestOthers(f, labels, memory, count);
    try (IntVector allLabels = repeated(labels, 1 + count);
        IntVector supportLabels = repeated(labels, count);
        FloatMatrix all = FloatMatrix.allocate((1 + count) * rows, f.cols());
        FloatMatrix supports = all.rowRange(rows, count * rows);
        FloatMatrix allGradient = FloatMatrix.allocate((1 + count) * rows, f.cols());
        FloatMatrix ofRows = allGradient.rowRange(0, rows);
        FloatMatrix ofSupports = allGradient.rowRange(rows, count * rows)) {
      all.setRows(0, f);
      for (int s = 0; s < count; s++) {
        try (IntVector other = IntVector.of(others(others, count, s));
            FloatMatrix extended = supports.rowRange(s * rows, rows)) {
          losses.extendRows(f, memory, labels, other, lambda, extended);
        }
      }
      double loss = losses.infoNce(all, memory, allLabels, contrast.temperature(), allGradient);
      loss += preserve(f, labels, supports, supportLabels, ofRows, ofSupports);
      gradient.setRows(0, ofRows);
      for (int s = 0; s < count; s++) {
        try (IntVector other = IntVector.of(others(others, count, s));
            FloatMatrix ofExtended = ofSupports.rowRange(s * rows, rows)) {
          losses.extendRowsGradient(f, memory, labels, other, lambda, ofExtended, gradient);
        }
      }
      losses.memoryUpdate(memory, all, allLabels, contrast.update(), contrast.memoryMomentum());
      return loss;
    }
  }

  /**
   * The memory rows nearest to each f but its own; -1 if there is one row only.
   *
   * @return [rows x count]
   */
  private int[] nearestOthers(FloatMatrix f, IntVector labels, FloatMatrix memory, int count) {
    long[] own = Arrays.stream(labels.toArray()).asLongStream().toArray();
    try (LongVector exclude = LongVector.of(own);
        LongVector ids = LongVector.allocate((long) own.length * count)) {
      // Memory rows have length 1: nearest is largest dot product.
      run.kernels().nearest(f, memory, count, exclude, ids, null);
      return Arrays.stream(ids.toArray()).mapToInt(Math::toIntExact).toArray();
    }
  }

  /** Column s of [rows x count]. */
  private static int[] others(int[] nearest, int count, int s) {
    return IntStream.range(0, nearest.length / count).map(i -> nearest[i * count + s]).toArray();
  }

  private static IntVector repeated(IntVector labels, int times) {
    int[] once = labels.toArray();
    return IntVector.of(
        IntStream.range(0, times * once.length).map(i -> once[i % once.length]).toArray());
  }

  /** The weighted label-preserving loss; adds its gradients. */
  private double preserve(
      FloatMatrix f,
      IntVector labels,
      FloatMatrix supports,
      IntVector supportLabels,
      FloatMatrix gradient,
      FloatMatrix supportGradient) {
    double weight = options.preservingWeight();
    double temperature = options.preservingTemperature();
    try (FloatMatrix ofRows = FloatMatrix.allocate(f.rows(), f.cols());
        FloatMatrix ofSupports = FloatMatrix.allocate(supports.rows(), f.cols())) {
      double loss =
          losses.labelPreservingLoss(
              f, labels, supports, supportLabels, temperature, ofRows, ofSupports);
      losses.addScaled(ofRows, weight, gradient);
      losses.addScaled(ofSupports, weight, supportGradient);
      return weight * loss;
    }
  }
}
