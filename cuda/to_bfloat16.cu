/*
 * to_bfloat16_TYPE(stored, numbers, long long elements)
 *
 * What: stored elements to bfloat16, decoded to float32 and rounded to nearest even, every value by
 *   itself; a NaN stays one. What tensor cores are given in fast products of matrices.
 * Grid: one thread for eight elements; fewer blocks are right too, threads stride over the rest.
 *   Block: any, made for 256. Shared: none.
 * Reads and writes once, 16 bytes to a store.
 */

#include "include/blocks.cuh"
#include "include/plain.cuh"

/** Stores the eight at 16 aligned bytes. */
__device__ inline void store_rounded(const float* values, unsigned short* numbers) {
  *(uint4*)numbers = make_uint4(
      bfloat16_pair(values[0], values[1]), bfloat16_pair(values[2], values[3]),
      bfloat16_pair(values[4], values[5]), bfloat16_pair(values[6], values[7]));
}

template <class Type>
__device__ inline void round_blocks(
    const byte* __restrict__ stored, unsigned short* __restrict__ numbers, long long elements) {
  constexpr int UNITS = Type::ELEMENTS / 8;
  for (long long unit = grid_thread(); 8 * unit < elements; unit += grid_threads()) {
    float values[8];
    Type::decode(stored + unit / UNITS * Type::BYTES, (int)(unit % UNITS), values);
    store_rounded(values, numbers + 8 * unit);
  }
}

template <class Type>
__device__ inline void round_plain(
    const typename Type::Stored* __restrict__ stored, unsigned short* __restrict__ numbers,
    long long elements) {
  for (long long at = 8 * grid_thread(); at < elements; at += 8 * grid_threads()) {
    if (at + 8 <= elements) {
      float values[8];
      load_aligned<Type, 8>(stored + at, values);
      store_rounded(values, numbers + at);
    } else {
      for (long long i = at; i < elements; i++) {
        numbers[i] = (unsigned short)bfloat16_pair(Type::value(stored[i]), 0.0f);
      }
    }
  }
}

#define TO_BFLOAT16_BLOCKS(name, type)                                   \
  extern "C" __global__ void __launch_bounds__(256) to_bfloat16_##name(  \
      const byte* __restrict__ stored, unsigned short* __restrict__ numbers, \
      long long elements) {                                              \
    round_blocks<type>(stored, numbers, elements);                       \
  }                                                                      \
  EMULATED_KERNEL(to_bfloat16_##name);

#define TO_BFLOAT16_PLAIN(name, type)                                    \
  extern "C" __global__ void __launch_bounds__(256) to_bfloat16_##name(  \
      const type::Stored* __restrict__ stored, unsigned short* __restrict__ numbers, \
      long long elements) {                                              \
    round_plain<type>(stored, numbers, elements);                        \
  }                                                                      \
  EMULATED_KERNEL(to_bfloat16_##name);

BLOCK_TYPES(TO_BFLOAT16_BLOCKS)
PLAIN_TYPES_TO_ROUND(TO_BFLOAT16_PLAIN)
