package org.dc4j.encoder.torch;

import java.lang.ref.Reference;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dc4j.encoder.Encoder;
import org.dc4j.encoder.EncoderSpec;
import org.dc4j.encoder.LinearHead;
import org.dc4j.encoder.LoadedWeights;
import org.dc4j.encoder.OptimizerSpec;
import org.dc4j.encoder.TrainingPass;
import org.dc4j.format.StateDict;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.random.Seeds;

/**
 * An {@link Encoder} on libtorch. Images are read and embeddings written in place (tensors over the
 * matrices' memory); each call frees what it made before it returns, a training pass when it is
 * closed.
 */
final class TorchEncoder implements Encoder {
  private final EncoderSpec spec;
  private final int threads;
  private final ParameterSet parameters = new ParameterSet();
  private final Network network;
  private final ParameterOptimizer optimizer;
  private final long parameterCount;
  private boolean closed;

  TorchEncoder(EncoderSpec spec, OptimizerSpec optimizerSpec, long seed, int threads) {
    this.spec = spec;
    this.threads = threads;
    this.optimizer =
        ParameterOptimizer.of(
            optimizerSpec,
            parameters.parameters(),
            name -> parameters.isOf(ParameterSet.Part.NECK, name));
    try {
      this.network =
          TorchRuntime.call(
              threads,
              "making the network " + spec.backbone().label(),
              () -> {
                torch.manual_seed(new Seeds(seed).key("encoder/init"));
                return new EncoderNetwork(spec, parameters);
              });
    } catch (RuntimeException e) {
      parameters.close(); // a neck that does not fit is found with the backbone already made
      throw e;
    }
    this.parameterCount = parameters.count();
  }

  @Override
  public EncoderSpec spec() {
    return spec;
  }

  @Override
  public long parameterCount() {
    return parameterCount;
  }

  @Override
  public void embed(FloatMatrix images, FloatMatrix out) {
    checkOpen();
    checkImages(images, spec.height(), spec.width());
    if (out.rows() != images.rows() || out.cols() != spec.embedding()) {
      throw new IllegalArgumentException(
          "out is [%d x %d], the embeddings of these images are [%d x %d]"
              .formatted(out.rows(), out.cols(), images.rows(), spec.embedding()));
    }
    if (images.rows() == 0) {
      return;
    }
    TorchRuntime.run(
        threads,
        "embedding " + images.rows() + " images",
        () ->
            TorchRuntime.withoutGradients(
                () -> {
                  Tensor result =
                      network.embedding(tensor(images, spec.height(), spec.width()), false);
                  torch.from_blob(out.pointer(), out.rows(), out.cols()).copy_(result);
                }));
    Reference.reachabilityFence(images); // the tensors over them do not refer to them
    Reference.reachabilityFence(out);
  }

  @Override
  public TrainingPass forward(FloatMatrix images, long dropoutSeed) {
    return record(images, spec.height(), spec.width(), dropoutSeed, null);
  }

  @Override
  public TrainingPass forward(FloatMatrix images, int height, int width, long dropoutSeed) {
    return record(images, height, width, dropoutSeed, null);
  }

  @Override
  public TrainingPass forward(FloatMatrix images, LinearHead head, long dropoutSeed) {
    if (!(head instanceof TorchLinearHead linear)) {
      throw new IllegalArgumentException("the head must come from newHead() of such an encoder");
    }
    linear.checkOpen();
    if (linear.embedding() != spec.embedding()) {
      throw new IllegalArgumentException(
          "the head takes embeddings of %d values, this encoder gives %d"
              .formatted(linear.embedding(), spec.embedding()));
    }
    return record(images, spec.height(), spec.width(), dropoutSeed, linear);
  }

  private TrainingPass record(
      FloatMatrix images, int height, int width, long dropoutSeed, TorchLinearHead head) {
    checkOpen();
    checkImages(images, height, width);
    if (images.rows() == 0) {
      throw new IllegalArgumentException("a forward pass needs at least one image");
    }
    return TorchRuntime.call(
        threads,
        "forward pass of " + images.rows() + " images",
        () -> {
          torch.manual_seed(dropoutSeed);
          Tensor embedding = network.embedding(tensor(images, height, width), true);
          if (head == null) {
            return new TorchTrainingPass(threads, images, embedding, embedding);
          }
          Tensor activated = embedding.relu();
          return new TorchTrainingPass(threads, images, activated, head.forward(activated));
        });
  }

  private Tensor tensor(FloatMatrix images, int height, int width) {
    return torch.from_blob(images.pointer(), images.rows(), spec.channels(), height, width);
  }

  @Override
  public void step() {
    checkOpen();
    TorchRuntime.run(threads, "optimizer step", optimizer::step);
  }

  @Override
  public void setLearningRate(double learningRate) {
    checkOpen();
    optimizer.setLearningRate(learningRate);
  }

  @Override
  public LinearHead newHead(int classes, OptimizerSpec optimizer, long seed) {
    checkOpen();
    return new TorchLinearHead(threads, spec.embedding(), classes, optimizer, seed);
  }

  @Override
  public StateDict weights() {
    checkOpen();
    return TorchRuntime.call(threads, "copying the weights", parameters::copy);
  }

  @Override
  public void loadWeights(StateDict weights) {
    checkOpen();
    TorchRuntime.run(threads, "loading weights", () -> parameters.load(weights));
  }

  @Override
  public LoadedWeights startFrom(StateDict weights) {
    checkOpen();
    return TorchRuntime.call(
        threads, "loading weights", () -> StartingWeights.load(parameters, weights));
  }

  @Override
  public StateDict optimizerState() {
    checkOpen();
    return TorchRuntime.call(threads, "copying the optimizer state", optimizer::copy);
  }

  @Override
  public void loadOptimizerState(StateDict state) {
    checkOpen();
    TorchRuntime.run(threads, "loading the optimizer state", () -> optimizer.load(state));
  }

  private void checkImages(FloatMatrix images, int height, int width) {
    long size = (long) spec.channels() * height * width;
    if (height < 1 || width < 1 || images.cols() != size) {
      throw new IllegalArgumentException(
          "images have %d values per row, this encoder takes %d x %d x %d = %d"
              .formatted(images.cols(), spec.channels(), height, width, size));
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("encoder used after close");
    }
  }

  @Override
  public void close() {
    closed = true;
    optimizer.close();
    parameters.close();
  }
}
