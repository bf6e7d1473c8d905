/* Status codes and error text of the dc4j C ABI.
 *
 * Every function that can fail returns a dc4j_status. The text that explains a failure is kept per
 * thread and read with dc4j_last_error(). Nothing in this library aborts, exits or prints. */
#ifndef DC4J_STATUS_H
#define DC4J_STATUS_H

#include <stdint.h>

#if defined(__GNUC__)
#define DC4J_API __attribute__((visibility("default")))
#else
#define DC4J_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef int32_t dc4j_status;

enum {
  DC4J_OK = 0,
  /** An argument is outside what the function accepts; the text names it and the accepted range. */
  DC4J_INVALID_ARGUMENT = 1,
  /** Memory could not be had; the text gives the bytes requested. */
  DC4J_OUT_OF_MEMORY = 2,
  /** The backend asked for is not usable here; the text gives the reason. */
  DC4J_UNSUPPORTED = 3,
  /** Input holds NaN or infinity; the text names the first such row. */
  DC4J_NOT_FINITE = 4,
  /** The numbers defeat the algorithm (LAPACK did not converge, rank 0, ...). */
  DC4J_NUMERIC = 5,
  /** A defect of this library. */
  DC4J_INTERNAL = 6
};

/** Text of the calling thread's last failure, UTF-8, never NULL, "" before any failure. Owned by
 * the library and valid until the thread's next failing call. */
DC4J_API const char* dc4j_last_error(void);

/** A parsable name of a status code, for example "invalid_argument"; never NULL. */
DC4J_API const char* dc4j_status_name(dc4j_status status);

#ifdef __cplusplus
}
#endif

#endif
