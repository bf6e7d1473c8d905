// tile [12 x 32] of words = start + sum over words of op(rows, columns), for 32-bit accumulators
// and words of two or four elements. DC4J_LOOP(op, "words") is such a sum over as many words as the
// variable says; DC4J_TILE takes one, or several over words that follow each other, and the
// counters beside `words` as "+r" operands, each with a comma behind. The operands rows, columns,
// start [12], words and tile are variables of the function that says DC4J_TILE; rows and columns
// are packed panels [words x 12] and [words x 32]; columns and tile are aligned to 64 bytes.
//
// In assembly because gcc 12 spills 24 accumulators of these instructions. zmm0-23 hold the tile,
// two for every row; zmm24-25 the columns; zmm26-31 take the rows' words in turn.
#pragma once

#define DC4J_START(r, even, odd)                 \
  "vpbroadcastd 4*" #r "(%[start]), %%zmm" #even \
  "\n"                                           \
  "vmovdqa64 %%zmm" #even ", %%zmm" #odd "\n"
#define DC4J_STEP(op, r, even, odd, word)                                                       \
  "vpbroadcastd 4*" #r "(%[rows]), %%zmm" #word "\n" op " %%zmm" #word ", %%zmm24, %%zmm" #even \
  "\n" op " %%zmm" #word ", %%zmm25, %%zmm" #odd "\n"
#define DC4J_STORE(r, even, odd)      \
  "vmovdqa64 %%zmm" #even ", 128*" #r \
  "(%[tile])\n"                       \
  "vmovdqa64 %%zmm" #odd ", 64+128*" #r "(%[tile])\n"
// clang-format off
#define DC4J_LOOP(op, words)                                                     \
      "test %[" words "], %[" words "]\n"                                        \
      "jz 2f\n"                                                                  \
      ".p2align 4\n"                                                             \
      "1:\n"                                                                     \
      "vmovdqa64 (%[columns]), %%zmm24\n"                                        \
      "vmovdqa64 64(%[columns]), %%zmm25\n"                                      \
      DC4J_STEP(op, 0, 0, 1, 26) DC4J_STEP(op, 1, 2, 3, 27)                      \
      DC4J_STEP(op, 2, 4, 5, 28) DC4J_STEP(op, 3, 6, 7, 29)                      \
      DC4J_STEP(op, 4, 8, 9, 30) DC4J_STEP(op, 5, 10, 11, 31)                    \
      DC4J_STEP(op, 6, 12, 13, 26) DC4J_STEP(op, 7, 14, 15, 27)                  \
      DC4J_STEP(op, 8, 16, 17, 28) DC4J_STEP(op, 9, 18, 19, 29)                  \
      DC4J_STEP(op, 10, 20, 21, 30) DC4J_STEP(op, 11, 22, 23, 31)                \
      "add $48, %[rows]\n"                                                       \
      "add $128, %[columns]\n"                                                   \
      "dec %[" words "]\n"                                                       \
      "jnz 1b\n"                                                                 \
      "2:\n"
#define DC4J_TILE(loops, ...)                                                    \
  asm volatile(                                                                  \
      DC4J_START(0, 0, 1) DC4J_START(1, 2, 3) DC4J_START(2, 4, 5)                \
      DC4J_START(3, 6, 7) DC4J_START(4, 8, 9) DC4J_START(5, 10, 11)              \
      DC4J_START(6, 12, 13) DC4J_START(7, 14, 15) DC4J_START(8, 16, 17)          \
      DC4J_START(9, 18, 19) DC4J_START(10, 20, 21) DC4J_START(11, 22, 23)        \
      loops                                                                      \
      DC4J_STORE(0, 0, 1) DC4J_STORE(1, 2, 3) DC4J_STORE(2, 4, 5)                \
      DC4J_STORE(3, 6, 7) DC4J_STORE(4, 8, 9) DC4J_STORE(5, 10, 11)              \
      DC4J_STORE(6, 12, 13) DC4J_STORE(7, 14, 15) DC4J_STORE(8, 16, 17)          \
      DC4J_STORE(9, 18, 19) DC4J_STORE(10, 20, 21) DC4J_STORE(11, 22, 23)        \
      : __VA_ARGS__ [rows] "+r"(rows), [columns] "+r"(columns),                  \
        [words] "+r"(words)                                                      \
      : [start] "r"(start), [tile] "r"(tile)                                     \
      : "cc", "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6",  \
        "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14",     \
        "xmm15", "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22",  \
        "xmm23", "xmm24", "xmm25", "xmm26", "xmm27", "xmm28", "xmm29", "xmm30",  \
        "xmm31")
// clang-format on
