#pragma once

#include "ahead.cuh"
#include "plain.cuh"

/*
 * What attention and its scores share: the shape, and the scores of four pairs of query and head that
 * share a key/value head. Heads of whole chunks are staged in shared memory, and a thread takes a key
 * against two pairs, so that nothing is exchanged. Other heads are taken by half-warps, a key at a
 * time; thread t of sixteen has the lanes 64k + 4t ... 64k + 4t + 3 of dot256.
 */

/** Pairs of query and head that share a read of the cache. */
constexpr int PAIRS = 4;

/** Keys of a tile, pairs that a thread takes a key against, and the threads that this makes. */
constexpr int KEYS = 64;
constexpr int PAIRS_OF_THREAD = 2;
constexpr int SCORE_THREADS = KEYS * PAIRS / PAIRS_OF_THREAD;
constexpr int HALF_WARP = 16;

/** Lanes of the sum over positions. */
constexpr int LANES = 8;

/** The shape, and which pair of query and head is which. Queries times heads are less than 2^31. */
struct Shape {
  int queries;
  int heads;
  int key_value_heads;
  int head_size;
  int cached;
  int group = heads / key_value_heads;  // heads that share a key/value head

  /** Pairs that share a key/value head. */
  __device__ int pairs() const {
    return queries * group;
  }

  /** The row of queries, scores, sums and results that belongs to a pair. */
  __device__ int row(int pair, int key_value_head) const {
    int query = (int)((unsigned)pair / (unsigned)group);
    return query * heads + key_value_head * group + (pair - query * group);
  }

  /** Positions that a query sees. */
  __device__ int visible(int query) const {
    return cached - queries + query + 1;
  }

  __device__ int visible_to_pair(int pair) const {
    return visible((int)((unsigned)pair / (unsigned)group));
  }

  /** Room for the scores of one lane: whole quads. */
  __device__ int lane_size() const {
    return (cached / (4 * LANES) + (cached % (4 * LANES) != 0)) * 4;
  }

  /** The scores of one lane of a row. */
  __device__ float* lane_scores(float* scores, int row, int lane) const {
    return scores + ((long long)row * LANES + lane) * lane_size();
  }

  __device__ const float* lane_scores(const float* scores, int row, int lane) const {
    return scores + ((long long)row * LANES + lane) * lane_size();
  }

  /** Tiles of KEYS keys. */
  __device__ int tiles_of_head() const {
    return cached / KEYS + (cached % KEYS != 0);
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

/** Lanes that are `s` apart in `values`, added: the first `s` are what remains. */
template <int S>
__device__ inline void add_halves(float* values) {
#pragma unroll
  for (int l = 0; l < S; l++) {
    values[l] = __fadd_rn(values[l], values[l + S]);
  }
}

/**
 * The tree of dot256 over a half-warp. Every thread gets the result.
 *
 * @param lanes lane 64k + 4t + r of thread t at 4k + r
 */
__device__ inline float half_warp_tree256(float lanes[16]) {
  add_halves<8>(lanes);  // s = 128
  add_halves<4>(lanes);  // s = 64
#pragma unroll
  for (int s = HALF_WARP / 2; s > 0; s /= 2) {  // s of the contract is 4 s: 32, 16, 8, 4
#pragma unroll
    for (int r = 0; r < 4; r++) {
      lanes[r] = __fadd_rn(lanes[r], __shfl_xor_sync(WHOLE_WARP, lanes[r], s));
    }
  }
  add_halves<2>(lanes);
  add_halves<1>(lanes);
  return lanes[0];
}

/** Elements of a head that are multiplied at a time. */
constexpr int CHUNK = 8;

/** Heads of up to this many elements, whole chunks, are staged in shared memory. */
constexpr int MOST_STAGED = 128;

/** Some pairs against one key of CHUNKS chunks, in the order of dot256: its tree is depth first. */
template <class Type, int CHUNKS>
struct Products {
  static constexpr int LANES_HERE = CHUNK * PAIRS_OF_THREAD;

  const typename Type::Stored* key;
  const float (*queries)[MOST_STAGED];

  /** Lanes CHUNK c ... of the pairs. */
  __device__ void multiply(int c, float* lanes) const {
    float k[CHUNK];
    load_aligned<Type, CHUNK>(key + CHUNK * c, k);
#pragma unroll
    for (int p = 0; p < PAIRS_OF_THREAD; p++) {
      float q[CHUNK];
      load_aligned<F32, CHUNK>(queries[p] + CHUNK * c, q);
#pragma unroll
      for (int r = 0; r < CHUNK; r++) {
        lanes[CHUNK * p + r] = __fmaf_rn(q[r], k[r], 0.0f);
      }
    }
  }

  /** Adds the lanes of chunks c, c + STEP, c + 2 STEP ...: the lower half and the upper half. */
  template <int STEP>
  __device__ void add(int c, float* lanes) const {
    if constexpr (STEP >= CHUNKS) {
      multiply(c, lanes);
    } else {
      float others[LANES_HERE];
      add<2 * STEP>(c, lanes);
      add<2 * STEP>(c + STEP, others);
#pragma unroll
      for (int i = 0; i < LANES_HERE; i++) {
        lanes[i] = __fadd_rn(lanes[i], others[i]);
      }
    }
  }

  __device__ void dots(float* results) const {
    float lanes[LANES_HERE];
    add<1>(0, lanes);
#pragma unroll
    for (int p = 0; p < PAIRS_OF_THREAD; p++) {
      add_halves<4>(lanes + CHUNK * p);
      add_halves<2>(lanes + CHUNK * p);
      add_halves<1>(lanes + CHUNK * p);
      results[p] = lanes[CHUNK * p];
    }
  }
};

/** Keys as they are stored, with 16 bytes more than a head, so that threads with one each use all banks. */
template <class Type>
struct alignas(16) KeyTile {
  typename Type::Stored keys[KEYS][MOST_STAGED + 16 / sizeof(typename Type::Stored)];
};

/** What a thread block of scores shares: tiles that are used or loaded, and scores made or stored. */
template <class Type>
struct alignas(16) ScoreTiles {
  static constexpr int STAGES = sizeof(typename Type::Stored) == 2 ? 3 : 2;

  KeyTile<Type> keys[STAGES];
  float queries[PAIRS][MOST_STAGED];
  float scores[2][PAIRS][KEYS];
};

/** Starts to load the keys from `first` on, +0 where there is none, as far as CHUNKS chunks go. */
template <class Type, int CHUNKS>
__device__ inline void load_keys(
    const typename Type::Stored* keys, const Shape& shape, int first, int head,
    KeyTile<Type>& tile) {
  constexpr int VECTOR = 16 / sizeof(typename Type::Stored);
  constexpr int VECTORS = CHUNK * CHUNKS / VECTOR;
  int element = threadIdx.x % VECTORS * VECTOR;
  int key = threadIdx.x / VECTORS;
  const typename Type::Stored* from = keys + shape.at(first + key, head) + element;
  long long step = shape.at(SCORE_THREADS / VECTORS, 0);
#pragma unroll
  for (int k = 0; k < KEYS * VECTORS / SCORE_THREADS; k++) {
    bool there = first + key < shape.cached && element < shape.head_size;
    copy_ahead(&tile.keys[key][element], there ? from : keys, there ? 16 : 0);
    key += SCORE_THREADS / VECTORS;
    from += step;
  }
  end_group();
}

/** A warp for each pair. */
template <int CHUNKS>
__device__ inline void load_queries(
    const float* queries, const Shape& shape, int pair, int head, float (*staged)[MOST_STAGED]) {
  int p = threadIdx.x / WARP;
  const float* query = queries + (long long)shape.row(pair + p, head) * shape.head_size;
#pragma unroll
  for (int i = 2 * warp_lane(); i < CHUNK * CHUNKS; i += 2 * WARP) {
    bool there = pair + p < shape.pairs() && i < shape.head_size;
    *(float2*)&staged[p][i] = there ? *(const float2*)(query + i) : make_float2(0.0f, 0.0f);
  }
}

/** Scores of four pairs against keys that cannot be staged: both are read again for every score. */
template <class Type>
__device__ inline void score_any(
    const float* queries, const typename Type::Stored* keys, const Shape& shape, int pair,
    int first, int head, float scale, float (*scores)[KEYS]) {
  int t = threadIdx.x % HALF_WARP;
  int size = shape.head_size;
#pragma unroll 1
  for (int i = threadIdx.x / HALF_WARP; i < PAIRS * KEYS; i += SCORE_THREADS / HALF_WARP) {
    int p = i / KEYS;
    int known = pair + p < shape.pairs() ? pair + p : pair;
    int position = first + i % KEYS < shape.cached ? first + i % KEYS : shape.cached - 1;
    const float* query = queries + (long long)shape.row(known, head) * size;
    const typename Type::Stored* key = keys + shape.at(position, head);
    float lanes[16] = {};
#pragma unroll 1
    for (long long chunk = 0; chunk < size; chunk += 256) {
#pragma unroll
      for (int k = 0; k < 4; k++) {
        int at = (int)chunk + 64 * k + 4 * t;
        float values[4];
        float q[4];
        load_quad<Type>(key, at, size, 0.0f, values);
        load_quad<F32>(query, at, size, -0.0f, q);
#pragma unroll
        for (int r = 0; r < 4; r++) {  // -0 · +0 changes nothing
          lanes[4 * k + r] = __fmaf_rn(q[r], values[r], lanes[4 * k + r]);
        }
      }
    }
    float score = __fmul_rn(half_warp_tree256(lanes), scale);
    if (t == 0) {
      scores[p][i % KEYS] = score;
    }
  }
  __syncthreads();
}

/** Which tiles of keys a thread block takes: of some heads every `step`-th. */
struct TileShare {
  int head;
  int head_step;
  int first;
  int step;

  /** Thread blocks that run together read what lies together. */
  __device__ static TileShare of(const Shape& shape) {
    int blocks = gridDim.x;
    int heads = shape.key_value_heads;
    int block = blockIdx.x;
    if (blocks < heads) {
      return {block, blocks, 0, 1};
    }
    int step = blocks / heads;
    // What is left over of the grid has nothing to do.
    return {block < step * heads ? block % heads : heads, heads, block / heads, step};
  }
};

/**
 * Scores of a thread block: of its tiles of keys, every gridDim.z-th four pairs.
 *
 * @param take is given the scores of four pairs, the number of a tile, its key/value head and the first
 *     of the pairs; all threads call it together
 */
template <class Type, int CHUNKS, class Take>
__device__ inline void score_staged(
    const float* queries, const typename Type::Stored* keys, const Shape& shape, float scale,
    ScoreTiles<Type>& tiles, const Take& take) {
  constexpr int STAGES = ScoreTiles<Type>::STAGES;
  int all = shape.tiles_of_head();
  int key = threadIdx.x % KEYS;
  int own = threadIdx.x / KEYS * PAIRS_OF_THREAD;  // the first of the pairs that the thread takes
  TileShare share = TileShare::of(shape);
  for (int head = share.head; head < shape.key_value_heads; head += share.head_step) {
    for (int pair = blockIdx.z * PAIRS; pair < shape.pairs(); pair += gridDim.z * PAIRS) {
      int ahead = share.first;
#pragma unroll 1
      for (int stage = 0; stage < STAGES - 1; stage++) {
        load_keys<Type, CHUNKS>(keys, shape, ahead * KEYS, head, tiles.keys[stage]);
        ahead += share.step;
      }
      load_queries<CHUNKS>(queries, shape, pair, head, tiles.queries);
      int stage = 0;
      int turn = 0;
      for (int index = share.first; index < all; index += share.step) {
        await_groups<STAGES - 2>();
        __syncthreads();
        int freed = stage == 0 ? STAGES - 1 : stage - 1;
        load_keys<Type, CHUNKS>(keys, shape, ahead * KEYS, head, tiles.keys[freed]);
        ahead += share.step;
        if (index > share.first) {
          take(tiles.scores[turn ^ 1], index - share.step, head, pair);
        }
        Products<Type, CHUNKS> products = {tiles.keys[stage].keys[key], tiles.queries + own};
        float dots[PAIRS_OF_THREAD];
        products.dots(dots);
#pragma unroll
        for (int p = 0; p < PAIRS_OF_THREAD; p++) {
          tiles.scores[turn][own + p][key] = __fmul_rn(dots[p], scale);
        }
        stage = stage == STAGES - 1 ? 0 : stage + 1;
        turn ^= 1;
      }
      await_groups<0>();
      __syncthreads();
      if (share.first < all) {
        int last = share.first + (all - 1 - share.first) / share.step * share.step;
        take(tiles.scores[turn ^ 1], last, head, pair);
      }
      __syncthreads();
    }
  }
}

/** The same for heads that cannot be staged. */
template <class Type, class Take>
__device__ inline void score_unstaged(
    const float* queries, const typename Type::Stored* keys, const Shape& shape, float scale,
    float (*scores)[KEYS], const Take& take) {
  TileShare share = TileShare::of(shape);
  for (int head = share.head; head < shape.key_value_heads; head += share.head_step) {
    for (int pair = blockIdx.z * PAIRS; pair < shape.pairs(); pair += gridDim.z * PAIRS) {
      for (int index = share.first; index < shape.tiles_of_head(); index += share.step) {
        score_any<Type>(queries, keys, shape, pair, index * KEYS, head, scale, scores);
        take(scores, index, head, pair);
        __syncthreads();
      }
    }
  }
}

template <class Type, class Take>
__device__ inline void score(
    const float* queries, const typename Type::Stored* keys, const Shape& shape, float scale,
    ScoreTiles<Type>& tiles, const Take& take) {
  if (shape.head_size % CHUNK != 0 || shape.head_size > MOST_STAGED) {
    score_unstaged<Type>(queries, keys, shape, scale, tiles.scores[0], take);
  } else if (shape.head_size > CHUNK * 8) {
    score_staged<Type, 16>(queries, keys, shape, scale, tiles, take);
  } else {
    score_staged<Type, 8>(queries, keys, shape, scale, tiles, take);
  }
}
