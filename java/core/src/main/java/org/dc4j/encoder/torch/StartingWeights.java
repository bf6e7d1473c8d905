package org.dc4j.encoder.torch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.dc4j.encoder.LoadedWeights;
import org.dc4j.encoder.torch.ParameterSet.Part;
import org.dc4j.format.StateDict;

/**
 * Weights trained elsewhere for an encoder of ours: the backbone must be whole, pooling and neck
 * are whole or absent. The counters of batch norm, which nothing reads, may be missing; older files
 * do not have them.
 */
final class StartingWeights {
  private static final String COUNTER = ".num_batches_tracked";

  /** Prefixes of classifiers: torchvision's, its GoogLeNet's auxiliary ones, DeepCluster's. */
  private static final List<String> CLASSIFIERS = List.of("fc.", "aux1.", "aux2.", "top_layer.");

  private StartingWeights() {}

  /**
   * Overwrites what {@code state} has; all of it is checked before the first byte is written.
   * Inside {@link TorchRuntime#call}.
   *
   * @throws IllegalArgumentException naming the tensor that is missing, shaped otherwise or unknown
   */
  static LoadedWeights load(ParameterSet set, StateDict state) {
    Map<String, Tensor> targets = new LinkedHashMap<>();
    List<String> fresh = new ArrayList<>();
    for (Part part : Part.values()) {
      Map<String, Tensor> tensors = set.of(part);
      String first = tensors.keySet().stream().filter(state::contains).findFirst().orElse(null);
      if (first != null || part == Part.BACKBONE) {
        targets.putAll(wanted(tensors, state, part, first));
      } else if (!tensors.isEmpty()) {
        fresh.add(part.name().toLowerCase(Locale.ROOT));
      }
    }
    targets.forEach((name, tensor) -> TensorBytes.check(name, state.get(name), tensor));
    List<String> ignored = new ArrayList<>();
    for (String name : state.tensors().keySet()) {
      if (!targets.containsKey(name)) {
        ignored.add(ofClassifier(name));
      }
    }
    targets.forEach((name, tensor) -> TensorBytes.copyIn(state.get(name), tensor));
    return new LoadedWeights(fresh, ignored);
  }

  private static Map<String, Tensor> wanted(
      Map<String, Tensor> tensors, StateDict state, Part part, String first) {
    Map<String, Tensor> wanted = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          if (state.contains(name)) {
            wanted.put(name, tensor);
          } else if (!name.endsWith(COUNTER)) {
            throw new IllegalArgumentException(missing(name, part, first));
          }
        });
    return wanted;
  }

  private static String missing(String name, Part part, String first) {
    if (part == Part.BACKBONE) {
      return "tensor '%s' of the backbone is missing".formatted(name);
    }
    return "tensor '%s' is missing though '%s' is there; accepted: all tensors of the %s or none"
        .formatted(name, first, part.name().toLowerCase(Locale.ROOT));
  }

  private static String ofClassifier(String name) {
    if (CLASSIFIERS.stream().noneMatch(name::startsWith)) {
      throw new IllegalArgumentException(
          "tensor '%s' is not one of this network's; accepted beside those: a classifier's, %s"
              .formatted(name, CLASSIFIERS));
    }
    return name;
  }
}
