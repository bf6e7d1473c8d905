package org.dc4j.kernels;

import java.util.concurrent.atomic.AtomicBoolean;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.dc4j.nativecore.global.dc4j;

/**
 * Rows where the kernels of a context read them fastest, for algorithms that read them again and
 * again: a copy in the GPU's memory if there is room, else the caller's own. Closing frees the copy
 * and never the caller's rows; close twice is fine, use after close throws. Close it before its
 * context.
 */
public final class ResidentRows implements AutoCloseable {
  private final DeviceContext context;
  private final Pointer memory; // null: the caller's rows
  private final long bytes;
  private final FloatMatrix rows;
  private final AtomicBoolean closed = new AtomicBoolean();

  private ResidentRows(DeviceContext context, FloatMatrix x, Pointer memory) {
    this.context = context;
    this.memory = memory;
    this.bytes = bytesOf(x);
    this.rows =
        memory == null
            ? x.rowRange(0, x.rows())
            : FloatMatrix.deviceView(memory, x.rows(), x.cols(), null);
  }

  /**
   * @param x [n x d] in host memory; stays open and unchanged until this is closed
   */
  static ResidentRows of(DeviceContext context, FloatMatrix x) {
    Pointer memory = null;
    if (hasRoom(context, x)) {
      try {
        memory = copyOf(context, x);
      } catch (NativeMemoryException e) {
        // Others were faster: kernels bring the rows in chunks.
      }
    }
    return new ResidentRows(context, x, memory);
  }

  private static long bytesOf(FloatMatrix x) {
    return 4 * x.rows() * x.cols();
  }

  private static boolean hasRoom(DeviceContext context, FloatMatrix x) {
    if (x.rows() == 0 || x.cols() == 0 || x.isOnDevice()) {
      return false;
    }
    return bytesOf(x) <= context.residentBytes();
  }

  private static Pointer copyOf(DeviceContext context, FloatMatrix x) {
    long bytes = bytesOf(x);
    try (PointerPointer<Pointer> out = new PointerPointer<>(1)) {
      context.call(open -> dc4j.dc4j_context_alloc(open, bytes, out));
      Pointer memory = out.get(0);
      try {
        context.call(open -> dc4j.dc4j_context_copy(open, memory, x.pointer(), bytes));
      } catch (RuntimeException e) {
        context.use(open -> dc4j.dc4j_context_free(open, memory, bytes));
        throw e;
      }
      return memory;
    }
  }

  /**
   * The rows, for kernels of the context alone; valid until this is closed. Closing them frees
   * nothing.
   */
  public FloatMatrix rows() {
    return rows;
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    rows.close(); // before its memory goes
    if (memory != null) {
      context.call(open -> dc4j.dc4j_context_free(open, memory, bytes));
    }
  }
}
