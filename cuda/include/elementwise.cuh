#pragma once

#include "blocks.cuh"
#include "plain.cuh"

/*
 * A float32 for every stored element. One thread takes eight elements (block types) or four (plain
 * types); threads stride over the rest. In the block types two neighbouring threads exchange half a
 * unit, so that every store of the warp fills whole sectors: blocks are multiples of 32 threads.
 */

/**
 * Stores the units of two neighbouring threads in two steps of which each writes 32 bytes in a row.
 * All threads of a warp take part; those of a pair are both valid or both not.
 */
__device__ inline void store_unit(const float* values, float* at, bool valid) {
  bool odd = threadIdx.x & 1;
  float4 own = odd ? make_float4(values[4], values[5], values[6], values[7])
                   : make_float4(values[0], values[1], values[2], values[3]);
  float4 other;
  other.x = __shfl_xor_sync(WHOLE_WARP, odd ? values[0] : values[4], 1);
  other.y = __shfl_xor_sync(WHOLE_WARP, odd ? values[1] : values[5], 1);
  other.z = __shfl_xor_sync(WHOLE_WARP, odd ? values[2] : values[6], 1);
  other.w = __shfl_xor_sync(WHOLE_WARP, odd ? values[3] : values[7], 1);
  if (valid) {
    float4* pair = (float4*)(odd ? at - 8 : at);
    pair[odd ? 1 : 0] = odd ? other : own;
    pair[odd ? 3 : 2] = odd ? own : other;
  }
}

/** What COMPUTE gives for every unit of eight elements of a block type. */
template <class Type, void (*COMPUTE)(const byte*, int, float*)>
__device__ inline void by_units(
    const byte* __restrict__ stored, float* __restrict__ results, long long elements) {
  constexpr int UNITS = Type::ELEMENTS / 8;
  long long units = elements / 8;
  for (long long first = grid_thread() - warp_lane(); first < units; first += grid_threads()) {
    long long unit = first + warp_lane();
    bool valid = unit < units;
    float computed[8] = {};
    if (valid) {
      COMPUTE(stored + unit / UNITS * Type::BYTES, (int)(unit % UNITS), computed);
    }
    store_unit(computed, results + 8 * unit, valid);
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
