/*
 * attention_scores_float32, attention_scores_float16 (queries, keys, scores, int queries, int heads,
 *   int keyValueHeads, int headSize, int cached, float scale)
 *
 * What: scores[head][query][j] = dot256(q, k_j)·scale; +0 where the key is later than the query.
 * Grid: x = ceil(cached / 128), y = keyValueHeads, z = ceil(queries · heads / keyValueHeads / 4) or
 *   fewer. Block: 256 exactly. Shared: 2,048 bytes, static.
 * Work: as the first kernel of attention.
 * Reads each key once for four pairs of query and head, writes once.
 */

#include "include/attention.cuh"

template <class Type>
__device__ inline void score_to_rows(
    const float* __restrict__ queries, const typename Type::Stored* __restrict__ keys,
    float* __restrict__ scores, const Shape& shape, float scale, float (*tile)[KEYS]) {
  int first = blockIdx.x * KEYS;
  int head = blockIdx.y;
  for (long long pair = (long long)blockIdx.z * PAIRS; pair < shape.pairs();
       pair += (long long)gridDim.z * PAIRS) {
    score<Type>(queries, keys, shape, pair, first, head, scale, tile);
    __syncthreads();
    for (int i = threadIdx.x; i < PAIRS * KEYS; i += 256) {
      long long own = pair + i / KEYS;
      int position = first + i % KEYS;
      if (own < shape.pairs() && position < shape.cached) {
        long long query = own / shape.group();
        long long row = (head * shape.group() + own % shape.group()) * shape.queries + query;
        bool seen = position < shape.visible(query);
        scores[row * shape.cached + position] = seen ? tile[i / KEYS][i % KEYS] : 0.0f;
      }
    }
    __syncthreads();
  }
}

#define SCORES(name, type)                                                                        \
  extern "C" __global__ void __launch_bounds__(256, 2) attention_scores_##name(                      \
      const float* __restrict__ queries, const type::Stored* __restrict__ keys,                   \
      float* __restrict__ scores, int query_count, int heads, int key_value_heads, int head_size, \
      int cached, float scale) {                                                                  \
    __shared__ float tile[PAIRS][KEYS];                                                           \
    Shape shape = {query_count, heads, key_value_heads, head_size, cached};                       \
    score_to_rows<type>(queries, keys, scores, shape, scale, tile);                               \
  }                                                                                               \
  EMULATED_KERNEL(attention_scores_##name);

SCORES(float32, F32)
SCORES(float16, F16)
