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

#include "include/elementwise.cuh"

__device__ inline float same(float value) {
  return value;
}

#define DEQUANTISE_BLOCKS(name, type)                                                    \
  extern "C" __global__ void __launch_bounds__(256) dequantise_##name(                   \
      const byte* __restrict__ stored, float* __restrict__ values, long long elements) { \
    by_units<type, type::decode>(stored, values, elements);                              \
  }                                                                                      \
  EMULATED_KERNEL(dequantise_##name);

#define DEQUANTISE_PLAIN(name, type)                                                  \
  extern "C" __global__ void __launch_bounds__(256) dequantise_##name(                \
      const type::Stored* __restrict__ stored, float* __restrict__ values,            \
      long long elements) {                                                           \
    by_elements<type, same>(stored, values, elements);                                \
  }                                                                                   \
  EMULATED_KERNEL(dequantise_##name);

BLOCK_TYPES(DEQUANTISE_BLOCKS)
PLAIN_TYPES(DEQUANTISE_PLAIN)
