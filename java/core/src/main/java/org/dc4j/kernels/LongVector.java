package org.dc4j.kernels;

import org.bytedeco.javacpp.LongPointer;

/**
 * A vector of long in native memory that it owns. Close twice is fine, use after close throws
 * IllegalStateException. Not thread-safe for writing; close it when no call uses it any more.
 */
public final class LongVector implements AutoCloseable {
  private final NativeArray memory;
  private final LongPointer data;
  private final long size;

  private LongVector(long size) {
    if (size < 0) {
      throw new InvalidArgumentException("size " + size + " must be >= 0");
    }
    this.memory = new NativeArray(Math.multiplyExact(size, 8L), true);
    this.data = new OwnedPointers.Longs(memory.pointer(), memory);
    this.size = size;
  }

  /** A new vector of zeros; the caller closes it. */
  public static LongVector allocate(long size) {
    return new LongVector(size);
  }

  /** A new vector holding a copy of {@code values}. */
  public static LongVector of(long[] values) {
    LongVector vector = new LongVector(values.length);
    vector.data.put(values);
    return vector;
  }

  public long size() {
    return size;
  }

  public long get(long index) {
    checkIndex(index);
    return data.get(index);
  }

  public void set(long index, long value) {
    checkIndex(index);
    data.put(index, value);
  }

  /** Copies all values out; the size must fit an array. */
  public long[] toArray() {
    long[] values = new long[Math.toIntExact(size)];
    pointer().get(values);
    return values;
  }

  /**
   * The memory, for native calls. Keeps a vector that nobody closes from being freed; its close
   * must wait for the calls.
   */
  public LongPointer pointer() {
    if (memory.isClosed()) {
      throw new IllegalStateException("vector used after close");
    }
    return data;
  }

  private void checkIndex(long index) {
    pointer();
    if (index < 0 || index >= size) {
      throw new InvalidArgumentException("index " + index + " of a vector of " + size);
    }
  }

  @Override
  public void close() {
    memory.close();
  }
}
