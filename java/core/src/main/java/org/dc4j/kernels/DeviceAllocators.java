package org.dc4j.kernels;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.javacpp.Pointer;
import org.dc4j.nativecore.DeviceAllocate;
import org.dc4j.nativecore.DeviceRelease;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The two functions that native code calls for every {@link DeviceAllocator}: JavaCPP has few
 * native entries to give, so a number that the context hands back says whose turn it is.
 */
final class DeviceAllocators {
  private static final Logger LOG = LoggerFactory.getLogger(DeviceAllocators.class);
  private static final Map<Long, DeviceAllocator> BY_NUMBER = new ConcurrentHashMap<>();
  private static final AtomicLong LAST_NUMBER = new AtomicLong();

  static final DeviceAllocate ALLOCATE = new Allocate();
  static final DeviceRelease RELEASE = new Release();

  static {
    // Not with the PointerScope of whoever comes first.
    ALLOCATE.retainReference();
    RELEASE.retainReference();
  }

  private DeviceAllocators() {}

  /** A number, never 0, under which native code finds the allocator until it is removed. */
  static long add(DeviceAllocator allocator) {
    long number = LAST_NUMBER.incrementAndGet();
    BY_NUMBER.put(number, allocator);
    return number;
  }

  static void remove(long number) {
    BY_NUMBER.remove(number);
  }

  /** The number as the owner that the native side passes on. */
  static Pointer ownerOf(long number) {
    return new Owner(number);
  }

  private static final class Owner extends Pointer {
    Owner(long number) {
      super((Pointer) null);
      address = number;
    }
  }

  private static final class Allocate extends DeviceAllocate {
    @Override
    public Pointer call(long bytes, Pointer stream, Pointer owner) {
      try {
        return BY_NUMBER.get(owner.address()).allocate(bytes, stream);
      } catch (Exception | Error e) { // native code has no use for it
        LOG.error("the allocator failed to give {} bytes", bytes, e);
        return null;
      }
    }
  }

  private static final class Release extends DeviceRelease {
    @Override
    public void call(Pointer memory, long bytes, Pointer stream, Pointer owner) {
      try {
        BY_NUMBER.get(owner.address()).release(memory, bytes, stream);
      } catch (Exception | Error e) {
        LOG.error("the allocator failed to take {} bytes back", bytes, e);
      }
    }
  }
}
