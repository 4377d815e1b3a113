#pragma once

#include "kernel.cuh"

/*
 * Products of tiles on the integer tensor cores: a warp multiplies 16 rows with 8 columns and adds
 * what is exact. Who holds what is given by the instructions (PTX ISA, "Matrix Fragments for
 * mma.m16n8k16" and "mma.m16n8k32" of 8-bit integers); thread t is 4 r + q:
 *
 *   a[0], a[1]   bytes 4q ... 4q + 3 of the rows r and r + 8
 *   a[2], a[3]   bytes 4q + 16 ... of them, if they have 32
 *   b[0], b[1]   bytes 4q ... and 4q + 16 ... of column r
 *   c[0], c[1]   row r, columns 2q and 2q + 1; c[2], c[3] the same of row r + 8
 *
 * This is the only inline PTX. The emulated device exchanges the same fragments by shuffles.
 */

/** r: the first row of this thread, and its column of the second factor. */
__device__ inline int fragment_row() {
  return warp_lane() / 4;
}

/** q: the part of every row that this thread holds. */
__device__ inline int fragment_part() {
  return warp_lane() % 4;
}

#if !defined(__CUDA_ARCH__)

/** The words of the other three threads too, from a group of four that begins at lane `first`. */
__device__ inline void gather(
    unsigned low, unsigned high, int first, unsigned* lows, unsigned* highs) {
  unsigned long long both = (unsigned long long)high << 32 | low;
  for (int t = 0; t < 4; t++) {
    unsigned long long other = __shfl_sync(WHOLE_WARP, both, first + t);
    lows[t] = (unsigned)other;
    highs[t] = (unsigned)(other >> 32);
  }
}

/** What the instruction does with bytes that Integer says the sign of. */
template <class Integer, int WORDS>
__device__ inline void exchange_and_multiply(
    Integer (&c)[4], const unsigned (&a)[2 * WORDS], const unsigned (&b)[WORDS]) {
  unsigned rows[2][8];
  unsigned columns[2][8];
  int q = fragment_part();
  for (int i = 0; i < 2; i++) {
    gather(a[i], WORDS == 2 ? a[2 * WORDS - 2 + i] : 0, 4 * fragment_row(), rows[i], rows[i] + 4);
    gather(b[0], WORDS == 2 ? b[WORDS - 1] : 0, 4 * (2 * q + i), columns[i], columns[i] + 4);
  }
  for (int i = 0; i < 4; i++) {
    for (int k = 0; k < 4 * WORDS; k++) {
      c[i] = __dp4a((Integer)rows[i / 2][k], (Integer)columns[i % 2][k], c[i]);
    }
  }
}

#endif

/** c += a b, 32 signed bytes in every row and column. */
__device__ inline void multiply_add(int (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
#if defined(__CUDA_ARCH__)
  asm("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 "
      "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
  exchange_and_multiply<int, 2>(c, a, b);
#endif
}

/** c += a b, 16 signed bytes in every row and column. */
__device__ inline void multiply_add(int (&c)[4], const unsigned (&a)[2], const unsigned (&b)[1]) {
#if defined(__CUDA_ARCH__)
  asm("mma.sync.aligned.m16n8k16.row.col.s32.s8.s8.s32 "
      "{%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};"
      : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(b[0]));
#else
  exchange_and_multiply<int, 1>(c, a, b);
#endif
}

/** c += a b, 16 bytes without a sign in every row and column. */
__device__ inline void multiply_add(
    unsigned (&c)[4], const unsigned (&a)[2], const unsigned (&b)[1]) {
#if defined(__CUDA_ARCH__)
  asm("mma.sync.aligned.m16n8k16.row.col.s32.u8.u8.s32 "
      "{%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};"
      : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(b[0]));
#else
  exchange_and_multiply<unsigned, 1>(c, a, b);
#endif
}
