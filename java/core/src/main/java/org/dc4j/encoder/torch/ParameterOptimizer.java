package org.dc4j.encoder.torch;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dc4j.encoder.OptimizerSpec;
import org.dc4j.format.StateDict;

/**
 * SGD, Adam or LARC over a list of parameters, with the operations of torch::optim in the same
 * order, so that the bytes agree. Our own, since the presets reach the moments of torch::optim only
 * through unchecked casts, and an exact resume needs them by name. Owns the moments; they exist
 * from the first step on. Every method but {@link #close} is called inside {@link
 * TorchRuntime#call}.
 */
final class ParameterOptimizer implements AutoCloseable {
  private final Map<String, Tensor> parameters;
  private final UpdateRule rule;
  private final Predicate<String> isNeck;
  private final double neckFactor;
  private final Map<String, Tensor> moments = new LinkedHashMap<>();
  private double learningRate;

  private ParameterOptimizer(
      OptimizerSpec spec,
      UpdateRule rule,
      Map<String, Tensor> parameters,
      Predicate<String> isNeck) {
    this.rule = rule;
    this.parameters = parameters;
    this.isNeck = isNeck;
    this.neckFactor = spec.neckFactor();
    this.learningRate = spec.learningRate();
  }

  /** An optimiser of parameters none of which is a neck's. */
  static ParameterOptimizer of(OptimizerSpec spec, Map<String, Tensor> parameters) {
    return of(spec, parameters, name -> false);
  }

  /**
   * An optimiser of {@code parameters}, which may still be filled before the first step.
   *
   * @param isNeck which of them learn at the spec's neck factor
   */
  static ParameterOptimizer of(
      OptimizerSpec spec, Map<String, Tensor> parameters, Predicate<String> isNeck) {
    check(spec);
    UpdateRule rule =
        switch (spec.kind()) {
          case SGD -> new SgdRule(spec);
          case ADAM -> new AdamRule(spec);
          case LARC -> new LarcRule(spec);
        };
    return new ParameterOptimizer(spec, rule, parameters, isNeck);
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
    if (!(spec.neckFactor() > 0 && spec.neckFactor() < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "neck factor " + spec.neckFactor() + " must be > 0 and finite");
    }
  }

  private static void checkLearningRate(double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("learning rate " + value + " must be >= 0 and finite");
    }
  }

  void setLearningRate(double value) {
    checkLearningRate(value);
    learningRate = value;
  }

  /** The rate at which that parameter learns. */
  double learningRate(String name) {
    return isNeck.test(name) ? learningRate * neckFactor : learningRate;
  }

  /** Updates every parameter that has a gradient and drops the gradients. */
  void step() {
    if (parameters.values().stream().noneMatch(parameter -> parameter.grad().defined())) {
      throw new IllegalStateException("step() without a backward() before it: no gradients");
    }
    TorchRuntime.withoutGradients(
        () -> {
          rule.makeMoments(this);
          rule.beginStep(this);
          parameters.forEach(this::updateAndDrop);
        });
  }

  private void updateAndDrop(String name, Tensor parameter) {
    Tensor gradient = parameter.mutable_grad();
    if (gradient.defined()) {
      rule.update(this, name, parameter, gradient);
      // Freed, not zeroed: the next backward then stores instead of adding.
      gradient.reset();
    }
  }

  /** Copies of the moments by name; empty before the first step. */
  StateDict copy() {
    StateDict state = new StateDict();
    moments.forEach((name, tensor) -> state.put(name, TensorBytes.copyOut(tensor)));
    return state;
  }

  /** Takes over what {@link #copy} gave; an empty state forgets the moments. */
  void load(StateDict state) {
    boolean fresh = moments.isEmpty();
    if (state.tensors().isEmpty()) {
      close();
      return;
    }
    rule.makeMoments(this);
    try {
      ParameterSet.load(moments, state);
    } catch (IllegalArgumentException e) {
      if (fresh) {
        close();
      }
      throw new IllegalArgumentException("optimizer state: " + e.getMessage(), e);
    }
  }

  Tensor moment(String name) {
    return moments.get(name);
  }

  void newMoment(String prefix) {
    parameters.forEach(
        (name, parameter) ->
            moments.computeIfAbsent(
                prefix + name,
                key -> TorchRuntime.keep(torch.zeros(TensorBytes.shape(parameter)))));
  }

  void newCounter(String name) {
    TensorOptions type = new TensorOptions(ScalarType.Long);
    moments.computeIfAbsent(name, key -> TorchRuntime.keep(torch.zeros(new long[0], type)));
  }

  @Override
  public void close() {
    moments.values().forEach(Pointer::close);
    moments.clear();
  }
}
