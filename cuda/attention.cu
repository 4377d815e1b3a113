/*
 * Attention takes three kernels, one after the other, and scratch memory of
 * 4 · queries · heads · (cached + 1) bytes: the scores [queries, heads, cached], and behind them the
 * sums [queries, heads]. A call with many queries can be made as several with some of them each:
 * queries first ... first + n - 1 of it are a call with n queries and cached - queries + first + n
 * positions on the same cache. The numbers after the operands are the same for all three: int
 * queries, int heads, int keyValueHeads, int headSize, int cached, float scale.
 *
 * attention_scores_f32, attention_scores_f16 (queries, keys, scores, ...)
 *   What: s_j = dot256(q, k_j)·scale for every query, head and visible position.
 *   Grid: x = ceil(cached / 128), y = keyValueHeads, z = ceil(queries · heads / keyValueHeads / 4) or
 *     fewer. Block: 256 exactly. Shared: 2,048 bytes, static.
 *   Work: a half-warp takes a key at a time, against four pairs of query and head that share it;
 *     thread t has the lanes 64k + 4t ... 64k + 4t + 3 of dot256.
 *   Reads each key once for four pairs.
 *
 * attention_weights (scores, sums, ...)
 *   What: m = max s_j, p_j = exp(s_j - m) in place of s_j, and their sum256.
 *   Grid: one block for a query and head; fewer are right too. Block: 256 exactly. Shared: none
 *     dynamic.
 *   Work: thread l is lane l.
 *
 * attention_values_f32, attention_values_f16 (scores, sums, values, results, ...)
 *   What: o = Σ p_j·v_j / sum, in eight lanes j mod 8 by fma and the tree 4, 2, 1.
 *   Grid: x = ceil(headSize / 32), y = keyValueHeads, z as above. Block: 256 exactly. Shared: 8,192
 *     bytes, static.
 *   Work: warp c is lane c; its threads are neighbouring elements of the head, for four pairs of
 *     query and head that share the values.
 *   Reads each value once for four pairs.
 */

#include "include/plain.cuh"

/** Pairs of query and head that share a read of the cache. */
constexpr int PAIRS = 4;
constexpr int KEYS = 128;
constexpr int POSITIONS = 256;
constexpr int HALF_WARP = 16;

/** The shape, and which pair of query and head is which. */
struct Shape {
  int queries;
  int heads;
  int key_value_heads;
  int head_size;
  int cached;

  __device__ int group() const {
    return heads / key_value_heads;
  }

  /** Pairs that share a key/value head. */
  __device__ long long pairs() const {
    return (long long)queries * group();
  }

  /** The row of queries, scores, sums and results that belongs to a pair. */
  __device__ long long row(long long pair, int key_value_head) const {
    return pair / group() * heads + key_value_head * group() + pair % group();
  }

  /** Positions that the query of a pair, or a row, sees. */
  __device__ int visible(long long query) const {
    return cached - queries + (int)query + 1;
  }

  __device__ int visible_to_pair(long long pair) const {
    return visible(pair / group());
  }

  /** Where the elements of a position begin in the cache. */
  __device__ long long at(long long position, int key_value_head) const {
    return (position * key_value_heads + key_value_head) * head_size;
  }
};

/** Elements i ... i + 3 of a head, `pad` for those it has not. */
template <class Type>
__device__ inline void load_quad(
    const typename Type::Stored* head, int i, int size, float pad, float* values) {
  if (size % 4 == 0 && i < size) {
    load_aligned<Type, 4>(head + i, values);
  } else {
    for (int r = 0; r < 4; r++) {
      values[r] = i + r < size ? Type::value(head[i + r]) : pad;
    }
  }
}

/** The same of a head of whole quads, which is all there or all missing. */
template <class Type>
__device__ inline void load_whole_quad(
    const typename Type::Stored* head, int i, int size, float pad, float* values) {
  if (i < size) {
    load_aligned<Type, 4>(head + i, values);
  } else {
    values[0] = values[1] = values[2] = values[3] = pad;
  }
}

/** Lanes that are `s` apart in `values`, added: the first `s` are what remains. */
template <int S>
__device__ inline void add_halves(float* values) {
#pragma unroll
  for (int l = 0; l < S; l++) {
    values[l] = __fadd_rn(values[l], values[l + S]);
  }
}

/**
 * The trees of dot256 of four pairs over a half-warp. Thread t gets the result of pair t / 4.
 *
 * @param lanes of each pair 4 · SLICES, lane 64k + 4t + r at 4k + r; what is above them is +0
 */
template <int SLICES>
__device__ inline float half_warp_tree256(float lanes[PAIRS][4 * SLICES]) {
  int t = threadIdx.x % HALF_WARP;
  float all[PAIRS * 4];
#pragma unroll
  for (int p = 0; p < PAIRS; p++) {
    if constexpr (SLICES == 4) {
      add_halves<8>(lanes[p]);  // s = 128
    } else {
#pragma unroll
      for (int l = 0; l < 4 * SLICES; l++) {
        lanes[p][l] = __fadd_rn(lanes[p][l], 0.0f);
      }
    }
    if constexpr (SLICES > 1) {
      add_halves<4>(lanes[p]);  // s = 64; with one slice it has been done with s = 128
    }
#pragma unroll
    for (int r = 0; r < 4; r++) {
      all[4 * p + r] = lanes[p][r];
    }
  }
#pragma unroll
  for (int s = 8; s > 0; s /= 2) {  // s of the contract is 4 s: 32, 16, 8, 4
#pragma unroll
    for (int j = 0; j < s; j++) {  // a thread keeps the half that its bit s names
      float mine = t & s ? all[j + s] : all[j];
      float other = t & s ? all[j] : all[j + s];
      all[j] = __fadd_rn(mine, __shfl_xor_sync(WHOLE_WARP, other, s));
    }
  }
  float sum = all[0];  // pair t / 4, lane t % 4
  sum = __fadd_rn(sum, __shfl_xor_sync(WHOLE_WARP, sum, 2));
  return __fadd_rn(sum, __shfl_xor_sync(WHOLE_WARP, sum, 1));
}

/**
 * Scores of four pairs against the keys of the thread block; the heads are whole quads and
 * fit in SLICES of 64 elements.
 */
template <class Type, int SLICES>
__device__ inline void score_whole(
    const float* queries, const typename Type::Stored* keys, const Shape& shape, long long pair,
    int first, int head, float scale, float (*tile)[KEYS]) {
  int t = threadIdx.x % HALF_WARP;
  int size = shape.head_size;
  float q[PAIRS][4 * SLICES];
#pragma unroll
  for (int p = 0; p < PAIRS; p++) {
    long long known = pair + p < shape.pairs() ? pair + p : pair;
    const float* query = queries + shape.row(known, head) * size;
#pragma unroll
    for (int k = 0; k < SLICES; k++) {
      load_whole_quad<F32>(query, 64 * k + 4 * t, size, -0.0f, q[p] + 4 * k);
    }
  }
#pragma unroll 2
  for (int i = threadIdx.x / HALF_WARP; i < KEYS; i += 256 / HALF_WARP) {
    int position = first + i < shape.cached ? first + i : shape.cached - 1;
    const typename Type::Stored* key = keys + shape.at(position, head);
    float lanes[PAIRS][4 * SLICES] = {};
#pragma unroll
    for (int k = 0; k < SLICES; k++) {
      float values[4];
      load_whole_quad<Type>(key, 64 * k + 4 * t, size, 0.0f, values);
#pragma unroll
      for (int p = 0; p < PAIRS; p++) {
#pragma unroll
        for (int r = 0; r < 4; r++) {  // -0 · +0 changes nothing
          lanes[p][4 * k + r] = __fmaf_rn(q[p][4 * k + r], values[r], lanes[p][4 * k + r]);
        }
      }
    }
    float score = __fmul_rn(half_warp_tree256<SLICES>(lanes), scale);
    if (t % 4 == 0) {
      tile[t / 4][i] = score;
    }
  }
}

/** The same for all other heads: their queries are read again for every key. */
template <class Type>
__device__ inline void score_any(
    const float* queries, const typename Type::Stored* keys, const Shape& shape, long long pair,
    int first, int head, float scale, float (*tile)[KEYS]) {
  int t = threadIdx.x % HALF_WARP;
  int size = shape.head_size;
#pragma unroll 1
  for (int i = threadIdx.x / HALF_WARP; i < KEYS; i += 256 / HALF_WARP) {
    int position = first + i < shape.cached ? first + i : shape.cached - 1;
    const typename Type::Stored* key = keys + shape.at(position, head);
    float lanes[PAIRS][16] = {};
#pragma unroll 1
    for (long long chunk = 0; chunk < size; chunk += 256) {
#pragma unroll
      for (int k = 0; k < 4; k++) {
        int at = (int)chunk + 64 * k + 4 * t;
        float values[4];
        load_quad<Type>(key, at, size, 0.0f, values);
#pragma unroll
        for (int p = 0; p < PAIRS; p++) {
          long long known = pair + p < shape.pairs() ? pair + p : pair;
          float q[4];
          load_quad<F32>(queries + shape.row(known, head) * size, at, size, -0.0f, q);
#pragma unroll
          for (int r = 0; r < 4; r++) {
            lanes[p][4 * k + r] = __fmaf_rn(q[r], values[r], lanes[p][4 * k + r]);
          }
        }
      }
    }
    float score = __fmul_rn(half_warp_tree256<4>(lanes), scale);
    if (t % 4 == 0) {
      tile[t / 4][i] = score;
    }
  }
}

template <class Type>
__device__ inline void score(
    const float* __restrict__ queries, const typename Type::Stored* __restrict__ keys,
    float* __restrict__ scores, const Shape& shape, float scale, float (*tile)[KEYS]) {
  int first = blockIdx.x * KEYS;
  int head = blockIdx.y;
  for (long long pair = (long long)blockIdx.z * PAIRS; pair < shape.pairs();
       pair += (long long)gridDim.z * PAIRS) {
    if (shape.head_size <= 128 && shape.head_size % 4 == 0) {
      score_whole<Type, 2>(queries, keys, shape, pair, first, head, scale, tile);
    } else {
      score_any<Type>(queries, keys, shape, pair, first, head, scale, tile);
    }
    __syncthreads();
    for (int i = threadIdx.x; i < PAIRS * KEYS; i += 256) {
      long long own = pair + i / KEYS;
      int position = first + i % KEYS;
      if (own < shape.pairs() && position < shape.visible_to_pair(own)) {
        scores[shape.row(own, head) * shape.cached + position] = tile[i / KEYS][i % KEYS];
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
    score<type>(queries, keys, scores, shape, scale, tile);                                       \
  }                                                                                               \
  EMULATED_KERNEL(attention_scores_##name);

SCORES(f32, F32)
SCORES(f16, F16)

extern "C" __global__ void __launch_bounds__(256) attention_weights(
    float* __restrict__ scores, float* __restrict__ sums, int queries, int heads,
    int key_value_heads, int head_size, int cached, float scale) {
  __shared__ float lanes[256];
  Shape shape = {queries, heads, key_value_heads, head_size, cached};
  for (long long row = blockIdx.x; row < (long long)queries * heads; row += gridDim.x) {
    float* s = scores + row * cached;
    int visible = shape.visible(row / heads);
    float largest = -__uint_as_float(0x7f800000u);
#pragma unroll 4
    for (int j = threadIdx.x; j < visible; j += 256) {
      largest = larger(largest, s[j]);
    }
    largest = block_largest(largest, lanes);
    float lane = 0.0f;
#pragma unroll 4
    for (int j = threadIdx.x; j < visible; j += 256) {
      float power = canonical_exp(__fsub_rn(s[j], largest));
      s[j] = power;
      lane = __fadd_rn(lane, power);
    }
    float sum = block_tree256(lane, lanes);
    if (threadIdx.x == 0) {
      sums[row] = sum;
    }
  }
}
EMULATED_KERNEL(attention_weights);

/** What a thread block of attention_values shares. */
struct alignas(16) Shared {
  float weights[POSITIONS][PAIRS];
  float lanes[8][PAIRS][WARP];
};

template <class Type>
__device__ inline void mix(
    const float* __restrict__ scores, const float* __restrict__ sums,
    const typename Type::Stored* __restrict__ values, float* __restrict__ results,
    const Shape& shape, Shared& shared) {
  int lane = threadIdx.x / WARP;
  int element = blockIdx.x * WARP + warp_lane();
  int head = blockIdx.y;
  bool valid = element < shape.head_size;
  const typename Type::Stored* column = values + (valid ? element : 0);
  for (long long pair = (long long)blockIdx.z * PAIRS; pair < shape.pairs();
       pair += (long long)gridDim.z * PAIRS) {
    int visible[PAIRS];
#pragma unroll
    for (int p = 0; p < PAIRS; p++) {
      visible[p] = pair + p < shape.pairs() ? shape.visible_to_pair(pair + p) : 0;
    }
    int fewest = visible[PAIRS - 1] == 0 ? 0 : visible[0];  // later pairs see as much or more
    int most = visible[0];
#pragma unroll
    for (int p = 1; p < PAIRS; p++) {
      most = visible[p] > most ? visible[p] : most;
    }
    float sum[PAIRS] = {};
    for (int first = 0; first < most; first += POSITIONS) {
      __syncthreads();
      for (int i = threadIdx.x; i < POSITIONS * PAIRS; i += 256) {
        int p = i / POSITIONS;
        int position = first + i % POSITIONS;
        bool seen = pair + p < shape.pairs() && position < shape.visible_to_pair(pair + p);
        shared.weights[i % POSITIONS][p] =
            seen ? scores[shape.row(pair + p, head) * shape.cached + position] : 0.0f;
      }
      __syncthreads();
      int count = most - first < POSITIONS ? most - first : POSITIONS;
      if (first + count <= fewest) {
#pragma unroll 8
        for (int i = lane; i < count; i += 8) {
          float value = Type::value(column[shape.at(first + i, head)]);
          float4 weights = *(const float4*)shared.weights[i];
          sum[0] = __fmaf_rn(weights.x, value, sum[0]);
          sum[1] = __fmaf_rn(weights.y, value, sum[1]);
          sum[2] = __fmaf_rn(weights.z, value, sum[2]);
          sum[3] = __fmaf_rn(weights.w, value, sum[3]);
        }
      } else {
#pragma unroll 1
        for (int i = lane; i < count; i += 8) {
          float value = Type::value(column[shape.at(first + i, head)]);
#pragma unroll
          for (int p = 0; p < PAIRS; p++) {
            if (first + i < visible[p]) {
              sum[p] = __fmaf_rn(shared.weights[i][p], value, sum[p]);
            }
          }
        }
      }
    }
    __syncthreads();
#pragma unroll
    for (int p = 0; p < PAIRS; p++) {
      shared.lanes[lane][p][warp_lane()] = sum[p];
    }
    __syncthreads();
    int p = threadIdx.x / WARP;  // one warp for a pair
    if (p < PAIRS && pair + p < shape.pairs() && valid) {
      float lanes[8];
#pragma unroll
      for (int l = 0; l < 8; l++) {
        lanes[l] = shared.lanes[l][p][warp_lane()];
      }
#pragma unroll
      for (int s = 4; s > 0; s /= 2) {
#pragma unroll
        for (int l = 0; l < s; l++) {
          lanes[l] = __fadd_rn(lanes[l], lanes[l + s]);
        }
      }
      long long row = shape.row(pair + p, head);
      results[row * shape.head_size + element] = __fdiv_rn(lanes[0], sums[row]);
    }
  }
}

#define VALUES(name, type)                                                                       \
  extern "C" __global__ void __launch_bounds__(256, 2) attention_values_##name(                     \
      const float* __restrict__ scores, const float* __restrict__ sums,                          \
      const type::Stored* __restrict__ values, float* __restrict__ results, int queries,         \
      int heads, int key_value_heads, int head_size, int cached, float scale) {                  \
    __shared__ Shared shared;                                                                                              \
    Shape shape = {queries, heads, key_value_heads, head_size, cached};                          \
    mix<type>(scores, sums, values, results, shape, shared);                                     \
  }                                                                                              \
  EMULATED_KERNEL(attention_values_##name);

VALUES(f32, F32)
VALUES(f16, F16)
