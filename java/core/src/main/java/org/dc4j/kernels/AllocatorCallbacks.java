package org.dc4j.kernels;

import java.util.concurrent.Semaphore;
import org.bytedeco.javacpp.FunctionPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.dc4j.nativecore.DeviceAllocate;
import org.dc4j.nativecore.DeviceRelease;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A {@link DeviceAllocator} as the two functions that native code calls; owned by the context that
 * uses it. JavaCPP has entries for ten at a time in a process.
 */
final class AllocatorCallbacks implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AllocatorCallbacks.class);
  private static final int MOST = 10; // JavaCPP's default for a type of function
  private static final Semaphore ENTRIES = new Semaphore(MOST);
  private final DeviceAllocate allocate;
  private final DeviceRelease release;
  private boolean closed;

  AllocatorCallbacks(DeviceAllocator source) {
    if (!ENTRIES.tryAcquire()) {
      throw new IllegalStateException(
          "%d contexts have an allocator of their own, as many as JavaCPP has entries for"
              .formatted(MOST));
    }
    allocate = Unscoped.make(() -> new Allocate(source));
    release = Unscoped.make(() -> new Release(source));
    if (hasNoEntry(allocate) || hasNoEntry(release)) {
      close(); // native code would take the context's own pool
      throw new IllegalStateException(
          "JavaCPP has no entry left for an allocator: %d of each type of function are in use"
              .formatted(MOST));
    }
  }

  /** Where all are taken, JavaCPP makes the object without a function, its first field. */
  private static boolean hasNoEntry(FunctionPointer made) {
    return made.isNull() || new LongPointer(made).get(0) == 0;
  }

  DeviceAllocate allocate() {
    return allocate;
  }

  DeviceRelease release() {
    return release;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    allocate.close();
    release.close();
    ENTRIES.release();
  }

  private static final class Allocate extends DeviceAllocate {
    private final DeviceAllocator source;

    Allocate(DeviceAllocator source) {
      this.source = source;
    }

    @Override
    public Pointer call(long bytes, Pointer stream, Pointer owner) {
      try {
        return source.allocate(bytes, stream);
      } catch (Exception | Error e) { // native code has no use for it
        LOG.error("the allocator failed to give {} bytes", bytes, e);
        return null;
      }
    }
  }

  private static final class Release extends DeviceRelease {
    private final DeviceAllocator source;

    Release(DeviceAllocator source) {
      this.source = source;
    }

    @Override
    public void call(Pointer memory, long bytes, Pointer stream, Pointer owner) {
      try {
        source.release(memory, bytes, stream);
      } catch (Exception | Error e) {
        LOG.error("the allocator failed to take {} bytes back", bytes, e);
      }
    }
  }
}
