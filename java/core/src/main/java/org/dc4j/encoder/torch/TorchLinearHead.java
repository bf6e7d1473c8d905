package org.dc4j.encoder.torch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dc4j.encoder.LinearHead;
import org.dc4j.encoder.OptimizerSpec;
import org.dc4j.format.StateDict;
import org.dc4j.random.Seeds;

/** Linear(embedding, classes), weight N(0, 0.01), bias 0. */
final class TorchLinearHead implements LinearHead {
  private static final double DEVIATION = 0.01;
  private static final String OPTIMIZER = "optimizer.";

  private final int threads;
  private final int embedding;
  private final int classes;
  private final ParameterSet parameters = new ParameterSet();
  private final Layers.Linear linear;
  private final ParameterOptimizer optimizer;
  private boolean closed;

  TorchLinearHead(int threads, int embedding, int classes, OptimizerSpec spec, long seed) {
    if (classes < 1) {
      throw new IllegalArgumentException("classes " + classes + " must be >= 1");
    }
    this.threads = threads;
    this.embedding = embedding;
    this.classes = classes;
    this.optimizer = ParameterOptimizer.of(spec, parameters.parameters());
    this.linear =
        TorchRuntime.call(
            threads,
            "making a head of " + classes + " classes",
            () -> {
              torch.manual_seed(new Seeds(seed).key("head/init"));
              return new Layers.Linear(parameters, "", embedding, classes, DEVIATION);
            });
  }

  int embedding() {
    return embedding;
  }

  /** Logits [b x classes] of activated embeddings [b x embedding]. */
  Tensor forward(Tensor activations) {
    return linear.forward(activations);
  }

  @Override
  public int classes() {
    return classes;
  }

  @Override
  public void setLearningRate(double learningRate) {
    checkOpen();
    optimizer.setLearningRate(learningRate);
  }

  @Override
  public void step() {
    checkOpen();
    TorchRuntime.run(threads, "optimizer step of the head", optimizer::step);
  }

  @Override
  public StateDict state() {
    checkOpen();
    return TorchRuntime.call(
        threads, "copying the head", () -> parameters.copy().putAll(OPTIMIZER, optimizer.copy()));
  }

  @Override
  public void loadState(StateDict state) {
    checkOpen();
    StateDict weights = new StateDict();
    state
        .tensors()
        .forEach(
            (name, tensor) -> {
              if (!name.startsWith(OPTIMIZER)) {
                weights.put(name, tensor);
              }
            });
    TorchRuntime.run(
        threads,
        "loading the head",
        () -> {
          parameters.load(weights);
          optimizer.load(state.subset(OPTIMIZER));
        });
  }

  void checkOpen() {
    if (closed) {
      throw new IllegalStateException("linear head used after close");
    }
  }

  @Override
  public void close() {
    closed = true;
    optimizer.close();
    parameters.close();
  }
}
