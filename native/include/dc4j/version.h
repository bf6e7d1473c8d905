/* Version of the native core and of its C ABI. */
#ifndef DC4J_VERSION_H
#define DC4J_VERSION_H

#include <dc4j/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Raised whenever a signature or a struct of these headers changes; the Java side refuses another.
 */
#define DC4J_ABI_VERSION 1

/** ABI version this library was built with. */
DC4J_API int32_t dc4j_abi_version(void);

/** Version of the library, for example "0.1.0"; static storage. */
DC4J_API const char* dc4j_version(void);

#ifdef __cplusplus
}
#endif

#endif
