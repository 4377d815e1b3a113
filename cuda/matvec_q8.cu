/*
 * matvec_q8_TYPE(weights, activations, results, int rows, int columns, int batch)
 *
 * What: results[b][row] = Σ over blocks of the terms of the q8 path, in eight lanes (block mod 8) and
 *   the tree 4, 2, 1. Activations are Q8_K blocks (types of 256) or Q8_0 blocks (types of 32).
 * Grid: x has one block for blockDim.x / 8 rows; fewer are right too, blocks stride over the rest. y
 *   has one block for eight activation vectors, or fewer. Block: a multiple of 32 up to 256,
 *   made for 256. Shared: 19,456 bytes (types of 256) or 24,576 (types of 32), static.
 * Work: eight threads share a row, a warp has four. The activations are staged in shared memory, as
 *   much as fits at a time; if all fits, once for all rows of the thread block. Of a type of 256 the
 *   eight threads load a super-block together, and exchange their integer sums so that every thread
 *   has one whole sum, of one block and vector, when the floats begin. Of a type of 32 thread i takes
 *   the blocks i, i + 8 ..., which is lane i.
 * Reads the weights once for eight activation vectors.
 */

#include "include/integer_tiles.cuh"

constexpr int ROW_THREADS = 8;

/** Bytes of activations that are staged at a time, as blocks of all vectors together. */
constexpr int STAGED_K = 64;
constexpr int STAGED_32 = 512;

constexpr int MOST_VECTORS = 8;

/** What the thread block works on: activation vectors from `first` up. */
struct Product {
  const byte* weights;
  const byte* activations;
  float* results;
  int rows;
  int blocks;   // of a row
  int vectors;  // at most MOST_VECTORS
};

/** Copies blocks `from` ... `from + count - 1` of every vector to staged[vector][block]. */
__device__ inline void stage(
    const Product& p, int from, int count, int capacity, StagedQ8K* staged) {
  int warp = threadIdx.x / WARP;
  int warps = blockDim.x / WARP;
  for (int i = warp; i < count * p.vectors; i += warps) {
    int vector = i / count;
    int block = i % count;
    const unsigned* words =
        (const unsigned*)(p.activations + ((long long)vector * p.blocks + from + block) * 292);
    unsigned* to = (unsigned*)(staged + vector * capacity + block);
    for (int w = warp_lane(); w < 73; w += WARP) {
      to[w == 0 ? 72 : w - 1] = words[w];  // the scale goes behind codes and sums
    }
  }
}

__device__ inline void stage(
    const Product& p, int from, int count, int capacity, StagedQ8* staged) {
  for (int i = threadIdx.x; i < count * p.vectors; i += blockDim.x) {
    int vector = i / count;
    int block = i % count;
    const byte* bytes = p.activations + ((long long)vector * p.blocks + from + block) * 34;
    StagedQ8* to = staged + vector * capacity + block;
    words_at<8>(bytes + 2, to->codes);
    to->scale = half_at(bytes);
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
 * Types of 256. Eight sums are in flight: of VECTORS vectors and 8 / VECTORS blocks. Thread i ends up
 * with that of vector i % VECTORS and block i / VECTORS of them.
 */
template <class Dot, int VECTORS>
__device__ inline void multiply(const Product& p, StagedQ8K* staged) {
  constexpr int STEP = 8 / VECTORS;
  constexpr int AHEAD = STEP < Dot::AHEAD ? STEP : Dot::AHEAD;
  constexpr int CAPACITY = STAGED_K / VECTORS;
  int i = threadIdx.x % ROW_THREADS;
  int own_block = i / VECTORS;
  int own_vector = i % VECTORS;
  int block_rows = blockDim.x / ROW_THREADS;
  bool is_staged = false;

  for (long long base = (long long)blockIdx.x * block_rows; base < p.rows;
       base += (long long)gridDim.x * block_rows) {
    long long row = base + threadIdx.x / ROW_THREADS;
    bool valid = row < p.rows;
    const byte* weights =
        p.weights + (valid ? row : p.rows - 1) * p.blocks * (long long)Dot::Type::BYTES;
    float lanes[VECTORS] = {};  // lane STEP k + own_block of own_vector

#pragma unroll 1
    for (int from = 0; from < p.blocks; from += CAPACITY) {
      int count = p.blocks - from < CAPACITY ? p.blocks - from : CAPACITY;
      if (!is_staged) {
        __syncthreads();
        stage(p, from, count, CAPACITY, staged);
        __syncthreads();
        is_staged = p.blocks <= CAPACITY;
      }
#pragma unroll 1
      for (int at = 0; at < count; at += STEP) {
        int sums[8];
#pragma unroll
        for (int part = 0; part < STEP; part += AHEAD) {
          Dot parts[AHEAD];
#pragma unroll
          for (int s = 0; s < AHEAD; s++) {
            int block = at + part + s < count ? at + part + s : count - 1;
            parts[s] = Dot::at(weights + (long long)(from + block) * Dot::Type::BYTES, i);
          }
#pragma unroll
          for (int s = 0; s < AHEAD; s++) {
            int block = at + part + s < count ? at + part + s : count - 1;
#pragma unroll
            for (int v = 0; v < VECTORS; v++) {
              sums[(part + s) * VECTORS + v] =
                  v < p.vectors ? parts[s].sum(staged[v * CAPACITY + block], i) : 0;
            }
          }
        }
        int sum = transposed_sum(sums);
        if (at + own_block < count && own_vector < p.vectors) {
          int block = at + own_block;
          typename Dot::Header header =
              Dot::Header::at(weights + (long long)(from + block) * Dot::Type::BYTES);
          float term = header.term(staged[own_vector * CAPACITY + block], sum);
          int k = at / STEP % VECTORS;  // CAPACITY is a multiple of eight
#pragma unroll
          for (int j = 0; j < VECTORS; j++) {
            lanes[j] = j == k ? __fadd_rn(lanes[j], term) : lanes[j];
          }
        }
      }
    }
#pragma unroll
    for (int s = VECTORS / 2; s > 0; s /= 2) {  // lanes that are STEP s apart
#pragma unroll
      for (int j = 0; j < s; j++) {
        lanes[j] = __fadd_rn(lanes[j], lanes[j + s]);
      }
    }
    float result = lanes[0];
#pragma unroll
    for (int threads = 4; threads >= VECTORS; threads /= 2) {  // lanes threads / VECTORS apart
      result = __fadd_rn(result, __shfl_xor_sync(WHOLE_WARP, result, threads));
    }
    if (valid && i < p.vectors) {
      p.results[(long long)i * p.rows + row] = result;
    }
  }
}

/** Types of 32: thread i is lane i. */
template <class Dot, int VECTORS>
__device__ inline void multiply(const Product& p, StagedQ8* staged) {
  constexpr int CAPACITY = STAGED_32 / VECTORS;
  int i = threadIdx.x % ROW_THREADS;
  int block_rows = blockDim.x / ROW_THREADS;
  bool is_staged = false;

  for (long long base = (long long)blockIdx.x * block_rows; base < p.rows;
       base += (long long)gridDim.x * block_rows) {
    long long row = base + threadIdx.x / ROW_THREADS;
    bool valid = row < p.rows;
    const byte* weights =
        p.weights + (valid ? row : p.rows - 1) * p.blocks * (long long)Dot::Type::BYTES;
    float lanes[VECTORS] = {};

#pragma unroll 1
    for (int from = 0; from < p.blocks; from += CAPACITY) {
      int count = p.blocks - from < CAPACITY ? p.blocks - from : CAPACITY;
      if (!is_staged) {
        __syncthreads();
        stage(p, from, count, CAPACITY, staged);
        __syncthreads();
        is_staged = p.blocks <= CAPACITY;
      }
      const byte* first = weights + (long long)from * Dot::Type::BYTES;
#pragma unroll 2
      for (int block = i; block < count; block += ROW_THREADS) {
        Dot dot = Dot::at(first + (long long)block * Dot::Type::BYTES);
#pragma unroll
        for (int v = 0; v < VECTORS; v++) {
          if (v < p.vectors) {
            lanes[v] = __fadd_rn(lanes[v], dot.term(staged[v * CAPACITY + block]));
          }
        }
      }
    }
#pragma unroll
    for (int v = 0; v < VECTORS; v++) {
      for (int s = 4; s > 0; s /= 2) {
        lanes[v] = __fadd_rn(lanes[v], __shfl_xor_sync(WHOLE_WARP, lanes[v], s));
      }
      if (valid && v < p.vectors && i == v) {
        p.results[(long long)v * p.rows + row] = lanes[v];
      }
    }
  }
}

/** Takes eight activation vectors at a time. */
template <class Dot, class Staged>
__device__ inline void matvec(
    const byte* weights, const byte* activations, float* results, int rows, int columns, int batch,
    int block_bytes, Staged* staged) {
  int blocks = columns / Dot::Type::ELEMENTS;
  for (long long first = (long long)blockIdx.y * MOST_VECTORS; first < batch;
       first += (long long)gridDim.y * MOST_VECTORS) {
    int vectors = batch - first < MOST_VECTORS ? (int)(batch - first) : MOST_VECTORS;
    Product product = {
        weights, activations + first * blocks * block_bytes, results + first * rows, rows, blocks,
        vectors};
    if (vectors == 1) {
      multiply<Dot, 1>(product, staged);
    } else {
      multiply<Dot, MOST_VECTORS>(product, staged);
    }
  }
}


/** What a thread block of the kernel for many vectors has: eight warps of sixteen rows each. */
constexpr int MANY_ROWS = 8 * TILE_ROWS;
constexpr int MANY_TILES = 4;
constexpr int MANY_VECTORS = MANY_TILES * TILE_VECTORS;

/** The place of this thread's warp in the block; the compiler sees that it is the same for all of it. */
__device__ inline int warp_index() {
  return __shfl_sync(WHOLE_WARP, threadIdx.x / WARP, 0);
}

/** The rows of a tile that this thread loads; what is beyond the matrix is its last row again. */
struct RowPair {
  const byte* rows[2];

  static __device__ RowPair at(const byte* weights, long long first, int rows, long long row_bytes) {
    RowPair pair;
#pragma unroll
    for (int i = 0; i < 2; i++) {
      long long row = first + fragment_row() + 8 * i;
      pair.rows[i] = weights + (row < rows ? row : rows - 1) * row_bytes;
    }
    return pair;
  }
};

/** Few vectors: a thread block has sixteen rows, each of its eight warps a lane of their sums. */
template <class Rows>
__device__ inline void multiply_few(
    const byte* weights, const byte* activations, float* results, int rows, int columns, int batch,
    typename Rows::Vectors::Staged* staged, float* partial) {
  typedef typename Rows::Vectors Vectors;
  int blocks = columns / Rows::Type::ELEMENTS;
  int lane = warp_index();
  for (long long base = (long long)blockIdx.x * TILE_ROWS; base < rows;
       base += (long long)gridDim.x * TILE_ROWS) {
    RowPair pair = RowPair::at(weights, base, rows, (long long)blocks * Rows::Type::BYTES);
#pragma unroll 1
    for (long long first = (long long)blockIdx.y * TILE_VECTORS; first < batch;
         first += (long long)gridDim.y * TILE_VECTORS) {
      int vectors = batch - first < TILE_VECTORS ? (int)(batch - first) : TILE_VECTORS;
      const byte* quads[2];
      int counts[2];
#pragma unroll
      for (int half = 0; half < 2; half++) {
        int from = half * LOADED_VECTORS < vectors ? half * LOADED_VECTORS : 0;
        quads[half] = activations + (first + from) * blocks * Vectors::BYTES;
        counts[half] = vectors - from;
      }
      float sum[1][4] = {};
#pragma unroll 1
      for (Step step = {blocks, lane, 0}; step.has(0); step.first += Vectors::BLOCKS) {
        Vectors low = Vectors::at(quads[0], counts[0], step);
        Vectors high = Vectors::at(quads[1], counts[1], step);
        Rows two = Rows::at(pair.rows, step);
        __syncwarp();
        low.store(staged[lane], 0);
        high.store(staged[lane], LOADED_VECTORS);
        __syncwarp();
        two.add(staged + lane, step, sum);
      }
#pragma unroll
      for (int i = 0; i < 4; i++) {
        int vector = 2 * fragment_part() + i % 2;
        int row = fragment_row() + i / 2 * 8;
        partial[(lane * TILE_VECTORS + vector) * TILE_ROWS + row] = sum[0][i];
      }
      __syncthreads();
      constexpr int RESULTS = TILE_VECTORS * TILE_ROWS;
      if (threadIdx.x < RESULTS) {
        float lanes[8];
#pragma unroll
        for (int l = 0; l < 8; l++) {
          lanes[l] = partial[l * RESULTS + threadIdx.x];
        }
#pragma unroll
        for (int s = 4; s > 0; s /= 2) {
#pragma unroll
          for (int l = 0; l < s; l++) {
            lanes[l] = __fadd_rn(lanes[l], lanes[l + s]);
          }
        }
        int vector = threadIdx.x / TILE_ROWS;
        long long row = base + threadIdx.x % TILE_ROWS;
        if (vector < vectors && row < rows) {
          results[(first + vector) * rows + row] = lanes[0];
        }
      }
      __syncthreads();
    }
  }
}

#define MATVEC_FEW(name, type)                                                                    \
  extern "C" __global__ void __launch_bounds__(256, 3) matvec_q8_batch_##name(                    \
      const byte* __restrict__ weights, const byte* __restrict__ activations,                     \
      float* __restrict__ results, int rows, int columns, int batch) {                            \
    __shared__ type##_Rows::Vectors::Staged staged[8];                                            \
    __shared__ float partial[8 * TILE_VECTORS * TILE_ROWS];                                       \
    multiply_few<type##_Rows>(                                                                    \
        weights, activations, results, rows, columns, batch, staged, partial);                    \
  }                                                                                               \
  EMULATED_KERNEL(matvec_q8_batch_##name);

/**
 * Many vectors: a thread block has 128 rows, sixteen for each warp, and 32 vectors. It takes the
 * lanes one after the other, in an order in which each can be added when its partner is there.
 */
template <class Rows>
__device__ inline void multiply_many(
    const byte* weights, const byte* activations, float* results, int rows, int columns, int batch,
    typename Rows::Vectors::Staged (*staged)[MANY_TILES]) {
  typedef typename Rows::Vectors Vectors;
  int blocks = columns / Rows::Type::ELEMENTS;
  int rounds = ((blocks + 7) / 8 + Vectors::BLOCKS - 1) / Vectors::BLOCKS;
  int warp = warp_index();
  for (long long base = (long long)blockIdx.x * MANY_ROWS; base < rows;
       base += (long long)gridDim.x * MANY_ROWS) {
    long long own_row = base + warp * TILE_ROWS;
    RowPair pair = RowPair::at(weights, own_row, rows, (long long)blocks * Rows::Type::BYTES);
#pragma unroll 1
    for (long long first = (long long)blockIdx.y * MANY_VECTORS; first < batch;
         first += (long long)gridDim.y * MANY_VECTORS) {
      int vectors = batch - first < MANY_VECTORS ? (int)(batch - first) : MANY_VECTORS;
      int from = warp * LOADED_VECTORS < vectors ? warp * LOADED_VECTORS : 0;
      const byte* quad = activations + (first + from) * blocks * Vectors::BYTES;
      int count = vectors - from;

      float saved[3][MANY_TILES][4];
      float sum[MANY_TILES][4] = {};
      int buffer = 0;
      Step step = {blocks, 0, 0};
      Vectors next = Vectors::at(quad, count, step);
#pragma unroll 1
      for (int c = 0, round = 0; c < 8;) {
        Rows own = Rows::at(pair.rows, step);
        next.store(staged[buffer][warp / 2], warp % 2 * LOADED_VECTORS);
        __syncthreads();
        Step here = step;
        int done = c;
        if (++round == rounds) {
          round = 0;
          c++;
        }
        step = {blocks, (c & 1) * 4 + (c & 2) + (c >> 2), round * Vectors::BLOCKS};
        if (c < 8) {
          next = Vectors::at(quad, count, step);
        }
        if (here.has(0)) {
          own.add(staged[buffer], here, sum);
        }
        buffer ^= 1;
        if (round == 0) {
          int level = 0;
#pragma unroll 1
          for (; done & 1; done >>= 1, level++) {
#pragma unroll
            for (int n = 0; n < MANY_TILES; n++) {
#pragma unroll
              for (int i = 0; i < 4; i++) {
                sum[n][i] = __fadd_rn(saved[level][n][i], sum[n][i]);
              }
            }
          }
          if (c < 8) {
#pragma unroll
            for (int n = 0; n < MANY_TILES; n++) {
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
      for (int n = 0; n < MANY_TILES; n++) {
#pragma unroll
        for (int i = 0; i < 4; i++) {
          int vector = n * TILE_VECTORS + 2 * fragment_part() + i % 2;
          long long row = own_row + fragment_row() + i / 2 * 8;
          if (vector < vectors && row < rows) {
            results[(first + vector) * rows + row] = sum[n][i];
          }
        }
      }
      __syncthreads();
    }
  }
}

#define MATVEC_MANY(name, type)                                                                   \
  extern "C" __global__ void __launch_bounds__(256, 2) matvec_q8_prefill_##name(                  \
      const byte* __restrict__ weights, const byte* __restrict__ activations,                     \
      float* __restrict__ results, int rows, int columns, int batch) {                            \
    __shared__ type##_Rows::Vectors::Staged staged[2][MANY_TILES];                                         \
    multiply_many<type##_Rows>(weights, activations, results, rows, columns, batch, staged);      \
  }                                                                                               \
  EMULATED_KERNEL(matvec_q8_prefill_##name);

#define MATVEC(name, type, staged_type, count, block_bytes)                                       \
  extern "C" __global__ void __launch_bounds__(256, 2) matvec_q8_##name(                          \
      const byte* __restrict__ weights, const byte* __restrict__ activations,                     \
      float* __restrict__ results, int rows, int columns, int batch) {                            \
    __shared__ staged_type staged[count];                                                         \
    matvec<type##_Dot>(                                                                           \
        weights, activations, results, rows, columns, batch, block_bytes, staged);                \
  }                                                                                               \
  EMULATED_KERNEL(matvec_q8_##name);

#define MATVEC_K(name, type) MATVEC(name, type, StagedQ8K, STAGED_K, 292)
#define MATVEC_32(name, type) MATVEC(name, type, StagedQ8, STAGED_32, 34)

MATVEC_K(q2_k, Q2_K)
MATVEC_K(q3_k, Q3_K)
MATVEC_K(q4_k, Q4_K)
MATVEC_K(q5_k, Q5_K)
MATVEC_K(q6_k, Q6_K)
MATVEC_K(iq4_xs, IQ4_XS)
MATVEC_32(q4_0, Q4_0)
MATVEC_32(q4_1, Q4_1)
MATVEC_32(q5_0, Q5_0)
MATVEC_32(q5_1, Q5_1)
MATVEC_32(q8_0, Q8_0)
MATVEC_32(iq4_nl, IQ4_NL)

MATVEC_FEW(q2_k, Q2_K)
MATVEC_MANY(q2_k, Q2_K)
MATVEC_FEW(q3_k, Q3_K)
MATVEC_MANY(q3_k, Q3_K)
MATVEC_FEW(q4_k, Q4_K)
MATVEC_MANY(q4_k, Q4_K)
MATVEC_FEW(q5_k, Q5_K)
MATVEC_MANY(q5_k, Q5_K)
MATVEC_FEW(q6_k, Q6_K)
MATVEC_MANY(q6_k, Q6_K)
MATVEC_FEW(iq4_xs, IQ4_XS)
MATVEC_MANY(iq4_xs, IQ4_XS)
MATVEC_FEW(q4_0, Q4_0)
MATVEC_MANY(q4_0, Q4_0)
MATVEC_FEW(q4_1, Q4_1)
MATVEC_MANY(q4_1, Q4_1)
MATVEC_FEW(q5_0, Q5_0)
MATVEC_MANY(q5_0, Q5_0)
MATVEC_FEW(q5_1, Q5_1)
MATVEC_MANY(q5_1, Q5_1)
MATVEC_FEW(q8_0, Q8_0)
MATVEC_MANY(q8_0, Q8_0)
MATVEC_FEW(iq4_nl, IQ4_NL)
MATVEC_MANY(iq4_nl, IQ4_NL)
