#pragma once

#include "integer_dots.cuh"
#include "tensor.cuh"

/*
 * The integer products of the q8 path on the tensor cores, type by type: sixteen rows of weights
 * times eight activation vectors at a time. A warp works on one of the eight lanes of the sum over
 * blocks; what it takes at a time is a step: a block of 256, or four blocks of 32.
 *
 * Of what is multiplied, the four threads of a row hold a quarter each. Which elements that are is
 * free, since the sums are exact, as long as weights and activations agree, and is chosen for the
 * type so that its weights are loaded in large pieces: every thread has RUN neighbouring elements of
 * 32, or twice RUN sixteen apart.
 *
 * Rows of a type are the blocks of a step of the rows r and r + 8, as one of the four threads has
 * them, in registers.
 */

constexpr int TILE_ROWS = 16;
constexpr int TILE_VECTORS = 8;
constexpr int TILE_RESULTS = TILE_ROWS * TILE_VECTORS;

/** How far a warp is on its way through the blocks of a lane. */
struct Step {
  int blocks;  // of a row
  int lane;
  int first;  // of the lane's blocks

  /** Whether there is a block `j` from the first on. */
  __device__ bool has(int j) const {
    return lane + 8 * (first + j) < blocks;
  }

  /** Its place in the row; the last one of all if there is none. */
  __device__ int block(int j) const {
    return has(j) ? lane + 8 * (first + j) : blocks - 1;
  }
};

/** Rows of blocks in memory, of which there is at least one. */
struct BlockRows {
  const byte* first;
  unsigned bytes;  // of a row
  unsigned count;

  /** Row i, or the last one if it is beyond. */
  __device__ const byte* at(unsigned i) const {
    return first + (unsigned long long)bytes * (i < count ? i : count - 1);
  }
};

/** The place of word w of the codes of a step among the staged ones: thread q has four of sixteen. */
template <int RUN>
__device__ inline int staged_place(int w) {
  return RUN == 8 ? w / 16 * 16 + w % 8 / 2 * 4 + w % 16 / 8 * 2 + w % 2
                  : w / 16 * 16 + w % 4 * 4 + w % 16 / 4;
}

/** The Q8_K blocks of eight vectors in shared memory. */
struct alignas(16) StagedVectorsK {
  struct Row {
    unsigned codes[64];
    unsigned sums[8];
    float scale;
    unsigned unused[7];  // so far apart, eight threads read sixteen bytes each from all banks
  };
  Row rows[TILE_VECTORS];

  /** The second factor for the groups 2 pair and 2 pair + 1 of 32 elements. */
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

/** Blocks of 32 in a step. */
constexpr int STEP_BLOCKS = 4;

/** As many Q8_0 blocks of eight vectors in shared memory. */
struct alignas(16) StagedVectors32 {
  struct Row {
    unsigned codes[8 * STEP_BLOCKS];  // of a vector
    float scales[TILE_VECTORS];       // of a block, for all vectors
    unsigned unused[8];
  };
  Row rows[TILE_VECTORS];

  /** The second factor for the blocks 2 pair and 2 pair + 1. */
  __device__ uint4 codes(int pair) const {
    return *(const uint4*)(rows[fragment_row()].codes + 16 * pair + 4 * fragment_part());
  }

  /** The scales of the columns 2q and 2q + 1. */
  __device__ float2 scales(int block) const {
    return *(const float2*)(rows[block].scales + 2 * fragment_part());
  }
};

/** Q8_K blocks of COUNT vectors, four or eight, in a warp's registers on their way to shared memory. */
template <int RUN, int COUNT>
struct LoadedVectorsK {
  typedef StagedVectorsK Staged;
  static constexpr int BLOCKS = 1;  // of a step
  static constexpr int BYTES = 292;

  unsigned codes[COUNT / 4][8];  // of every fourth vector from t / 8 on
  unsigned sums[COUNT / 4];
  unsigned scales[COUNT / 4];  // in one of eight threads

  /** Those from `first` on; beyond the last vector it again. */
  static __device__ LoadedVectorsK at(const BlockRows& vectors, int first, Step step) {
    LoadedVectorsK loaded;
    int t = warp_lane();
#pragma unroll
    for (int k = 0; k < COUNT / 4; k++) {
      const byte* block = vectors.at(first + t / 8 + 4 * k) + (long long)step.block(0) * BYTES;
      const unsigned* words = (const unsigned*)block + t % 8;
      loaded.scales[k] = words[0];
      loaded.sums[k] = words[65];
#pragma unroll
      for (int i = 0; i < 8; i++) {
        loaded.codes[k][i] = words[1 + 8 * i];
      }
    }
    return loaded;
  }

  /** As the vectors from `from` on, of several times eight. */
  __device__ void store(Staged* tiles, int from) const {
    int t = warp_lane();
#pragma unroll
    for (int k = 0; k < COUNT / 4; k++) {
      StagedVectorsK::Row& row =
          tiles[from / TILE_VECTORS].rows[from % TILE_VECTORS + t / 8 + 4 * k];
#pragma unroll
      for (int i = 0; i < 8; i++) {
        row.codes[staged_place<RUN>(8 * i + t % 8)] = codes[k][i];
      }
      row.sums[t % 8] = sums[k];
      if (t % 8 == 0) {
        row.scale = __uint_as_float(scales[k]);
      }
    }
  }
};

/** The same of the Q8_0 blocks of a step. */
template <int RUN, int COUNT>
struct LoadedVectors32 {
  typedef StagedVectors32 Staged;
  static constexpr int BLOCKS = STEP_BLOCKS;
  static constexpr int BYTES = 34;

  unsigned codes[COUNT / 2][2];  // of every other vector from t / 16 on
  float scale;

  static __device__ LoadedVectors32 at(const BlockRows& vectors, int first, Step step) {
    LoadedVectors32 loaded;
    int t = warp_lane();
    loaded.scale =
        half_at(vectors.at(first + t / 4 % COUNT) + (long long)step.block(t % 4) * BYTES);
    long long words = (long long)step.block(t % 16 / 4) * BYTES + 2 + 8 * (t % 4);
#pragma unroll
    for (int k = 0; k < COUNT / 2; k++) {
      words_at<2>(vectors.at(first + t / 16 + 2 * k) + words, loaded.codes[k]);
    }
    return loaded;
  }

  __device__ void store(Staged* tiles, int from) const {
    StagedVectors32::Row* to = tiles[from / TILE_VECTORS].rows;
    from %= TILE_VECTORS;
    int t = warp_lane();
#pragma unroll
    for (int k = 0; k < COUNT / 2; k++) {
      StagedVectors32::Row& row = to[from + t / 16 + 2 * k];
      row.codes[staged_place<RUN>(2 * (t % 16))] = codes[k][0];
      row.codes[staged_place<RUN>(2 * (t % 16) + 1)] = codes[k][1];
    }
    if (t < 4 * COUNT) {
      to[t % 4].scales[from + t / 4] = scale;
    }
  }
};

/** Where the integer scales of a type of 256 are applied. */
enum class Scales { TO_GROUPS_OF_32, TO_GROUPS_OF_16, TO_CODES };

/** The first factor of a super-block: fragments of groups of 32, or of 16 if those have scales. */
template <class Rows>
struct Factor {
  static constexpr int GROUP = Rows::SCALES == Scales::TO_GROUPS_OF_16 ? 16 : 32;
  static constexpr int GROUPS = 256 / GROUP;
  static constexpr int WORDS = GROUP / 8;

  unsigned a[GROUPS][WORDS];

  static __device__ Factor of(const Rows& rows) {
    Factor factor;
#pragma unroll
    for (int group = 0; group < GROUPS; group++) {
      rows.fragment(group, factor.a[group]);
    }
    return factor;
  }

  /** The exact sums with eight vectors. */
  __device__ void multiply(const Rows& rows, const StagedVectorsK& x, int (&sums)[4]) const {
#pragma unroll
    for (int pair = 0; pair < 4; pair++) {
      uint4 four = x.codes(pair);
      unsigned words[4] = {four.x, four.y, four.z, four.w};
#pragma unroll
      for (int k = 0; k < GROUPS / 4; k++) {
        int group = GROUPS / 4 * pair + k;
        unsigned b[WORDS / 2];
#pragma unroll
        for (int w = 0; w < WORDS / 2; w++) {
          b[w] = words[WORDS / 2 * k + w];
        }
        if constexpr (Rows::SCALES == Scales::TO_CODES) {
          multiply_add(sums, a[group], b);
        } else {
          int c[4] = {};
          multiply_add(c, a[group], b);
#pragma unroll
          for (int i = 0; i < 4; i++) {
            sums[i] += rows.scale(i / 2, group) * c[i];
          }
        }
      }
    }
  }
};

/**
 * Types of 256: adds the terms of a super-block to a lane.
 *
 * @param ahead does in two parts, 0 and 1, what is to be done at the beginning and half way through,
 *   when there are registers for it
 */
template <class Rows, int TILES, class Ahead>
__device__ inline void add_terms(
    const Rows& rows, const StagedVectorsK* x, Step step, float (&lane)[TILES][4], Ahead ahead) {
  Factor<Rows> factor = Factor<Rows>::of(rows);
  ahead(0);
#pragma unroll
  for (int n = 0; n < TILES; n++) {
    if (n == TILES / 4) {
      ahead(1);
    }
    int sums[4] = {};
    factor.multiply(rows, x[n], sums);
#pragma unroll
    for (int i = 0; i < 4; i++) {
      float term = plain_term(rows.factor(i / 2), x[n].scale(i % 2), Rows::sum(sums[i]));
      lane[n][i] = __fadd_rn(lane[n][i], term);
    }
  }
}

/**
 * The same with minima. Their sums are products as well: of the minima with the sums of sixteen
 * activations, low and high bytes apart.
 */
template <class Rows, int TILES, class Ahead>
__device__ inline void add_minimum_terms(
    const Rows& rows, const StagedVectorsK* x, Step step, float (&lane)[TILES][4], Ahead ahead) {
  Factor<Rows> factor = Factor<Rows>::of(rows);
  unsigned minima[2] = {rows.minima(0), rows.minima(1)};
  ahead(0);
#pragma unroll
  for (int n = 0; n < TILES; n++) {
    if (n == TILES / 4) {
      ahead(1);
    }
    int sums[4] = {};
    factor.multiply(rows, x[n], sums);
    uint2 words = x[n].sums();
    unsigned low_bytes[1] = {__byte_perm(words.x, words.y, 0x6420u)};
    unsigned high_bytes[1] = {__byte_perm(words.x, words.y, 0x7531u)};
    unsigned low[4] = {};
    int high[4] = {};
    multiply_add(low, minima, low_bytes);
    multiply_add(high, minima, high_bytes);
#pragma unroll
    for (int i = 0; i < 4; i++) {
      unsigned halves = rows.halves[i / 2];
      float term = minimum_term(
          half_to_float(halves & 0xffffu), half_to_float(halves >> 16), x[n].scale(i % 2), sums[i],
          256 * high[i] + (int)low[i]);
      lane[n][i] = __fadd_rn(lane[n][i], term);
    }
  }
}

/** What Q4_K and Q5_K have in common. */
struct SixBitRows {
  static constexpr Scales SCALES = Scales::TO_GROUPS_OF_32;
  template <int COUNT>
  using Vectors = LoadedVectorsK<8, COUNT>;

  unsigned halves[2];
  SixBitPairs pairs[2];

  __device__ void load_header(int row, const byte* block) {
    SixBitHeader header = SixBitHeader::at(block);
    halves[row] = header.halves;
    pairs[row] = header.pairs;
  }

  __device__ int scale(int row, int group) const {
    return SixBitPairs::code(pairs[row].scales(group / 4), group);
  }

  /** The minima that go with the sums 4q ... 4q + 3. */
  __device__ unsigned minima(int row) const {
    int q = fragment_part();
    return __byte_perm(pairs[row].minima(q / 2), 0, q % 2 == 0 ? 0x1100u : 0x3322u);
  }
};

struct Q4_K_Rows : SixBitRows {
  typedef Q4_K Type;

  uint2 codes[2][4];

  static __device__ Q4_K_Rows at(const BlockRows& rows, unsigned first, Step step) {
    Q4_K_Rows two;
#pragma unroll
    for (int row = 0; row < 2; row++) {
      const byte* block = rows.at(first + fragment_row() + 8 * row) + (long long)step.block(0) * Type::BYTES;
      two.load_header(row, block);
#pragma unroll
      for (int k = 0; k < 4; k++) {
        two.codes[row][k] = *(const uint2*)(block + 16 + 32 * k + 8 * fragment_part());
      }
    }
    return two;
  }

  __device__ void fragment(int group, unsigned (&a)[4]) const {
#pragma unroll
    for (int row = 0; row < 2; row++) {
      uint2 both = codes[row][group / 2];
      a[row] = both.x >> group % 2 * 4 & 0x0f0f0f0fu;
      a[2 + row] = both.y >> group % 2 * 4 & 0x0f0f0f0fu;
    }
  }

  template <int TILES, class Ahead>
  __device__ void add(
      const StagedVectorsK* x, Step step, float (&lane)[TILES][4], Ahead ahead) const {
    add_minimum_terms(*this, x, step, lane, ahead);
  }
};

struct Q5_K_Rows : SixBitRows {
  typedef Q5_K Type;

  uint2 codes[2][4];
  uint2 high_bits[2];

  static __device__ Q5_K_Rows at(const BlockRows& rows, unsigned first, Step step) {
    Q5_K_Rows two;
#pragma unroll
    for (int row = 0; row < 2; row++) {
      const byte* block = rows.at(first + fragment_row() + 8 * row) + (long long)step.block(0) * Type::BYTES;
      two.load_header(row, block);
      two.high_bits[row] = *(const uint2*)(block + 16 + 8 * fragment_part());
#pragma unroll
      for (int k = 0; k < 4; k++) {
        two.codes[row][k] = *(const uint2*)(block + 48 + 32 * k + 8 * fragment_part());
      }
    }
    return two;
  }

  /** Bit j of every byte of `bits` as bit 4. */
  static __device__ unsigned fifth(unsigned bits, int j) {
    return (j < 4 ? bits << (4 - j) : bits >> (j - 4)) & 0x10101010u;
  }

  __device__ void fragment(int group, unsigned (&a)[4]) const {
#pragma unroll
    for (int row = 0; row < 2; row++) {
      uint2 both = codes[row][group / 2];
      uint2 bits = high_bits[row];
      a[row] = (both.x >> group % 2 * 4 & 0x0f0f0f0fu) | fifth(bits.x, group);
      a[2 + row] = (both.y >> group % 2 * 4 & 0x0f0f0f0fu) | fifth(bits.y, group);
    }
  }

  template <int TILES, class Ahead>
  __device__ void add(
      const StagedVectorsK* x, Step step, float (&lane)[TILES][4], Ahead ahead) const {
    add_minimum_terms(*this, x, step, lane, ahead);
  }
};

/**
 * The codes are multiplied by four: with their sign bit in place, and all of them even signed
 * numbers without a subtraction.
 */
struct Q6_K_Rows {
  typedef Q6_K Type;
  template <int COUNT>
  using Vectors = LoadedVectorsK<4, COUNT>;
  static constexpr Scales SCALES = Scales::TO_GROUPS_OF_16;

  unsigned low_bits[2][8];
  unsigned high_bits[2][4];
  unsigned scales[2][4];
  float factors[2];

  static __device__ Q6_K_Rows at(const BlockRows& rows, unsigned first, Step step) {
    Q6_K_Rows two;
#pragma unroll
    for (int row = 0; row < 2; row++) {
      const byte* block = rows.at(first + fragment_row() + 8 * row) + (long long)step.block(0) * Type::BYTES;
      const byte* own = block + 4 * fragment_part();
#pragma unroll
      for (int k = 0; k < 8; k++) {
        two.low_bits[row][k] = word<2>(own + 16 * k);
      }
#pragma unroll
      for (int k = 0; k < 4; k++) {
        two.high_bits[row][k] = word<2>(own + 128 + 16 * k);
      }
#pragma unroll
      for (int k = 0; k < 4; k++) {
        two.scales[row][k] = word<2>(block + 192 + 4 * k);
      }
      two.factors[row] = half_at(block + 208);
    }
    return two;
  }

  __device__ void fragment(int group, unsigned (&a)[2]) const {
    int n = group / 8;
    int quarter = group % 8 / 2;  // of 128 elements
#pragma unroll
    for (int row = 0; row < 2; row++) {
      unsigned low = low_bits[row][4 * n + quarter % 2 * 2 + group % 2];
      unsigned high = high_bits[row][2 * n + group % 2];
      a[row] = ((quarter < 2 ? low << 2 : low >> 2) & 0x3c3c3c3cu)
          | ((high << (6 - 2 * quarter) & 0xc0c0c0c0u) ^ 0x80808080u);
    }
  }

  __device__ int scale(int row, int group) const {
    return (signed char)(scales[row][group / 4] >> 8 * (group % 4));
  }

  static __device__ int sum(int products) {
    return products >> 2;
  }

  __device__ float factor(int row) const {
    return factors[row];
  }

  template <int TILES, class Ahead>
  __device__ void add(
      const StagedVectorsK* x, Step step, float (&lane)[TILES][4], Ahead ahead) const {
    add_terms(*this, x, step, lane, ahead);
  }
};

/** A code times its scale fits in a byte. */
struct Q2_K_Rows {
  typedef Q2_K Type;
  template <int COUNT>
  using Vectors = LoadedVectorsK<8, COUNT>;
  static constexpr Scales SCALES = Scales::TO_CODES;

  unsigned scales[2][4];
  unsigned scales_of_sums[2];
  unsigned bits[2][4];
  unsigned halves[2];

  static __device__ Q2_K_Rows at(const BlockRows& rows, unsigned first, Step step) {
    Q2_K_Rows two;
    int q = fragment_part();
#pragma unroll
    for (int row = 0; row < 2; row++) {
      const byte* block = rows.at(first + fragment_row() + 8 * row) + (long long)step.block(0) * Type::BYTES;
      const unsigned* words = (const unsigned*)block;
      two.scales_of_sums[row] = words[q];
      two.halves[row] = words[20];
#pragma unroll
      for (int k = 0; k < 4; k++) {
        two.scales[row][k] = words[k] >> q / 2 * 8;  // those of the thread's elements first
        two.bits[row][k] = words[4 + k / 2 * 8 + 2 * q + k % 2];
      }
    }
    return two;
  }

  __device__ void fragment(int group, unsigned (&a)[4]) const {
#pragma unroll
    for (int row = 0; row < 2; row++) {
#pragma unroll
      for (int k = 0; k < 2; k++) {
        unsigned codes = bits[row][group / 4 * 2 + k] >> group % 4 * 2 & 0x03030303u;
        a[2 * k + row] = codes * (unsigned)scale(row, group);
      }
    }
  }

  /** That of the thread's elements of a group of 32. */
  __device__ int scale(int row, int group) const {
    return (int)(scales[row][group / 2] >> group % 2 * 16 & 15u);
  }

  __device__ unsigned minima(int row) const {
    return scales_of_sums[row] >> 4 & 0x0f0f0f0fu;
  }

  template <int TILES, class Ahead>
  __device__ void add(
      const StagedVectorsK* x, Step step, float (&lane)[TILES][4], Ahead ahead) const {
    add_minimum_terms(*this, x, step, lane, ahead);
  }
};

/** A code times its scale just fits in a byte if the product gets the other sign: -124 ... 128. */
struct Q3_K_Rows {
  typedef Q3_K Type;
  template <int COUNT>
  using Vectors = LoadedVectorsK<8, COUNT>;
  static constexpr Scales SCALES = Scales::TO_CODES;

  unsigned bits[2][4];
  unsigned high_bits[2][2];
  unsigned scales[2][4];
  float factors[2];

  static __device__ Q3_K_Rows at(const BlockRows& rows, unsigned first, Step step) {
    Q3_K_Rows two;
    int q = fragment_part();
#pragma unroll
    for (int row = 0; row < 2; row++) {
      const byte* block = rows.at(first + fragment_row() + 8 * row) + (long long)step.block(0) * Type::BYTES;
      words_at<2>(block + 8 * q, two.high_bits[row]);
      words_at<2>(block + 32 + 8 * q, two.bits[row]);
      words_at<2>(block + 64 + 8 * q, two.bits[row] + 2);
      unsigned codes[3];
      words_at<3>(block + 96, codes);
#pragma unroll
      for (int k = 0; k < 4; k++) {
        two.scales[row][k] = ((codes[k % 2] >> k / 2 * 4 & 0x0f0f0f0fu)
                              | (codes[2] >> 2 * k & 0x03030303u) << 4)
            >> q / 2 * 8;
      }
      two.factors[row] = half_at(block + 108);
    }
    return two;
  }

  __device__ void fragment(int group, unsigned (&a)[4]) const {
#pragma unroll
    for (int row = 0; row < 2; row++) {
      unsigned negative = (unsigned)-scale(row, group);
      unsigned bias = (128 - 4 * negative) * 0x01010101u;  // keeps every byte from 0 to 252
#pragma unroll
      for (int k = 0; k < 2; k++) {
        unsigned high = high_bits[row][k];
        unsigned codes = (bits[row][group / 4 * 2 + k] >> group % 4 * 2 & 0x03030303u)
            | ((group < 2 ? high << (2 - group) : high >> (group - 2)) & 0x04040404u);
        a[2 * k + row] = (codes * negative + bias) ^ 0x80808080u;
      }
    }
  }

  /** That of the thread's elements of a group of 32. */
  __device__ int scale(int row, int group) const {
    return (int)(scales[row][group / 2] >> group % 2 * 16 & 63u) - 32;
  }

  static __device__ int sum(int products) {
    return -products;
  }

  __device__ float factor(int row) const {
    return factors[row];
  }

  template <int TILES, class Ahead>
  __device__ void add(
      const StagedVectorsK* x, Step step, float (&lane)[TILES][4], Ahead ahead) const {
    add_terms(*this, x, step, lane, ahead);
  }
};

struct IQ4_XS_Rows {
  typedef IQ4_XS Type;
  template <int COUNT>
  using Vectors = LoadedVectorsK<4, COUNT>;
  static constexpr Scales SCALES = Scales::TO_GROUPS_OF_32;

  uint2 headers[2];
  unsigned codes[2][8];

  static __device__ IQ4_XS_Rows at(const BlockRows& rows, unsigned first, Step step) {
    IQ4_XS_Rows two;
#pragma unroll
    for (int row = 0; row < 2; row++) {
      const byte* block = rows.at(first + fragment_row() + 8 * row) + (long long)step.block(0) * Type::BYTES;
      two.headers[row] = *(const uint2*)block;
#pragma unroll
      for (int k = 0; k < 8; k++) {
        two.codes[row][k] = *(const unsigned*)(block + 8 + 16 * k + 4 * fragment_part());
      }
    }
    return two;
  }

  __device__ void fragment(int group, unsigned (&a)[4]) const {
#pragma unroll
    for (int row = 0; row < 2; row++) {
      Octet eight = iq4_values().entries(codes[row][group]);
      a[row] = eight.low;
      a[2 + row] = eight.high;
    }
  }

  __device__ int scale(int row, int group) const {
    unsigned low = headers[row].y >> 4 * group & 0x0fu;
    unsigned high = headers[row].x >> (12 + 2 * group) & 0x30u;
    return (int)(low + high) - 32;
  }

  static __device__ int sum(int products) {
    return products;
  }

  __device__ float factor(int row) const {
    return half_to_float(headers[row].x & 0xffffu);
  }

  template <int TILES, class Ahead>
  __device__ void add(
      const StagedVectorsK* x, Step step, float (&lane)[TILES][4], Ahead ahead) const {
    add_terms(*this, x, step, lane, ahead);
  }
};

/**
 * An integer below 2^22 in magnitude is the last bits of this float plus the integer: sums that begin
 * with it are floats without a conversion.
 */
constexpr unsigned EXACT_BITS = 0x4b400000u;
constexpr float EXACT = 12582912.0f;

/** What an exact sum that began with EXACT_BITS has grown by, divided by a power of two. */
template <int DIVISOR>
__device__ inline float grown(int sum) {
  return __fmaf_rn(__int_as_float(sum), 1.0f / DIVISOR, -EXACT / DIVISOR);
}

/** Types of 32: adds the terms of the blocks of a step to a lane, in their order. */
template <class Rows, int TILES, class Ahead>
__device__ inline void add_terms(
    const Rows& rows, const StagedVectors32* x, Step step, float (&lane)[TILES][4], Ahead ahead) {
#pragma unroll
  for (int pair = 0; pair < STEP_BLOCKS / 2; pair++) {
    ahead(pair);
    uint4 words[TILES];
#pragma unroll
    for (int n = 0; n < TILES; n++) {
      words[n] = x[n].codes(pair);
    }
#pragma unroll
    for (int half = 0; half < 2; half++) {
      int block = 2 * pair + half;
      if (step.has(block)) {
        unsigned a[4];
        rows.fragment(block, a);
        float factors[2] = {rows.factor(block, 0), rows.factor(block, 1)};
#pragma unroll
        for (int n = 0; n < TILES; n++) {
          unsigned b[2] = {
              half == 0 ? words[n].x : words[n].z, half == 0 ? words[n].y : words[n].w};
          float2 scales = x[n].scales(block);
          int sums[4] = {EXACT_BITS, EXACT_BITS, EXACT_BITS, EXACT_BITS};
          multiply_add(sums, a, b);
          int ones[4] = {EXACT_BITS, EXACT_BITS, EXACT_BITS, EXACT_BITS};
          if constexpr (Rows::OFFSETS) {
            unsigned one[4] = {0x01010101u, 0x01010101u, 0x01010101u, 0x01010101u};
            multiply_add(ones, one, b);
          }
#pragma unroll
          for (int i = 0; i < 4; i++) {
            float scale = i % 2 == 0 ? scales.x : scales.y;
            float u = __fmul_rn(factors[i / 2], scale);
            float sum = grown<Rows::DIVISOR>(sums[i]);
            float term;
            if constexpr (Rows::OFFSETS) {
              float v = __fmul_rn(rows.offset(block, i / 2), scale);
              term = __fmaf_rn(u, sum, __fmul_rn(v, grown<1>(ones[i])));
            } else {
              term = __fmul_rn(u, sum);
            }
            lane[n][i] = __fadd_rn(lane[n][i], term);
          }
        }
      }
    }
  }
}

struct Q8_0_Rows {
  typedef Q8_0 Type;
  template <int COUNT>
  using Vectors = LoadedVectors32<8, COUNT>;
  static constexpr int DIVISOR = 1;
  static constexpr bool OFFSETS = false;

  unsigned codes[STEP_BLOCKS][2][2];
  unsigned scales[STEP_BLOCKS][2];

  static __device__ Q8_0_Rows at(const BlockRows& rows, unsigned first, Step step) {
    Q8_0_Rows two;
#pragma unroll
    for (int j = 0; j < STEP_BLOCKS; j++) {
#pragma unroll
      for (int row = 0; row < 2; row++) {
        const byte* block = rows.at(first + fragment_row() + 8 * row) + (long long)step.block(j) * Type::BYTES;
        two.scales[j][row] = short_at(block);
        words_at<2>(block + 2 + 8 * fragment_part(), two.codes[j][row]);
      }
    }
    return two;
  }

  __device__ void fragment(int block, unsigned (&a)[4]) const {
#pragma unroll
    for (int row = 0; row < 2; row++) {
      a[row] = codes[block][row][0];
      a[2 + row] = codes[block][row][1];
    }
  }

  __device__ float factor(int block, int row) const {
    return half_to_float(scales[block][row]);
  }

  template <int TILES, class Ahead>
  __device__ void add(
      const StagedVectors32* x, Step step, float (&lane)[TILES][4], Ahead ahead) const {
    add_terms(*this, x, step, lane, ahead);
  }
};

/** A scale and four bits for each element: the first sixteen in the lower halves of the bytes. */
template <class Block>
struct NibbleRows {
  typedef Block Type;
  template <int COUNT>
  using Vectors = LoadedVectors32<4, COUNT>;
  static constexpr bool OFFSETS = false;

  unsigned codes[STEP_BLOCKS][2];
  unsigned scales[STEP_BLOCKS][2];

  __device__ void load(const BlockRows& rows, unsigned first, Step step) {
#pragma unroll
    for (int j = 0; j < STEP_BLOCKS; j++) {
#pragma unroll
      for (int row = 0; row < 2; row++) {
        const byte* block = rows.at(first + fragment_row() + 8 * row) + (long long)step.block(j) * Type::BYTES;
        scales[j][row] = short_at(block);
        codes[j][row] = word<2>(block + Type::BYTES - 16 + 4 * fragment_part());
      }
    }
  }

  __device__ float factor(int block, int row) const {
    return half_to_float(scales[block][row]);
  }
};

/** The codes are multiplied by sixteen, which puts their sign bit in its place. */
struct Q4_0_Rows : NibbleRows<Q4_0> {
  static constexpr int DIVISOR = 16;

  static __device__ Q4_0_Rows at(const BlockRows& rows, unsigned first, Step step) {
    Q4_0_Rows two;
    two.load(rows, first, step);
    return two;
  }

  __device__ void fragment(int block, unsigned (&a)[4]) const {
#pragma unroll
    for (int row = 0; row < 2; row++) {
      unsigned both = codes[block][row];
      a[row] = (both << 4 & 0xf0f0f0f0u) ^ 0x80808080u;
      a[2 + row] = (both & 0xf0f0f0f0u) ^ 0x80808080u;
    }
  }

  template <int TILES, class Ahead>
  __device__ void add(
      const StagedVectors32* x, Step step, float (&lane)[TILES][4], Ahead ahead) const {
    add_terms(*this, x, step, lane, ahead);
  }
};

struct IQ4_NL_Rows : NibbleRows<IQ4_NL> {
  static constexpr int DIVISOR = 1;

  static __device__ IQ4_NL_Rows at(const BlockRows& rows, unsigned first, Step step) {
    IQ4_NL_Rows two;
    two.load(rows, first, step);
    return two;
  }

  __device__ void fragment(int block, unsigned (&a)[4]) const {
#pragma unroll
    for (int row = 0; row < 2; row++) {
      Octet eight = iq4_values().entries(codes[block][row]);
      a[row] = eight.low;
      a[2 + row] = eight.high;
    }
  }

  template <int TILES, class Ahead>
  __device__ void add(
      const StagedVectors32* x, Step step, float (&lane)[TILES][4], Ahead ahead) const {
    add_terms(*this, x, step, lane, ahead);
  }
};

/** The bits of the elements 4q ... 4q + 3 and 4q + 16 ... as bit 7 of the bytes of two words. */
__device__ inline uint2 top_bits(unsigned bits) {
  unsigned own = bits >> 4 * fragment_part();
  return make_uint2(
      (own & 0xfu) * 0x10204080u & 0x80808080u, (own >> 16 & 0xfu) * 0x10204080u & 0x80808080u);
}

/** The codes are multiplied by eight, which puts their sign bit in its place. */
struct Q5_0_Rows : NibbleRows<Q5_0> {
  static constexpr int DIVISOR = 8;

  unsigned high_bits[STEP_BLOCKS][2];

  static __device__ Q5_0_Rows at(const BlockRows& rows, unsigned first, Step step) {
    Q5_0_Rows two;
    two.load(rows, first, step);
#pragma unroll
    for (int j = 0; j < STEP_BLOCKS; j++) {
#pragma unroll
      for (int row = 0; row < 2; row++) {
        const byte* block = rows.at(first + fragment_row() + 8 * row) + (long long)step.block(j) * Type::BYTES;
        two.high_bits[j][row] = word<2>(block + 2);
      }
    }
    return two;
  }

  __device__ void fragment(int block, unsigned (&a)[4]) const {
#pragma unroll
    for (int row = 0; row < 2; row++) {
      unsigned both = codes[block][row];
      uint2 high = top_bits(~high_bits[block][row]);
      a[row] = (both << 3 & 0x78787878u) | high.x;
      a[2 + row] = (both >> 1 & 0x78787878u) | high.y;
    }
  }

  template <int TILES, class Ahead>
  __device__ void add(
      const StagedVectors32* x, Step step, float (&lane)[TILES][4], Ahead ahead) const {
    add_terms(*this, x, step, lane, ahead);
  }
};

/** A scale, an offset and four bits for each element. */
template <class Block>
struct OffsetNibbleRows {
  typedef Block Type;
  template <int COUNT>
  using Vectors = LoadedVectors32<4, COUNT>;
  static constexpr int DIVISOR = 1;
  static constexpr bool OFFSETS = true;

  unsigned codes[STEP_BLOCKS][2];
  unsigned halves[STEP_BLOCKS][2];

  __device__ void load(const BlockRows& rows, unsigned first, Step step) {
#pragma unroll
    for (int j = 0; j < STEP_BLOCKS; j++) {
#pragma unroll
      for (int row = 0; row < 2; row++) {
        const byte* block = rows.at(first + fragment_row() + 8 * row) + (long long)step.block(j) * Type::BYTES;
        halves[j][row] = *(const unsigned*)block;
        codes[j][row] = *(const unsigned*)(block + Type::BYTES - 16 + 4 * fragment_part());
      }
    }
  }

  __device__ float factor(int block, int row) const {
    return half_to_float(halves[block][row] & 0xffffu);
  }

  __device__ float offset(int block, int row) const {
    return half_to_float(halves[block][row] >> 16);
  }
};

struct Q4_1_Rows : OffsetNibbleRows<Q4_1> {
  static __device__ Q4_1_Rows at(const BlockRows& rows, unsigned first, Step step) {
    Q4_1_Rows two;
    two.load(rows, first, step);
    return two;
  }

  __device__ void fragment(int block, unsigned (&a)[4]) const {
#pragma unroll
    for (int row = 0; row < 2; row++) {
      a[row] = codes[block][row] & 0x0f0f0f0fu;
      a[2 + row] = codes[block][row] >> 4 & 0x0f0f0f0fu;
    }
  }

  template <int TILES, class Ahead>
  __device__ void add(
      const StagedVectors32* x, Step step, float (&lane)[TILES][4], Ahead ahead) const {
    add_terms(*this, x, step, lane, ahead);
  }
};

struct Q5_1_Rows : OffsetNibbleRows<Q5_1> {
  unsigned high_bits[STEP_BLOCKS][2];

  static __device__ Q5_1_Rows at(const BlockRows& rows, unsigned first, Step step) {
    Q5_1_Rows two;
    two.load(rows, first, step);
#pragma unroll
    for (int j = 0; j < STEP_BLOCKS; j++) {
#pragma unroll
      for (int row = 0; row < 2; row++) {
        const byte* block = rows.at(first + fragment_row() + 8 * row) + (long long)step.block(j) * Type::BYTES;
        two.high_bits[j][row] = *(const unsigned*)(block + 4);
      }
    }
    return two;
  }

  __device__ void fragment(int block, unsigned (&a)[4]) const {
#pragma unroll
    for (int row = 0; row < 2; row++) {
      unsigned both = codes[block][row];
      uint2 high = top_bits(high_bits[block][row]);
      a[row] = (both & 0x0f0f0f0fu) | high.x >> 3;
      a[2 + row] = (both >> 4 & 0x0f0f0f0fu) | high.y >> 3;
    }
  }

  template <int TILES, class Ahead>
  __device__ void add(
      const StagedVectors32* x, Step step, float (&lane)[TILES][4], Ahead ahead) const {
    add_terms(*this, x, step, lane, ahead);
  }
};
