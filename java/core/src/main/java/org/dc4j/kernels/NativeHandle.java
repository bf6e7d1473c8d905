package org.dc4j.kernels;

import java.lang.ref.Reference;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.bytedeco.javacpp.Pointer;

/**
 * A native object with one owner, freed by close() and not before the calls that use it have
 * returned: close waits for those under way, calls after it throw. For the packages that bind
 * native libraries. Thread-safe; close twice is fine.
 */
public final class NativeHandle<P extends Pointer> implements AutoCloseable {
  private final P pointer;
  private final String name;
  private final Consumer<P> free;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean closed; // under the lock

  /**
   * @param pointer owned from now on
   * @param name what messages call it
   * @param free called once, by the close that comes first
   */
  public NativeHandle(P pointer, String name, Consumer<P> free) {
    this.pointer = pointer;
    this.name = name;
    this.free = free;
  }

  /**
   * A call that uses the object; several threads may make one at a time.
   *
   * @throws IllegalStateException after close
   */
  public <T> T use(Function<P, T> call) {
    Lock held = lock.readLock();
    held.lock();
    try {
      if (closed) {
        throw new IllegalStateException(name + " used after close");
      }
      return call.apply(pointer);
    } finally {
      held.unlock();
      // What free refers to is used by native code during the call, such as callbacks.
      Reference.reachabilityFence(this);
    }
  }

  /** {@link #use} for a call to libdc4j that gives a status. */
  void check(ToIntFunction<P> call) {
    use(
        open -> {
          Status.check(call.applyAsInt(open));
          return null;
        });
  }

  /**
   * Frees the object.
   *
   * @throws IllegalStateException within a call that uses it, which would wait for itself
   */
  @Override
  public void close() {
    if (lock.getReadHoldCount() > 0) {
      throw new IllegalStateException(name + " closed within a call that uses it");
    }
    Lock held = lock.writeLock();
    held.lock();
    try {
      if (!closed) {
        closed = true;
        free.accept(pointer);
      }
    } finally {
      held.unlock();
    }
  }
}
