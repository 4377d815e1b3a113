/*
 * dequantise_TYPE(stored, values, long long elements)
 *
 * What: stored elements to float32, every value by itself.
 * Grid: one thread for eight elements (block types) or four (plain types); fewer blocks are right
 *   too, threads stride over the rest. Block: any multiple of 32 up to 256, made for 256. Shared: 8,192
 *   bytes (block types), static.
 * Work: a thread decodes one unit of its type. In the block types the threads of a warp exchange what
 *   they have decoded, so that the warp stores 512 bytes in a row.
 * Reads every stored byte once, writes every value once.
 */

#include "include/blocks.cuh"
#include "include/plain.cuh"

/** Values of a warp on their way to memory, four at a place. */
typedef float4 Exchange[2 * WARP];

/** Where quad i is kept, so that threads with two in a row each use all banks. */
__device__ inline int place(int i) {
  return i ^ (i >> 3 & 1);
}

/**
 * Stores the units of a warp, so that it writes 512 bytes in a row at a time. All its threads take part.
 *
 * @param left elements from the first of the warp on
 */
__device__ inline void store_units(
    const float* values, float* first, long long left, Exchange& exchange) {
  int t = warp_lane();
  exchange[place(2 * t)] = make_float4(values[0], values[1], values[2], values[3]);
  exchange[place(2 * t + 1)] = make_float4(values[4], values[5], values[6], values[7]);
  __syncwarp(WHOLE_WARP);
#pragma unroll
  for (int i = t; i < 2 * WARP; i += WARP) {
    if (4 * i < left) {
      ((float4*)first)[i] = exchange[place(i)];
    }
  }
  __syncwarp(WHOLE_WARP);
}

template <class Type>
__device__ inline void dequantise_blocks(
    const byte* __restrict__ stored, float* __restrict__ values, long long elements,
    Exchange& exchange) {
  constexpr int UNITS = Type::ELEMENTS / 8;
  long long units = elements / 8;
  for (long long first = grid_thread() - warp_lane(); first < units; first += grid_threads()) {
    long long unit = first + warp_lane();
    float decoded[8] = {};
    if (unit < units) {
      Type::decode(stored + unit / UNITS * Type::BYTES, (int)(unit % UNITS), decoded);
    }
    store_units(decoded, values + 8 * first, elements - 8 * first, exchange);
  }
}

template <class Type>
__device__ inline void dequantise_plain(
    const typename Type::Stored* __restrict__ stored, float* __restrict__ values,
    long long elements) {
  for (long long at = 4 * grid_thread(); at < elements; at += 4 * grid_threads()) {
    if (at + 4 <= elements) {
      float four[4];
      load_aligned<Type, 4>(stored + at, four);
      *(float4*)(values + at) = make_float4(four[0], four[1], four[2], four[3]);
    } else {
      for (long long i = at; i < elements; i++) {
        values[i] = Type::value(stored[i]);
      }
    }
  }
}

#define DEQUANTISE_BLOCKS(name, type)                                                    \
  extern "C" __global__ void __launch_bounds__(256) dequantise_##name(                   \
      const byte* __restrict__ stored, float* __restrict__ values, long long elements) { \
    __shared__ Exchange exchange[256 / WARP];                                            \
    dequantise_blocks<type>(stored, values, elements, exchange[threadIdx.x / WARP]);     \
  }                                                                                      \
  EMULATED_KERNEL(dequantise_##name);

#define DEQUANTISE_PLAIN(name, type)                                                  \
  extern "C" __global__ void __launch_bounds__(256) dequantise_##name(                \
      const type::Stored* __restrict__ stored, float* __restrict__ values,            \
      long long elements) {                                                           \
    dequantise_plain<type>(stored, values, elements);                                 \
  }                                                                                   \
  EMULATED_KERNEL(dequantise_##name);

BLOCK_TYPES(DEQUANTISE_BLOCKS)
PLAIN_TYPES(DEQUANTISE_PLAIN)
