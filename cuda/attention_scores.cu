/*
 * attention_scores_float32, attention_scores_float16 (queries, keys, scores, int queries, int heads,
 *   int keyValueHeads, int headSize, int cached, float scale)
 *
 * What: scores[head][query][j] = dot256(q, k_j)·scale; +0 where the key is later than the query.
 * Grid: x = ceil(cached / 64) · keyValueHeads or fewer, z = ceil(queries · heads / keyValueHeads / 4) or
 *   fewer. Block: 128 exactly. Shared: 56,320 bytes (f16) or 71,680 (f32), dynamic.
 * Work: as the first kernel of attention.
 * Reads each key once for four pairs of query and head, writes once.
 */

#include "include/attention.cuh"

template <class Type>
__device__ inline void score_to_rows(
    const float* __restrict__ queries, const typename Type::Stored* __restrict__ keys,
    float* __restrict__ scores, const Shape& shape, float scale, ScoreTiles<Type>& tiles) {
  score<Type>(queries, keys, shape, scale, tiles, [&](const float (*scores_here)[KEYS], int index, int head, int pair) {
    for (int i = threadIdx.x; i < PAIRS * KEYS; i += SCORE_THREADS) {
      int own = pair + i / KEYS;
      int position = index * KEYS + i % KEYS;
      if (own < shape.pairs() && position < shape.cached) {
        int query = own / shape.group;
        long long row =
            (long long)(head * shape.group + own % shape.group) * shape.queries + query;
        bool seen = position < shape.visible(query);
        scores[row * shape.cached + position] = seen ? scores_here[i / KEYS][i % KEYS] : 0.0f;
      }
    }
  });
}

#define SCORES(name, type)                                                                        \
  extern "C" __global__ void __launch_bounds__(SCORE_THREADS, 3) attention_scores_##name(         \
      const float* __restrict__ queries, const type::Stored* __restrict__ keys,                   \
      float* __restrict__ scores, int query_count, int heads, int key_value_heads, int head_size, \
      int cached, float scale) {                                                                  \
    DYN_SHARED(ScoreTiles<type>, tiles);                                                          \
    Shape shape = {query_count, heads, key_value_heads, head_size, cached};                       \
    score_to_rows<type>(queries, keys, scores, shape, scale, *tiles);                             \
  }                                                                                               \
  EMULATED_KERNEL(attention_scores_##name);

SCORES(float32, F32)
SCORES(float16, Half)
