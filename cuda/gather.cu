/*
 * gather_TYPE(table, tokens, results, int rows, int columns, int tokens)
 *
 * What: the decoded row of the table for every token; a row of NaN for one outside the table.
 * Grid: x has one block for a token, fewer are right too; y shares the row's columns: made for
 *   ceil(columns / 2048). Block: any, made for 256. Shared: none.
 * Work: a thread decodes eight elements (block types) or one (plain types) at a time.
 * Reads the rows asked for once, writes once.
 */

#include "include/blocks.cuh"
#include "include/plain.cuh"

template <class Type>
__device__ inline void gather_blocks(
    const byte* __restrict__ table, const int* __restrict__ tokens, float* __restrict__ results,
    int rows, int columns, int count) {
  constexpr int UNITS = Type::ELEMENTS / 8;
  for (long long t = blockIdx.x; t < count; t += gridDim.x) {
    int token = tokens[t];
    bool known = token >= 0 && token < rows;
    const byte* row = table + (known ? token : 0) * (long long)(columns / Type::ELEMENTS) * Type::BYTES;
    float4* to = (float4*)(results + t * columns);
    for (int unit = blockIdx.y * blockDim.x + threadIdx.x; unit < columns / 8;
         unit += gridDim.y * blockDim.x) {
      float values[8];
      Type::decode(row + (long long)(unit / UNITS) * Type::BYTES, unit % UNITS, values);
      for (int j = 0; j < 8; j++) {
        values[j] = known ? values[j] : quiet_nan();
      }
      to[2 * (long long)unit] = make_float4(values[0], values[1], values[2], values[3]);
      to[2 * (long long)unit + 1] = make_float4(values[4], values[5], values[6], values[7]);
    }
  }
}

template <class Type>
__device__ inline void gather_plain(
    const byte* __restrict__ table, const int* __restrict__ tokens, float* __restrict__ results,
    int rows, int columns, int count) {
  for (long long t = blockIdx.x; t < count; t += gridDim.x) {
    int token = tokens[t];
    bool known = token >= 0 && token < rows;
    const typename Type::Stored* row =
        (const typename Type::Stored*)table + (known ? token : 0) * (long long)columns;
    for (long long i = blockIdx.y * blockDim.x + threadIdx.x; i < columns;
         i += gridDim.y * blockDim.x) {
      results[t * columns + i] = known ? Type::value(row[i]) : quiet_nan();
    }
  }
}

#define GATHER(name, type, gather)                                                              \
  extern "C" __global__ void __launch_bounds__(256) gather_##name(                              \
      const byte* __restrict__ table, const int* __restrict__ tokens,                           \
      float* __restrict__ results, int rows, int columns, int count) {                          \
    gather<type>(table, tokens, results, rows, columns, count);                                 \
  }                                                                                             \
  EMULATED_KERNEL(gather_##name);

#define GATHER_BLOCKS(name, type) GATHER(name, type, gather_blocks)
#define GATHER_PLAIN(name, type) GATHER(name, type, gather_plain)

BLOCK_TYPES(GATHER_BLOCKS)
PLAIN_TYPES(GATHER_PLAIN)
