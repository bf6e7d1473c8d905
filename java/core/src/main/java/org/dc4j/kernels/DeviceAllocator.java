package org.dc4j.kernels;

import org.bytedeco.javacpp.Pointer;

/**
 * Where the kernels of a CUDA context take their workspace from: an application's own allocator, so
 * that its memory and ours do not compete, such as libtorch's caching one ({@code
 * raw_alloc_with_stream} and {@code raw_delete} of {@code
 * org.bytedeco.pytorch.cuda.CUDAAllocator}). Called by the thread that calls a kernel, within the
 * call; calls on one context come one after the other. So neither method may call the context it
 * serves, close it, or wait for a thread that does: the context is busy with the call that asks for
 * memory. Such a call throws, and what {@link #allocate} lets out counts as no memory.
 */
public interface DeviceAllocator {
  /**
   * @param bytes more than 0
   * @param stream the {@code cudaStream_t} the memory is used on; null: the default stream
   * @return memory of the context's device, aligned to 256 bytes, or null if there is none; what it
   *     throws is logged and taken as null
   */
  Pointer allocate(long bytes, Pointer stream);

  /**
   * Takes back what {@link #allocate} gave. Work queued on the stream may still use it, so it may
   * be handed out again for that stream alone, or once the stream has come to its end.
   *
   * @param bytes as allocated
   */
  void release(Pointer memory, long bytes, Pointer stream);
}
