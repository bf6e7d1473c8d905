package org.dc4j.data;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Keeps decoded pixels of another source in memory, first come first kept, up to a budget: a small
 * set is decoded once, of a large one a fixed part. Nothing is evicted, because an epoch visits
 * every image once and any replacement would only churn. Thread-safe.
 */
public final class CachedImages implements ImageSource {
  private final ImageSource base;
  private final long budgetBytes;
  private final AtomicReferenceArray<Image> images;
  private final AtomicLong heldBytes = new AtomicLong();

  /**
   * A cache in front of {@code base}.
   *
   * @param budgetBytes most pixel bytes to keep, >= 0
   */
  public CachedImages(ImageSource base, long budgetBytes) {
    if (budgetBytes < 0) {
      throw new IllegalArgumentException("budget of " + budgetBytes + " bytes must be >= 0");
    }
    this.base = base;
    this.budgetBytes = budgetBytes;
    this.images = new AtomicReferenceArray<>(base.size());
  }

  /** Pixel bytes held now, never more than the budget. */
  public long heldBytes() {
    return heldBytes.get();
  }

  @Override
  public int size() {
    return base.size();
  }

  @Override
  public String name(int id) {
    return base.name(id);
  }

  @Override
  public Image read(int id) {
    Image held = images.get(id);
    if (held != null) {
      return held;
    }
    Image image = base.read(id);
    int bytes = image.pixels().length;
    if (!reserve(bytes)) {
      return image;
    }
    if (!images.compareAndSet(id, null, image)) {
      heldBytes.addAndGet(-bytes); // another thread kept the same image first
    }
    return image;
  }

  @Override
  public int camera(int id) {
    return base.camera(id);
  }

  private boolean reserve(long bytes) {
    long before;
    do {
      before = heldBytes.get();
      if (before + bytes > budgetBytes) {
        return false;
      }
    } while (!heldBytes.compareAndSet(before, before + bytes));
    return true;
  }
}
