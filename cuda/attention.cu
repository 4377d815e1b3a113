/*
 * Attention takes three kernels, one after the other, and scratch memory for the scores
 * [queries, heads, 8, 4·ceil(cached / 32)], their maxima [queries, heads, ceil(cached / 64)], the lanes of
 * the weighted values [queries, heads, 8, headSize] and those of the weights [queries, heads, 256], all
 * float32. Position j is element j / 8 of the j mod 8-th of the eight: each lane of the sum over
 * positions has its scores in a row. A call with many queries can be made as several with some of them
 * each: queries first ... first + n - 1 of it are a call with n queries and
 * cached - queries + first + n positions on the same cache. The numbers after the operands are the
 * same for all: int queries, int heads, int keyValueHeads, int headSize, int cached, float scale.
 *
 * attention_scores_f32, attention_scores_f16 (queries, keys, scores, maxima, ...)
 *   What: s_j = dot256(q, k_j)·scale for every query, head and visible position, and the largest of
 *     every 64 positions.
 *   Grid: x = ceil(cached / 64) · keyValueHeads or fewer, z = ceil(queries · heads / keyValueHeads / 4)
 *     or fewer. Block: 128 exactly. Shared: 56,320 bytes (f16) or 71,680 (f32), dynamic.
 *   Work: 64 keys are staged in shared memory while those before are multiplied; a thread takes one
 *     against two of four pairs of query and head that share it, all lanes and their tree by itself.
 *   Reads each key once for all pairs of the thread block.
 *
 * attention_values_f32, attention_values_f16 (scores, maxima, values, lanes, weights, ...)
 *   What: m = the largest maximum, p_j = exp(s_j - m); the eight lanes of Σ p_j·v_j, lane j mod 8 by fma
 *     in ascending j; the 256 lanes of sum256 of p_j.
 *   Grid: x = 8 · ceil(headSize / 64), y = keyValueHeads, z as above. Block: 384 exactly. Shared:
 *     48,128 bytes (f16) or 89,088 (f32), dynamic.
 *   Work: a thread block has one lane of 64 elements of a head, for four pairs of query and head that
 *     share the values. A lane is one chain of additions for each element, too few chains to keep the
 *     memory busy, so the values of many positions are on their way while a warp for each pair adds 64.
 *     Every eighth lane of sum256 is made of the same positions.
 *   Reads each value once for four pairs.
 *
 * attention_sum (lanes, weights, results, ...)
 *   What: o = the tree 4, 2, 1 of the eight lanes, divided by sum256 of the weights.
 *   Grid: one block for a query and head; fewer are right too. Block: 256 exactly. Shared: 1,024 bytes,
 *     static.
 */

#include "include/attention.cuh"

__device__ inline float minus_infinity() {
  return __uint_as_float(0xff800000u);
}

/** The largest value of a warp, NaN if there is one. */
__device__ inline float warp_largest(float value) {
  for (int s = WARP / 2; s > 0; s /= 2) {
    value = larger(value, __shfl_xor_sync(WHOLE_WARP, value, s));
  }
  return value;
}

template <class Type>
__device__ inline void score_to_lanes(
    const float* __restrict__ queries, const typename Type::Stored* __restrict__ keys,
    float* __restrict__ scores, float* __restrict__ maxima, const Shape& shape, float scale,
    ScoreTiles<Type>& tiles) {
  score<Type>(queries, keys, shape, scale, tiles, [&](const float (*made)[KEYS], int index, int head, int pair) {
    int p = threadIdx.x / WARP;  // a warp for each pair
    if (pair + p >= shape.pairs()) {
      return;
    }
    int row = shape.row(pair + p, head);
    int visible = shape.visible_to_pair(pair + p);
    int seen = visible - index * KEYS;
    int whole = (visible + 4 * LANES - 1) / (4 * LANES) * (4 * LANES) - index * KEYS;
    float largest = minus_infinity();
#pragma unroll
    for (int k = 0; k < KEYS / WARP; k++) {
      int i = k * WARP + warp_lane();
      int key = i % (KEYS / LANES) * LANES + i / (KEYS / LANES);  // eight of a lane in a row
      if (key < whole) {  // quads of a lane are read together, so the last is filled up
        float score = key < seen ? made[p][key] : 0.0f;
        largest = key < seen ? larger(largest, score) : largest;
        shape.lane_scores(scores, row, key % LANES)[(index * KEYS + key) / LANES] = score;
      }
    }
    largest = warp_largest(largest);
    if (warp_lane() == 0) {
      maxima[(long long)row * shape.tiles_of_head() + index] = largest;
    }
  });
}

#define SCORES(name, type)                                                                        \
  extern "C" __global__ void __launch_bounds__(SCORE_THREADS, 3) attention_scores_##name(         \
      const float* __restrict__ queries, const type::Stored* __restrict__ keys,                   \
      float* __restrict__ scores, float* __restrict__ maxima, int query_count, int heads,         \
      int key_value_heads, int head_size, int cached, float scale) {                              \
    DYN_SHARED(ScoreTiles<type>, tiles);                                                          \
    Shape shape = {query_count, heads, key_value_heads, head_size, cached};                       \
    score_to_lanes<type>(queries, keys, scores, maxima, shape, scale, *tiles);                    \
  }                                                                                               \
  EMULATED_KERNEL(attention_scores_##name);

SCORES(f32, F32)
SCORES(f16, Half)

/** Elements of a head that a thread block of attention_values has; a thread adds two of them. */
constexpr int SLICE = 64;

/** Positions of a lane that are added between two barriers. */
constexpr int POSITIONS = 64;

/** So many times that are in shared memory or on their way there. */
constexpr int STAGES = 5;

/** Threads of each part: of those that add values, of those that make weights, of those that load. */
constexpr int PART = PAIRS * WARP;

/** What a thread block of attention_values shares. */
template <class Type>
struct alignas(16) ValueTiles {
  typename Type::Stored values[STAGES][POSITIONS][SLICE];
  float scores[STAGES][PAIRS][POSITIONS];
  float weights[2][PAIRS][POSITIONS];
};

/** One lane of the sum over positions of four pairs that share a key/value head, and a slice of it. */
struct LaneOfPairs {
  Shape shape;
  int head;
  int lane;
  int slice;  // its first element
  int pair;

  /** How many positions a pair sees, 0 if there is no such pair. */
  __device__ int visible(int p) const {
    return pair + p < shape.pairs() ? shape.visible_to_pair(pair + p) : 0;
  }

  /** How many of them are of the lane. */
  __device__ int count(int p) const {
    return visible(p) > lane ? (visible(p) - 1 - lane) / LANES + 1 : 0;
  }

  __device__ int most() const {
    int most = 0;
    for (int p = 0; p < PAIRS; p++) {
      most = count(p) > most ? count(p) : most;
    }
    return most;
  }

  /**
   * Starts to load positions first ... of the lane, as far as there are `most`. Heads
   * that are not aligned for that are copied at once. PART threads do it together.
   */
  template <class Type>
  __device__ void load(
      const typename Type::Stored* values, int first, int most,
      typename Type::Stored (*stage)[SLICE]) const {
    constexpr int VECTOR = 16 / sizeof(typename Type::Stored);
    int t = threadIdx.x % PART;
    if (shape.head_size % VECTOR == 0) {
      constexpr int VECTORS = SLICE / VECTOR;
      int element = t % VECTORS * VECTOR;
      int n = t / VECTORS;
      const typename Type::Stored* from =
          values + shape.at((long long)(first + n) * LANES + lane, head) + slice + element;
      long long step = shape.at(PART / VECTORS * LANES, 0);
#pragma unroll
      for (int k = 0; k < POSITIONS * VECTORS / PART; k++) {
        if (first + n < most && slice + element < shape.head_size) {
          copy_ahead(&stage[n][element], from, 16);
        }
        n += PART / VECTORS;
        from += step;
      }
    } else {
#pragma unroll 1
      for (int i = t; i < POSITIONS * SLICE; i += PART) {
        int n = i / SLICE;
        int element = i % SLICE;
        if (first + n < most && slice + element < shape.head_size) {
          stage[n][element] =
              values[shape.at((long long)(first + n) * LANES + lane, head) + slice + element];
        }
      }
    }
  }

  /** Starts to load the scores of positions first ... of a pair, which a quad's thread asks for. */
  __device__ void load_scores(
      const float* scores, int first, int count, float (*stage)[POSITIONS]) const {
    int n = threadIdx.x % WARP * 4;
    if (n < POSITIONS && first + n < count) {
      copy_ahead(&stage[threadIdx.x / WARP % PAIRS][n], scores + first + n, 16);
    }
  }

  /** The largest score of a row, which a warp finds. */
  __device__ float largest(const float* maxima, int row, int visible) const {
    // Nobody has written the maxima of keys that are later than what the query sees.
    int seen = (visible - 1) / KEYS + 1;
    const float* of_row = maxima + (long long)row * shape.tiles_of_head();
    float largest = minus_infinity();
#pragma unroll 4
    for (int i = warp_lane(); i < seen; i += WARP) {
      largest = larger(largest, of_row[i]);
    }
    return warp_largest(largest);
  }
};

/** Positions whose values and weights a thread reads while it adds those before. */
template <class Type>
struct Batch {
  static constexpr int SIZE = 8;

  float2 values[SIZE];
  float weights[SIZE];

  __device__ static float2 two(const float* at) {
    uint2 words = shared_words2(at);
    return make_float2(__uint_as_float(words.x), __uint_as_float(words.y));
  }

  __device__ static float2 two(const unsigned short* at) {
    unsigned word = shared_word(at);
    return make_float2(Type::value(word & 0xffffu), Type::value(word >> 16));
  }

  __device__ void read(
      const typename Type::Stored (*at)[SLICE], const float* weights_at, int first, int element) {
#pragma unroll
    for (int k = 0; k < SIZE; k++) {
      values[k] = two(&at[first + k][element]);
    }
#pragma unroll
    for (int k = 0; k < SIZE; k += 4) {
      uint4 four = shared_words4(weights_at + first + k);
      weights[k] = __uint_as_float(four.x);
      weights[k + 1] = __uint_as_float(four.y);
      weights[k + 2] = __uint_as_float(four.z);
      weights[k + 3] = __uint_as_float(four.w);
    }
  }

  /** sums += weight · value, in ascending order. */
  __device__ void add(float2& sums) const {
#pragma unroll
    for (int k = 0; k < SIZE; k++) {
      sums.x = __fmaf_rn(weights[k], values[k].x, sums.x);
      sums.y = __fmaf_rn(weights[k], values[k].y, sums.y);
    }
  }
};

/** sums += weight · value for `count` positions of a stage, in ascending order. */
template <class Type>
__device__ inline void add_positions(
    const typename Type::Stored (*values)[SLICE], const float* weights, int element, int count,
    float2& sums) {
  if (count >= POSITIONS) {
    Batch<Type> batches[2];
    batches[0].read(values, weights, 0, element);
#pragma unroll
    for (int n = 0; n < POSITIONS; n += Batch<Type>::SIZE) {
      int current = n / Batch<Type>::SIZE % 2;
      if (n + Batch<Type>::SIZE < POSITIONS) {
        batches[current ^ 1].read(values, weights, n + Batch<Type>::SIZE, element);
      }
      batches[current].add(sums);
    }
  } else {
#pragma unroll 1
    for (int n = 0; n < count; n++) {
      float2 value = Batch<Type>::two(&values[n][element]);
      sums.x = __fmaf_rn(weights[n], value.x, sums.x);
      sums.y = __fmaf_rn(weights[n], value.y, sums.y);
    }
  }
}

/** Makes the weights of positions first ... of a pair, by a warp, and adds every 32nd to `sum`. */
__device__ inline void make_weights(
    const float* scores, float largest, int left, float* weights, float& sum) {
#pragma unroll
  for (int i = warp_lane(); i < POSITIONS; i += WARP) {
    float weight = canonical_exp(__fsub_rn(scores[i], largest));
    weights[i] = weight;
    if (i < left) {
      sum = __fadd_rn(sum, weight);
    }
  }
}

template <class Type>
__device__ inline void mix(
    const float* __restrict__ scores, const float* __restrict__ maxima,
    const typename Type::Stored* __restrict__ values, float* __restrict__ lanes,
    float* __restrict__ weights, const Shape& shape, ValueTiles<Type>& tiles) {
  int part = threadIdx.x / PART;         // adds, makes weights, loads
  int own = threadIdx.x / WARP % PAIRS;  // the pair of the warp
  LaneOfPairs work = {
      shape, (int)blockIdx.y, (int)blockIdx.x % LANES, (int)blockIdx.x / LANES * SLICE, 0};
  for (work.pair = blockIdx.z * PAIRS; work.pair < shape.pairs(); work.pair += gridDim.z * PAIRS) {
    bool exists = work.pair + own < shape.pairs();
    int row = shape.row(exists ? work.pair + own : work.pair, work.head);
    int count = work.count(own);
    int most = work.most();
    const float* own_scores = shape.lane_scores(scores, row, work.lane);
    float largest = part == 1 && exists ? work.largest(maxima, row, work.visible(own)) : 0.0f;
    float sum = 0.0f;                        // of every 32nd weight
    float2 sums = make_float2(0.0f, 0.0f);  // of two elements
    int element = 2 * warp_lane();
    if (part == 2) {  // a group has the values of a stage and the scores of the one after it
      work.load_scores(own_scores, 0, count, tiles.scores[0]);
      end_group();
      for (int stage = 0; stage < STAGES - 2; stage++) {
        work.load<Type>(values, stage * POSITIONS, most, tiles.values[stage]);
        work.load_scores(own_scores, (stage + 1) * POSITIONS, count, tiles.scores[stage + 1]);
        end_group();
      }
    }
    int stage = 0;
    // Weights are made a turn before values are added with them, so there is one turn more.
    for (int first = 0; first < most + POSITIONS; first += POSITIONS) {
      int before = stage == 0 ? STAGES - 1 : stage - 1;
      if (part == 2) {
        await_groups<STAGES - 2>();
      }
      __syncthreads();
      if (part == 0) {
        if (first > 0) {
          int added = first - POSITIONS;
          add_positions<Type>(
              tiles.values[before], tiles.weights[added / POSITIONS % 2][own], element,
              count - added, sums);
        }
      } else if (part == 1) {
        make_weights(
            tiles.scores[stage][own], largest, count - first,
            tiles.weights[first / POSITIONS % 2][own], sum);
      } else {
        int at = first + (STAGES - 2) * POSITIONS;
        int freed = before == 0 ? STAGES - 1 : before - 1;
        work.load<Type>(values, at, most, tiles.values[freed]);
        work.load_scores(own_scores, at + POSITIONS, count, tiles.scores[before]);
        end_group();
      }
      stage = stage == STAGES - 1 ? 0 : stage + 1;
    }
    if (part == 0 && exists) {
      float* to =
          lanes + ((long long)row * LANES + work.lane) * shape.head_size + work.slice + element;
      if (work.slice + element < shape.head_size) {
        to[0] = sums.x;
      }
      if (work.slice + element + 1 < shape.head_size) {
        to[1] = sums.y;
      }
    }
    if (part == 1 && exists && work.slice == 0) {
      weights[(long long)row * 256 + warp_lane() * LANES + work.lane] = sum;
    }
    await_groups<0>();
    __syncthreads();
  }
}

#define VALUES(name, type)                                                                       \
  extern "C" __global__ void __launch_bounds__(3 * PART) attention_values_##name(                \
      const float* __restrict__ scores, const float* __restrict__ maxima,                        \
      const type::Stored* __restrict__ values, float* __restrict__ lanes,                        \
      float* __restrict__ weights, int queries, int heads, int key_value_heads, int head_size,   \
      int cached, float scale) {                                                                 \
    DYN_SHARED(ValueTiles<type>, tiles);                                                         \
    Shape shape = {queries, heads, key_value_heads, head_size, cached};                          \
    mix<type>(scores, maxima, values, lanes, weights, shape, *tiles);                            \
  }                                                                                              \
  EMULATED_KERNEL(attention_values_##name);

VALUES(f32, F32)
VALUES(f16, Half)

extern "C" __global__ void __launch_bounds__(256) attention_sum(
    const float* __restrict__ lanes, const float* __restrict__ weights, float* __restrict__ results,
    int queries, int heads, int key_value_heads, int head_size, int cached, float scale) {
  __shared__ float shared[256];
  for (long long row = blockIdx.x; row < (long long)queries * heads; row += gridDim.x) {
    float sum = block_tree256(weights[row * 256 + threadIdx.x], shared);
    for (int at = threadIdx.x; at < head_size; at += 256) {
      const float* first = lanes + row * LANES * head_size + at;
      float all[LANES];
#pragma unroll
      for (int l = 0; l < LANES; l++) {
        all[l] = first[(long long)l * head_size];
      }
      add_halves<4>(all);
      add_halves<2>(all);
      add_halves<1>(all);
      results[row * head_size + at] = __fdiv_rn(all[0], sum);
    }
  }
}
EMULATED_KERNEL(attention_sum);
