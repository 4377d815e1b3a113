#pragma once

#include "integer_dots.cuh"
#include "tensor.cuh"

/*
 * The integer products of the q8 path on the tensor cores, type by type: sixteen rows of weights
 * times eight activation vectors at a time. A warp works on one of the eight lanes of the sum over
 * blocks; what it takes at a time is a step. Of every 32 bytes that are multiplied, the four threads
 * of a row hold eight each; which ones is free, since the sum is exact, as long as weights and
 * activations agree, and is chosen for the type so that weights are loaded in whole words: RUN
 * neighbouring elements together.
 */

constexpr int TILE_ROWS = 16;
constexpr int TILE_VECTORS = 8;

/** Vectors that a warp brings to shared memory at a time. */
constexpr int LOADED_VECTORS = 4;

/** Where on the way through the blocks of a lane a warp is. */
struct Step {
  int blocks;  // of a row
  int lane;
  int first;  // block of the lane

  /** Block `j` from the first up, in the row; the last one where there are no more. */
  __device__ int block(int j) const {
    int at = lane + 8 * (first + j);
    return at < blocks ? at : blocks - 1;
  }

  __device__ bool has(int j) const {
    return lane + 8 * (first + j) < blocks;
  }
};

/** The Q8_K blocks of eight vectors in shared memory. */
struct alignas(16) StagedVectorsK {
  struct Row {
    unsigned codes[64];  // thread q has the words 4q ... 4q + 3 of every 16
    unsigned sums[8];
    float scale;
    unsigned unused[7];  // rows are so far apart that a quarter of a warp reads all banks
  };
  Row rows[TILE_VECTORS];

  /** The bytes of the second factor for the groups 2 pair and 2 pair + 1 of 32 elements. */
  __device__ uint4 codes(int pair) const {
    return *(const uint4*)(rows[fragment_row()].codes + 16 * pair + 4 * fragment_part());
  }

  /** The sums of sixteen with the numbers 4q ... 4q + 3. */
  __device__ uint2 sums() const {
    return *(const uint2*)(rows[fragment_row()].sums + 2 * fragment_part());
  }

  /** The scale of column 2q + j. */
  __device__ float scale(int j) const {
    return rows[2 * fragment_part() + j].scale;
  }
};

/** Q8_K blocks of four vectors in the registers of a warp, on their way to shared memory. */
template <int RUN>
struct LoadedVectorsK {
  typedef StagedVectorsK Staged;
  static constexpr int BLOCKS = 1;  // of a step
  static constexpr int BYTES = 292;

  unsigned codes[2 * LOADED_VECTORS];
  unsigned sums;
  unsigned scale;

  /** `count` vectors from `first` on, at least one; what is beyond is the last again. */
  static __device__ LoadedVectorsK at(const byte* first, int count, Step step) {
    LoadedVectorsK loaded;
    int t = warp_lane();
    long long apart = (long long)step.blocks * BYTES;
    const byte* block = first + (long long)step.block(0) * BYTES;
    const byte* own = block + (t / 8 < count ? t / 8 : count - 1) * apart;
    loaded.sums = *(const unsigned*)(own + 260 + 4 * (t % 8));
    loaded.scale = *(const unsigned*)own;
#pragma unroll
    for (int v = 0; v < LOADED_VECTORS; v++) {
      const unsigned* words = (const unsigned*)(block + 4);
      loaded.codes[2 * v] = words[t];
      loaded.codes[2 * v + 1] = words[t + 32];
      block += v + 1 < count ? apart : 0;
    }
    return loaded;
  }

  /** The place of word w among the staged ones. */
  static __device__ int place(int w) {
    return RUN == 8 ? w / 16 * 16 + w % 8 / 2 * 4 + w % 16 / 8 * 2 + w % 2
                    : w / 16 * 16 + w % 4 * 4 + w % 16 / 4;
  }

  /** As the vectors from `from` on. */
  __device__ void store(Staged& to, int from) const {
    int t = warp_lane();
    int first = place(t);
#pragma unroll
    for (int v = 0; v < LOADED_VECTORS; v++) {
      to.rows[from + v].codes[first] = codes[2 * v];
      to.rows[from + v].codes[first + 32] = codes[2 * v + 1];
    }
    to.rows[from + t / 8].sums[t % 8] = sums;
    if (t % 8 == 0) {
      to.rows[from + t / 8].scale = __uint_as_float(scale);
    }
  }
};

/** Adds the products of all groups of 32, each with its scale. */
template <class Rows, int TILES>
__device__ inline void add_groups(
    const Rows& rows, const StagedVectorsK* x, int (&sums)[TILES][4]) {
#pragma unroll
  for (int pair = 0; pair < 4; pair++) {
    unsigned a[2][4];
    rows.fragments(pair, a);
#pragma unroll
    for (int n = 0; n < TILES; n++) {
      uint4 words = x[n].codes(pair);
      unsigned b[2][2] = {{words.x, words.y}, {words.z, words.w}};
#pragma unroll
      for (int half = 0; half < 2; half++) {
        int c[4] = {};
        multiply_add(c, a[half], b[half]);
#pragma unroll
        for (int i = 0; i < 4; i++) {
          sums[n][i] += rows.scale(i / 2, 2 * pair + half) * c[i];
        }
      }
    }
  }
}

/**
 * Adds the terms of types with minima. Their sums are products as well: of the minima with the sums
 * of sixteen activations, low and high bytes apart.
 */
template <class Rows, int TILES>
__device__ inline void add_minimum_terms(
    const Rows& rows, const StagedVectorsK* x, const int (&sums)[TILES][4],
    float (&lane)[TILES][4]) {
  unsigned minima[2] = {rows.minima(0), rows.minima(1)};
#pragma unroll
  for (int n = 0; n < TILES; n++) {
    uint2 words = x[n].sums();
    unsigned low_bytes[1] = {__byte_perm(words.x, words.y, 0x6420u)};
    unsigned high_bytes[1] = {__byte_perm(words.x, words.y, 0x7531u)};
    unsigned low[4] = {};
    int high[4] = {};
    multiply_add(low, minima, low_bytes);
    multiply_add(high, minima, high_bytes);
#pragma unroll
    for (int i = 0; i < 4; i++) {
      unsigned halves = rows.halves(i / 2);
      float term = minimum_term(
          half_to_float(halves & 0xffffu), half_to_float(halves >> 16), x[n].scale(i % 2),
          sums[n][i], (int)((unsigned)high[i] << 8) + (int)low[i]);
      lane[n][i] = __fadd_rn(lane[n][i], term);
    }
  }
}

/** What Q4_K and Q5_K have in common. */
struct SixBitRows {
  SixBitHeader headers[2];

  __device__ int scale(int row, int group) const {
    return SixBitPairs::code(headers[row].pairs.scales(group / 4), group);
  }

  /** The minima that go with the sums 4q ... 4q + 3. */
  __device__ unsigned minima(int row) const {
    int q = fragment_part();
    unsigned four = headers[row].pairs.minima(q / 2);
    return __byte_perm(four, 0, q % 2 == 0 ? 0x1100u : 0x3322u);
  }

  __device__ unsigned halves(int row) const {
    return headers[row].halves;
  }
};

/** A super-block of two rows eight apart, as four threads share it. */
struct Q4_K_Rows : SixBitRows {
  typedef Q4_K Type;
  typedef LoadedVectorsK<8> Vectors;

  uint2 codes[2][4];

  static __device__ Q4_K_Rows at(const byte* const (&rows)[2], Step step) {
    Q4_K_Rows two;
#pragma unroll
    for (int row = 0; row < 2; row++) {
      const byte* block = rows[row] + (long long)step.block(0) * Type::BYTES;
      two.headers[row] = SixBitHeader::at(block);
#pragma unroll
      for (int c = 0; c < 4; c++) {
        two.codes[row][c] = *(const uint2*)(block + 16 + 32 * c + 8 * fragment_part());
      }
    }
    return two;
  }

  __device__ void fragments(int pair, unsigned (&a)[2][4]) const {
#pragma unroll
    for (int row = 0; row < 2; row++) {
      uint2 both = codes[row][pair];
      a[0][row] = both.x & 0x0f0f0f0fu;
      a[0][2 + row] = both.y & 0x0f0f0f0fu;
      a[1][row] = both.x >> 4 & 0x0f0f0f0fu;
      a[1][2 + row] = both.y >> 4 & 0x0f0f0f0fu;
    }
  }

  template <int TILES>
  __device__ void add(const StagedVectorsK* x, Step step, float (&lane)[TILES][4]) const {
    int sums[TILES][4] = {};
    add_groups(*this, x, sums);
    add_minimum_terms(*this, x, sums, lane);
  }
};
