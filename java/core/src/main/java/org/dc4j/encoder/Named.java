package org.dc4j.encoder;

import java.util.Arrays;
import java.util.stream.Collectors;

/** A constant that the command line and files call by a word of its own. */
interface Named {
  /** Name on the command line and in files. */
  String label();

  /** The constant of that name; the error lists all names. */
  static <E extends Enum<E> & Named> E of(Class<E> type, String what, String label) {
    E[] all = type.getEnumConstants();
    return Arrays.stream(all)
        .filter(constant -> constant.label().equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    what
                        + " '"
                        + label
                        + "'; accepted: "
                        + Arrays.stream(all).map(Named::label).collect(Collectors.joining(", "))));
  }
}
