package org.dc4j.kernels;

import java.lang.ref.Cleaner;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.dc4j.nativecore.global.dc4j;

/**
 * A block of 64-byte aligned native memory with one owner. close() frees it, twice is fine; memory
 * that was never closed is freed with its owner as a safety net.
 */
final class NativeArray implements AutoCloseable {
  private static final Cleaner CLEANER = Cleaner.create();

  private static final class Block implements Runnable {
    private final Pointer pointer;

    Block(Pointer pointer) {
      this.pointer = pointer;
    }

    @Override
    public void run() {
      dc4j.dc4j_free(pointer);
    }
  }

  private final Pointer pointer;
  private final Cleaner.Cleanable cleanable;
  private boolean closed;

  NativeArray(long bytes, boolean clear) {
    NativeLibraries.load();
    try (PointerPointer<Pointer> out = new PointerPointer<>(1)) {
      Status.check(dc4j.dc4j_alloc(bytes, out));
      pointer = out.get(0);
    }
    if (clear && bytes > 0) {
      Pointer.memset(pointer, 0, bytes);
    }
    cleanable = CLEANER.register(this, new Block(pointer));
  }

  /** The memory; throws after close. */
  Pointer pointer() {
    if (closed) {
      throw new IllegalStateException("used after close");
    }
    return pointer;
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      cleanable.clean();
    }
  }
}
