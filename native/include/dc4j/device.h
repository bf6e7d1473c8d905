/* Devices with memory of their own: what is there, and a context's memory, stream and allocator.
 *
 * With a CUDA context every pointer of a kernel may be host or device memory. A matrix says which
 * (its place) and is refused if its pointer says otherwise; arrays and results are looked up. Host
 * memory is copied to the device and back within the call, large matrices in chunks while the
 * device computes; device memory of the context's own device is used in place. Kernels are queued
 * on the context's stream, and every call returns after its results are complete. */
#ifndef DC4J_DEVICE_H
#define DC4J_DEVICE_H

#include <dc4j/context.h>
#include <dc4j/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What the CUDA driver says about a device. */
typedef struct dc4j_cuda_device {
  /** UTF-8, ends with 0. */
  char name[256];
  int32_t major, minor;
  int32_t multiprocessors;
  /** As CUDA counts: 13000 = 13.0. driver is the newest CUDA the driver runs, runtime what this
   *  library was built with. */
  int32_t driver, runtime;
  int64_t total_bytes, free_bytes;
} dc4j_cuda_device;

/** Describes device `ordinal`. DC4J_UNSUPPORTED with the reason where CUDA is not usable. */
DC4J_API dc4j_status dc4j_cuda_describe(int32_t ordinal, dc4j_cuda_device* out);

/** Number of CUDA devices; 0 where CUDA is not usable (dc4j_cuda_status says why). */
DC4J_API int32_t dc4j_cuda_device_count(void);

/** Rows of a host matrix that a CUDA context takes at once: chosen from the memory that was free
 *  when the context was opened; all of them on a context without device memory.
 *  @param rows of the matrix @param bytes_per_row of the matrix and what a kernel keeps for a row
 *  @param out 1..rows (0 for 0 rows) */
DC4J_API dc4j_status dc4j_context_chunk_rows(dc4j_context* context, int64_t rows,
                                             int64_t bytes_per_row, int64_t* out);

/** Bytes of one matrix that may stay on a CUDA context's device, chosen as above; 0 on a context
 *  without device memory. */
DC4J_API dc4j_status dc4j_context_resident_bytes(dc4j_context* context, int64_t* out);

/** Allocates memory of the context's device (host memory on a CPU context), aligned to 256, for use
 *  on any stream. Free with dc4j_context_free on the same context, before it is closed. */
DC4J_API dc4j_status dc4j_context_alloc(dc4j_context* context, int64_t bytes, void** out);

/** Takes back what dc4j_context_alloc gave; no work on a stream of the caller's may use it any
 * more.
 *  @param bytes as allocated. NULL is accepted. */
DC4J_API dc4j_status dc4j_context_free(dc4j_context* context, void* memory, int64_t bytes);

/** Copies between any two of host memory and the context's device. */
DC4J_API dc4j_status dc4j_context_copy(dc4j_context* context, void* to, const void* from,
                                       int64_t bytes);

/** Queues the context's work on a cudaStream_t of the caller's (NULL: the default stream) instead
 *  of a stream of its own. The stream must outlive the context or the next such call.
 *  DC4J_UNSUPPORTED on a context without streams. */
DC4J_API dc4j_status dc4j_context_use_stream(dc4j_context* context, void* stream);

/** Memory of `bytes` > 0 bytes aligned to 256 for use on `stream`, or NULL if there is none. */
typedef void* (*dc4j_device_allocate)(int64_t bytes, void* stream, void* owner);
/** Takes back what the allocator gave; work queued on `stream` may still use it. */
typedef void (*dc4j_device_release)(void* memory, int64_t bytes, void* stream, void* owner);

/** Workspace of the context comes from these two functions (both NULL: from a pool of its own).
 *  They are called within calls on the context, by the calling thread. DC4J_UNSUPPORTED on a
 *  context without device memory. @param owner is passed on to them */
DC4J_API dc4j_status dc4j_context_use_allocator(dc4j_context* context,
                                                dc4j_device_allocate allocate,
                                                dc4j_device_release release, void* owner);

#ifdef __cplusplus
}
#endif

#endif
