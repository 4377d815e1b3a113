/*
 * base17_f32(rows, fingerprints, int rows, int columns, int stride)
 * base17_f16, base17_bf16
 *
 * What: dimension b of a row's fingerprint is the mean, in double, of its elements 17·o + (11·b mod 17)
 *   of every stride-th octave o, times 256, rounded half away from zero and clamped to 16 bits; 0 for
 *   NaN and where there is no element.
 * Grid: one block for blockDim.x / 17 rows; fewer are right too, blocks stride over the rest. Block:
 *   any from 17 up to 544, made for 272 (16 rows). Shared: none.
 * Work: a thread has one position of an octave of one row and adds the octaves in ascending order, so
 *   the threads of a row read 17 elements in a row.
 * Reads every visited element once, writes 34 bytes for each row.
 */

#include "include/plain.cuh"

constexpr int DIMENSIONS = 17;
constexpr int INVERSE_STEP = 14;  // 14 · 11 = 1 mod 17

/** To the nearest integer, halves away from zero, clamped to 16 bits; NaN gives 0. */
__device__ inline short rounded(double x) {
  double magnitude = x < 0 ? -x : x;
  if (!(magnitude >= 0.5)) {  // NaN too
    return 0;
  }
  if (magnitude >= 32768) {
    return x < 0 ? -32768 : 32767;
  }
  int whole = (int)magnitude;
  whole += __dsub_rn(magnitude, whole) >= 0.5;
  return (short)(x < 0 ? -whole : whole > 32767 ? 32767 : whole);
}

template <class Type>
__device__ inline void project(
    const typename Type::Stored* __restrict__ stored, short* __restrict__ fingerprints, int rows,
    int columns, int stride) {
  int position = threadIdx.x % DIMENSIONS;
  int dimension = position * INVERSE_STEP % DIMENSIONS;
  int block_rows = blockDim.x / DIMENSIONS;
  if (threadIdx.x / DIMENSIONS >= block_rows) {
    return;
  }
  long long step = (long long)DIMENSIONS * stride;
  int count = position < columns ? (int)((columns - 1 - position) / step) + 1 : 0;
  for (long long row = (long long)blockIdx.x * block_rows + threadIdx.x / DIMENSIONS; row < rows;
       row += (long long)gridDim.x * block_rows) {
    const typename Type::Stored* at = stored + row * columns + position;
    double sum = 0;
#pragma unroll 8
    for (int i = 0; i < count; i++) {
      sum = __dadd_rn(sum, Type::value(at[i * step]));
    }
    fingerprints[row * DIMENSIONS + dimension] =
        count == 0 ? 0 : rounded(__dmul_rn(__ddiv_rn(sum, count), 256));
  }
}

#define BASE17(name, type)                                                                      \
  extern "C" __global__ void __launch_bounds__(544) base17_##name(                              \
      const type::Stored* __restrict__ stored, short* __restrict__ fingerprints, int rows,      \
      int columns, int stride) {                                                                \
    project<type>(stored, fingerprints, rows, columns, stride);                                 \
  }                                                                                             \
  EMULATED_KERNEL(base17_##name);

BASE17(f32, F32)
BASE17(f16, F16)
BASE17(bf16, BF16)
