/*
 * matvec_f32_TYPE(weights, activations, results, int rows, int columns, int batch)
 *
 * What: results[b][row] = dot256(decoded row, activations[b]).
 * Grid: x has one warp for a row, y one block for an activation vector; fewer are right too, warps
 *   stride over the rest. Block: any multiple of 32, made for 256. Shared: none.
 * Work: thread t of a warp decodes elements 8t ... 8t + 7 of every 256, which are its eight lanes of
 *   dot256.
 * Reads the weights once for each activation vector.
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

/** dot256 of a row and an activation vector, in every thread of the warp. */
template <class Row>
__device__ inline float dot(Row row, const float* x, int columns) {
  float lanes[8] = {};
  if (Row::whole_units(columns)) {
#pragma unroll 2
    for (int unit = warp_lane(); 8ll * unit < columns; unit += WARP) {
      float weights[8];
      float activations[8];
      row.decode(unit, weights);
      load_aligned<F32, 8>(x + 8ll * unit, activations);
      for (int j = 0; j < 8; j++) {
        lanes[j] = __fmaf_rn(weights[j], activations[j], lanes[j]);
      }
    }
  } else {
#pragma unroll 1
    for (long long first = 8 * warp_lane(); first < columns; first += 8 * WARP) {
      for (int j = 0; j < 8; j++) {
        if (first + j < columns) {
          lanes[j] = __fmaf_rn(row.value(first + j), x[first + j], lanes[j]);
        }
      }
    }
  }
  return warp_tree256(lanes);
}

template <class Row>
__device__ inline void matvec(
    const byte* __restrict__ weights, const float* __restrict__ activations,
    float* __restrict__ results, int rows, int columns, int batch) {
  for (long long b = blockIdx.y; b < batch; b += gridDim.y) {
    for (long long row = grid_thread() / WARP; row < rows; row += grid_threads() / WARP) {
      float result = dot(Row::at(weights, row, columns), activations + b * columns, columns);
      if (warp_lane() == 0) {
        results[b * rows + row] = result;
      }
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
