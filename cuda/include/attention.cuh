#pragma once

#include "plain.cuh"

/*
 * What attention and its scores share: the shape, and scores by half-warps, which take a key at a
 * time against four pairs of query and head that share it; thread t of sixteen has the lanes
 * 64k + 4t ... 64k + 4t + 3 of dot256.
 */

/** Pairs of query and head that share a read of the cache. */
constexpr int PAIRS = 4;
constexpr int KEYS = 128;
constexpr int HALF_WARP = 16;

/** Lanes of the sum over positions. */
constexpr int LANES = 8;

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

  /** Room for the scores of one lane. */
  __device__ int lane_size() const {
    return cached / LANES + (cached % LANES != 0);
  }

  /** The scores of one lane of a row. */
  __device__ float* lane_scores(float* scores, long long row, int lane) const {
    return scores + (row * LANES + lane) * lane_size();
  }

  __device__ const float* lane_scores(const float* scores, long long row, int lane) const {
    return scores + (row * LANES + lane) * lane_size();
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

/** Scores of four pairs against KEYS keys from `first` on, to `tile`. */
template <class Type>
__device__ inline void score(
    const float* queries, const typename Type::Stored* keys, const Shape& shape, long long pair,
    int first, int head, float scale, float (*tile)[KEYS]) {
  if (shape.head_size <= 128 && shape.head_size % 4 == 0) {
    score_whole<Type, 2>(queries, keys, shape, pair, first, head, scale, tile);
  } else {
    score_any<Type>(queries, keys, shape, pair, first, head, scale, tile);
  }
}
