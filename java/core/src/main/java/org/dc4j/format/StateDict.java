package org.dc4j.format;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Named tensors in a fixed order: weights, optimiser moments, memories. Not thread-safe. */
public final class StateDict {
  private final Map<String, TensorData> tensors = new LinkedHashMap<>();

  /** Adds a tensor; the name must be new. */
  public StateDict put(String name, TensorData tensor) {
    if (tensors.putIfAbsent(name, tensor) != null) {
      throw new IllegalArgumentException("tensor '" + name + "' is there already");
    }
    return this;
  }

  /** Adds all of {@code other} under {@code prefix + name}. */
  public StateDict putAll(String prefix, StateDict other) {
    other.tensors.forEach((name, tensor) -> put(prefix + name, tensor));
    return this;
  }

  /** The tensor of that name; throws with the name if it is missing. */
  public TensorData get(String name) {
    TensorData tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("tensor '" + name + "' is missing");
    }
    return tensor;
  }

  public boolean contains(String name) {
    return tensors.containsKey(name);
  }

  /** The tensors whose names start with {@code prefix}, the prefix cut off. */
  public StateDict subset(String prefix) {
    StateDict part = new StateDict();
    tensors.forEach(
        (name, tensor) -> {
          if (name.startsWith(prefix)) {
            part.put(name.substring(prefix.length()), tensor);
          }
        });
    return part;
  }

  public Map<String, TensorData> tensors() {
    return Collections.unmodifiableMap(tensors);
  }
}
