package org.dc4j.encoder.torch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dc4j.format.StateDict;

/**
 * The named tensors of a network: trainable parameters and buffers, in the order of registration,
 * which is also the order of the random draws and of a saved file. Owns the tensors. Every method
 * but {@link #close} is called inside {@link TorchRuntime#call}.
 *
 * <p>Our own registry instead of torch::nn::Module: names and order are then plain Java, nothing
 * hangs on the presets' unchecked module casts, and optimisers see exactly the same list.
 */
final class ParameterSet implements AutoCloseable {
  /** Which piece of an encoder a tensor belongs to. */
  enum Part {
    BACKBONE,
    POOLING,
    NECK
  }

  private final Map<String, Tensor> parameters = new LinkedHashMap<>();
  private final Map<String, Tensor> all = new LinkedHashMap<>();
  private final Map<String, Part> parts = new HashMap<>();
  private Part part = Part.BACKBONE;
  private final List<Pointer> owned = new ArrayList<>();

  /** Tensors made from here on belong to that part; the first is the backbone. */
  void begin(Part next) {
    part = next;
  }

  /** Whether that tensor was made as one of that part. */
  boolean isOf(Part which, String name) {
    return parts.get(name) == which;
  }

  /** The tensors of that part by name, in the order they were made. */
  Map<String, Tensor> of(Part which) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    all.forEach(
        (name, tensor) -> {
          if (isOf(which, name)) {
            tensors.put(name, tensor);
          }
        });
    return tensors;
  }

  /** A new parameter of normal(0, deviation) draws from the default generator. */
  Tensor normal(String name, double deviation, long... shape) {
    Tensor tensor = own(torch.zeros(shape));
    TorchRuntime.withoutGradients(() -> torch.normal_(tensor, 0, deviation));
    return register(name, tensor, true);
  }

  /** A new parameter, every entry {@code value}. */
  Tensor constant(String name, double value, long... shape) {
    return register(name, filled(value, shape), true);
  }

  /** A new buffer: saved with the network, not trained. */
  Tensor buffer(String name, double value, long... shape) {
    return register(name, filled(value, shape), false);
  }

  /** A new scalar I64 buffer of 0. */
  Tensor counter(String name) {
    Tensor tensor = own(torch.zeros(new long[0], new TensorOptions(ScalarType.Long)));
    return register(name, tensor, false);
  }

  /** The tensor as libtorch's optional arguments want it; shares the memory, lives as long. */
  TensorOptional optional(Tensor tensor) {
    return own(new TensorOptional(tensor));
  }

  /** The optional argument without a tensor. */
  TensorOptional none() {
    return own(new TensorOptional());
  }

  /** Trainable parameters by name. */
  Map<String, Tensor> parameters() {
    return parameters;
  }

  /** Number of trainable values. */
  long count() {
    long count = 0;
    for (Tensor parameter : parameters.values()) {
      count += parameter.numel();
    }
    return count;
  }

  /** Copies of parameters and buffers. */
  StateDict copy() {
    StateDict state = new StateDict();
    all.forEach((name, tensor) -> state.put(name, TensorBytes.copyOut(tensor)));
    return state;
  }

  /** Overwrites everything; nothing is written if a name or shape does not fit. */
  void load(StateDict state) {
    load(all, state);
  }

  /** Overwrites {@code targets} from exactly the same names; all are checked before the first. */
  static void load(Map<String, Tensor> targets, StateDict state) {
    targets.forEach((name, tensor) -> TensorBytes.check(name, state.get(name), tensor));
    for (String name : state.tensors().keySet()) {
      if (!targets.containsKey(name)) {
        throw new IllegalArgumentException(
            "tensor '" + name + "' is not one of this network's: " + targets.keySet());
      }
    }
    targets.forEach((name, tensor) -> TensorBytes.copyIn(state.get(name), tensor));
  }

  private Tensor filled(double value, long... shape) {
    Tensor tensor = own(torch.zeros(shape));
    if (value != 0) {
      tensor.fill_(new Scalar(value));
    }
    return tensor;
  }

  private Tensor register(String name, Tensor tensor, boolean trainable) {
    if (all.putIfAbsent(name, tensor) != null) {
      throw new IllegalStateException("tensor '" + name + "' is registered twice");
    }
    parts.put(name, part);
    if (trainable) {
      tensor.set_requires_grad(true);
      parameters.put(name, tensor);
    }
    return tensor;
  }

  private <P extends Pointer> P own(P pointer) {
    owned.add(TorchRuntime.keep(pointer));
    return pointer;
  }

  @Override
  public void close() {
    owned.forEach(Pointer::close);
    owned.clear();
    parameters.clear();
    all.clear();
  }
}
