package org.dc4j.encoder.torch;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dc4j.encoder.OptimizerSpec;
import org.dc4j.format.StateDict;

/**
 * SGD or Adam over a list of parameters, with the operations of torch::optim in the same order, so
 * that the bytes agree. Our own, since the presets reach the moments of torch::optim only through
 * unchecked casts, and an exact resume needs them by name. Owns the moments; they exist from the
 * first step on. Every method but {@link #close} is called inside {@link TorchRuntime#call}.
 */
abstract class ParameterOptimizer implements AutoCloseable {
  private final Map<String, Tensor> parameters;
  private final Map<String, Tensor> moments = new LinkedHashMap<>();
  private double learningRate;

  private ParameterOptimizer(Map<String, Tensor> parameters, double learningRate) {
    this.parameters = parameters;
    this.learningRate = learningRate;
  }

  static ParameterOptimizer of(OptimizerSpec spec, Map<String, Tensor> parameters) {
    check(spec);
    return switch (spec.kind()) {
      case SGD -> new Sgd(spec, parameters);
      case ADAM -> new Adam(spec, parameters);
    };
  }

  /** Throws IllegalArgumentException for constants outside their ranges. */
  static void check(OptimizerSpec spec) {
    checkLearningRate(spec.learningRate());
    if (!(spec.momentum() >= 0 && spec.momentum() < 1)) {
      throw new IllegalArgumentException("momentum " + spec.momentum() + " must be in [0, 1)");
    }
    if (!(spec.weightDecay() >= 0 && spec.weightDecay() < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "weight decay " + spec.weightDecay() + " must be >= 0 and finite");
    }
  }

  private static void checkLearningRate(double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("learning rate " + value + " must be >= 0 and finite");
    }
  }

  final void setLearningRate(double value) {
    checkLearningRate(value);
    learningRate = value;
  }

  final double learningRate() {
    return learningRate;
  }

  /** Updates every parameter that has a gradient and drops the gradients. */
  final void step() {
    if (parameters.values().stream().noneMatch(parameter -> parameter.grad().defined())) {
      throw new IllegalStateException("step() without a backward() before it: no gradients");
    }
    try (NoGradGuard guard = new NoGradGuard()) {
      if (moments.isEmpty()) {
        newMoments();
      }
      beginStep();
      parameters.forEach(
          (name, parameter) -> {
            Tensor gradient = parameter.mutable_grad();
            if (gradient.defined()) {
              update(name, parameter, gradient);
              // Freed, not zeroed: the next backward then stores instead of adding.
              gradient.reset();
            }
          });
    }
  }

  /** Copies of the moments by name; empty before the first step. */
  final StateDict copy() {
    StateDict state = new StateDict();
    moments.forEach((name, tensor) -> state.put(name, TensorBytes.copyOut(tensor)));
    return state;
  }

  /** Takes over what {@link #copy} gave; an empty state forgets the moments. */
  final void load(StateDict state) {
    boolean fresh = moments.isEmpty();
    if (state.tensors().isEmpty()) {
      close();
      return;
    }
    newMoments();
    try {
      ParameterSet.load(moments, state);
    } catch (IllegalArgumentException e) {
      if (fresh) {
        close();
      }
      throw new IllegalArgumentException("optimizer state: " + e.getMessage(), e);
    }
  }

  /** Makes the moments that are not there yet. */
  abstract void newMoments();

  /** Once per step, before the updates. */
  abstract void beginStep();

  abstract void update(String name, Tensor parameter, Tensor gradient);

  final Tensor moment(String name) {
    return moments.get(name);
  }

  final void newMoment(String prefix) {
    parameters.forEach(
        (name, parameter) ->
            moments.computeIfAbsent(
                prefix + name,
                key -> TorchRuntime.keep(torch.zeros(TensorBytes.shape(parameter)))));
  }

  final void newCounter(String name) {
    TensorOptions type = new TensorOptions(ScalarType.Long);
    moments.computeIfAbsent(name, key -> TorchRuntime.keep(torch.zeros(new long[0], type)));
  }

  @Override
  public final void close() {
    moments.values().forEach(Pointer::close);
    moments.clear();
  }

  /** g += wd w; v = m v + g; w -= lr v (Sutskever et al. 2013 as in PyTorch, no dampening). */
  private static final class Sgd extends ParameterOptimizer {
    private static final String BUFFER = "momentum_buffer.";
    private final double momentum;
    private final double weightDecay;

    Sgd(OptimizerSpec spec, Map<String, Tensor> parameters) {
      super(parameters, spec.learningRate());
      this.momentum = spec.momentum();
      this.weightDecay = spec.weightDecay();
    }

    @Override
    void newMoments() {
      if (momentum != 0) {
        newMoment(BUFFER);
      }
    }

    @Override
    void beginStep() {}

    @Override
    void update(String name, Tensor parameter, Tensor gradient) {
      Tensor direction = gradient;
      if (weightDecay != 0) {
        direction = gradient.add_(parameter, new Scalar(weightDecay));
      }
      if (momentum != 0) {
        direction = moment(BUFFER + name).mul_(new Scalar(momentum)).add_(direction);
      }
      parameter.add_(direction, new Scalar(-learningRate()));
    }
  }

  /** Kingma and Ba 2015 with beta2 0.999, epsilon 1e-8 and bias correction; g += wd w. */
  private static final class Adam extends ParameterOptimizer {
    private static final String FIRST = "exp_avg.";
    private static final String SECOND = "exp_avg_sq.";
    private static final String STEP = "step";
    private static final double BETA2 = 0.999;
    private static final double EPSILON = 1e-8;
    private final double beta1;
    private final double weightDecay;

    Adam(OptimizerSpec spec, Map<String, Tensor> parameters) {
      super(parameters, spec.learningRate());
      this.beta1 = spec.momentum();
      this.weightDecay = spec.weightDecay();
    }

    @Override
    void newMoments() {
      newCounter(STEP);
      newMoment(FIRST);
      newMoment(SECOND);
    }

    @Override
    void beginStep() {
      moment(STEP).add_(new Scalar(1L));
    }

    @Override
    void update(String name, Tensor parameter, Tensor gradient) {
      if (weightDecay != 0) {
        gradient.add_(parameter, new Scalar(weightDecay));
      }
      long step = moment(STEP).item_long();
      Tensor first = moment(FIRST + name);
      Tensor second = moment(SECOND + name);
      first.mul_(new Scalar(beta1)).add_(gradient, new Scalar(1 - beta1));
      second.mul_(new Scalar(BETA2)).addcmul_(gradient, gradient, new Scalar(1 - BETA2));
      double correction1 = 1 - Math.pow(beta1, step);
      double correction2 = 1 - Math.pow(BETA2, step);
      Tensor scale = second.sqrt().div_(new Scalar(Math.sqrt(correction2)));
      scale.add_(new Scalar(EPSILON));
      parameter.addcdiv_(first, scale, new Scalar(-learningRate() / correction1));
    }
  }
}
