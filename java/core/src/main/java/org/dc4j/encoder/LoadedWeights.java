package org.dc4j.encoder;

import java.util.ArrayList;
import java.util.List;

/**
 * What {@link Encoder#startFrom} made of a file.
 *
 * @param fresh parts the file does not have, left as drawn: "pooling", "neck"
 * @param ignored tensors of a classifier that this encoder does not have, in the file's order
 */
public record LoadedWeights(List<String> fresh, List<String> ignored) {
  public LoadedWeights {
    fresh = List.copyOf(fresh);
    ignored = List.copyOf(ignored);
  }

  /** For the user: "neck left as drawn; ignored fc.weight, fc.bias", empty if all was taken. */
  public String text() {
    List<String> parts = new ArrayList<>();
    if (!fresh.isEmpty()) {
      parts.add(String.join(" and ", fresh) + " left as drawn");
    }
    if (!ignored.isEmpty()) {
      parts.add("ignored " + String.join(", ", ignored));
    }
    return String.join("; ", parts);
  }
}
