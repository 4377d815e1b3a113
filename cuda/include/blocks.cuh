#pragma once

#include "codebooks.cuh"
#include "numerics.cuh"

/*
 * The block formats, eight neighbouring elements at a time. decode(block, unit, values) gives the
 * elements 8 unit ... 8 unit + 7 of a block: scale times code, plus an offset in the types with a
 * minimum, products from left to right, every operation rounded. In the types whose rounding has a
 * bound, codes(block, unit) gives the bits that are stored for these elements, and scale(block, unit)
 * what scales them. The layouts are those of ggml 0.21. Blocks are not aligned beyond what their size
 * leaves of the tensor's alignment, so fields are read in the largest pieces that are always aligned.
 */

/** Four bytes, the first lowest, read in pieces of ALIGNMENT bytes. */
template <int ALIGNMENT>
__device__ inline unsigned word(const byte* at) {
  if constexpr (ALIGNMENT % 4 == 0) {
    return *(const unsigned*)at;
  } else if constexpr (ALIGNMENT % 2 == 0) {
    return ((const unsigned short*)at)[0] | (unsigned)((const unsigned short*)at)[1] << 16;
  } else {
    return at[0] | (unsigned)at[1] << 8 | (unsigned)at[2] << 16 | (unsigned)at[3] << 24;
  }
}

__device__ inline unsigned short_at(const byte* at) {
  return *(const unsigned short*)at;
}

__device__ inline float half_at(const byte* at) {
  return half_number(short_at(at));
}

/** Eight bytes. */
struct Octet {
  unsigned low;
  unsigned high;

  __device__ int code(int j) const {
    return (j < 4 ? low : high) >> 8 * (j % 4) & 0xffu;
  }

  __device__ int signed_code(int j) const {
    return (signed char)code(j);
  }
};

template <int ALIGNMENT>
__device__ inline Octet octet(const byte* at) {
  return {word<ALIGNMENT>(at), word<ALIGNMENT>(at + 4)};
}

/** `bits` bits of every byte from bit `from` up. */
__device__ inline Octet field(Octet o, int from, unsigned mask) {
  unsigned masks = mask * 0x01010101u;
  return {o.low >> from & masks, o.high >> from & masks};
}

/** a | b << shift, byte by byte, where nothing is carried between bytes. */
__device__ inline Octet joined(Octet a, Octet b, int shift) {
  return {a.low | b.low << shift, a.high | b.high << shift};
}

/** Bit j of `bits` in byte j. */
__device__ inline Octet spread(unsigned bits) {
  return {
      (bits & 0xfu) * 0x00204081u & 0x01010101u, (bits >> 4 & 0xfu) * 0x00204081u & 0x01010101u};
}

/** scale (code - bias) for the eight codes. */
__device__ inline void scaled(float scale, Octet codes, int bias, float* values) {
  for (int j = 0; j < 8; j++) {
    values[j] = __fmul_rn(scale, __int2float_rn(codes.code(j) - bias));
  }
}

/** scale code for the eight codes, which have a sign. */
__device__ inline void scaled_signed(float scale, Octet codes, float* values) {
  for (int j = 0; j < 8; j++) {
    values[j] = __fmul_rn(scale, __int2float_rn(codes.signed_code(j)));
  }
}

/** scale code + offset for the eight codes. */
__device__ inline void scaled_offset(float scale, Octet codes, float offset, float* values) {
  for (int j = 0; j < 8; j++) {
    values[j] = __fadd_rn(__fmul_rn(scale, __int2float_rn(codes.code(j))), offset);
  }
}

/** The scale of a group that is a code itself, times a scale of the block; and so the minimum. */
struct GroupScale {
  float of_block;
  int code;
  float minimum_of_block = 0.0f;
  int minimum_code = 0;

  __device__ float step() const {
    return __fmul_rn(of_block, __int2float_rn(code));
  }

  __device__ float minimum() const {
    return __fmul_rn(minimum_of_block, __int2float_rn(minimum_code));
  }
};

/** Sixteen signed bytes that four bits select from. */
struct Table16 {
  unsigned words[4];

  /** The entries of eight codes: those in the lower halves of the bytes, and those in the upper. */
  __device__ Octet entries(unsigned codes) const {
    unsigned within = codes & 0x77777777u;
    unsigned half = (codes >> 1 & 0x44444444u) | 0x32103210u;
    unsigned first = four(within, half);
    unsigned second = four(within >> 16, half >> 16);
    return {__byte_perm(first, second, 0x6420u), __byte_perm(first, second, 0x7531u)};
  }

  /** The entry of every byte, each below 16. */
  __device__ Octet entries(Octet codes) const {
    return entries(codes.low | codes.high << 4);
  }

  /**
   * The entries of four codes.
   *
   * @param within the lower three bits of each
   * @param half for code i its place: i, or i + 4 if its highest bit is set
   */
  __device__ unsigned four(unsigned within, unsigned half) const {
    return __byte_perm(
        __byte_perm(words[0], words[1], within), __byte_perm(words[2], words[3], within), half);
  }
};

/** Values of the codes of IQ4_NL and IQ4_XS: -127 -104 -83 ... 113. */
__device__ inline Table16 iq4_values() {
  return {{0xbfad9881u, 0xf6eaddcfu, 0x26190d01u, 0x71594535u}};
}

/** Twice the values of the codes of MXFP4 and NVFP4: 0 1 2 3 4 6 8 12 and 0 -1 ... -12. */
__device__ inline Table16 fp4_values() {
  return {{0x03020100u, 0x0c080604u, 0xfdfeff00u, 0xf4f8fafcu}};
}

/** Four bits of eight bytes: the lower ones for k = 0, the upper for k = 1. */
template <int ALIGNMENT>
__device__ inline Octet nibbles(const byte* at, int k) {
  return field(octet<ALIGNMENT>(at), 4 * k, 0xfu);
}

/** E4M3 without sign and without NaN, bias 7. */
__device__ inline float unsigned_e4m3(unsigned bits) {
  unsigned exponent = bits >> 3 & 15u;
  unsigned mantissa = bits & 7u;
  return exponent == 0 ? __fmul_rn(__int2float_rn(mantissa), power_of_two(-9))
                       : __uint_as_float((exponent + 120u) << 23 | mantissa << 20);
}

struct Q4_0 {
  static constexpr int ELEMENTS = 32, BYTES = 18;

  static __device__ Octet codes(const byte* block, int unit) {
    return nibbles<2>(block + 2 + unit % 2 * 8, unit / 2);
  }

  static __device__ void decode(const byte* block, int unit, float* values) {
    scaled(half_at(block), codes(block, unit), 8, values);
  }
};

struct Q4_1 {
  static constexpr int ELEMENTS = 32, BYTES = 20;

  static __device__ Octet codes(const byte* block, int unit) {
    return nibbles<4>(block + 4 + unit % 2 * 8, unit / 2);
  }

  static __device__ void decode(const byte* block, int unit, float* values) {
    scaled_offset(half_at(block), codes(block, unit), half_at(block + 2), values);
  }
};

struct Q5_0 {
  static constexpr int ELEMENTS = 32, BYTES = 22;

  static __device__ Octet codes(const byte* block, int unit) {
    Octet low = nibbles<2>(block + 6 + unit % 2 * 8, unit / 2);
    return joined(low, spread(block[2 + unit]), 4);
  }

  static __device__ void decode(const byte* block, int unit, float* values) {
    scaled(half_at(block), codes(block, unit), 16, values);
  }
};

struct Q5_1 {
  static constexpr int ELEMENTS = 32, BYTES = 24;

  static __device__ Octet codes(const byte* block, int unit) {
    Octet low = nibbles<8>(block + 8 + unit % 2 * 8, unit / 2);
    return joined(low, spread(block[4 + unit]), 4);
  }

  static __device__ void decode(const byte* block, int unit, float* values) {
    scaled_offset(half_at(block), codes(block, unit), half_at(block + 2), values);
  }
};

struct Q8_0 {
  static constexpr int ELEMENTS = 32, BYTES = 34;

  static __device__ Octet codes(const byte* block, int unit) {
    return octet<2>(block + 2 + 8 * unit);
  }

  static __device__ void decode(const byte* block, int unit, float* values) {
    scaled_signed(half_at(block), codes(block, unit), values);
  }
};

struct Q8_1 {
  static constexpr int ELEMENTS = 32, BYTES = 36;

  static __device__ Octet codes(const byte* block, int unit) {
    return octet<4>(block + 4 + 8 * unit);
  }

  static __device__ void decode(const byte* block, int unit, float* values) {
    scaled_signed(half_at(block), codes(block, unit), values);
  }
};

struct Q8_K {
  static constexpr int ELEMENTS = 256, BYTES = 292;

  static __device__ Octet codes(const byte* block, int unit) {
    return octet<4>(block + 4 + 8 * unit);
  }

  static __device__ void decode(const byte* block, int unit, float* values) {
    scaled_signed(*(const float*)block, codes(block, unit), values);
  }
};

/** Two bits of eight elements of a block of 256 whose bytes hold every 32nd element of 128. */
template <int ALIGNMENT>
__device__ inline Octet two_bits(const byte* codes, int unit) {
  return field(octet<ALIGNMENT>(codes + unit / 16 * 32 + unit % 4 * 8), unit % 16 / 4 * 2, 3u);
}

struct Q2_K {
  static constexpr int ELEMENTS = 256, BYTES = 84;

  static __device__ Octet codes(const byte* block, int unit) {
    return two_bits<4>(block + 16, unit);
  }

  static __device__ GroupScale scale(const byte* block, int unit) {
    int code = block[unit / 2];
    return {half_at(block + 80), code & 15, half_at(block + 82), code >> 4};
  }

  static __device__ void decode(const byte* block, int unit, float* values) {
    GroupScale group = scale(block, unit);
    scaled_offset(group.step(), codes(block, unit), -group.minimum(), values);
  }
};

struct Q3_K {
  static constexpr int ELEMENTS = 256, BYTES = 110;

  static __device__ int scale_code(const byte* block, int j) {
    const byte* codes = block + 96;
    return ((codes[j % 8] >> j / 8 * 4 & 15) | (codes[8 + j % 4] >> j / 4 * 2 & 3) << 4) - 32;
  }

  static __device__ Octet codes(const byte* block, int unit) {
    Octet upper = field(octet<2>(block + unit % 4 * 8), unit / 4, 1u);
    return joined(two_bits<2>(block + 32, unit), upper, 2);
  }

  static __device__ GroupScale scale(const byte* block, int unit) {
    return {half_at(block + 108), scale_code(block, unit / 2)};
  }

  static __device__ void decode(const byte* block, int unit, float* values) {
    scaled(scale(block, unit).step(), codes(block, unit), 4, values);
  }
};

/** The twelve bytes of Q4_K and Q5_K that hold eight scales and eight minima of six bits. */
struct SixBitPairs {
  unsigned words[3];

  static __device__ SixBitPairs at(const byte* block) {
    return {{word<4>(block + 4), word<4>(block + 8), word<4>(block + 12)}};
  }

  /** The scales of the groups 4 half ... 4 half + 3, one byte each. */
  __device__ unsigned scales(int half) const {
    return half == 0 ? words[0] & 0x3f3f3f3fu
                     : (words[2] & 0x0f0f0f0fu) | (words[0] >> 2 & 0x30303030u);
  }

  /** The minima of the groups 4 half ... 4 half + 3, one byte each. */
  __device__ unsigned minima(int half) const {
    return half == 0 ? words[1] & 0x3f3f3f3fu
                     : (words[2] >> 4 & 0x0f0f0f0fu) | (words[1] >> 2 & 0x30303030u);
  }

  __device__ static int code(unsigned four, int group) {
    return four >> 8 * (group % 4) & 0xffu;
  }

  /** Scale and minimum of a group. */
  static __device__ GroupScale scale(const byte* block, int group) {
    SixBitPairs pairs = at(block);
    return {
        half_at(block), code(pairs.scales(group / 4), group), half_at(block + 2),
        code(pairs.minima(group / 4), group)};
  }
};

struct Q4_K {
  static constexpr int ELEMENTS = 256, BYTES = 144;

  static __device__ Octet codes(const byte* block, int unit) {
    return nibbles<8>(block + 16 + unit / 8 * 32 + unit % 4 * 8, unit % 8 / 4);
  }

  static __device__ GroupScale scale(const byte* block, int unit) {
    return SixBitPairs::scale(block, unit / 4);
  }

  static __device__ void decode(const byte* block, int unit, float* values) {
    GroupScale group = scale(block, unit);
    scaled_offset(group.step(), codes(block, unit), -group.minimum(), values);
  }
};

struct Q5_K {
  static constexpr int ELEMENTS = 256, BYTES = 176;

  static __device__ Octet codes(const byte* block, int unit) {
    Octet low = nibbles<8>(block + 48 + unit / 8 * 32 + unit % 4 * 8, unit % 8 / 4);
    Octet high = field(octet<8>(block + 16 + unit % 4 * 8), unit / 4, 1u);
    return joined(low, high, 4);
  }

  static __device__ GroupScale scale(const byte* block, int unit) {
    return SixBitPairs::scale(block, unit / 4);
  }

  static __device__ void decode(const byte* block, int unit, float* values) {
    GroupScale group = scale(block, unit);
    scaled_offset(group.step(), codes(block, unit), -group.minimum(), values);
  }
};

struct Q6_K {
  static constexpr int ELEMENTS = 256, BYTES = 210;

  static __device__ Octet codes(const byte* block, int unit) {
    int n = unit / 16;
    int k = unit % 16 / 4;
    int l = unit % 4 * 8;
    Octet low = nibbles<2>(block + 64 * n + 32 * (k % 2) + l, k / 2);
    Octet high = field(octet<2>(block + 128 + 32 * n + l), 2 * k, 3u);
    return joined(low, high, 4);
  }

  static __device__ GroupScale scale(const byte* block, int unit) {
    return {half_at(block + 208), (signed char)block[192 + unit / 2]};
  }

  static __device__ void decode(const byte* block, int unit, float* values) {
    scaled(scale(block, unit).step(), codes(block, unit), 32, values);
  }
};

struct IQ4_NL {
  static constexpr int ELEMENTS = 32, BYTES = 18;

  static __device__ Octet codes(const byte* block, int unit) {
    return nibbles<2>(block + 2 + unit % 2 * 8, unit / 2);
  }

  static __device__ void decode(const byte* block, int unit, float* values) {
    scaled_signed(half_at(block), iq4_values().entries(codes(block, unit)), values);
  }
};

struct IQ4_XS {
  static constexpr int ELEMENTS = 256, BYTES = 136;

  static __device__ int scale_code(const byte* block, int group) {
    unsigned low = block[4 + group / 2] >> 4 * (group % 2) & 15u;
    unsigned high = short_at(block + 2) >> 2 * group & 3u;
    return (int)(low | high << 4) - 32;
  }

  static __device__ Octet codes(const byte* block, int unit) {
    return nibbles<8>(block + 8 + unit / 4 * 16 + unit % 2 * 8, unit % 4 / 2);
  }

  static __device__ GroupScale scale(const byte* block, int unit) {
    return {half_at(block), scale_code(block, unit / 4)};
  }

  static __device__ void decode(const byte* block, int unit, float* values) {
    scaled_signed(scale(block, unit).step(), iq4_values().entries(codes(block, unit)), values);
  }
};

struct MXFP4 {
  static constexpr int ELEMENTS = 32, BYTES = 17;

  static __device__ Octet codes(const byte* block, int unit) {
    return nibbles<1>(block + 1 + unit % 2 * 8, unit / 2);
  }

  static __device__ float scale(const byte* block, int unit) {
    unsigned exponent = block[0];  // 2^(exponent - 128), subnormal for 0 and 1
    return __uint_as_float(exponent < 2 ? 0x00200000u << exponent : (exponent - 1) << 23);
  }

  static __device__ void decode(const byte* block, int unit, float* values) {
    scaled_signed(scale(block, unit), fp4_values().entries(codes(block, unit)), values);
  }
};

struct NVFP4 {
  static constexpr int ELEMENTS = 64, BYTES = 36;

  static __device__ Octet codes(const byte* block, int unit) {
    return nibbles<4>(block + 4 + unit / 2 * 8, unit % 2);
  }

  static __device__ float scale(const byte* block, int unit) {
    unsigned code = block[unit / 2];
    return code == 127 ? 0.0f : __fmul_rn(unsigned_e4m3(code), 0.5f);
  }

  static __device__ void decode(const byte* block, int unit, float* values) {
    scaled_signed(scale(block, unit), fp4_values().entries(codes(block, unit)), values);
  }
};

struct TQ1_0 {
  static constexpr int ELEMENTS = 256, BYTES = 54;

  /** Digit n of every byte, base 3, the byte being a fraction of 256. */
  static __device__ Octet digits(Octet bytes, int n) {
    unsigned power = n == 0 ? 1 : n == 1 ? 3 : n == 2 ? 9 : n == 3 ? 27 : 81;
    unsigned digits[2] = {0, 0};
    for (int j = 0; j < 8; j++) {
      digits[j / 4] |= ((bytes.code(j) * power & 0xffu) * 3 >> 8) << 8 * (j % 4);
    }
    return {digits[0], digits[1]};
  }

  static __device__ void decode(const byte* block, int unit, float* values) {
    Octet codes;
    if (unit < 20) {
      codes = digits(octet<2>(block + unit % 4 * 8), unit / 4);
    } else if (unit < 30) {
      codes = digits(octet<2>(block + 32 + unit % 2 * 8), (unit - 20) / 2);
    } else {
      unsigned four = word<2>(block + 48);
      codes = {digits({four, 0}, unit % 2 * 2).low, digits({four, 0}, unit % 2 * 2 + 1).low};
    }
    scaled(half_at(block + 52), codes, 1, values);
  }
};

struct TQ2_0 {
  static constexpr int ELEMENTS = 256, BYTES = 66;

  static __device__ void decode(const byte* block, int unit, float* values) {
    scaled(half_at(block + 64), two_bits<2>(block, unit), 1, values);
  }
};

struct Q1_0 {
  static constexpr int ELEMENTS = 128, BYTES = 18;

  static __device__ void decode(const byte* block, int unit, float* values) {
    Octet bits = spread(block[2 + unit]);
    scaled(half_at(block), joined({0, 0}, bits, 1), 1, values);
  }
};

struct Q2_0 {
  static constexpr int ELEMENTS = 64, BYTES = 18;

  static __device__ void decode(const byte* block, int unit, float* values) {
    unsigned codes = short_at(block + 2 + 2 * unit);
    float scale = half_at(block);
    for (int j = 0; j < 8; j++) {
      values[j] = __fmul_rn(scale, __int2float_rn((int)(codes >> 2 * j & 3u) - 1));
    }
  }
};

/** Eight sign bits from seven: the eighth is the parity of the others. */
__device__ inline unsigned with_parity(unsigned seven_bits) {
  return seven_bits | (__popc(seven_bits) & 1u) << 7;
}

/** Element j of a point of two bits per digit, in units of the levels' bytes. */
__device__ inline int point8(unsigned point, int j, unsigned levels) {
  return (signed char)(levels >> 8 * (point >> 2 * j & 3u));
}

/** Element j of a point of three bits per digit. */
__device__ inline int point4(unsigned point, int j, unsigned long long levels) {
  return (int)(levels >> 8 * (point >> 3 * j & 7u) & 0xffu);
}

constexpr unsigned IQ2_LEVELS = 0x002b1908u;                   // 8 25 43
constexpr unsigned IQ1_LEVELS = 0x000100ffu;                   // -1 0 1
constexpr unsigned long long IQ3_XXS_LEVELS = 0x3e342c241c140c04u;  // 4 12 20 28 36 44 52 62
constexpr unsigned long long IQ3_S_LEVELS = 0x0f0d0b0907050301u;    // 1 3 ... 15

/** An IQ2 point with signs, scaled. */
__device__ inline void scaled_point(float scale, unsigned point, unsigned signs, float* values) {
  for (int j = 0; j < 8; j++) {
    int magnitude = point8(point, j, IQ2_LEVELS);
    values[j] = __fmul_rn(scale, __int2float_rn(signs >> j & 1u ? -magnitude : magnitude));
  }
}

/** Two IQ3 points with signs, scaled. */
__device__ inline void scaled_points(
    float scale, unsigned first, unsigned second, unsigned long long levels, unsigned signs,
    float* values) {
  for (int j = 0; j < 8; j++) {
    int magnitude = point4(j < 4 ? first : second, j % 4, levels);
    values[j] = __fmul_rn(scale, __int2float_rn(signs >> j & 1u ? -magnitude : magnitude));
  }
}

/** An IQ1 point and its shift of an eighth, scaled by eight times as little. */
__device__ inline void shifted_point(float scale, unsigned point, int shift, float* values) {
  for (int j = 0; j < 8; j++) {
    values[j] = __fmul_rn(scale, __int2float_rn(8 * point8(point, j, IQ1_LEVELS) + shift));
  }
}

/** half (0.5 + code) factor. */
__device__ inline float half_step_scale(float half, unsigned code, float factor) {
  return __fmul_rn(__fmul_rn(half, __fadd_rn(0.5f, __int2float_rn(code))), factor);
}

struct IQ2_XXS {
  static constexpr int ELEMENTS = 256, BYTES = 66;

  static __device__ void decode(const byte* block, int unit, float* values) {
    const byte* group = block + 2 + unit / 4 * 8;
    unsigned signs_and_scale = word<2>(group + 4);
    scaled_point(
        half_step_scale(half_at(block), signs_and_scale >> 28, 0.25f),
        IQ2_XXS_POINTS[group[unit % 4]],
        with_parity(signs_and_scale >> 7 * (unit % 4) & 127u), values);
  }
};

struct IQ2_XS {
  static constexpr int ELEMENTS = 256, BYTES = 74;

  static __device__ void decode(const byte* block, int unit, float* values) {
    unsigned code = short_at(block + 2 + 2 * unit);
    unsigned scale = block[66 + unit / 4] >> unit % 4 / 2 * 4 & 15u;
    scaled_point(
        half_step_scale(half_at(block), scale, 0.25f), IQ2_XS_POINTS[code & 511u],
        with_parity(code >> 9), values);
  }
};

struct IQ2_S {
  static constexpr int ELEMENTS = 256, BYTES = 82;

  static __device__ void decode(const byte* block, int unit, float* values) {
    unsigned index = block[2 + unit] | (block[66 + unit / 4] >> unit % 4 * 2 & 3u) << 8;
    unsigned scale = block[74 + unit / 4] >> unit % 4 / 2 * 4 & 15u;
    scaled_point(
        half_step_scale(half_at(block), scale, 0.25f), IQ2_S_POINTS[index], block[34 + unit],
        values);
  }
};

struct IQ3_XXS {
  static constexpr int ELEMENTS = 256, BYTES = 98;

  static __device__ void decode(const byte* block, int unit, float* values) {
    unsigned signs_and_scale = word<2>(block + 66 + unit / 4 * 4);
    scaled_points(
        half_step_scale(half_at(block), signs_and_scale >> 28, 0.5f),
        IQ3_XXS_POINTS[block[2 + 2 * unit]], IQ3_XXS_POINTS[block[3 + 2 * unit]], IQ3_XXS_LEVELS,
        with_parity(signs_and_scale >> 7 * (unit % 4) & 127u), values);
  }
};

struct IQ3_S {
  static constexpr int ELEMENTS = 256, BYTES = 110;

  static __device__ void decode(const byte* block, int unit, float* values) {
    unsigned high = block[66 + unit / 4] >> unit % 4 * 2;
    unsigned first = block[2 + 2 * unit] | (high & 1u) << 8;
    unsigned second = block[3 + 2 * unit] | (high & 2u) << 7;
    int scale = block[106 + unit / 8] >> unit % 8 / 4 * 4 & 15;
    scaled_points(
        __fmul_rn(half_at(block), __int2float_rn(1 + 2 * scale)), IQ3_S_POINTS[first],
        IQ3_S_POINTS[second], IQ3_S_LEVELS, block[74 + unit], values);
  }
};

/** half (2 code + 1) / 8. */
__device__ inline float odd_step_scale(float half, int code) {
  return __fmul_rn(__fmul_rn(half, __int2float_rn(2 * code + 1)), 0.125f);
}

struct IQ1_S {
  static constexpr int ELEMENTS = 256, BYTES = 50;

  static __device__ void decode(const byte* block, int unit, float* values) {
    unsigned high = short_at(block + 34 + unit / 4 * 2);
    unsigned index = block[2 + unit] | (high >> unit % 4 * 3 & 7u) << 8;
    shifted_point(
        odd_step_scale(half_at(block), high >> 12 & 7u), IQ1_POINTS[index],
        high & 0x8000u ? -1 : 1, values);
  }
};

struct IQ1_M {
  static constexpr int ELEMENTS = 256, BYTES = 56;

  static __device__ void decode(const byte* block, int unit, float* values) {
    unsigned high = block[32 + unit / 2] >> unit % 2 * 4 & 15u;
    unsigned index = block[unit] | (high & 7u) << 8;
    Octet words = octet<8>(block + 48);  // their top nibbles are the half, the first one lowest
    unsigned half = (words.low >> 12 & 0xfu) | (words.low >> 24 & 0xf0u)
        | (words.high >> 4 & 0xf00u) | (words.high >> 16 & 0xf000u);
    unsigned scales = (unit < 16 ? words.low : words.high) >> unit % 16 / 8 * 16;
    unsigned scale = scales >> (unit % 8 / 4 * 6 + unit % 4 / 2 * 3) & 7u;
    shifted_point(
        odd_step_scale(half_to_float(half), scale), IQ1_POINTS[index], high & 8u ? -1 : 1, values);
  }
};

/** X(name in lower case, type) for every block format. */
#define BLOCK_TYPES(X) \
  X(q4_0, Q4_0) \
  X(q4_1, Q4_1) \
  X(q5_0, Q5_0) \
  X(q5_1, Q5_1) \
  X(q8_0, Q8_0) \
  X(q8_1, Q8_1) \
  X(q2_k, Q2_K) \
  X(q3_k, Q3_K) \
  X(q4_k, Q4_K) \
  X(q5_k, Q5_K) \
  X(q6_k, Q6_K) \
  X(q8_k, Q8_K) \
  X(iq2_xxs, IQ2_XXS) \
  X(iq2_xs, IQ2_XS) \
  X(iq2_s, IQ2_S) \
  X(iq3_xxs, IQ3_XXS) \
  X(iq3_s, IQ3_S) \
  X(iq1_s, IQ1_S) \
  X(iq1_m, IQ1_M) \
  X(iq4_nl, IQ4_NL) \
  X(iq4_xs, IQ4_XS) \
  X(tq1_0, TQ1_0) \
  X(tq2_0, TQ2_0) \
  X(mxfp4, MXFP4) \
  X(nvfp4, NVFP4) \
  X(q1_0, Q1_0) \
  X(q2_0, Q2_0)
