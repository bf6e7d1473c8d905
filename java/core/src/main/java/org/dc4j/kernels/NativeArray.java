package org.dc4j.kernels;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.Buffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.dc4j.nativecore.global.dc4j;

/**
 * A block of 64-byte aligned native memory, allocated or a mapped part of a file, with one owner.
 * close() frees it, twice is fine; memory that was never closed is freed with its owner as a safety
 * net, so whatever takes an address from it must refer to it ({@link OwnedPointers}).
 */
final class NativeArray implements AutoCloseable {
  private static final Cleaner CLEANER = Cleaner.create();

  private final Pointer pointer;
  private final Cleaner.Cleanable cleanable;
  private volatile boolean closed;

  NativeArray(long bytes, boolean clear) {
    NativeLibraries.load();
    try (PointerPointer<Pointer> out = new PointerPointer<>(1)) {
      Status.check(dc4j.dc4j_alloc(bytes, out));
      pointer = out.get(0);
    }
    if (clear && bytes > 0) {
      Pointer.memset(pointer, 0, bytes);
    }
    cleanable = CLEANER.register(this, free(pointer));
  }

  private NativeArray(Path file, long offset, long bytes) {
    NativeLibraries.load();
    try (PointerPointer<Pointer> out = new PointerPointer<>(1);
        BytePointer path = new BytePointer(file.toString(), StandardCharsets.UTF_8)) {
      Status.check(dc4j.dc4j_map_file(path, offset, bytes, out));
      pointer = bytes == 0 ? new Pointer() : out.get(0);
    }
    cleanable = CLEANER.register(this, unmap(pointer, offset, bytes));
  }

  /** The bytes [offset, offset + bytes) of a file; offset is a multiple of 64. */
  static NativeArray map(Path file, long offset, long bytes) {
    return new NativeArray(file, offset, bytes);
  }

  // Static, so that what the cleaner holds does not hold the array.
  private static Runnable free(Pointer pointer) {
    return () -> dc4j.dc4j_free(pointer);
  }

  private static Runnable unmap(Pointer pointer, long offset, long bytes) {
    return () -> dc4j.dc4j_unmap(pointer, offset, bytes);
  }

  /** Keeps {@code owner} reachable for as long as the buffer or a view of it is. */
  static <B extends Buffer> B keepWith(B buffer, Object owner) {
    CLEANER.register(buffer, () -> Reference.reachabilityFence(owner));
    return buffer;
  }

  /** The memory; throws after close. Refers to nobody: it is for {@link OwnedPointers}. */
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
