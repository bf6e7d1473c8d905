package org.dc4j.method;

import org.dc4j.config.TrainingPlan;
import org.dc4j.encoder.Encoder;
import org.dc4j.kernels.Kernels;
import org.dc4j.random.Seeds;

/**
 * What a method works with; it owns none of it.
 *
 * @param plan the run's plan
 * @param seeds root of all randomness
 * @param kernels native kernels
 * @param encoder the network being trained
 * @param features the clustering pass over the data set
 * @param images number of images N
 */
public record MethodContext(
    TrainingPlan plan,
    Seeds seeds,
    Kernels kernels,
    Encoder encoder,
    Features features,
    int images) {}
