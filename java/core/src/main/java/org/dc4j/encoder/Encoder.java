package org.dc4j.encoder;

import org.dc4j.format.StateDict;
import org.dc4j.kernels.FloatMatrix;

/**
 * A trainable network from images to embedding rows, with its optimiser. Owns native memory: close
 * it. Not thread-safe; used from one thread. Same seed and thread count, same bytes on the CPU.
 */
public interface Encoder extends AutoCloseable {
  EncoderSpec spec();

  /** Trainable and total numbers of parameters, for plans and reports. */
  long parameterCount();

  /**
   * Embeddings in evaluation mode (dropout off, running batch statistics), before the last ReLU.
   *
   * @param images [b x (C*H*W)], C, H, W order
   * @param out [b x embedding]
   */
  void embed(FloatMatrix images, FloatMatrix out);

  /**
   * Training-mode forward pass whose output is the embedding itself (before the last ReLU), for
   * losses on embeddings.
   *
   * @param images [b x (C*H*W)], read again by {@link TrainingPass#backward}: neither close nor
   *     overwrite them before
   * @param dropoutSeed key of this step's dropout masks
   */
  TrainingPass forward(FloatMatrix images, long dropoutSeed);

  /**
   * {@link #forward(FloatMatrix, long)} of images of another size, for multi-crop losses. Gradients
   * of several passes add up until {@link #step}.
   *
   * @param images [b x (C*height*width)]
   */
  TrainingPass forward(FloatMatrix images, int height, int width, long dropoutSeed);

  /**
   * Training-mode forward pass through the last ReLU and {@code head}; the output is the logits.
   */
  TrainingPass forward(FloatMatrix images, LinearHead head, long dropoutSeed);

  /** One optimiser step with the gradients of the last backward, then clears them. */
  void step();

  void setLearningRate(double learningRate);

  /**
   * A new classifier on the embeddings: Linear(embedding, classes), weight N(0, 0.01), bias 0, with
   * an optimiser of its own. The caller closes it.
   */
  LinearHead newHead(int classes, OptimizerSpec optimizer, long seed);

  /** Copies of weights and buffers, named as torch would: "features.0.weight", ... */
  StateDict weights();

  /** Loads weights; every name must be there with its shape, errors name the tensor. */
  void loadWeights(StateDict weights);

  /**
   * Loads weights trained elsewhere: the backbone, and pooling and neck if {@code weights} has all
   * of their tensors; without any, they stay as they are. A missing num_batches_tracked is no error
   * and a classifier's tensors ("fc.", "aux1.", "aux2.", "top_layer.") are left out.
   *
   * @throws IllegalArgumentException naming the tensor, with nothing loaded: one of the backbone is
   *     missing, a part is there in part, a shape is another, or a tensor is unknown
   */
  LoadedWeights startFrom(StateDict weights);

  /** Copies of the optimiser's moments; empty before the first step. */
  StateDict optimizerState();

  void loadOptimizerState(StateDict state);

  @Override
  void close();
}
