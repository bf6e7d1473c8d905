// What every file of this room includes first. The room is compiled once per ISA tier with
// DC4J_TIER set to generic, avx2 or avx512 and DC4J_LANES to the floats in a register (4, 8, 16);
// the search and what calls it once more for vnni (AVX-512 with VNNI) and amx (VNNI with AMX
// tiles), the products of 16-bit factors for bf16 (VNNI with AVX-512 BF16). Everything here lives
// in the tier's namespace: an inline function shared between tiers could be linked from the wrong
// one. For the same reason this room uses no container templates of the standard library.
#pragma once
#include "backend/table.h"

#if defined(DC4J_TIER_amx)
#define DC4J_AMX 1
#endif
#if defined(DC4J_TIER_bf16)
#define DC4J_BF16 1
#endif
#if defined(DC4J_TIER_vnni) || defined(DC4J_AMX) || defined(DC4J_BF16)
#define DC4J_VNNI 1
#endif
#if defined(DC4J_TIER_avx512) || defined(DC4J_VNNI)
#define DC4J_AVX512 1
#endif

namespace dc4j {
namespace cpu {
namespace DC4J_TIER {

constexpr int kLanes = DC4J_LANES;

/** A register of floats; loads and stores through it need no alignment. */
typedef float Floats __attribute__((vector_size(4 * DC4J_LANES), aligned(4), may_alias));
/** Half as many doubles. */
typedef double Doubles __attribute__((vector_size(4 * DC4J_LANES), aligned(8), may_alias));

#define DC4J_KERNEL(name, parameters) void name parameters;
#include "backend/kernel_list.h"
#undef DC4J_KERNEL

void installSearch(KernelTable& table);
void installProducts(KernelTable& table);

}  // namespace DC4J_TIER
}  // namespace cpu
}  // namespace dc4j
