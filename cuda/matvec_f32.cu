/*
 * matvec_f32_TYPE(weights, activations, results, int rows, int columns, int batch)
 *
 * What: results[b][row] = dot256(decoded row, activations[b]).
 * Grid: x has one warp for a row; fewer blocks are right too, warps stride over the rest. y has one
 *   block for four activation vectors: ceil(batch / 4). Block: any multiple of 32, made for 256.
 *   Shared: none.
 * Work: thread t of a warp decodes elements 8t ... 8t + 7 of every 256, which are its eight lanes of
 *   dot256; the decoded weights serve up to four activation vectors.
 * Reads the weights once for four activation vectors.
 */

#include "include/blocks.cuh"
#include "include/plain.cuh"

constexpr int BATCH = 4;

/** A row in blocks of Type. */
template <class Type>
struct BlockRow {
  const byte* stored;

  static __device__ BlockRow at(const byte* weights, long long row, int columns) {
    return {weights + row * (columns / Type::ELEMENTS) * Type::BYTES};
  }

  /** Whether a row is whole units of eight elements. */
  static __device__ constexpr bool whole_units(int columns) {
    return true;
  }

  /** Elements 8 unit ... 8 unit + 7. */
  __device__ void decode(int unit, float* values) const {
    constexpr int UNITS = Type::ELEMENTS / 8;
    Type::decode(stored + (long long)(unit / UNITS) * Type::BYTES, unit % UNITS, values);
  }

  __device__ float value(long long i) const {
    return 0.0f;  // never asked for: units are whole
  }
};

/** A row of elements that stand alone. */
template <class Type>
struct PlainRow {
  const typename Type::Stored* stored;

  static __device__ PlainRow at(const byte* weights, long long row, int columns) {
    return {(const typename Type::Stored*)weights + row * columns};
  }

  static __device__ bool whole_units(int columns) {
    return columns % 8 == 0;
  }

  __device__ void decode(int unit, float* values) const {
    load_aligned<Type, 8>(stored + 8ll * unit, values);
  }

  __device__ float value(long long i) const {
    return Type::value(stored[i]);
  }
};

/** lane += weight · activation for the elements 8 unit ... 8 unit + 7. */
__device__ inline void take(const float* weights, const float* x, int unit, float* lanes) {
  float activations[8];
  load_aligned<F32, 8>(x + 8ll * unit, activations);
  for (int j = 0; j < 8; j++) {
    lanes[j] = __fmaf_rn(weights[j], activations[j], lanes[j]);
  }
}

/** One activation vector. */
template <class Row>
__device__ inline void single(
    const byte* weights, const float* x, float* results, int rows, int columns) {
  for (long long row = grid_thread() / WARP; row < rows; row += grid_threads() / WARP) {
    Row w = Row::at(weights, row, columns);
    float lanes[8] = {};
    if (Row::whole_units(columns)) {
      for (int unit = warp_lane(); 8ll * unit < columns; unit += WARP) {
        float decoded[8];
        w.decode(unit, decoded);
        take(decoded, x, unit, lanes);
      }
    } else {
      for (long long first = 8 * warp_lane(); first < columns; first += 8 * WARP) {
        for (int j = 0; j < 8; j++) {
          if (first + j < columns) {
            lanes[j] = __fmaf_rn(w.value(first + j), x[first + j], lanes[j]);
          }
        }
      }
    }
    float dot = warp_tree256(lanes);
    if (warp_lane() == 0) {
      results[row] = dot;
    }
  }
}

/** Up to four activation vectors, columns in whole units. */
template <class Row>
__device__ inline void several(
    const byte* weights, const float* x, float* results, int rows, int columns, int vectors) {
  for (long long row = grid_thread() / WARP; row < rows; row += grid_threads() / WARP) {
    Row w = Row::at(weights, row, columns);
    float lanes[BATCH][8] = {};
    for (int unit = warp_lane(); 8ll * unit < columns; unit += WARP) {
      float decoded[8];
      w.decode(unit, decoded);
#pragma unroll
      for (int b = 0; b < BATCH; b++) {
        if (b < vectors) {
          take(decoded, x + (long long)b * columns, unit, lanes[b]);
        }
      }
    }
#pragma unroll
    for (int b = 0; b < BATCH; b++) {
      if (b < vectors) {
        float dot = warp_tree256(lanes[b]);
        if (warp_lane() == 0) {
          results[(long long)b * rows + row] = dot;
        }
      }
    }
  }
}

template <class Row>
__device__ inline void matvec(
    const byte* __restrict__ weights, const float* __restrict__ activations,
    float* __restrict__ results, int rows, int columns, int batch) {
  int first = blockIdx.y * BATCH;
  int vectors = batch - first < BATCH ? batch - first : BATCH;
  const float* x = activations + (long long)first * columns;
  float* y = results + (long long)first * rows;
  if (vectors > 1 && Row::whole_units(columns)) {
    several<Row>(weights, x, y, rows, columns, vectors);
  } else {
    for (int b = 0; b < vectors; b++) {
      single<Row>(weights, x + (long long)b * columns, y + (long long)b * rows, rows, columns);
    }
  }
}

#define MATVEC(name, row)                                                                     \
  extern "C" __global__ void __launch_bounds__(256, 2) matvec_f32_##name(                        \
      const byte* __restrict__ weights, const float* __restrict__ activations,                \
      float* __restrict__ results, int rows, int columns, int batch) {                        \
    matvec<row>(weights, activations, results, rows, columns, batch);                         \
  }                                                                                           \
  EMULATED_KERNEL(matvec_f32_##name);

#define MATVEC_BLOCKS(name, type) MATVEC(name, BlockRow<type>)
#define MATVEC_PLAIN(name, type) MATVEC(name, PlainRow<type>)

BLOCK_TYPES(MATVEC_BLOCKS)
PLAIN_TYPES(MATVEC_PLAIN)
