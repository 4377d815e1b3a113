/*
 * matvec_q8_TYPE(weights, activations, results, int rows, int columns, int batch)
 * matvec_q8_batch_TYPE(the same)
 * matvec_q8_prefill_TYPE(the same)
 *
 * What: results[b][row] = Σ over blocks of the terms of the q8 path, in eight lanes (block mod 8) and
 *   the tree 4, 2, 1. Activations are Q8_K blocks (types of 256) or Q8_0 blocks (types of 32). The
 *   first is made for one vector, the second for at most eight, the third for more.
 * Grid: of the first kernel x has one block for blockDim.x / 8 rows, y one for each vector; fewer are
 *   right too, blocks stride over the rest. Of the second x has exactly one block for sixteen rows,
 *   and y for eight vectors; of the third x for 128 rows and y for 64 vectors. Block: of the first a
 *   multiple of 32 up to 256, made for 256; of the others 256. Shared, static: of the first 19,456
 *   bytes (types of 256) or 24,576 (types of 32); of the second 24,576; of the third 40,960 or 24,576.
 * Work: one vector: eight threads share a row, a warp has four. The activations are staged in shared
 *   memory, as much as fits at a time; if all fits, once for all rows of the thread block. Of a type
 *   of 256 the eight threads load a super-block together, and exchange their integer sums so that
 *   every thread has one whole sum, of one block, when the floats begin. Of a type of 32 thread i
 *   takes the blocks i, i + 8 ..., which is lane i.
 *   Several vectors: integer tensor cores multiply tiles of sixteen rows and eight vectors; what
 *   they add up is exact. Up to eight vectors a warp is a lane of one tile, but for types of 32, which
 *   are faster as one vector is, with the weights shared. From there on a warp has
 *   up to eight tiles of the same rows, shares the staged vectors with the seven others, and goes
 *   through the lanes one after the other.
 * Reads the weights once for 64 activation vectors.
 */

#include "include/integer_tiles.cuh"

/** What a thread block works on. */
struct Product {
  BlockRows weights;
  BlockRows activations;  // the vectors of the thread block
  float* results;         // of the first of them
  int blocks;             // of a row
};

/** The product with part `y` of the vectors, of which a part has at most `most`. */
template <class Type>
__device__ inline Product product_of(
    const byte* weights, const byte* activations, float* results, int rows, int columns, int batch,
    int y, int most) {
  unsigned blocks = columns / Type::ELEMENTS;
  long long first = (long long)y * most;
  unsigned vector_bytes = blocks * (Type::ELEMENTS == 256 ? 292 : 34);
  unsigned vectors = batch - first < most ? (unsigned)(batch - first) : most;
  return {
      {weights, blocks * Type::BYTES, (unsigned)rows},
      {activations + first * vector_bytes, vector_bytes, vectors},
      results + first * rows,
      (int)blocks};
}

/** Threads that share a row of a product with one vector. */
constexpr int ROW_THREADS = 8;

/** Blocks of activations that are staged at a time. */
constexpr int STAGED_K = 64;
constexpr int STAGED_32 = 512;

/** Copies the blocks `from` ... `from + count - 1` to staged. */
__device__ inline void stage(const Product& p, int from, int count, StagedQ8K* staged) {
  for (int i = threadIdx.x / WARP; i < count; i += blockDim.x / WARP) {
    const unsigned* words = (const unsigned*)(p.activations.first + (long long)(from + i) * 292);
    unsigned* to = (unsigned*)(staged + i);
    for (int w = warp_lane(); w < 73; w += WARP) {
      to[w == 0 ? 72 : w - 1] = words[w];  // the scale goes behind codes and sums
    }
  }
}

__device__ inline void stage(const Product& p, int from, int count, StagedQ8* staged) {
  for (int i = threadIdx.x; i < count; i += blockDim.x) {
    const byte* bytes = p.activations.first + (long long)(from + i) * 34;
    words_at<8>(bytes + 2, staged[i].codes);
    staged[i].scale = half_at(bytes);
  }
}

/**
 * Eight integers of every one of eight neighbouring threads to their eight sums, sum i in thread i,
 * by exchanging halves.
 */
__device__ inline int transposed_sum(const int* parts) {
  int t = threadIdx.x;
  int four[4];
#pragma unroll
  for (int j = 0; j < 4; j++) {
    int other = __shfl_xor_sync(WHOLE_WARP, t & 4 ? parts[j] : parts[j + 4], 4);
    four[j] = (t & 4 ? parts[j + 4] : parts[j]) + other;
  }
  int two[2];
#pragma unroll
  for (int j = 0; j < 2; j++) {
    int other = __shfl_xor_sync(WHOLE_WARP, t & 2 ? four[j] : four[j + 2], 2);
    two[j] = (t & 2 ? four[j + 2] : four[j]) + other;
  }
  int other = __shfl_xor_sync(WHOLE_WARP, t & 1 ? two[0] : two[1], 1);
  return (t & 1 ? two[1] : two[0]) + other;
}

/**
 * Adds terms of types of 256 to lane i of a row: those of staged blocks, of which the first is
 * `weights`. The eight threads work on eight blocks together.
 */
template <class Dot>
__device__ inline float add_staged(
    float lane, const byte* weights, const StagedQ8K* staged, int count) {
  int i = threadIdx.x % ROW_THREADS;
#pragma unroll 1
  for (int at = 0; at < count; at += ROW_THREADS) {
    int sums[ROW_THREADS];
#pragma unroll
    for (int part = 0; part < ROW_THREADS; part += Dot::AHEAD) {
      Dot parts[Dot::AHEAD];
#pragma unroll
      for (int s = 0; s < Dot::AHEAD; s++) {
        int block = at + part + s < count ? at + part + s : count - 1;
        parts[s] = Dot::at(weights + (long long)block * Dot::Type::BYTES, i);
      }
#pragma unroll
      for (int s = 0; s < Dot::AHEAD; s++) {
        int block = at + part + s < count ? at + part + s : count - 1;
        sums[part + s] = parts[s].sum(staged[block], i);
      }
    }
    int sum = transposed_sum(sums);
    int block = at + i;
    if (block < count) {
      typename Dot::Header header =
          Dot::Header::at(weights + (long long)block * Dot::Type::BYTES);
      lane = __fadd_rn(lane, header.term(staged[block], sum));
    }
  }
  return lane;
}

/** The same of types of 32, of which every thread takes the blocks of its lane by itself. */
template <class Dot>
__device__ inline float add_staged(
    float lane, const byte* weights, const StagedQ8* staged, int count) {
#pragma unroll 2
  for (int block = threadIdx.x % ROW_THREADS; block < count; block += ROW_THREADS) {
    Dot dot = Dot::at(weights + (long long)block * Dot::Type::BYTES);
    lane = __fadd_rn(lane, dot.term(staged[block]));
  }
  return lane;
}

/** One vector: eight threads share a row, thread i of them adds up lane i. */
template <class Dot, class Staged, int CAPACITY>
__device__ inline void multiply_one(const Product& p, Staged (&staged)[CAPACITY]) {
  int block_rows = blockDim.x / ROW_THREADS;
  bool is_staged = false;

  for (long long base = (long long)blockIdx.x * block_rows; base < p.weights.count;
       base += (long long)gridDim.x * block_rows) {
    unsigned row = base + threadIdx.x / ROW_THREADS;
    const byte* weights = p.weights.at(row);
    float lane = 0.0f;
#pragma unroll 1
    for (int from = 0; from < p.blocks; from += CAPACITY) {
      int count = p.blocks - from < CAPACITY ? p.blocks - from : CAPACITY;
      if (!is_staged) {
        __syncthreads();
        stage(p, from, count, staged);
        __syncthreads();
        is_staged = p.blocks <= CAPACITY;
      }
      lane = add_staged<Dot>(lane, weights + (long long)from * Dot::Type::BYTES, staged, count);
    }
#pragma unroll
    for (int s = 4; s > 0; s /= 2) {
      lane = __fadd_rn(lane, __shfl_xor_sync(WHOLE_WARP, lane, s));
    }
    if (row < p.weights.count && threadIdx.x % ROW_THREADS == 0) {
      p.results[row] = lane;
    }
  }
}

/** What a thread block of the kernels for many vectors has: sixteen rows for each of its warps. */
constexpr int MANY_ROWS = 8 * TILE_ROWS;
constexpr int MOST_TILES = 8;
constexpr int MANY_VECTORS = MOST_TILES * TILE_VECTORS;

/** The place of this thread's warp in the block; the compiler sees that the whole warp has one. */
__device__ inline int warp_index() {
  return __shfl_sync(WHOLE_WARP, threadIdx.x / WARP, 0);
}

/** At most eight vectors: a thread block has sixteen rows, each of its eight warps a lane of them. */
template <class Rows, class Staged>
__device__ inline void multiply_few(
    const Product& p, Staged* staged, float (*lanes)[TILE_RESULTS]) {
  typedef typename Rows::template Vectors<TILE_VECTORS> Vectors;
  int lane = warp_index();
  unsigned first_row = blockIdx.x * TILE_ROWS;
  float sum[1][4] = {};
#pragma unroll 1
  for (Step step = {p.blocks, lane, 0}; step.has(0); step.first += Vectors::BLOCKS) {
    Vectors vectors = Vectors::at(p.activations, 0, step);
    Rows rows = Rows::at(p.weights, first_row, step);
    __syncwarp();
    vectors.store(staged + lane, 0);
    __syncwarp();
    rows.add(staged + lane, step, sum, [](int) {});
  }
#pragma unroll
  for (int i = 0; i < 4; i++) {
    int vector = 2 * fragment_part() + i % 2;
    lanes[lane][vector * TILE_ROWS + fragment_row() + i / 2 * 8] = sum[0][i];
  }
  __syncthreads();
  unsigned vector = threadIdx.x / TILE_ROWS;
  unsigned row = first_row + threadIdx.x % TILE_ROWS;
  if (vector < p.activations.count && row < p.weights.count) {
    float own[8];
#pragma unroll
    for (int l = 0; l < 8; l++) {
      own[l] = lanes[l][threadIdx.x];
    }
#pragma unroll
    for (int s = 4; s > 0; s /= 2) {
#pragma unroll
      for (int l = 0; l < s; l++) {
        own[l] = __fadd_rn(own[l], own[l + s]);
      }
    }
    p.results[(long long)vector * p.weights.count + row] = own[0];
  }
}

/** Blocks of activations of types of 32 that are staged at a time for each of several vectors. */
constexpr int STAGED_FEW = STAGED_32 / TILE_VECTORS;

/**
 * The same of types of 32, of which a tile would have a term for every 32 elements: eight threads share
 * a row, thread i of them adds up lane i of every vector, from weights that it has read once.
 */
template <class Dot>
__device__ inline void multiply_few_of_32(const Product& p, StagedQ8 (*staged)[STAGED_FEW]) {
  int i = threadIdx.x % ROW_THREADS;
  int block_rows = blockDim.x / ROW_THREADS;
  int vectors = p.activations.count;
  bool is_staged = false;

  for (long long base = (long long)blockIdx.x * block_rows; base < p.weights.count;
       base += (long long)gridDim.x * block_rows) {
    unsigned row = base + threadIdx.x / ROW_THREADS;
    const byte* weights = p.weights.at(row);
    float lanes[TILE_VECTORS] = {};
#pragma unroll 1
    for (int from = 0; from < p.blocks; from += STAGED_FEW) {
      int count = p.blocks - from < STAGED_FEW ? p.blocks - from : STAGED_FEW;
      if (!is_staged) {
        __syncthreads();
        for (int at = threadIdx.x; at < count * vectors; at += blockDim.x) {
          const byte* bytes = p.activations.at(at / count) + (from + at % count) * 34;
          StagedQ8& to = staged[at / count][at % count];
          words_at<8>(bytes + 2, to.codes);
          to.scale = half_at(bytes);
        }
        __syncthreads();
        is_staged = p.blocks <= STAGED_FEW;
      }
      const byte* first = weights + (long long)from * Dot::Type::BYTES;
#pragma unroll 2
      for (int block = i; block < count; block += ROW_THREADS) {
        Dot dot = Dot::at(first + (long long)block * Dot::Type::BYTES);
#pragma unroll
        for (int v = 0; v < TILE_VECTORS; v++) {
          if (v < vectors) {
            lanes[v] = __fadd_rn(lanes[v], dot.term(staged[v][block]));
          }
        }
      }
    }
#pragma unroll
    for (int v = 0; v < TILE_VECTORS; v++) {
#pragma unroll
      for (int s = 4; s > 0; s /= 2) {
        lanes[v] = __fadd_rn(lanes[v], __shfl_xor_sync(WHOLE_WARP, lanes[v], s));
      }
      if (row < p.weights.count && v < vectors && i == v) {
        p.results[(long long)v * p.weights.count + row] = lanes[v];
      }
    }
  }
}

/**
 * More vectors, at most 8 TILES: a thread block has 128 rows. It takes the lanes one after the
 * other, in an order in which each can be added when its partner is there.
 */
template <class Rows, int TILES, class Staged>
__device__ inline void multiply_many(
    const Product& p, Staged (*staged)[MOST_TILES]) {
  typedef typename Rows::template Vectors<TILES> Vectors;  // an eighth of them for each warp
  int rounds = ((p.blocks + 7) / 8 + Vectors::BLOCKS - 1) / Vectors::BLOCKS;
  int warp = warp_index();
  unsigned first_row = blockIdx.x * MANY_ROWS + warp * TILE_ROWS;

  float saved[3][TILES][4];  // sums of one, two and four lanes that wait for as many more
  float sum[TILES][4] = {};
  Step step = {p.blocks, 0, 0};
  Rows next_rows = Rows::at(p.weights, first_row, step);
  Vectors::at(p.activations, warp * TILES, step).store(staged[0], warp * TILES);
  __syncthreads();
#pragma unroll 1
  for (int turn = 0, round = 0, buffer = 0; turn < 8; buffer ^= 1) {
    Rows rows = next_rows;
    Vectors next;
    Step now = step;
    int done = turn;
    if (++round == rounds) {
      round = 0;
      turn++;
    }
    if (turn < 8) {
      step.lane = (turn & 1) << 2 | (turn & 2) | turn >> 2;
      step.first = round * Vectors::BLOCKS;
    }
    auto ahead = [&](int part) {
      if (part == 0) {
        next = Vectors::at(p.activations, warp * TILES, step);
      } else {
        next.store(staged[buffer ^ 1], warp * TILES);
        next_rows = Rows::at(p.weights, first_row, step);
      }
    };
    if (now.has(0) && first_row < p.weights.count) {
      rows.add(staged[buffer], now, sum, ahead);
    } else {
      ahead(0);
      ahead(1);
    }
    __syncthreads();
    if (round == 0) {
      int level = 0;
#pragma unroll 1
      for (; done & 1; done >>= 1, level++) {
#pragma unroll
        for (int n = 0; n < TILES; n++) {
#pragma unroll
          for (int i = 0; i < 4; i++) {
            sum[n][i] = __fadd_rn(saved[level][n][i], sum[n][i]);
          }
        }
      }
      if (turn < 8) {
#pragma unroll
        for (int n = 0; n < TILES; n++) {
#pragma unroll
          for (int i = 0; i < 4; i++) {
            saved[level][n][i] = sum[n][i];
            sum[n][i] = 0.0f;
          }
        }
      }
    }
  }
#pragma unroll
  for (int n = 0; n < TILES; n++) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
      unsigned vector = n * TILE_VECTORS + 2 * fragment_part() + i % 2;
      unsigned row = first_row + fragment_row() + i / 2 * 8;
      if (vector < p.activations.count && row < p.weights.count) {
        p.results[(long long)vector * p.weights.count + row] = sum[n][i];
      }
    }
  }
}

#define MATVEC_ONE(name, type, staged_type, ahead)                                                \
  extern "C" __global__ void __launch_bounds__(256, 2) matvec_q8_##name(                          \
      const byte* __restrict__ weights, const byte* __restrict__ activations,                     \
      float* __restrict__ results, int rows, int columns, int batch) {                            \
    __shared__ staged_type staged[ahead];                                                         \
    for (int y = blockIdx.y; y < batch; y += gridDim.y) {                                         \
      multiply_one<type##_Dot>(                                                                   \
          product_of<type>(weights, activations, results, rows, columns, batch, y, 1), staged);   \
    }                                                                                             \
  }                                                                                               \
  EMULATED_KERNEL(matvec_q8_##name);

#define MATVEC_BATCH_K(name, type, resident)                                                      \
  extern "C" __global__ void __launch_bounds__(256, resident) matvec_q8_batch_##name(             \
      const byte* __restrict__ weights, const byte* __restrict__ activations,                     \
      float* __restrict__ results, int rows, int columns, int batch) {                            \
    __shared__ type##_Rows::Vectors<TILE_VECTORS>::Staged staged[8];                              \
    __shared__ float lanes[8][TILE_RESULTS];                                                      \
    multiply_few<type##_Rows>(                                                                    \
        product_of<type>(                                                                         \
            weights, activations, results, rows, columns, batch, blockIdx.y, TILE_VECTORS),       \
        staged, lanes);                                                                           \
  }                                                                                               \
  EMULATED_KERNEL(matvec_q8_batch_##name);

#define MATVEC_BATCH_32(name, type)                                                               \
  extern "C" __global__ void __launch_bounds__(256, 2) matvec_q8_batch_##name(                    \
      const byte* __restrict__ weights, const byte* __restrict__ activations,                     \
      float* __restrict__ results, int rows, int columns, int batch) {                            \
    __shared__ StagedQ8 staged[TILE_VECTORS][STAGED_FEW];                                         \
    multiply_few_of_32<type##_Dot>(                                                               \
        product_of<type>(                                                                         \
            weights, activations, results, rows, columns, batch, blockIdx.y, TILE_VECTORS),       \
        staged);                                                                                  \
  }                                                                                               \
  EMULATED_KERNEL(matvec_q8_batch_##name);

#define MATVEC_PREFILL(name, type)                                                                \
  extern "C" __global__ void __launch_bounds__(256, 1) matvec_q8_prefill_##name(                  \
      const byte* __restrict__ weights, const byte* __restrict__ activations,                     \
      float* __restrict__ results, int rows, int columns, int batch) {                            \
    __shared__ type##_Rows::Vectors<TILE_VECTORS>::Staged staged[2][MOST_TILES];                  \
    Product product = product_of<type>(                                                           \
        weights, activations, results, rows, columns, batch, blockIdx.y, MANY_VECTORS);           \
    if (product.activations.count <= MANY_VECTORS / 2) {                                          \
      multiply_many<type##_Rows, MOST_TILES / 2>(product, staged);                                \
    } else {                                                                                      \
      multiply_many<type##_Rows, MOST_TILES>(product, staged);                                    \
    }                                                                                             \
  }                                                                                               \
  EMULATED_KERNEL(matvec_q8_prefill_##name);

#define MATVEC_K(name, type, resident)         \
  MATVEC_ONE(name, type, StagedQ8K, STAGED_K)  \
  MATVEC_BATCH_K(name, type, resident)         \
  MATVEC_PREFILL(name, type)

#define MATVEC_32(name, type)                  \
  MATVEC_ONE(name, type, StagedQ8, STAGED_32)  \
  MATVEC_BATCH_32(name, type)                  \
  MATVEC_PREFILL(name, type)

MATVEC_K(q2_k, Q2_K, 3)
MATVEC_K(q3_k, Q3_K, 3)
MATVEC_K(q4_k, Q4_K, 3)
MATVEC_K(q5_k, Q5_K, 3)
MATVEC_K(q6_k, Q6_K, 2)
MATVEC_K(iq4_xs, IQ4_XS, 2)
MATVEC_32(q4_0, Q4_0)
MATVEC_32(q4_1, Q4_1)
MATVEC_32(q5_0, Q5_0)
MATVEC_32(q5_1, Q5_1)
MATVEC_32(q8_0, Q8_0)
MATVEC_32(iq4_nl, IQ4_NL)
