/* Non-owning views and the aligned memory behind them. */
#ifndef DC4J_MATRIX_H
#define DC4J_MATRIX_H

#include <dc4j/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Where the memory of a view lies. */
enum { DC4J_HOST = 0, DC4J_CUDA = 1 };

/** A row-major fp32 matrix [rows x cols] that somebody else owns. Row i starts at data + i * stride
 *  (stride in elements, >= cols). data may be NULL only when rows == 0 or cols == 0. */
typedef struct dc4j_matrix {
  float* data;
  int64_t rows;
  int64_t cols;
  int64_t stride;
  /** DC4J_HOST or DC4J_CUDA. A CUDA context takes both (device.h), others refuse DC4J_CUDA. */
  int32_t place;
} dc4j_matrix;

/** Allocates `bytes` bytes aligned to 64 (NULL-safe: *out is set only on success; 0 bytes gives a
 *  valid pointer). The memory is not cleared. Free with dc4j_free. Thread-safe. */
DC4J_API dc4j_status dc4j_alloc(int64_t bytes, void** out);

/** Frees what dc4j_alloc returned; NULL is accepted. Thread-safe. */
DC4J_API void dc4j_free(void* memory);

/** Maps `bytes` bytes of a file from byte `offset` (a multiple of 64) into memory: read from disk
 * when touched, dropped when memory is short, so they may exceed it. Private: writes stay in
 * memory. The file must keep its length while it is mapped, or a read past its end ends the
 * process.
 *  @param path UTF-8 @param out receives the first byte, aligned to 64; NULL for 0 bytes. Unmap
 * with dc4j_unmap, with the same bytes and offset. Errors: DC4J_INVALID_ARGUMENT where the file
 * cannot be opened or is shorter than offset + bytes. Thread-safe. */
DC4J_API dc4j_status dc4j_map_file(const char* path, int64_t offset, int64_t bytes, void** out);

/** Unmaps what dc4j_map_file returned; NULL is accepted. Thread-safe. */
DC4J_API void dc4j_unmap(void* memory, int64_t offset, int64_t bytes);

/** Bytes handed out by dc4j_alloc and not freed yet; for leak tests. Thread-safe. */
DC4J_API int64_t dc4j_allocated_bytes(void);

#ifdef __cplusplus
}
#endif

#endif
