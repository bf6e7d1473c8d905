package org.dc4j.kernels;

import java.util.ArrayDeque;
import org.bytedeco.javacpp.DoublePointer;

/**
 * Eight native bytes that a kernel writes its one number to. Allocating them takes longer than a
 * loss of a few rows does, so a context keeps those that were given back. Closing gives back.
 */
final class OutNumber implements AutoCloseable {
  private final Shelf shelf;
  private final DoublePointer pointer = Unscoped.make(() -> new DoublePointer(1));

  private OutNumber(Shelf shelf) {
    this.shelf = shelf;
  }

  /** Where the kernel writes. */
  DoublePointer pointer() {
    return pointer;
  }

  double get() {
    return pointer.get();
  }

  @Override
  public void close() {
    shelf.giveBack(this);
  }

  /** Owner of the numbers of a context; may be used from any thread. */
  static final class Shelf implements AutoCloseable {
    private final ArrayDeque<OutNumber> idle = new ArrayDeque<>();
    private boolean closed;

    /** A number that is 0. */
    synchronized OutNumber take() {
      OutNumber number = idle.isEmpty() ? new OutNumber(this) : idle.pop();
      number.pointer.put(0);
      return number;
    }

    private synchronized void giveBack(OutNumber number) {
      if (closed) {
        number.pointer.close();
      } else {
        idle.push(number);
      }
    }

    @Override
    public synchronized void close() {
      closed = true;
      idle.forEach(number -> number.pointer.close());
      idle.clear();
    }
  }
}
