/*
 * Attention takes four kernels, one after the other, and scratch memory for the scores
 * [queries, heads, 8, ceil(cached / 8)], the lanes [queries, heads, 8, headSize] and the sums
 * [queries, heads], all float32. Position j is element j / 8 of the j mod 8-th of the eight: each
 * lane of the sum over positions has its scores in a row. A call with many queries can be made as
 * several with some of them each: queries first ... first + n - 1 of it are a call with n queries and
 * cached - queries + first + n positions on the same cache. The numbers after the operands are the
 * same for all: int queries, int heads, int keyValueHeads, int headSize, int cached, float scale.
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
 * attention_values_f32, attention_values_f16 (scores, values, lanes, ...)
 *   What: the eight lanes of Σ p_j·v_j, lane j mod 8 by fma in ascending j.
 *   Grid: x = 8 · ceil(headSize / 64), y = keyValueHeads, z as above. Block: 256 exactly. Shared:
 *     34,816 bytes, static.
 *   Work: a thread block has one lane of 64 elements of a head, for four pairs of query and head that
 *     share the values. A lane is one chain of additions for each element, too few chains to keep the
 *     memory busy, so all its threads load the values of 128 positions ahead while four warps add
 *     those before.
 *   Reads each value once for four pairs.
 *
 * attention_sum (lanes, sums, results, ...)
 *   What: o = the tree 4, 2, 1 of the eight lanes, divided by the sum.
 *   Grid: one thread for an element of the results; fewer blocks are right too. Block: any, made for
 *     256. Shared: none.
 */

#include "include/attention.cuh"

/** Elements of a head, and positions of a lane, that a thread block of attention_values has. */
constexpr int SLICE = 64;
constexpr int POSITIONS = 128;

template <class Type>
__device__ inline void score_to_lanes(
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
      int lane = i % KEYS / (KEYS / LANES);
      int key = i % (KEYS / LANES) * LANES + lane;
      if (own < shape.pairs() && first + key < shape.visible_to_pair(own)) {
        shape.lane_scores(scores, shape.row(own, head), lane)[(first + key) / LANES] =
            tile[i / KEYS][key];
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
    score_to_lanes<type>(queries, keys, scores, shape, scale, tile);                                       \
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
    int visible = shape.visible(row / heads);
    // Position threadIdx.x and every 256th after it, which are in the same lane.
    float* own = shape.lane_scores(scores, row, threadIdx.x % LANES) + threadIdx.x / LANES;
    int count = (int)threadIdx.x < visible ? (visible - 1 - (int)threadIdx.x) / 256 + 1 : 0;
    float largest = -__uint_as_float(0x7f800000u);
#pragma unroll 4
    for (int i = 0; i < count; i++) {
      largest = larger(largest, own[i * (256 / LANES)]);
    }
    largest = block_largest(largest, lanes);
    float lane = 0.0f;
#pragma unroll 4
    for (int i = 0; i < count; i++) {
      float power = canonical_exp(__fsub_rn(own[i * (256 / LANES)], largest));
      own[i * (256 / LANES)] = power;
      lane = __fadd_rn(lane, power);
    }
    float sum = block_tree256(lane, lanes);
    if (threadIdx.x == 0) {
      sums[row] = sum;
    }
  }
}
EMULATED_KERNEL(attention_weights);

/** Four neighbouring elements of a head as they are stored. */
template <class Type>
struct alignas(4 * sizeof(typename Type::Stored)) Quad {
  typename Type::Stored stored[4];
};

/** What a thread block of attention_values shares. */
struct alignas(16) Tile {
  float values[POSITIONS][SLICE];
  float weights[PAIRS][POSITIONS];
};

/**
 * What a thread loads of the next tile while the last one is being added. Positions and elements that
 * do not exist are left as they are: nobody reads them.
 */
template <class Type>
struct Ahead {
  static constexpr int QUADS = POSITIONS * SLICE / 4 / 256;
  static constexpr int WEIGHTS = PAIRS * POSITIONS / 256;

  Quad<Type> values[QUADS];
  float weights[WEIGHTS];
};

/** One lane of the sum over positions of four pairs that share a key/value head, and a slice of it. */
struct LaneOfPairs {
  Shape shape;
  int head;
  int lane;
  int slice;  // its first element
  long long pair;

  /** How many positions of the lane a pair sees, 0 if there is no such pair. */
  __device__ int count(int p) const {
    int visible = pair + p < shape.pairs() ? shape.visible_to_pair(pair + p) : 0;
    return visible > lane ? (visible - 1 - lane) / LANES + 1 : 0;
  }

  __device__ int most() const {
    int most = 0;
    for (int p = 0; p < PAIRS; p++) {
      most = count(p) > most ? count(p) : most;
    }
    return most;
  }

  /** Where position n of the lane begins, at the slice. */
  template <class Type>
  __device__ const typename Type::Stored* at(const typename Type::Stored* values, int n) const {
    return values + shape.at((long long)n * LANES + lane, head) + slice;
  }

  /** Loads positions first ... of the lane, as far as there are `most`; heads are whole quads. */
  template <class Type>
  __device__ void load(
      const typename Type::Stored* values, int first, int most, Ahead<Type>& ahead) const {
    constexpr int ROW = SLICE / 4;
    int element = threadIdx.x % ROW * 4;
    int n = first + threadIdx.x / ROW;
    const typename Type::Stored* from = at<Type>(values, n) + element;
    long long step = 256 / ROW * shape.at(LANES, 0);
    bool valid = slice + element < shape.head_size;
#pragma unroll
    for (int k = 0; k < Ahead<Type>::QUADS; k++) {
      if (valid && n + 256 / ROW * k < most) {
        ahead.values[k] = *(const Quad<Type>*)(from + k * step);
      }
    }
  }

  /** Loads the weights of these positions, of all four pairs. */
  template <class Type>
  __device__ void load_weights(const float* scores, int first, Ahead<Type>& ahead) const {
#pragma unroll
    for (int k = 0; k < Ahead<Type>::WEIGHTS; k++) {
      int p = (threadIdx.x + 256 * k) / POSITIONS;
      int n = first + (threadIdx.x + 256 * k) % POSITIONS;
      ahead.weights[k] =
          n < count(p) ? shape.lane_scores(scores, shape.row(pair + p, head), lane)[n] : 0.0f;
    }
  }

  /** Copies the values of heads that are not whole quads, without loading them ahead. */
  template <class Type>
  __device__ void copy(
      const typename Type::Stored* values, int first, int most, Tile& tile) const {
#pragma unroll 1
    for (int i = threadIdx.x; i < POSITIONS * SLICE; i += 256) {
      int n = i / SLICE;
      int element = i % SLICE;
      if (first + n < most && slice + element < shape.head_size) {
        tile.values[n][element] = Type::value(at<Type>(values, first + n)[element]);
      }
    }
  }
};

template <class Type>
__device__ inline void store_values(const Ahead<Type>& ahead, Tile& tile) {
#pragma unroll
  for (int k = 0; k < Ahead<Type>::QUADS; k++) {
    int quad = threadIdx.x + 256 * k;
    const typename Type::Stored* stored = ahead.values[k].stored;
    *(float4*)&tile.values[quad / (SLICE / 4)][quad % (SLICE / 4) * 4] = make_float4(
        Type::value(stored[0]), Type::value(stored[1]), Type::value(stored[2]),
        Type::value(stored[3]));
  }
}

template <class Type>
__device__ inline void store_weights(const Ahead<Type>& ahead, Tile& tile) {
#pragma unroll
  for (int k = 0; k < Ahead<Type>::WEIGHTS; k++) {
    int i = threadIdx.x + 256 * k;
    tile.weights[i / POSITIONS][i % POSITIONS] = ahead.weights[k];
  }
}

/** sum += weight · value for `count` positions of the tile, in ascending order. */
__device__ inline float add_up(
    const Tile& tile, int p, int element, int from, int count, float sum) {
#pragma unroll 1
  for (int n = from; n < count; n++) {
    sum = __fmaf_rn(tile.weights[p][n], tile.values[n][element], sum);
  }
  return sum;
}

template <class Type>
__device__ inline void mix(
    const float* __restrict__ scores, const typename Type::Stored* __restrict__ values,
    float* __restrict__ lanes, const Shape& shape, Tile& tile) {
  int warp = threadIdx.x / WARP;
  int element = warp % 2 * WARP + warp_lane();  // of the slice
  int p = warp / 2 * 2;                         // of the two pairs that the warp adds
  LaneOfPairs work = {
      shape, (int)blockIdx.y, (int)blockIdx.x % LANES, (int)blockIdx.x / LANES * SLICE, 0};
  for (work.pair = (long long)blockIdx.z * PAIRS; work.pair < shape.pairs();
       work.pair += (long long)gridDim.z * PAIRS) {
    int most = work.most();
    int counts[2] = {p < PAIRS ? work.count(p) : 0, p < PAIRS ? work.count(p + 1) : 0};
    float sums[2] = {};
    Ahead<Type> ahead = {};
    bool whole_quads = shape.head_size % 4 == 0;
    if (whole_quads) {
      work.load<Type>(values, 0, most, ahead);
    }
    work.load_weights<Type>(scores, 0, ahead);
    for (int first = 0; first < most; first += POSITIONS) {
      __syncthreads();
      store_weights(ahead, tile);
      if (whole_quads) {
        store_values(ahead, tile);
      } else {
        work.copy<Type>(values, first, most, tile);
      }
      __syncthreads();
      if (whole_quads) {
        work.load<Type>(values, first + POSITIONS, most, ahead);
      }
      work.load_weights<Type>(scores, first + POSITIONS, ahead);
      if (p < PAIRS) {
        int here[2];
#pragma unroll
        for (int k = 0; k < 2; k++) {
          here[k] = counts[k] - first < POSITIONS ? counts[k] - first : POSITIONS;
        }
        int both = here[0] < here[1] ? here[0] : here[1];
        int n = 0;
#pragma unroll 2
        for (; n + 4 <= both; n += 4) {
          float4 a = *(const float4*)&tile.weights[p][n];
          float4 b = *(const float4*)&tile.weights[p + 1][n];
          float value = tile.values[n][element];
          sums[0] = __fmaf_rn(a.x, value, sums[0]);
          sums[1] = __fmaf_rn(b.x, value, sums[1]);
          value = tile.values[n + 1][element];
          sums[0] = __fmaf_rn(a.y, value, sums[0]);
          sums[1] = __fmaf_rn(b.y, value, sums[1]);
          value = tile.values[n + 2][element];
          sums[0] = __fmaf_rn(a.z, value, sums[0]);
          sums[1] = __fmaf_rn(b.z, value, sums[1]);
          value = tile.values[n + 3][element];
          sums[0] = __fmaf_rn(a.w, value, sums[0]);
          sums[1] = __fmaf_rn(b.w, value, sums[1]);
        }
        sums[0] = add_up(tile, p, element, n, here[0], sums[0]);
        sums[1] = add_up(tile, p + 1, element, n, here[1], sums[1]);
      }
    }
#pragma unroll
    for (int k = 0; k < 2; k++) {
      if (p < PAIRS && work.pair + p + k < shape.pairs()
          && work.slice + element < shape.head_size) {
        long long row = shape.row(work.pair + p + k, work.head);
        lanes[(row * LANES + work.lane) * shape.head_size + work.slice + element] = sums[k];
      }
    }
  }
}

#define VALUES(name, type)                                                                       \
  extern "C" __global__ void __launch_bounds__(256, 2) attention_values_##name(                  \
      const float* __restrict__ scores, const type::Stored* __restrict__ values,                 \
      float* __restrict__ lanes, int queries, int heads, int key_value_heads, int head_size,     \
      int cached, float scale) {                                                                 \
    __shared__ Tile tile;                                                                        \
    Shape shape = {queries, heads, key_value_heads, head_size, cached};                          \
    mix<type>(scores, values, lanes, shape, tile);                                               \
  }                                                                                              \
  EMULATED_KERNEL(attention_values_##name);

VALUES(f32, F32)
VALUES(f16, F16)

extern "C" __global__ void __launch_bounds__(256) attention_sum(
    const float* __restrict__ lanes, const float* __restrict__ sums, float* __restrict__ results,
    int queries, int heads, int key_value_heads, int head_size, int cached, float scale) {
  long long elements = (long long)queries * heads * head_size;
  for (long long at = grid_thread(); at < elements; at += grid_threads()) {
    long long row = at / head_size;
    const float* first = lanes + row * LANES * head_size + at % head_size;
    float all[LANES];
#pragma unroll
    for (int l = 0; l < LANES; l++) {
      all[l] = first[(long long)l * head_size];
    }
    add_halves<4>(all);
    add_halves<2>(all);
    add_halves<1>(all);
    results[at] = __fdiv_rn(all[0], sums[row]);
  }
}
EMULATED_KERNEL(attention_sum);
