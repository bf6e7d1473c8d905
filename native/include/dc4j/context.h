/* The device context: which backend computes, on how many threads. */
#ifndef DC4J_CONTEXT_H
#define DC4J_CONTEXT_H

#include <dc4j/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Backend + ISA tier + thread pool. Kernels own nothing: every call is given its context. A
 * context may be used from any thread; concurrent calls on one context run one after the other. */
typedef struct dc4j_context dc4j_context;

/** Opens a context.
 *  @param device  "cuda" or "cuda:i" (device i; refused with DC4J_UNSUPPORTED and the reason where
 *                 it is not usable), "cpu", "reference" (plain fp64 loops, the judge of the
 *                 others), or "auto": "cuda" where that is usable, else "cpu". An explicit choice
 *                 never falls back. device.h has what a CUDA context can do besides.
 *  @param threads 1..1024 threads to compute on (the caller's included); 0 = all cores this process
 *                 may use.
 *  @param out     receives the context; close with dc4j_context_close.
 *  The environment variable DC4J_MAX_ISA (generic, avx2, avx512, vnni, amx) caps the CPU tier; an
 *  unknown name is DC4J_INVALID_ARGUMENT. DC4J_SEARCH_FORMAT (fp32, int16, mixed, int8; unset:
 *  chosen from the data) forces the arithmetic of the coarse pass of nearest-row searches on tiers
 *  that have it; results are the same bits either way. */
DC4J_API dc4j_status dc4j_context_open(const char* device, int32_t threads, dc4j_context** out);

/** Closes a context and joins its threads; NULL is accepted. No call may be running on it. */
DC4J_API void dc4j_context_close(dc4j_context* context);

/** "cpu", "cuda" or "reference"; owned by the context. */
DC4J_API const char* dc4j_context_backend(const dc4j_context* context);

/** ISA tier in use: "generic", "avx2", "avx512", "vnni" (AVX-512 with int8 dot products) or "amx"
 *  (vnni with AMX tiles); "sm_90" and the like on CUDA; "none" for reference. Owned by the context.
 */
DC4J_API const char* dc4j_context_isa(const dc4j_context* context);

/** What the products of kernels that take a precision are computed in. */
enum {
  /** fp32 products, the default. */
  DC4J_PRECISION_FP32 = 0,
  /** 16-bit factors with 32-bit sums where dc4j_context_fast_products says so: twice the rate, an
   *  error the kernel states. Elsewhere the same as fp32. */
  DC4J_PRECISION_FAST = 1
};

/** What DC4J_PRECISION_FAST computes in here: "bf16" on processors with AVX-512 BF16 (and tier
 *  "vnni" or better), else "fp32": nothing is gained and nothing lost; "fp64" for reference. Owned
 *  by the context. */
DC4J_API const char* dc4j_context_fast_products(const dc4j_context* context);

/** Threads the context computes on. */
DC4J_API int32_t dc4j_context_threads(const dc4j_context* context);

/** Best tier this processor and operating system run: one of the names above. */
DC4J_API const char* dc4j_cpu_best_isa(void);

/** Why CUDA cannot be used here, or "" where it can. Static storage. */
DC4J_API const char* dc4j_cuda_status(void);

#ifdef __cplusplus
}
#endif

#endif
