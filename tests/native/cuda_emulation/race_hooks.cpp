// What the compiler calls in code that is compiled with -fsanitize=thread; GCC's sanitizer itself
// is not linked.
#ifdef DC4J_RACE_CHECK
#include "race_check.h"

#define DC4J_HOOK(name, bytes, write, is_volatile) \
  void name(void* memory) { dc4j_emulation::races::access(memory, bytes, write, is_volatile); }
#define DC4J_HOOKS(bytes)                                    \
  DC4J_HOOK(__tsan_read##bytes, bytes, false, false)         \
  DC4J_HOOK(__tsan_write##bytes, bytes, true, false)         \
  DC4J_HOOK(__tsan_volatile_read##bytes, bytes, false, true) \
  DC4J_HOOK(__tsan_volatile_write##bytes, bytes, true, true)
#define DC4J_UNALIGNED_HOOKS(bytes)                                    \
  DC4J_HOOK(__tsan_unaligned_read##bytes, bytes, false, false)         \
  DC4J_HOOK(__tsan_unaligned_write##bytes, bytes, true, false)         \
  DC4J_HOOK(__tsan_unaligned_volatile_read##bytes, bytes, false, true) \
  DC4J_HOOK(__tsan_unaligned_volatile_write##bytes, bytes, true, true)

extern "C" {
void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_vptr_update(void**, void*) {}
void __tsan_vptr_read(void**) {}
/** Of host code alone: whether a static is made already. */
unsigned char __tsan_atomic8_load(const volatile unsigned char* memory, int) {
  return __atomic_load_n(memory, __ATOMIC_ACQUIRE);
}
DC4J_HOOKS(1)
DC4J_HOOKS(2)
DC4J_HOOKS(4)
DC4J_HOOKS(8)
DC4J_HOOKS(16)
DC4J_UNALIGNED_HOOKS(2)
DC4J_UNALIGNED_HOOKS(4)
DC4J_UNALIGNED_HOOKS(8)
DC4J_UNALIGNED_HOOKS(16)
void __tsan_read_range(void* memory, unsigned long bytes) {
  dc4j_emulation::races::access(memory, bytes, false, false);
}
void __tsan_write_range(void* memory, unsigned long bytes) {
  dc4j_emulation::races::access(memory, bytes, true, false);
}
}
#endif
