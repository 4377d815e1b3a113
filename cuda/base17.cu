/*
 * base17_f32(rows, fingerprints, int rows, int columns, int stride)
 * base17_f16, base17_bf16
 *
 * What: dimension b of a row's fingerprint is the mean, in double, of its elements 17·o + (11·b mod 17)
 *   of every stride-th octave o, times 256, rounded half away from zero and clamped to 16 bits; 0 for
 *   NaN and where there is no element.
 * Grid: one block for blockDim.x / 17 rows; fewer are right too, blocks stride over the rest. Block:
 *   any from 17 up to 272, made for that (16 rows). Shared: at most 17,408 bytes, static.
 * Work: a thread has one position of an octave of one row and adds the octaves in ascending order.
 *   Sixteen octaves of sixteen rows are staged in shared memory, loaded sixteen bytes at a time while
 *   those before are added. Where rows are not aligned for that, octaves are skipped or blocks have
 *   another size, the threads of a row read 17 elements in a row from memory.
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

/** What is staged at a time: octaves of the rows of a block of THREADS. */
constexpr int OCTAVES = 16;
constexpr int ROWS = 16;
constexpr int CHUNK = DIMENSIONS * OCTAVES;
constexpr int THREADS = DIMENSIONS * ROWS;

template <class Type>
struct alignas(16) Staged {
  typename Type::Stored elements[ROWS][CHUNK];
};

/** Sixteen rows whose elements from some column on are on their way from memory. */
template <class Type>
struct RowsAhead {
  static constexpr int VECTOR = 16 / sizeof(typename Type::Stored);
  static constexpr int VECTORS = CHUNK / VECTOR;  // of a row
  static constexpr int STEP = THREADS / VECTORS;  // rows that are loaded at a time
  static constexpr int TURNS = ROWS / STEP;
  static_assert(STEP * VECTORS == THREADS && TURNS * STEP == ROWS, "every thread has equal parts");

  uint4 vectors[TURNS];

  /** Loads columns from ... from + CHUNK - 1 of rows first ..., as far as there are any. */
  __device__ void load(
      const typename Type::Stored* stored, long long first, int rows, int from, int columns) {
    long long row = first + threadIdx.x / VECTORS;
    int column = from + threadIdx.x % VECTORS * VECTOR;
    const typename Type::Stored* at = stored + row * columns + column;
#pragma unroll
    for (int k = 0; k < TURNS; k++) {
      if (row + STEP * k < rows && column < columns) {
        vectors[k] = *(const uint4*)(at + (long long)STEP * k * columns);
      }
    }
  }

  __device__ void store(Staged<Type>& staged) const {
#pragma unroll
    for (int k = 0; k < TURNS; k++) {
      *(uint4*)&staged.elements[threadIdx.x / VECTORS + STEP * k]
                               [threadIdx.x % VECTORS * VECTOR] = vectors[k];
    }
  }
};

/** Every octave of rows that are aligned to sixteen bytes. */
template <class Type>
__device__ inline void project_staged(
    const typename Type::Stored* __restrict__ stored, short* __restrict__ fingerprints, int rows,
    int columns, Staged<Type>& staged) {
  int position = threadIdx.x % DIMENSIONS;
  int dimension = position * INVERSE_STEP % DIMENSIONS;
  int own = threadIdx.x / DIMENSIONS;
  int count = position < columns ? (columns - 1 - position) / DIMENSIONS + 1 : 0;
  for (long long first = (long long)blockIdx.x * ROWS; first < rows;
       first += (long long)gridDim.x * ROWS) {
    double sum = 0;
    RowsAhead<Type> ahead = {};
    ahead.load(stored, first, rows, 0, columns);
    for (int octave = 0; octave * DIMENSIONS < columns; octave += OCTAVES) {
      __syncthreads();
      ahead.store(staged);
      __syncthreads();
      if (octave * DIMENSIONS + CHUNK < columns) {
        ahead.load(stored, first, rows, octave * DIMENSIONS + CHUNK, columns);
      }
      const typename Type::Stored* at = &staged.elements[own][position];
      if (octave + OCTAVES <= count) {
#pragma unroll 8
        for (int o = 0; o < OCTAVES; o++) {
          sum = __dadd_rn(sum, Type::value(at[o * DIMENSIONS]));
        }
      } else {
        for (int o = 0; octave + o < count; o++) {
          sum = __dadd_rn(sum, Type::value(at[o * DIMENSIONS]));
        }
      }
    }
    if (first + own < rows) {
      fingerprints[(first + own) * DIMENSIONS + dimension] =
          count == 0 ? 0 : rounded(__dmul_rn(__ddiv_rn(sum, count), 256));
    }
  }
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
  extern "C" __global__ void __launch_bounds__(THREADS, 3) base17_##name(                              \
      const type::Stored* __restrict__ stored, short* __restrict__ fingerprints, int rows,      \
      int columns, int stride) {                                                                \
    __shared__ Staged<type> staged;                                                             \
    bool aligned = (long long)columns * sizeof(type::Stored) % 16 == 0;                         \
    if (aligned && stride == 1 && blockDim.x == THREADS) {                                      \
      project_staged<type>(stored, fingerprints, rows, columns, staged);                        \
    } else {                                                                                    \
      project<type>(stored, fingerprints, rows, columns, stride);                               \
    }                                                                                           \
  }                                                                                             \
  EMULATED_KERNEL(base17_##name);

BASE17(f32, F32)
BASE17(f16, Half)
BASE17(bf16, BF16)
