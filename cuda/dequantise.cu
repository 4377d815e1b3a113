/*
 * dequantise_TYPE(stored, values, long long elements)
 *
 * What: stored elements to float32, every value by itself.
 * Grid: one thread for eight elements (block types) or four (plain types); fewer blocks are right
 *   too, threads stride over the rest. Block: any multiple of 32, made for 256. Shared: none.
 * Work: a thread decodes one unit of its type. In the block types two neighbouring threads exchange
 *   half a unit, so that every store of the warp fills whole sectors.
 * Reads every stored byte once, writes every value once.
 */

#include "include/blocks.cuh"
#include "include/plain.cuh"

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

template <class Type>
__device__ inline void dequantise_blocks(
    const byte* __restrict__ stored, float* __restrict__ values, long long elements) {
  constexpr int UNITS = Type::ELEMENTS / 8;
  long long units = elements / 8;
  for (long long first = grid_thread() - warp_lane(); first < units; first += grid_threads()) {
    long long unit = first + warp_lane();
    bool valid = unit < units;
    float decoded[8] = {};
    if (valid) {
      Type::decode(stored + unit / UNITS * Type::BYTES, (int)(unit % UNITS), decoded);
    }
    store_unit(decoded, values + 8 * unit, valid);
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
    dequantise_blocks<type>(stored, values, elements);                                   \
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
