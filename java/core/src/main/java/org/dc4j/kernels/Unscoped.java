package org.dc4j.kernels;

import java.util.function.Supplier;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;

/**
 * Makes native objects that no PointerScope of a caller's knows: it would free those that outlive
 * it, and keep those that are closed before its end.
 */
final class Unscoped {
  private Unscoped() {}

  /** What {@code maker} makes, for an owner that closes it. */
  @SuppressWarnings("try") // a scope works by being open
  static <P extends Pointer> P make(Supplier<P> maker) {
    try (PointerScope own = new PointerScope()) {
      P made = maker.get();
      made.retainReference();
      return made;
    }
  }
}
