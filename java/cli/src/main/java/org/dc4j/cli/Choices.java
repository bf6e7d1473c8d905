package org.dc4j.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.dc4j.config.NearestName;

/** Options whose values are words. */
final class Choices {
  private Choices() {}

  static <T> Map<String, T> of(String first, T one, String second, T two) {
    Map<String, T> choices = new LinkedHashMap<>();
    choices.put(first, one);
    choices.put(second, two);
    return choices;
  }

  static <T> Map<String, T> of(String first, T one, String second, T two, String third, T three) {
    Map<String, T> choices = of(first, one, second, two);
    choices.put(third, three);
    return choices;
  }

  /** What {@code word} stands for; the error lists the words in their order. */
  static <T> T choose(String option, String word, Map<String, T> choices) {
    T choice = choices.get(word);
    if (choice == null) {
      throw unknown(option, word, choices.keySet());
    }
    return choice;
  }

  static IllegalArgumentException unknown(String option, String word, Set<String> accepted) {
    return new IllegalArgumentException(
        "%s is '%s'%s accepted: %s"
            .formatted(
                option,
                word,
                NearestName.of(word, accepted).map(n -> "; did you mean '" + n + "'?").orElse(";"),
                String.join(", ", accepted)));
  }
}
