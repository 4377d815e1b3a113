#pragma once

#include <cuda_fp16.h>

#include "kernel.cuh"

/*
 * The numerics contract: binary32, round to nearest even, subnormals kept, one rounding for every
 * operation that is written, in the order that is written.
 */

/** The canonical NaN. */
__device__ inline float quiet_nan() {
  return __uint_as_float(0x7fc00000u);
}

__device__ inline bool is_nan(float x) {
  return x != x;
}

__device__ inline bool is_finite(float x) {
  return (__float_as_uint(x) & 0x7f800000u) != 0x7f800000u;
}

/** The larger one; NaN if there is one. */
__device__ inline float larger(float a, float b) {
  return b > a || is_nan(b) ? b : a;
}

/** 2^e for -126 <= e <= 127. */
__device__ inline float power_of_two(int e) {
  return __int_as_float((e + 127) << 23);
}

/** The contract's exp. */
__device__ inline float canonical_exp(float x) {
  if (is_nan(x)) {
    return quiet_nan();
  }
  if (x > 88.72283935546875f) {
    return __uint_as_float(0x7f800000u);
  }
  if (x < -103.972076416015625f) {
    return 0.0f;
  }
  int n = __float2int_rn(__fmul_rn(x, 1.44269504f));
  float minus_n = __int2float_rn(-n);
  float r = __fmaf_rn(minus_n, 0.693359375f, x);
  r = __fmaf_rn(minus_n, -2.12194440e-4f, r);
  float p = 1.9875691500e-4f;
  p = __fmaf_rn(p, r, 1.3981999507e-3f);
  p = __fmaf_rn(p, r, 8.3334519073e-3f);
  p = __fmaf_rn(p, r, 4.1665795894e-2f);
  p = __fmaf_rn(p, r, 1.6666665459e-1f);
  p = __fmaf_rn(p, r, 5.0000001201e-1f);
  float y = __fmaf_rn(p, __fmul_rn(r, r), r);
  y = __fadd_rn(y, 1.0f);
  int half = n >> 1;
  return __fmul_rn(__fmul_rn(y, power_of_two(half)), power_of_two(n - half));
}

/** x / (1 + exp(-x)). */
__device__ inline float canonical_silu(float x) {
  return __fdiv_rn(x, __fadd_rn(1.0f, canonical_exp(-x)));
}

/** The value of a half, exactly. */
__device__ inline float half_to_float(unsigned bits) {
  return __half2float(__ushort_as_half((unsigned short)bits));
}

/** The value of a half, exactly; a NaN gives some NaN. */
__device__ inline float half_number(unsigned bits) {
#ifdef __CUDA_ARCH__
  float value;
  asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"((unsigned short)bits));
  return value;
#else
  return half_to_float(bits);
#endif
}

/** Rounded to half; a NaN gives a quiet one. */
__device__ inline unsigned short float_to_half(float x) {
  unsigned bits = __float_as_uint(x);
  unsigned sign = bits >> 16 & 0x8000u;
  unsigned magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) {
    magnitude = 0x7e00u;
  } else if (magnitude >= 0x47800000u) {  // 65536 and above
    magnitude = 0x7c00u;
  } else if (magnitude < 0x38800000u) {  // below 2^-14: one unit of 0.5 is one of a subnormal half
    magnitude = __float_as_uint(__fadd_rn(__uint_as_float(magnitude), 0.5f)) - 0x3f000000u;
  } else {  // the exponent's bias from 127 to 15; a carry out of the mantissa is right
    magnitude = (magnitude - (112u << 23) + 0xfffu + (magnitude >> 13 & 1u)) >> 13;
  }
  return (unsigned short)(sign | magnitude);
}

__device__ inline float bfloat16_to_float(unsigned bits) {
  return __uint_as_float(bits << 16);
}

/** Rounded to bfloat16; a NaN gives 0x7fff. */
__device__ inline unsigned float_to_bfloat16(float x) {
  unsigned bits = __float_as_uint(x);
  return is_nan(x) ? 0x7fffu : (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16;
}

/** Two numbers rounded to bfloat16, the first in the lower half. */
__device__ inline unsigned bfloat16_pair(float low, float high) {
#ifdef __CUDA_ARCH__
  unsigned pair;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
  return pair;
#else
  return float_to_bfloat16(low) | float_to_bfloat16(high) << 16;
#endif
}

/**
 * The tree of sum256 and dot256 over the lanes of a warp whose thread t has the lanes 8t ... 8t + 7.
 * Every thread gets the result. An exchange leaves each of two threads with half of their lanes, so
 * twelve shuffles do for all 256.
 */
__device__ inline float warp_tree256(const float lanes[8]) {
  int t = warp_lane();
  float four[4];
  for (int j = 0; j < 4; j++) {  // s = 128; now lanes 4..7 of an octet are with t & 16
    float mine = t & 16 ? lanes[j + 4] : lanes[j];
    float other = t & 16 ? lanes[j] : lanes[j + 4];
    four[j] = __fadd_rn(mine, __shfl_xor_sync(WHOLE_WARP, other, 16));
  }
  float two[2];
  for (int j = 0; j < 2; j++) {  // s = 64
    float mine = t & 8 ? four[j + 2] : four[j];
    float other = t & 8 ? four[j] : four[j + 2];
    two[j] = __fadd_rn(mine, __shfl_xor_sync(WHOLE_WARP, other, 8));
  }
  float mine = t & 4 ? two[1] : two[0];
  float other = t & 4 ? two[0] : two[1];
  float sum = __fadd_rn(mine, __shfl_xor_sync(WHOLE_WARP, other, 4));  // s = 32
  sum = __fadd_rn(sum, __shfl_xor_sync(WHOLE_WARP, sum, 2));           // s = 16
  sum = __fadd_rn(sum, __shfl_xor_sync(WHOLE_WARP, sum, 1));           // s = 8
  sum = __fadd_rn(sum, __shfl_xor_sync(WHOLE_WARP, sum, 16));          // s = 4
  sum = __fadd_rn(sum, __shfl_xor_sync(WHOLE_WARP, sum, 8));           // s = 2
  return __fadd_rn(sum, __shfl_xor_sync(WHOLE_WARP, sum, 4));          // s = 1
}

/**
 * The tree of sum256 and dot256 over a block of 256 threads with a lane each. Every thread gets the
 * result.
 *
 * @param shared room for 256, which is free again when the function returns
 */
__device__ inline float block_tree256(float lane, float* shared) {
  int t = threadIdx.x;
  shared[t] = lane;
  __syncthreads();
  if (t < WARP) {
    float quarter[4];
    for (int k = 0; k < 4; k++) {  // s = 128
      quarter[k] = __fadd_rn(shared[t + WARP * k], shared[t + WARP * k + 128]);
    }
    float sum = __fadd_rn(
        __fadd_rn(quarter[0], quarter[2]), __fadd_rn(quarter[1], quarter[3]));  // s = 64, 32
    for (int s = 16; s > 0; s /= 2) {
      sum = __fadd_rn(sum, __shfl_xor_sync(WHOLE_WARP, sum, s));
    }
    shared[t] = sum;
  }
  __syncthreads();
  float result = shared[0];
  __syncthreads();
  return result;
}

/**
 * The largest of the values of a block of 256 threads, NaN if there is one. Every thread gets it.
 *
 * @param shared room for 8, which is free again when the function returns
 */
__device__ inline float block_largest(float value, float* shared) {
  for (int s = 16; s > 0; s /= 2) {
    value = larger(value, __shfl_xor_sync(WHOLE_WARP, value, s));
  }
  if (warp_lane() == 0) {
    shared[threadIdx.x / WARP] = value;
  }
  __syncthreads();
  value = shared[0];
  for (int w = 1; w < 8; w++) {
    value = larger(value, shared[w]);
  }
  __syncthreads();
  return value;
}
