/*
 * rounding_bounds_TYPE(stored, bounds, long long elements)
 *
 * What: for every stored element the most that storing it can have moved it, in float32. For the types
 *   whose values are moved to the nearest step, which are all but those of lattices and of few levels.
 * Grid: one thread for eight elements (block types) or four (plain types); fewer blocks are right
 *   too, threads stride over the rest. Block: any multiple of 32, made for 256. Shared: none.
 * Work: every operation is rounded to float32, products from left to right, as it is written here.
 * Reads every stored byte once, writes every bound once.
 */

#include "include/elementwise.cuh"

/** Allows for the roundings of quantiser and decoder themselves. */
constexpr float SLACK = 1.000244140625f;  // 1 + 2^-12

/** The share of a minimum that rounding the decoded value may take: 2^-23. */
constexpr float MINIMUM_SLACK = 1.1920928955078125e-7f;

constexpr float TWO_TO_MINUS_11 = 4.8828125e-4f;
constexpr float TWO_TO_MINUS_25 = 2.98023223876953125e-8f;

/** What rounding a number of this magnitude to float16 can take. */
__device__ inline float of_half(float magnitude) {
  return __fadd_rn(__fmul_rn(magnitude, TWO_TO_MINUS_11), TWO_TO_MINUS_25);
}

/** Steps of a scale that was rounded after the codes were found. */
struct Steps {
  float inside;
  float at_end;
  float per_code;
  float offset;
};

/**
 * @param scale magnitude of the scale
 * @param error what rounding the scale may have taken
 * @param offset what rounding the minimum may have taken, 0 if there is none
 */
__device__ inline Steps steps(float scale, float error, float offset) {
  float step = __fadd_rn(scale, error);
  return {
      __fmul_rn(__fmul_rn(0.5f, step), SLACK), __fmul_rn(__fmul_rn(1.5f, step), SLACK),
      __fmul_rn(error, SLACK), offset};
}

__device__ inline Steps half_steps(const byte* block) {
  float scale = fabsf(half_at(block));
  return steps(scale, of_half(scale), 0.0f);
}

__device__ inline Steps half_steps_and_minimum(const byte* block) {
  float scale = fabsf(half_at(block));
  float minimum = fabsf(half_at(block + 2));
  return steps(
      scale, of_half(scale), __fadd_rn(of_half(minimum), __fmul_rn(minimum, MINIMUM_SLACK)));
}

/** Codes from -BIAS to MOST - BIAS, of which both may have been clipped. */
template <int BIAS, int MOST>
__device__ inline void of_codes(Steps steps, Octet codes, float* bounds) {
  for (int j = 0; j < 8; j++) {
    int code = codes.code(j);
    float bound = code == 0 || code == MOST ? steps.at_end : steps.inside;
    bounds[j] = __fadd_rn(
        __fadd_rn(bound, steps.offset),
        __fmul_rn(__int2float_rn(abs(code - BIAS)), steps.per_code));
  }
}

/** Codes with a sign, of which none was clipped. */
__device__ inline void of_signed_codes(Steps steps, Octet codes, float* bounds) {
  for (int j = 0; j < 8; j++) {
    bounds[j] = __fadd_rn(
        steps.inside, __fmul_rn(__int2float_rn(abs(codes.signed_code(j))), steps.per_code));
  }
}

/**
 * Codes from 0 to MOST that were found again after scale and minimum were rounded.
 *
 * @param largest magnitude of a code that counts
 * @param scale_code_error what rounding or clipping the scale's code may take, in units of it
 */
template <int MOST, bool MINIMUM>
__device__ inline void of_coded_scale(
    GroupScale group, float largest, float scale_code_error, Octet codes, float* bounds) {
  float step = fabsf(group.step());
  float d = fabsf(group.of_block);
  float margin = __fmul_rn(largest, __fmul_rn(scale_code_error, __fadd_rn(d, of_half(d))));
  float error = __fmul_rn(largest, __fmul_rn(__int2float_rn(abs(group.code)), of_half(d)));
  float slack = 0.0f;
  if constexpr (MINIMUM) {
    float dmin = fabsf(group.minimum_of_block);
    margin = __fadd_rn(margin, __fmul_rn(0.5f, __fadd_rn(dmin, of_half(dmin))));
    error = __fadd_rn(error, __fmul_rn(__int2float_rn(group.minimum_code), of_half(dmin)));
    slack = __fmul_rn(fabsf(group.minimum()), MINIMUM_SLACK);
  }
  float at_end = __fadd_rn(
      __fmul_rn(__fadd_rn(__fmul_rn(1.5f, step), __fadd_rn(error, margin)), SLACK), slack);
  float inside = __fadd_rn(__fmul_rn(__fmul_rn(0.5f, step), SLACK), slack);
  for (int j = 0; j < 8; j++) {
    int code = codes.code(j);
    bounds[j] = code == 0 || code == MOST || step == 0.0f ? at_end : inside;
  }
}

/**
 * Codes of a table.
 *
 * @param largest magnitude of the table
 * @param scale magnitude of the scale
 * @param error what rounding the scale may have taken
 * @param margin how much longer the scale may have been where a code is at an end
 * @param gaps the larger gap beside each value, three times the gap at the ends
 * @param ends for each code whether it is at an end, as a bit
 */
__device__ inline void of_table(
    float largest, float scale, float error, float margin, Octet gaps, unsigned ends,
    float* bounds) {
  float at_end = __fmul_rn(__fmul_rn(largest, __fadd_rn(error, margin)), SLACK);
  float inside = scale == 0.0f ? at_end : __fmul_rn(__fmul_rn(largest, error), SLACK);
  float per_gap = __fmul_rn(__fmul_rn(0.5f, __fadd_rn(scale, error)), SLACK);
  for (int j = 0; j < 8; j++) {
    bounds[j] = __fadd_rn(
        ends >> j & 1u ? at_end : inside, __fmul_rn(__int2float_rn(gaps.code(j)), per_gap));
  }
}

/** Which of eight codes, below 16, are among those whose bits are set. */
__device__ inline unsigned among(Octet codes, unsigned bits) {
  unsigned found = 0;
  for (int j = 0; j < 8; j++) {
    found |= (bits >> codes.code(j) & 1u) << j;
  }
  return found;
}

constexpr unsigned IQ4_ENDS = 0x8001u;
constexpr unsigned FP4_ENDS = 0x8080u;

/** 69 58 50 41 34 27 22 17 15 18 23 29 35 44 55 72: widened by what choosing the scale again takes. */
__device__ inline Table16 iq4_nl_gaps() {
  return {{0x29323a45u, 0x11161b22u, 0x1d17120fu, 0x48372c23u}};
}

/** 69 23 21 18 16 14 13 12 12 12 13 15 16 20 24 72. */
__device__ inline Table16 iq4_xs_gaps() {
  return {{0x12151745u, 0x0c0d0e10u, 0x0f0d0c0cu, 0x48181410u}};
}

/** 1 1 1 1 2 2 4 12, twice: both zeros lie between -1 and 1. */
__device__ inline Table16 fp4_gaps() {
  return {{0x01010101u, 0x0c040202u, 0x01010101u, 0x0c040202u}};
}

template <class Type>
struct Bounds;

#define ROUNDED_SCALE(type, steps_of, bias, most)                                \
  template <>                                                                    \
  struct Bounds<type> {                                                          \
    static __device__ void of(const byte* block, int unit, float* bounds) {      \
      of_codes<bias, most>(steps_of(block), type::codes(block, unit), bounds);   \
    }                                                                            \
  };

#define SIGNED_CODES(type, steps_of)                                             \
  template <>                                                                    \
  struct Bounds<type> {                                                          \
    static __device__ void of(const byte* block, int unit, float* bounds) {      \
      of_signed_codes(steps_of(block), type::codes(block, unit), bounds);        \
    }                                                                            \
  };

#define CODED_SCALE(type, most, minimum, largest, scale_code_error)              \
  template <>                                                                    \
  struct Bounds<type> {                                                          \
    static __device__ void of(const byte* block, int unit, float* bounds) {      \
      of_coded_scale<most, minimum>(                                             \
          type::scale(block, unit), largest, scale_code_error,                   \
          type::codes(block, unit), bounds);                                     \
    }                                                                            \
  };

/** The scale of Q8_K is a float32, which nothing has rounded. */
__device__ inline Steps float_steps(const byte* block) {
  return steps(fabsf(*(const float*)block), 0.0f, 0.0f);
}

ROUNDED_SCALE(Q4_0, half_steps, 8, 15)
ROUNDED_SCALE(Q4_1, half_steps_and_minimum, 0, 15)
ROUNDED_SCALE(Q5_0, half_steps, 16, 31)
ROUNDED_SCALE(Q5_1, half_steps_and_minimum, 0, 31)
SIGNED_CODES(Q8_0, half_steps)
SIGNED_CODES(Q8_1, half_steps)
SIGNED_CODES(Q8_K, float_steps)
CODED_SCALE(Q2_K, 3, true, 3.0f, 0.5f)
CODED_SCALE(Q3_K, 7, false, 4.0f, 1.0f)
CODED_SCALE(Q4_K, 15, true, 15.0f, 0.5f)
CODED_SCALE(Q5_K, 31, true, 31.0f, 0.5f)
CODED_SCALE(Q6_K, 63, false, 32.0f, 1.0f)

template <>
struct Bounds<IQ4_NL> {
  static __device__ void of(const byte* block, int unit, float* bounds) {
    Octet codes = IQ4_NL::codes(block, unit);
    float scale = fabsf(half_at(block));
    of_table(
        127.0f, scale, of_half(scale), 0.0f, iq4_nl_gaps().entries(codes), among(codes, IQ4_ENDS),
        bounds);
  }
};

template <>
struct Bounds<IQ4_XS> {
  static __device__ void of(const byte* block, int unit, float* bounds) {
    Octet codes = IQ4_XS::codes(block, unit);
    GroupScale group = IQ4_XS::scale(block, unit);
    float d = fabsf(group.of_block);
    of_table(
        127.0f, fabsf(group.step()), __fmul_rn(__int2float_rn(abs(group.code)), of_half(d)),
        __fadd_rn(d, of_half(d)), iq4_xs_gaps().entries(codes), among(codes, IQ4_ENDS), bounds);
  }
};

template <>
struct Bounds<MXFP4> {
  static __device__ void of(const byte* block, int unit, float* bounds) {
    Octet codes = MXFP4::codes(block, unit);
    of_table(
        12.0f, MXFP4::scale(block, unit), 0.0f, 0.0f, fp4_gaps().entries(codes),
        among(codes, FP4_ENDS), bounds);
  }
};

template <>
struct Bounds<NVFP4> {
  static __device__ void of(const byte* block, int unit, float* bounds) {
    Octet codes = NVFP4::codes(block, unit);
    float scale = NVFP4::scale(block, unit);
    // The largest scale that rounds to 0, and scales that may have been clipped.
    float margin = scale == 0.0f ? TWO_TO_MINUS_11
        : scale >= 224.0f        ? __uint_as_float(0x7f800000u)
                                 : 0.0f;
    of_table(
        12.0f, scale, 0.0f, margin, fp4_gaps().entries(codes), among(codes, FP4_ENDS), bounds);
  }
};

/**
 * Half a unit in the last place of a plain type, at least the smallest normal float: infinite for what
 * is not finite.
 *
 * @param LEAST_EXPONENT that of the type's smallest normal number
 * @param PRECISION bits of the significand, the hidden one included
 * @param ZERO_BELOW bits of the smallest bound that is not replaced by 0
 */
template <int LEAST_EXPONENT, int PRECISION, unsigned ZERO_BELOW>
__device__ inline float half_ulp(float value) {
  constexpr int EXPONENT = 0x7f800000;
  constexpr int ONE = 1 << 23;
  int power = (int)__float_as_uint(value) & EXPONENT;
  int half = max(max(power, (LEAST_EXPONENT + 127) * ONE) - PRECISION * ONE, ONE);
  return __int_as_float(power == EXPONENT ? EXPONENT : half < (int)ZERO_BELOW ? 0 : half);
}

/** Never rounded: they are exact as float32. */
constexpr unsigned EXACT = 0x7f800000u;

/** Integers are rounded to float32 where half a unit of that is 1 or more. */
constexpr unsigned INTEGER = 0x3f800000u;

#define BOUNDS_OF_BLOCKS(name, type)                                                      \
  extern "C" __global__ void __launch_bounds__(256) rounding_bounds_##name(               \
      const byte* __restrict__ stored, float* __restrict__ bounds, long long elements) {  \
    by_units<type, Bounds<type>::of>(stored, bounds, elements);                           \
  }                                                                                       \
  EMULATED_KERNEL(rounding_bounds_##name);

#define BOUNDS_OF_PLAIN(name, type, least_exponent, precision, zero_below)                \
  extern "C" __global__ void __launch_bounds__(256) rounding_bounds_##name(               \
      const type::Stored* __restrict__ stored, float* __restrict__ bounds,                \
      long long elements) {                                                               \
    by_elements<type, half_ulp<least_exponent, precision, zero_below>>(                   \
        stored, bounds, elements);                                                        \
  }                                                                                       \
  EMULATED_KERNEL(rounding_bounds_##name);

BOUNDS_OF_BLOCKS(q4_0, Q4_0)
BOUNDS_OF_BLOCKS(q4_1, Q4_1)
BOUNDS_OF_BLOCKS(q5_0, Q5_0)
BOUNDS_OF_BLOCKS(q5_1, Q5_1)
BOUNDS_OF_BLOCKS(q8_0, Q8_0)
BOUNDS_OF_BLOCKS(q8_1, Q8_1)
BOUNDS_OF_BLOCKS(q8_k, Q8_K)
BOUNDS_OF_BLOCKS(q2_k, Q2_K)
BOUNDS_OF_BLOCKS(q3_k, Q3_K)
BOUNDS_OF_BLOCKS(q4_k, Q4_K)
BOUNDS_OF_BLOCKS(q5_k, Q5_K)
BOUNDS_OF_BLOCKS(q6_k, Q6_K)
BOUNDS_OF_BLOCKS(iq4_nl, IQ4_NL)
BOUNDS_OF_BLOCKS(iq4_xs, IQ4_XS)
BOUNDS_OF_BLOCKS(mxfp4, MXFP4)
BOUNDS_OF_BLOCKS(nvfp4, NVFP4)
BOUNDS_OF_PLAIN(f32, F32, -126, 24, 0u)
BOUNDS_OF_PLAIN(f16, F16, -14, 11, 0u)
BOUNDS_OF_PLAIN(bf16, BF16, -126, 8, 0u)
BOUNDS_OF_PLAIN(f64, F64, -126, 23, 0u)
BOUNDS_OF_PLAIN(f8_e4m3, F8_E4M3, -6, 4, 0u)
BOUNDS_OF_PLAIN(f8_e5m2, F8_E5M2, -14, 3, 0u)
BOUNDS_OF_PLAIN(i8, I8, -126, 24, EXACT)
BOUNDS_OF_PLAIN(i16, I16, -126, 24, EXACT)
BOUNDS_OF_PLAIN(i32, I32, -126, 24, INTEGER)
BOUNDS_OF_PLAIN(i64, I64, -126, 24, INTEGER)
BOUNDS_OF_PLAIN(u8, U8, -126, 24, EXACT)
BOUNDS_OF_PLAIN(u16, U16, -126, 24, EXACT)
BOUNDS_OF_PLAIN(u32, U32, -126, 24, INTEGER)
BOUNDS_OF_PLAIN(u64, U64, -126, 24, INTEGER)
BOUNDS_OF_PLAIN(bool, Bool, -126, 24, EXACT)
