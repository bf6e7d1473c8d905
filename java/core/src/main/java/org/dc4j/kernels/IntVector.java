package org.dc4j.kernels;

import org.bytedeco.javacpp.IntPointer;

/**
 * A vector of int in native memory that it owns. Close twice is fine, use after close throws
 * IllegalStateException. Not thread-safe for writing; close it when no call uses it any more.
 */
public final class IntVector implements AutoCloseable {
  private final NativeArray memory;
  private final IntPointer data;
  private final long size;

  private IntVector(long size) {
    if (size < 0) {
      throw new InvalidArgumentException("size " + size + " must be >= 0");
    }
    this.memory = new NativeArray(Math.multiplyExact(size, 4L), true);
    this.data = new OwnedPointers.Ints(memory.pointer(), memory);
    this.size = size;
  }

  /** A new vector of zeros; the caller closes it. */
  public static IntVector allocate(long size) {
    return new IntVector(size);
  }

  /** A new vector holding a copy of {@code values}. */
  public static IntVector of(int[] values) {
    IntVector vector = new IntVector(values.length);
    vector.data.put(values);
    return vector;
  }

  public long size() {
    return size;
  }

  public int get(long index) {
    checkIndex(index);
    return data.get(index);
  }

  public void set(long index, int value) {
    checkIndex(index);
    data.put(index, value);
  }

  /** Copies all values out; the size must fit an array. */
  public int[] toArray() {
    int[] values = new int[Math.toIntExact(size)];
    pointer().get(values);
    return values;
  }

  /**
   * The memory, for native calls. Keeps a vector that nobody closes from being freed; its close
   * must wait for the calls.
   */
  public IntPointer pointer() {
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
