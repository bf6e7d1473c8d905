package org.dc4j.method;

import org.dc4j.config.TrainingPlan;
import org.dc4j.encoder.Encoder;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.GraphKernels;
import org.dc4j.kernels.Kernels;
import org.dc4j.kernels.LossKernels;
import org.dc4j.random.Seeds;

/**
 * What a method works with; it owns none of it.
 *
 * @param plan the run's plan
 * @param seeds root of all randomness
 * @param device where the native kernels run
 * @param encoder the network being trained
 * @param features the clustering pass over the data set
 * @param cameras [n] camera of each image, -1 = unknown; not to be changed
 */
public record MethodContext(
    TrainingPlan plan,
    Seeds seeds,
    DeviceContext device,
    Encoder encoder,
    Features features,
    int[] cameras) {

  /** Number of images N. */
  public int images() {
    return cameras.length;
  }

  public Kernels kernels() {
    return device.kernels();
  }

  public LossKernels losses() {
    return device.losses();
  }

  public GraphKernels graphs() {
    return device.graphs();
  }
}
