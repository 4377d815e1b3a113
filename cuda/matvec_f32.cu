/*
 * matvec_f32_TYPE(weights, activations, results, int rows, int columns, int batch)
 * matvec_f32_batch_TYPE(the same)
 *
 * What: results[b][row] = dot256(decoded row, activations[b]). The first is made for one vector, the
 *   second for several.
 * Grid: x has one warp for a row, and two if there are more than four vectors; y one block for an
 *   activation vector or, of the second kernel, for eight. Fewer are right too, warps stride over the
 *   rest. Block: any multiple of 32, made for 256. Shared: none.
 * Work: thread t of a warp decodes elements 8t ... 8t + 7 of every 256, which are its eight lanes of
 *   dot256, of the second kernel for four vectors: more need more registers than there are. So two
 *   neighbouring warps share a row, each with four of eight vectors.
 * Reads the weights once for eight activation vectors: the second of two warps finds them in the L1
 *   cache.
 */

#include "include/blocks.cuh"
#include "include/plain.cuh"

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

/**
 * dot256 of a row and of `vectors` activation vectors, at most VECTORS, `columns` apart. Thread v of
 * the warp gets that of vector v.
 */
template <class Row, int VECTORS>
__device__ inline float dots(Row row, const float* x, int columns, int vectors) {
  float lanes[VECTORS][8] = {};
  if (Row::whole_units(columns)) {
#pragma unroll(VECTORS == 1 ? 2 : 1)
    for (int unit = warp_lane(); 8ll * unit < columns; unit += WARP) {
      float weights[8];
      row.decode(unit, weights);
      const float* at = x + 8ll * unit;  // what is beyond the last vector is it again, for nobody
#pragma unroll
      for (int v = 0; v < VECTORS; v++) {
        float activations[8];
        load_aligned<F32, 8>(at, activations);
        for (int j = 0; j < 8; j++) {
          lanes[v][j] = __fmaf_rn(weights[j], activations[j], lanes[v][j]);
        }
        at += v + 1 < vectors ? columns : 0;
      }
    }
  } else {
#pragma unroll 1
    for (long long first = 8 * warp_lane(); first < columns; first += 8 * WARP) {
      float weights[8];
      for (int j = 0; j < 8; j++) {
        weights[j] = first + j < columns ? row.value(first + j) : 0.0f;
      }
      const float* at = x + first;
#pragma unroll
      for (int v = 0; v < VECTORS; v++, at += columns) {
        for (int j = 0; j < 8; j++) {
          if (v < vectors && first + j < columns) {
            lanes[v][j] = __fmaf_rn(weights[j], at[j], lanes[v][j]);
          }
        }
      }
    }
  }
  float own = 0.0f;
#pragma unroll
  for (int v = 0; v < VECTORS; v++) {
    if (v < vectors) {
      float sum = warp_tree256(lanes[v]);
      own = warp_lane() == v ? sum : own;
    }
  }
  return own;
}

/**
 * Takes all activation vectors.
 *
 * @tparam VECTORS those of a warp
 * @tparam SHARING the most warps that share a row
 */
template <class Row, int VECTORS, int SHARING>
__device__ inline void matvec(
    const byte* __restrict__ weights, const float* __restrict__ activations,
    float* __restrict__ results, int rows, int columns, int batch) {
  constexpr int MOST = VECTORS * SHARING;
  for (long long first = (long long)blockIdx.y * MOST; first < batch;
       first += (long long)gridDim.y * MOST) {
    int together = batch - first < MOST ? (int)(batch - first) : MOST;
    int sharing = (together + VECTORS - 1) / VECTORS;
    for (long long unit = grid_thread() / WARP; unit < (long long)rows * sharing;
         unit += grid_threads() / WARP) {
      long long row = unit / sharing;
      int part = (int)(unit % sharing) * VECTORS;
      int vectors = together - part < VECTORS ? together - part : VECTORS;
      float own = dots<Row, VECTORS>(
          Row::at(weights, row, columns), activations + (first + part) * columns, columns, vectors);
      if (warp_lane() < vectors) {
        results[(first + part + warp_lane()) * rows + row] = own;
      }
    }
  }
}

#define MATVEC(name, row, vectors, sharing)                                                   \
  extern "C" __global__ void __launch_bounds__(256, 2) matvec_f32_##name(                     \
      const byte* __restrict__ weights, const float* __restrict__ activations,                \
      float* __restrict__ results, int rows, int columns, int batch) {                        \
    matvec<row, vectors, sharing>(weights, activations, results, rows, columns, batch);       \
  }                                                                                           \
  EMULATED_KERNEL(matvec_f32_##name);

#define MATVECS(name, row)  \
  MATVEC(name, row, 1, 1)   \
  MATVEC(batch_##name, row, 4, 2)

#define MATVEC_BLOCKS(name, type) MATVECS(name, BlockRow<type>)
#define MATVEC_PLAIN(name, type) MATVECS(name, PlainRow<type>)

BLOCK_TYPES(MATVEC_BLOCKS)
PLAIN_TYPES(MATVEC_PLAIN)
