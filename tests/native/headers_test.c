/* The C headers compile as C11, twice each (include guards). */
/* Formatting would drop the second includes. */
/* clang-format off */
#include <dc4j/context.h>
#include <dc4j/faiss.h>
#include <dc4j/graph.h>
#include <dc4j/images.h>
#include <dc4j/kernels.h>
#include <dc4j/losses.h>
#include <dc4j/matrix.h>
#include <dc4j/status.h>
#include <dc4j/version.h>

#include <dc4j/context.h>
#include <dc4j/faiss.h>
#include <dc4j/graph.h>
#include <dc4j/images.h>
#include <dc4j/kernels.h>
#include <dc4j/losses.h>
#include <dc4j/matrix.h>
#include <dc4j/status.h>
#include <dc4j/version.h>
/* clang-format on */

int main(void) { return dc4j_abi_version() == DC4J_ABI_VERSION ? 0 : 1; }
