package org.dc4j.kernels;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.dc4j.nativecore.MatrixView;
import org.dc4j.nativecore.global.dc4j;

/**
 * A row-major fp32 matrix [rows x cols] in native memory: either an owner ({@link #allocate}) or a
 * view of memory that somebody else owns ({@link #view}, {@link #rowRange}). Closing an owner frees
 * the memory; closing a view frees nothing but the view. Either makes its row ranges unusable, but
 * closing a row range only that. An owner that is never closed is freed once it is unreachable,
 * with its ranges, pointers and buffers. Close twice is fine, use after close throws
 * IllegalStateException. Not thread-safe for writing; close it when no call uses it any more.
 */
public final class FloatMatrix implements AutoCloseable {
  private final FloatMatrix root; // what a range of rows is of, at first hand; else this
  private final NativeArray memory; // null for any view
  private final Object keepAlive; // what a foreign view must not outlive
  private final FloatPointer data;
  private final MatrixView view;
  private final long rows;
  private final long cols;
  private final long stride;
  private final int place;
  private volatile boolean closed;

  /** An owner. */
  private FloatMatrix(NativeArray memory, long rows, long cols) {
    this(null, memory, null, memory.pointer(), rows, cols, dc4j.DC4J_HOST);
  }

  private FloatMatrix(
      FloatMatrix root,
      NativeArray memory,
      Object keepAlive,
      Pointer data,
      long rows,
      long cols,
      int place) {
    this.root = root == null ? this : root;
    this.memory = memory;
    this.keepAlive = keepAlive;
    this.data = new OwnedPointers.Floats(data, this.root);
    this.rows = rows;
    this.cols = cols;
    this.stride = cols;
    this.place = place;
    this.view = Unscoped.make(() -> new OwnedPointers.View(this.root));
    view.data(this.data).rows(rows).cols(cols).stride(stride).place(place);
  }

  /** A new matrix of zeros; the caller closes it. */
  public static FloatMatrix allocate(long rows, long cols) {
    checkSizes(rows, cols);
    long bytes;
    try {
      bytes = Math.multiplyExact(Math.multiplyExact(rows, cols), 4L);
    } catch (ArithmeticException e) {
      throw new NativeMemoryException("matrix [" + rows + " x " + cols + "] exceeds 2^63 bytes");
    }
    return new FloatMatrix(new NativeArray(bytes, true), rows, cols);
  }

  /**
   * A matrix [rows x cols] whose little-endian floats lie in a file from byte {@code offset} (a
   * multiple of 64) on: read from disk when touched, so it may be larger than memory. Writes stay
   * in memory. The file must keep its length until the caller closes the matrix; a read past its
   * end would end the process.
   */
  public static FloatMatrix map(Path file, long offset, long rows, long cols) {
    checkSizes(rows, cols);
    long bytes = Math.multiplyExact(Math.multiplyExact(rows, cols), 4L);
    return new FloatMatrix(NativeArray.map(file, offset, bytes), rows, cols);
  }

  /** A new matrix holding a copy of {@code values}, row after row. */
  public static FloatMatrix of(float[] values, long rows, long cols) {
    if (values.length != rows * cols) {
      throw new InvalidArgumentException(
          values.length + " values do not fill [" + rows + " x " + cols + "]");
    }
    FloatMatrix matrix = allocate(rows, cols);
    matrix.data.put(values);
    return matrix;
  }

  /** A new matrix holding a copy of {@code values}[row][column]. */
  public static FloatMatrix of(float[][] values) {
    int cols = values.length == 0 ? 0 : values[0].length;
    FloatMatrix matrix = allocate(values.length, cols);
    for (int i = 0; i < values.length; i++) {
      if (values[i].length != cols) {
        matrix.close();
        throw new InvalidArgumentException(
            "row " + i + " has " + values[i].length + " values, row 0 has " + cols);
      }
      matrix.setRow(i, values[i]);
    }
    return matrix;
  }

  /**
   * A view [rows x cols] of contiguous floats that {@code owner} keeps alive (a tensor, a mapped
   * file). No copy; the memory must stay valid until the view is closed.
   */
  public static FloatMatrix view(Pointer data, long rows, long cols, Object owner) {
    checkSizes(rows, cols);
    NativeLibraries.load();
    // A position counts in elements of the pointer's own type: turn it into an address first.
    Pointer start = data.getPointer(data.position());
    return new FloatMatrix(null, null, owner, start.position(0), rows, cols, dc4j.DC4J_HOST);
  }

  /**
   * A view [rows x cols] of contiguous floats in a GPU's memory that {@code owner} keeps alive,
   * such as a CUDA tensor of libtorch. Kernels of contexts on that GPU use it in place; Java cannot
   * read it ({@link DeviceContext#copy} brings it to the host). No copy; the memory must stay valid
   * until the view is closed. Kernels refuse it if the address is not their device's.
   */
  public static FloatMatrix deviceView(Pointer data, long rows, long cols, Object owner) {
    checkSizes(rows, cols);
    NativeLibraries.load();
    Pointer start = data.getPointer(data.position());
    return new FloatMatrix(null, null, owner, start.position(0), rows, cols, dc4j.DC4J_CUDA);
  }

  /** A view of rows [from, from + count) of this matrix. */
  public FloatMatrix rowRange(long from, long count) {
    checkOpen();
    if (from < 0 || count < 0 || count > rows - from) {
      throw new InvalidArgumentException(
          "rows [" + from + ", " + (from + count) + ") of a matrix with " + rows + " rows");
    }
    return new FloatMatrix(root, null, null, data.getPointer(from * stride), count, cols, place);
  }

  public long rows() {
    return rows;
  }

  public long cols() {
    return cols;
  }

  /** Entry (row, col). Slow: for tests and small reads. */
  public float get(long row, long col) {
    checkIndex(row, col);
    return data.get(row * stride + col);
  }

  /** Sets entry (row, col). Slow: for tests and small writes. */
  public void set(long row, long col, float value) {
    checkIndex(row, col);
    data.put(row * stride + col, value);
  }

  /** Copies a row out. */
  public float[] row(long row) {
    checkRow(row);
    float[] values = new float[Math.toIntExact(cols)];
    start(row).get(values);
    return values;
  }

  /** Copies a row in; values has {@code cols} entries. */
  public void setRow(long row, float[] values) {
    checkRow(row);
    if (values.length != cols) {
      throw new InvalidArgumentException(values.length + " values for a row of " + cols);
    }
    start(row).put(values);
  }

  /** Copies all of {@code source} (same columns) into the rows from {@code at} on. */
  public void setRows(long at, FloatMatrix source) {
    checkOpen();
    if (source.cols != cols || at < 0 || source.rows > rows - at) {
      throw new InvalidArgumentException(
          "[%d x %d] does not fit at row %d of [%d x %d]"
              .formatted(source.rows, source.cols, at, rows, cols));
    }
    if (source.rows > 0 && cols > 0) {
      Pointer.memcpy(start(at), source.start(0), source.rows * cols * 4);
    }
  }

  /** Copies row i of {@code source} (same columns) to row ids[i]. */
  public void scatterRows(int[] ids, FloatMatrix source) {
    if (source.cols != cols || source.rows != ids.length) {
      throw new InvalidArgumentException(
          "%d ids for [%d x %d] into [%d x %d]"
              .formatted(ids.length, source.rows, source.cols, rows, cols));
    }
    source.checkOpen();
    for (int i = 0; i < ids.length; i++) {
      checkRow(ids[i]);
      Pointer.memcpy(start(ids[i]), source.start(i), cols * 4);
    }
  }

  /** A new matrix with the same values; the caller closes it. */
  public FloatMatrix copy() {
    checkHost();
    FloatMatrix copy = allocate(rows, cols);
    copy.setRows(0, this);
    return copy;
  }

  /** A new matrix of the rows ids[0], ids[1], ...; the caller closes it. */
  public FloatMatrix gatherRows(int[] ids) {
    FloatMatrix gathered = allocate(ids.length, cols);
    try {
      for (int i = 0; i < ids.length; i++) {
        checkRow(ids[i]);
        Pointer.memcpy(gathered.start(i), start(ids[i]), cols * 4);
      }
      return gathered;
    } catch (RuntimeException e) {
      gathered.close();
      throw e;
    }
  }

  /** The values row after row; rows * cols must fit an array. */
  public float[] toArray() {
    checkHost();
    float[] values = new float[Math.toIntExact(Math.multiplyExact(rows, cols))];
    data.get(values);
    return values;
  }

  /**
   * A direct little-endian buffer over rows [from, from + count), at most 2^31 - 1 bytes; valid
   * until this matrix is closed.
   */
  public FloatBuffer buffer(long from, long count) {
    checkOpen();
    if (from < 0 || count < 0 || count > rows - from) {
      throw new InvalidArgumentException("rows [" + from + ", " + (from + count) + ") of " + rows);
    }
    long bytes = Math.multiplyExact(Math.multiplyExact(count, cols), 4L);
    Math.toIntExact(bytes);
    ByteBuffer buffer = new BytePointer(start(from)).capacity(bytes).asByteBuffer();
    NativeArray.keepWith(buffer, root);
    return buffer.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
  }

  /**
   * The memory, for native calls. Keeps a matrix that nobody closes from being freed; its close
   * must wait for the calls.
   */
  public FloatPointer pointer() {
    checkHost();
    return data;
  }

  /**
   * {@link #pointer()} wherever the memory is, on the host or on a GPU, for native calls that look
   * where it is before they read it.
   */
  public FloatPointer anyPointer() {
    checkOpen();
    return data;
  }

  // An address and no position: copies into another pointer type would read that in their unit.
  private FloatPointer start(long row) {
    checkHost();
    return data.getPointer(row * stride);
  }

  boolean isOnDevice() {
    return place != dc4j.DC4J_HOST;
  }

  MatrixView nativeView() {
    checkOpen();
    return view;
  }

  private static void checkSizes(long rows, long cols) {
    if (rows < 0 || cols < 0) {
      throw new InvalidArgumentException(
          "matrix [" + rows + " x " + cols + "]: sizes must be >= 0");
    }
  }

  private void checkRow(long row) {
    checkOpen();
    if (row < 0 || row >= rows) {
      throw new InvalidArgumentException("row " + row + " of [" + rows + " x " + cols + "]");
    }
  }

  private void checkIndex(long row, long col) {
    checkHost();
    if (row < 0 || row >= rows || col < 0 || col >= cols) {
      throw new InvalidArgumentException(
          "entry (" + row + ", " + col + ") of [" + rows + " x " + cols + "]");
    }
  }

  private void checkHost() {
    checkOpen();
    if (place != dc4j.DC4J_HOST) {
      throw new IllegalStateException("these rows are on a GPU: only its kernels can read them");
    }
  }

  private void checkOpen() {
    if (closed || root.closed) {
      throw new IllegalStateException("matrix used after close");
    }
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    view.close();
    if (memory != null) {
      memory.close();
    }
  }

  @Override
  public String toString() {
    return "FloatMatrix[" + rows + " x " + cols + (closed ? ", closed]" : "]");
  }
}
