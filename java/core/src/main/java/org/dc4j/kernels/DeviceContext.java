package org.dc4j.kernels;

import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.dc4j.nativecore.ContextHandle;
import org.dc4j.nativecore.global.dc4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where kernels run: backend, ISA tier and threads, chosen once when it is opened and readable
 * afterwards. An explicit device never falls back to another. May be used from any thread;
 * concurrent calls run one after the other.
 */
public final class DeviceContext implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DeviceContext.class);
  private final NativeHandle<ContextHandle> handle;
  private final Kernels kernels;
  private final LossKernels losses;
  private final GraphKernels graphs;
  private final OutNumber.Shelf outNumbers = new OutNumber.Shelf();
  private AllocatorCallbacks allocator; // null: a pool of the context's own

  private DeviceContext(ContextHandle opened) {
    this.handle = new NativeHandle<>(opened, "device context", this::free);
    this.kernels = new Kernels(this);
    this.losses = new LossKernels(this);
    this.graphs = new GraphKernels(this);
  }

  /**
   * Opens a context.
   *
   * @param device "auto" (CUDA if it is usable, else the CPU), "cpu", "reference" or "cuda[:i]"
   * @param threads 1..1024, or 0 for all cores this process may use
   * @throws UnsupportedDeviceException if the device is not usable here, for good or because others
   *     have it or its memory, with the reason
   */
  public static DeviceContext open(String device, int threads) {
    NativeLibraries.load();
    if (device.equals("auto")) {
      return openUsable(
          NativeLibraries.cudaStatus(),
          () -> openNamed("cuda", threads),
          () -> openNamed("cpu", threads));
    }
    return device.startsWith("cuda")
        ? openCuda(device, () -> openNamed(device, threads))
        : openNamed(device, threads);
  }

  private static DeviceContext openNamed(String device, int threads) {
    ContextHandle out = new ContextHandle();
    Status.check(dc4j.dc4j_context_open(device, threads, out));
    return new DeviceContext(out);
  }

  /**
   * The first of the two that opens: a CUDA device that is usable may still refuse, such as where
   * another process has it alone or has taken its memory.
   *
   * @param whyNoCuda "" where CUDA is usable
   */
  static DeviceContext openUsable(
      String whyNoCuda, Supplier<DeviceContext> cuda, Supplier<DeviceContext> cpu) {
    if (!whyNoCuda.isEmpty()) {
      DeviceContext context = cpu.get();
      LOG.info("device auto: {}; no CUDA: {}", context, whyNoCuda);
      return context;
    }
    try {
      DeviceContext context = openCuda("cuda", cuda);
      LOG.info("device auto: {}", context);
      return context;
    } catch (UnsupportedDeviceException e) {
      DeviceContext context = cpu.get();
      LOG.warn("device auto: {}, though there is CUDA: {}", context, e.getMessage());
      return context;
    }
  }

  /** What a device fails for while it is opened is why it cannot be used, whatever its status. */
  static DeviceContext openCuda(String device, Supplier<DeviceContext> opening) {
    try {
      return opening.get();
    } catch (InvalidArgumentException | UnsupportedDeviceException e) {
      throw e;
    } catch (KernelException e) {
      UnsupportedDeviceException unusable =
          new UnsupportedDeviceException(
              "device '%s' cannot be opened: %s".formatted(device, e.getMessage()));
      unusable.initCause(e);
      throw unusable;
    }
  }

  /** A CPU context on all cores. */
  public static DeviceContext cpu() {
    return open("cpu", 0);
  }

  /** The kernels of this context. */
  public Kernels kernels() {
    requireOpen();
    return kernels;
  }

  /** The losses of this context. */
  public LossKernels losses() {
    requireOpen();
    return losses;
  }

  /** The neighbour graphs of this context. */
  public GraphKernels graphs() {
    requireOpen();
    return graphs;
  }

  /** "cpu", "cuda" or "reference". */
  public String backend() {
    return use(open -> dc4j.dc4j_context_backend(open).getString());
  }

  /**
   * "generic", "avx2", "avx512", "vnni", "amx"; "sm_90" and the like on CUDA; "none" for the
   * reference backend.
   */
  public String isa() {
    return use(open -> dc4j.dc4j_context_isa(open).getString());
  }

  /**
   * What {@link Precision#FAST} computes in: "bf16" where the processor has AVX-512 BF16, "fp32"
   * where it is the same as {@link Precision#FP32}, "fp64" for the reference backend.
   */
  public String fastProducts() {
    return use(open -> dc4j.dc4j_context_fast_products(open).getString());
  }

  public int threads() {
    return use(dc4j::dc4j_context_threads);
  }

  /**
   * Rows of a matrix in host memory that kernels take to the device at once, chosen from the memory
   * that was free when the context was opened; all rows on the CPU.
   *
   * @param bytesPerRow of the matrix and what a kernel keeps for a row
   */
  public long chunkRows(long rows, long bytesPerRow) {
    try (LongPointer out = new LongPointer(1)) {
      call(open -> dc4j.dc4j_context_chunk_rows(open, rows, bytesPerRow, out));
      return out.get();
    }
  }

  /**
   * Queues the work of a CUDA context on a stream of the caller's instead of one of its own, such
   * as libtorch's current one: what is queued there before a call is done before its kernels read.
   * The stream must outlive the context or the next such call.
   *
   * @param stream a {@code cudaStream_t}; null: the default stream
   * @throws UnsupportedDeviceException if this is no CUDA context
   */
  public void useStream(Pointer stream) {
    call(open -> dc4j.dc4j_context_use_stream(open, stream));
  }

  /**
   * Takes the workspace of a CUDA context from the caller's allocator. Close {@link ResidentRows}
   * of the context before: what one allocator gave goes back to it.
   *
   * @param source null: a pool of the context's own again
   * @throws UnsupportedDeviceException if this is no CUDA context
   * @throws IllegalStateException if ten contexts have an allocator; this one has its own pool then
   */
  public synchronized void useAllocator(DeviceAllocator source) {
    use(
        open -> {
          Status.check(dc4j.dc4j_context_use_allocator(open, null, null, null));
          closeAllocator();
          if (source != null) {
            allocator = new AllocatorCallbacks(source);
            takeFromAllocator(open);
          }
          return null;
        });
  }

  private void takeFromAllocator(ContextHandle open) {
    try {
      Status.check(
          dc4j.dc4j_context_use_allocator(open, allocator.allocate(), allocator.release(), null));
    } catch (RuntimeException e) {
      closeAllocator();
      throw e;
    }
  }

  private void closeAllocator() {
    if (allocator != null) {
      allocator.close();
      allocator = null;
    }
  }

  /** Copies all rows between any two of host memory and this context's device. */
  public void copy(FloatMatrix from, FloatMatrix to) {
    if (from.rows() != to.rows() || from.cols() != to.cols()) {
      throw new InvalidArgumentException(
          "[%d x %d] is copied to [%d x %d]; accepted: the same sizes"
              .formatted(from.rows(), from.cols(), to.rows(), to.cols()));
    }
    if ((from.isOnDevice() || to.isOnDevice()) && !backend().equals("cuda")) {
      throw new InvalidArgumentException(
          "rows on a GPU are copied by a " + backend() + " context; accepted: one of that GPU");
    }
    long bytes = 4 * from.rows() * from.cols();
    call(open -> dc4j.dc4j_context_copy(open, to.anyPointer(), from.anyPointer(), bytes));
  }

  /**
   * Bytes of one matrix that may stay on a CUDA device, chosen like {@link #chunkRows}; 0 on the
   * CPU, which has no memory of its own.
   */
  public long residentBytes() {
    try (LongPointer out = new LongPointer(1)) {
      call(open -> dc4j.dc4j_context_resident_bytes(open, out));
      return out.get();
    }
  }

  /** Where a kernel of this context writes its one number; 0. */
  OutNumber outNumber() {
    return outNumbers.take();
  }

  /** A native call on this context; close waits for it. */
  void call(ToIntFunction<ContextHandle> call) {
    handle.check(call);
  }

  /** {@link #call} with a result of its own. */
  <T> T use(Function<ContextHandle, T> call) {
    return handle.use(call);
  }

  private void requireOpen() {
    use(open -> null);
  }

  /**
   * Waits for the calls that other threads have under way, then frees the context. Twice is fine.
   *
   * @throws IllegalStateException within a call, from the context's {@link DeviceAllocator}
   */
  @Override
  public void close() {
    handle.close();
  }

  private void free(ContextHandle closing) {
    outNumbers.close();
    dc4j.dc4j_context_close(closing);
    closeAllocator();
  }

  @Override
  public String toString() {
    try {
      return "%s/%s, %d threads".formatted(backend(), isa(), threads());
    } catch (IllegalStateException e) {
      return "DeviceContext[closed]";
    }
  }
}
