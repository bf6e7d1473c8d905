package org.dc4j.data;

import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** Grey images [height x width] whose pixels are (id + position) mod 256; some ids are damaged. */
public final class MemoryImages implements ImageSource {
  private final int count;
  private final int height;
  private final int width;
  private final Set<Integer> damaged;
  private final AtomicInteger reads = new AtomicInteger();

  public MemoryImages(int count, int height, int width, Integer... damaged) {
    this.count = count;
    this.height = height;
    this.width = width;
    this.damaged = Set.of(damaged);
  }

  public int reads() {
    return reads.get();
  }

  @Override
  public int size() {
    return count;
  }

  @Override
  public String name(int id) {
    return "image-" + id;
  }

  @Override
  public Image read(int id) {
    reads.incrementAndGet();
    if (damaged.contains(id)) {
      throw new UnreadableImageException(name(id) + ": damaged on purpose");
    }
    byte[] pixels = new byte[height * width];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (id + i);
    }
    return new Image(pixels, height, width, 1);
  }
}
