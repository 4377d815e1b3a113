#pragma once

#include "blocks.cuh"
#include "plain.cuh"

/*
 * A float32 for every stored element. One thread takes eight elements (block types) or four (plain
 * types); threads stride over the rest. In the block types the threads of a warp exchange what they
 * have computed, so that the warp stores 512 bytes in a row: blocks are multiples of 32 threads, 256 at
 * most.
 */

/** Values of a warp on their way to memory, four at a place. */
typedef float4 Exchange[2 * WARP];

/** Where quad i is kept, so that threads with two in a row each use all banks. */
__device__ inline int place(int i) {
  return i ^ (i >> 3 & 1);
}

/**
 * Stores the units of a warp. All its threads take part.
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

/** What COMPUTE gives for every unit of eight elements of a block type. */
template <class Type, void (*COMPUTE)(const byte*, int, float*)>
__device__ inline void by_units(
    const byte* __restrict__ stored, float* __restrict__ results, long long elements) {
  __shared__ Exchange exchanges[256 / WARP];
  constexpr int UNITS = Type::ELEMENTS / 8;
  long long units = elements / 8;
  for (long long first = grid_thread() - warp_lane(); first < units; first += grid_threads()) {
    long long unit = first + warp_lane();
    float computed[8] = {};
    if (unit < units) {
      COMPUTE(stored + unit / UNITS * Type::BYTES, (int)(unit % UNITS), computed);
    }
    store_units(
        computed, results + 8 * first, elements - 8 * first, exchanges[threadIdx.x / WARP]);
  }
}

/** What MAP gives for the value of every element of a type without blocks. */
template <class Type, float (*MAP)(float)>
__device__ inline void by_elements(
    const typename Type::Stored* __restrict__ stored, float* __restrict__ results,
    long long elements) {
  for (long long at = 4 * grid_thread(); at < elements; at += 4 * grid_threads()) {
    if (at + 4 <= elements) {
      float four[4];
      load_aligned<Type, 4>(stored + at, four);
      *(float4*)(results + at) =
          make_float4(MAP(four[0]), MAP(four[1]), MAP(four[2]), MAP(four[3]));
    } else {
      for (long long i = at; i < elements; i++) {
        results[i] = MAP(Type::value(stored[i]));
      }
    }
  }
}
