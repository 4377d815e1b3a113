#pragma once

#include "blocks.cuh"

/*
 * The integer products of the q8 path, type by type. Eight threads share a super-block of 256: each
 * loads its part of the weights, once for all activation vectors, and adds its share of the integer
 * sum; AHEAD super-blocks are loaded before the first is used, as many as registers allow. Blocks of 32 belong to one thread each. Every sum fits in 32 bits, whatever the bytes are, so
 * its order is free.
 */

/** A Q8_K block in shared memory, its fields in another order so that the codes are aligned. */
struct alignas(16) StagedQ8K {
  unsigned codes[64];
  unsigned sums[8];
  float scale;
  unsigned unused[3];

  /** Four codes from element 4 i up. */
  __device__ int four(int i) const {
    return (int)codes[i];
  }

  /** Sum of the elements 16 j ... 16 j + 15. */
  __device__ int sum(int j) const {
    return (short)(sums[j / 2] >> 16 * (j % 2));
  }
};

/** A Q8_0 block in shared memory, its scale widened. */
struct alignas(16) StagedQ8 {
  unsigned codes[8];
  float scale;
  unsigned unused[3];

  __device__ int four(int i) const {
    return (int)codes[i];
  }
};

/**
 * COUNT words from an address that is a multiple of two, of an operand that begins at a multiple of
 * four. Nothing past them is read: of the last word only the half that belongs to them.
 */
template <int COUNT>
__device__ inline void words_at(const byte* at, unsigned* words) {
  unsigned shift = (unsigned)((unsigned long long)at & 2u) * 8;
  const unsigned* from = (const unsigned*)(at - shift / 8);
  unsigned previous = from[0];
#pragma unroll
  for (int i = 0; i < COUNT; i++) {
    unsigned next = i + 1 < COUNT ? from[i + 1] : shift != 0 ? *(const unsigned short*)(from + COUNT) : 0;
    words[i] = __funnelshift_r(previous, next, shift);
    previous = next;
  }
}

/** code - bias in every byte, with a sign; codes below 128. */
__device__ inline unsigned centred(unsigned codes, unsigned bias) {
  return ((codes | 0x80808080u) - bias * 0x01010101u) ^ 0x80808080u;
}

__device__ inline int dot4(unsigned weights, int activations, int sum) {
  return __dp4a((int)weights, activations, sum);
}

/** The sum of COUNT four-element products from activation word `from` up. */
template <int COUNT, class Staged>
__device__ inline int dot(const unsigned* weights, const Staged& x, int from) {
  int sum = 0;
#pragma unroll
  for (int i = 0; i < COUNT; i++) {
    sum = dot4(weights[i], x.four(from + i), sum);
  }
  return sum;
}

/** d_w d_x isum. */
__device__ inline float plain_term(float scale, float x_scale, int sum) {
  return __fmul_rn(__fmul_rn(scale, x_scale), __int2float_rn(sum));
}

/** d_w d_x isum - dmin_w d_x msum. */
__device__ inline float minimum_term(
    float scale, float minimum, float x_scale, int sum, int minimum_sum) {
  float u = __fmul_rn(scale, x_scale);
  float v = __fmul_rn(minimum, x_scale);
  return __fmaf_rn(u, __int2float_rn(sum), -__fmul_rn(v, __int2float_rn(minimum_sum)));
}

/** What Q4_K and Q5_K have in common: the first sixteen bytes, which parts need for their scales. */
struct SixBitHeader {
  unsigned halves;
  SixBitPairs pairs;

  static __device__ SixBitHeader at(const byte* block) {
    uint4 words = *(const uint4*)block;
    return {words.x, {{words.y, words.z, words.w}}};
  }

  /** Sum of two group sums, each with its scale: groups 2 pair and 2 pair + 1. */
  __device__ int scaled(int pair, int even, int odd) const {
    unsigned two = pairs.scales(pair / 2) >> 16 * (pair % 2);
    return (int)(two & 0xffu) * even + (int)(two >> 8 & 0xffu) * odd;
  }

  __device__ float term(const StagedQ8K& x, int sum) const {
    int minimum_sum = 0;
#pragma unroll
    for (int half = 0; half < 2; half++) {
      unsigned four = pairs.minima(half);
#pragma unroll
      for (int g = 0; g < 4; g++) {
        int j = 4 * half + g;
        minimum_sum += SixBitPairs::code(four, g) * (x.sum(2 * j) + x.sum(2 * j + 1));
      }
    }
    return minimum_term(
        half_to_float(halves & 0xffffu), half_to_float(halves >> 16), x.scale, sum, minimum_sum);
  }
};

/** Part i: sixteen bytes, the low nibbles of one group of 32 elements, the high ones of the next. */
struct Q4_K_Dot {
  typedef Q4_K Type;
  static constexpr int AHEAD = 4;
  typedef SixBitHeader Header;

  Header header;
  uint4 codes;

  static __device__ Q4_K_Dot at(const byte* block, int i) {
    return {SixBitHeader::at(block), *(const uint4*)(block + 16 + 16 * i)};
  }

  __device__ int sum(const StagedQ8K& x, int i) const {
    unsigned low[4] = {
        codes.x & 0x0f0f0f0fu, codes.y & 0x0f0f0f0fu, codes.z & 0x0f0f0f0fu,
        codes.w & 0x0f0f0f0fu};
    unsigned high[4] = {
        codes.x >> 4 & 0x0f0f0f0fu, codes.y >> 4 & 0x0f0f0f0fu, codes.z >> 4 & 0x0f0f0f0fu,
        codes.w >> 4 & 0x0f0f0f0fu};
    int from = i / 2 * 16 + i % 2 * 4;
    return header.scaled(i / 2, dot<4>(low, x, from), dot<4>(high, x, from + 8));
  }
};

/** The same with a fifth bit of every element. */
struct Q5_K_Dot {
  typedef Q5_K Type;
  static constexpr int AHEAD = 1;
  typedef SixBitHeader Header;

  Header header;
  uint4 codes;
  uint4 high_bits;

  static __device__ Q5_K_Dot at(const byte* block, int i) {
    return {
        SixBitHeader::at(block), *(const uint4*)(block + 48 + 16 * i),
        *(const uint4*)(block + 16 + i % 2 * 16)};
  }

  __device__ int sum(const StagedQ8K& x, int i) const {
    unsigned both[4] = {codes.x, codes.y, codes.z, codes.w};
    unsigned bits[4] = {high_bits.x, high_bits.y, high_bits.z, high_bits.w};
    unsigned low[4];
    unsigned high[4];
#pragma unroll
    for (int k = 0; k < 4; k++) {
      unsigned two = bits[k] >> i / 2 * 2;
      low[k] = (both[k] & 0x0f0f0f0fu) | (two & 0x01010101u) << 4;
      high[k] = (both[k] >> 4 & 0x0f0f0f0fu) | (two & 0x02020202u) << 3;
    }
    int from = i / 2 * 16 + i % 2 * 4;
    return header.scaled(i / 2, dot<4>(low, x, from), dot<4>(high, x, from + 8));
  }
};

/** A header of one half, at byte AT of the block. */
template <int AT>
struct ScaleHeader {
  float scale;

  static __device__ ScaleHeader at(const byte* block) {
    return {half_at(block + AT)};
  }

  __device__ float term(const StagedQ8K& x, int sum) const {
    return plain_term(scale, x.scale, sum);
  }
};

/** Part i: sixteen bytes of ql, the low nibbles of sixteen elements and the high ones of others. */
struct Q6_K_Dot {
  typedef Q6_K Type;
  static constexpr int AHEAD = 2;
  typedef ScaleHeader<208> Header;

  unsigned low_bits[4];
  unsigned high_bits[4];
  int first_scale;
  int second_scale;

  static __device__ Q6_K_Dot at(const byte* block, int i) {
    Q6_K_Dot part;
    words_at<4>(block + 16 * i, part.low_bits);
    words_at<4>(block + 128 + i / 4 * 32 + i % 2 * 16, part.high_bits);
    const byte* scale = block + 192 + i / 4 * 8 + i % 4;
    part.first_scale = (signed char)scale[0];
    part.second_scale = (signed char)scale[4];
    return part;
  }

  __device__ int sum(const StagedQ8K& x, int i) const {
    unsigned first[4];
    unsigned second[4];
#pragma unroll
    for (int k = 0; k < 4; k++) {
      unsigned high = high_bits[k] >> i % 4 / 2 * 2;
      first[k] = centred((low_bits[k] & 0x0f0f0f0fu) | (high & 0x03030303u) << 4, 32);
      second[k] = centred((low_bits[k] >> 4 & 0x0f0f0f0fu) | (high & 0x30303030u), 32);
    }
    int from = i / 4 * 32 + i % 4 / 2 * 8 + i % 2 * 4;
    return first_scale * dot<4>(first, x, from) + second_scale * dot<4>(second, x, from + 16);
  }
};

/** Part i: eight bytes, four elements in each, 32 elements apart. */
struct Q2_K_Dot {
  typedef Q2_K Type;
  static constexpr int AHEAD = 4;

  struct Header {
    unsigned codes[4];
    unsigned halves;

    static __device__ Header at(const byte* block) {
      const unsigned* words = (const unsigned*)block;
      return {{words[0], words[1], words[2], words[3]}, words[20]};
    }

    __device__ float term(const StagedQ8K& x, int sum) const {
      int minimum_sum = 0;
#pragma unroll
      for (int j = 0; j < 16; j++) {
        minimum_sum += (int)(codes[j / 4] >> (8 * (j % 4) + 4) & 15u) * x.sum(j);
      }
      return minimum_term(
          half_to_float(halves & 0xffffu), half_to_float(halves >> 16), x.scale, sum, minimum_sum);
    }
  };

  unsigned scales[2];
  unsigned bits[2];

  static __device__ Q2_K_Dot at(const byte* block, int i) {
    const unsigned* words = (const unsigned*)block;
    int shift = i % 4 / 2 * 8;
    return {
        {words[i / 4 * 2] >> shift, words[i / 4 * 2 + 1] >> shift},
        {words[4 + 2 * i], words[5 + 2 * i]}};
  }

  __device__ int sum(const StagedQ8K& x, int i) const {
    int sum = 0;
#pragma unroll
    for (int s = 0; s < 4; s++) {
      unsigned codes[2] = {bits[0] >> 2 * s & 0x03030303u, bits[1] >> 2 * s & 0x03030303u};
      int scale = (int)(scales[s / 2] >> s % 2 * 16 & 15u);
      sum += scale * dot<2>(codes, x, i / 4 * 32 + 8 * s + i % 4 * 2);
    }
    return sum;
  }
};

/** Part i as in Q2_K, with a third bit of every element. */
struct Q3_K_Dot {
  typedef Q3_K Type;
  static constexpr int AHEAD = 2;
  typedef ScaleHeader<108> Header;

  unsigned bits[2];
  unsigned high_bits[2];
  unsigned scales[2];

  static __device__ Q3_K_Dot at(const byte* block, int i) {
    Q3_K_Dot part;
    words_at<2>(block + 32 + 8 * i, part.bits);
    words_at<2>(block + i % 4 * 8, part.high_bits);
    unsigned codes[3];
    words_at<3>(block + 96, codes);
    int n = i / 4;
#pragma unroll
    for (int k = 0; k < 2; k++) {
      part.scales[k] = ((codes[k] >> 4 * n & 0x0f0f0f0fu)
                        | (codes[2] >> (4 * n + 2 * k) & 0x03030303u) << 4)
          >> i % 4 / 2 * 8;
    }
    return part;
  }

  __device__ int sum(const StagedQ8K& x, int i) const {
    int sum = 0;
#pragma unroll
    for (int s = 0; s < 4; s++) {
      unsigned codes[2];
#pragma unroll
      for (int k = 0; k < 2; k++) {
        unsigned high = high_bits[k] >> (4 * (i / 4) + s) & 0x01010101u;
        codes[k] = centred((bits[k] >> 2 * s & 0x03030303u) | high << 2, 4);
      }
      int scale = (int)(scales[s / 2] >> s % 2 * 16 & 63u) - 32;
      sum += scale * dot<2>(codes, x, i / 4 * 32 + 8 * s + i % 4 * 2);
    }
    return sum;
  }
};

/** Part i: a group of 32. */
struct IQ4_XS_Dot {
  typedef IQ4_XS Type;
  static constexpr int AHEAD = 4;
  typedef ScaleHeader<0> Header;

  int scale;
  unsigned codes[4];

  static __device__ IQ4_XS_Dot at(const byte* block, int i) {
    uint2 head = *(const uint2*)block;
    uint2 first = *(const uint2*)(block + 8 + 16 * i);
    uint2 second = *(const uint2*)(block + 16 + 16 * i);
    unsigned low = head.y >> 4 * i & 15u;
    unsigned high = head.x >> (16 + 2 * i) & 3u;
    return {
        (int)(low | high << 4) - 32,
        {first.x, first.y, second.x, second.y}};
  }

  __device__ int sum(const StagedQ8K& x, int i) const {
    Table16 table = iq4_values();
    unsigned low[4];
    unsigned high[4];
#pragma unroll
    for (int k = 0; k < 4; k++) {
      Octet both = table.entries(codes[k]);
      low[k] = both.low;
      high[k] = both.high;
    }
    return scale * (dot<4>(low, x, 8 * i) + dot<4>(high, x, 8 * i + 4));
  }
};

/** Blocks of 32: eight words of codes with a sign, and a scale. */
struct ScaledCodes {
  unsigned codes[8];
  float scale;

  __device__ float term(const StagedQ8& x) const {
    return plain_term(scale, x.scale, dot<8>(codes, x, 0));
  }
};

/** Blocks of 32: eight words of codes, a scale and an offset. */
struct OffsetCodes {
  unsigned codes[8];
  float scale;
  float offset;

  __device__ float term(const StagedQ8& x) const {
    int ones = 0;
#pragma unroll
    for (int k = 0; k < 8; k++) {
      ones = dot4(0x01010101u, x.four(k), ones);
    }
    return __fmaf_rn(
        __fmul_rn(scale, x.scale), __int2float_rn(dot<8>(codes, x, 0)),
        __fmul_rn(__fmul_rn(offset, x.scale), __int2float_rn(ones)));
  }
};

/** The nibbles of four words as eight words in the order of their elements. */
__device__ inline void unpack_nibbles(const unsigned* packed, unsigned* codes) {
#pragma unroll
  for (int k = 0; k < 4; k++) {
    codes[k] = packed[k] & 0x0f0f0f0fu;
    codes[k + 4] = packed[k] >> 4 & 0x0f0f0f0fu;
  }
}

/** Adds bit e of `bits` to the code of element e, as its fifth one. */
__device__ inline void add_fifth_bits(unsigned bits, unsigned* codes) {
#pragma unroll
  for (int k = 0; k < 8; k++) {
    codes[k] |= ((bits >> 4 * k & 0xfu) * 0x00204081u & 0x01010101u) << 4;
  }
}

__device__ inline void centre(unsigned bias, unsigned* codes) {
#pragma unroll
  for (int k = 0; k < 8; k++) {
    codes[k] = centred(codes[k], bias);
  }
}

struct Q4_0_Dot : ScaledCodes {
  typedef Q4_0 Type;

  static __device__ Q4_0_Dot at(const byte* block) {
    Q4_0_Dot dot;
    unsigned packed[4];
    words_at<4>(block + 2, packed);
    unpack_nibbles(packed, dot.codes);
    centre(8, dot.codes);
    dot.scale = half_at(block);
    return dot;
  }
};

struct Q4_1_Dot : OffsetCodes {
  typedef Q4_1 Type;

  static __device__ Q4_1_Dot at(const byte* block) {
    Q4_1_Dot dot;
    const unsigned* words = (const unsigned*)block;
    unpack_nibbles(words + 1, dot.codes);
    dot.scale = half_to_float(words[0] & 0xffffu);
    dot.offset = half_to_float(words[0] >> 16);
    return dot;
  }
};

struct Q5_0_Dot : ScaledCodes {
  typedef Q5_0 Type;

  static __device__ Q5_0_Dot at(const byte* block) {
    Q5_0_Dot dot;
    unsigned words[5];
    words_at<5>(block + 2, words);
    unpack_nibbles(words + 1, dot.codes);
    add_fifth_bits(words[0], dot.codes);
    centre(16, dot.codes);
    dot.scale = half_at(block);
    return dot;
  }
};

struct Q5_1_Dot : OffsetCodes {
  typedef Q5_1 Type;

  static __device__ Q5_1_Dot at(const byte* block) {
    Q5_1_Dot dot;
    const unsigned* words = (const unsigned*)block;
    unpack_nibbles(words + 2, dot.codes);
    add_fifth_bits(words[1], dot.codes);
    dot.scale = half_to_float(words[0] & 0xffffu);
    dot.offset = half_to_float(words[0] >> 16);
    return dot;
  }
};

struct Q8_0_Dot : ScaledCodes {
  typedef Q8_0 Type;

  static __device__ Q8_0_Dot at(const byte* block) {
    Q8_0_Dot dot;
    words_at<8>(block + 2, dot.codes);
    dot.scale = half_at(block);
    return dot;
  }
};

struct IQ4_NL_Dot : ScaledCodes {
  typedef IQ4_NL Type;

  static __device__ IQ4_NL_Dot at(const byte* block) {
    IQ4_NL_Dot dot;
    unsigned packed[4];
    words_at<4>(block + 2, packed);
#pragma unroll
    for (int k = 0; k < 4; k++) {
      Octet both = iq4_values().entries(packed[k]);
      dot.codes[k] = both.low;
      dot.codes[k + 4] = both.high;
    }
    dot.scale = half_at(block);
    return dot;
  }
};
