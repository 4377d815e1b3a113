#pragma once

#include "numerics.cuh"

/*
 * The types whose elements stand alone: what is stored, and the nearest float32 to it.
 */

struct F32 {
  typedef float Stored;
  static __device__ float value(Stored x) { return x; }
};

struct F16 {
  typedef unsigned short Stored;
  static __device__ float value(Stored x) { return half_to_float(x); }
};

/** F16 to calculate with: what a NaN says is lost. */
struct Half {
  typedef unsigned short Stored;
  static __device__ float value(Stored x) { return half_number(x); }
};

struct BF16 {
  typedef unsigned short Stored;
  static __device__ float value(Stored x) { return bfloat16_to_float(x); }
};

struct F64 {
  typedef double Stored;
  static __device__ float value(Stored x) { return __double2float_rn(x); }
};

/** OCP E4M3 without infinities: bias 7, the largest magnitude is NaN. */
struct F8_E4M3 {
  typedef unsigned char Stored;

  static __device__ float value(Stored x) {
    unsigned exponent = x >> 3 & 15u;
    unsigned mantissa = x & 7u;
    float subnormal = __fmul_rn(__int2float_rn(mantissa), power_of_two(-9));
    unsigned magnitude = exponent == 0 ? __float_as_uint(subnormal)
        : (x & 127u) == 127u ? 0x7fc00000u : (exponent + 120u) << 23 | mantissa << 20;
    return __uint_as_float(magnitude | (x & 0x80u) << 24);
  }
};

struct F8_E5M2 {
  typedef unsigned char Stored;
  static __device__ float value(Stored x) { return half_to_float((unsigned)x << 8); }
};

struct I8 {
  typedef signed char Stored;
  static __device__ float value(Stored x) { return __int2float_rn(x); }
};

struct I16 {
  typedef short Stored;
  static __device__ float value(Stored x) { return __int2float_rn(x); }
};

struct I32 {
  typedef int Stored;
  static __device__ float value(Stored x) { return __int2float_rn(x); }
};

struct I64 {
  typedef long long Stored;
  static __device__ float value(Stored x) { return __ll2float_rn(x); }
};

struct U8 {
  typedef unsigned char Stored;
  static __device__ float value(Stored x) { return __int2float_rn(x); }
};

struct U16 {
  typedef unsigned short Stored;
  static __device__ float value(Stored x) { return __int2float_rn(x); }
};

struct U32 {
  typedef unsigned Stored;
  static __device__ float value(Stored x) { return __uint2float_rn(x); }
};

struct U64 {
  typedef unsigned long long Stored;
  static __device__ float value(Stored x) { return __ull2float_rn(x); }
};

struct Bool {
  typedef unsigned char Stored;
  static __device__ float value(Stored x) { return x == 0 ? 0.0f : 1.0f; }
};

/** COUNT neighbouring elements that are aligned as a whole. */
template <class Type, int COUNT>
__device__ inline void load_aligned(const typename Type::Stored* at, float* values) {
  constexpr int BYTES = COUNT * sizeof(typename Type::Stored);
  union {
    typename Type::Stored stored[COUNT];
    unsigned words[BYTES / 4];
  } elements;
  if constexpr (BYTES == 4) {
    elements.words[0] = *(const unsigned*)at;
  } else if constexpr (BYTES == 8) {
    uint2 two = *(const uint2*)at;
    elements.words[0] = two.x;
    elements.words[1] = two.y;
  } else {
    for (int i = 0; i < BYTES / 16; i++) {
      uint4 four = ((const uint4*)at)[i];
      elements.words[4 * i] = four.x;
      elements.words[4 * i + 1] = four.y;
      elements.words[4 * i + 2] = four.z;
      elements.words[4 * i + 3] = four.w;
    }
  }
  for (int i = 0; i < COUNT; i++) {
    values[i] = Type::value(elements.stored[i]);
  }
}

/** X(name in lower case, type) for every type without blocks. */
#define PLAIN_TYPES(X) \
  X(bf16, BF16) \
  PLAIN_TYPES_TO_ROUND(X)

/** Those that are not bfloat16 already. */
#define PLAIN_TYPES_TO_ROUND(X) \
  X(f32, F32) \
  X(f16, F16) \
  X(f64, F64) \
  X(f8_e4m3, F8_E4M3) \
  X(f8_e5m2, F8_E5M2) \
  X(i8, I8) \
  X(i16, I16) \
  X(i32, I32) \
  X(i64, I64) \
  X(u8, U8) \
  X(u16, U16) \
  X(u32, U32) \
  X(u64, U64) \
  X(bool, Bool)
