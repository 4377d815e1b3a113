/*
 * quantise_q8_k(activations, blocks, int rows, int columns)
 * quantise_q8_0(activations, blocks, int rows, int columns)
 *
 * What: activations to Q8_K blocks of 256 or Q8_0 blocks of 32. A block with a NaN or an infinity
 *   gets d = NaN and codes 0; one whose factor overflows gets codes 0.
 * Grid: one warp for 256 elements; fewer blocks are right too, warps stride over the rest. Block:
 *   any multiple of 32, made for 256. Shared: none.
 * Work: a thread has eight neighbouring elements; 32 (Q8_K) or 4 (Q8_0) threads find the largest.
 * Reads and writes once.
 */

#include "include/numerics.cuh"

constexpr unsigned INFINITY_BITS = 0x7f800000u;

__device__ inline unsigned magnitude_bits(float x) {
  return __float_as_uint(x) & 0x7fffffffu;
}

/** The largest of `bits` among neighbouring threads, THREADS of them, a power of two. */
template <int THREADS>
__device__ inline unsigned largest_bits(unsigned bits) {
  for (int s = THREADS / 2; s > 0; s /= 2) {
    unsigned other = __shfl_xor_sync(WHOLE_WARP, bits, s);
    bits = other > bits ? other : bits;
  }
  return bits;
}

__device__ inline void load_eight(const float* at, float* values) {
  float4 low = ((const float4*)at)[0];
  float4 high = ((const float4*)at)[1];
  values[0] = low.x;
  values[1] = low.y;
  values[2] = low.z;
  values[3] = low.w;
  values[4] = high.x;
  values[5] = high.y;
  values[6] = high.z;
  values[7] = high.w;
}

__device__ inline unsigned packed(const int* codes) {
  return (codes[0] & 0xff) | (codes[1] & 0xff) << 8 | (codes[2] & 0xff) << 16
      | (unsigned)codes[3] << 24;
}

extern "C" __global__ void __launch_bounds__(256) quantise_q8_k(
    const float* __restrict__ activations, byte* __restrict__ blocks, int rows, int columns) {
  int t = warp_lane();
  long long count = (long long)rows * columns / 256;
  for (long long b = grid_thread() / WARP; b < count; b += grid_threads() / WARP) {
    float x[8];
    load_eight(activations + 256 * b + 8 * t, x);
    unsigned own = 0;
    for (int j = 0; j < 8; j++) {
      unsigned bits = magnitude_bits(x[j]);
      own = bits > own ? bits : own;
    }
    unsigned largest = largest_bits<32>(own);
    float first = 0.0f;  // of the thread's elements of that magnitude, with its sign
    for (int j = 7; j >= 0; j--) {
      first = magnitude_bits(x[j]) == largest ? x[j] : first;
    }
    unsigned owners = __ballot_sync(WHOLE_WARP, own == largest);
    float maximum = __shfl_sync(WHOLE_WARP, first, __ffs(owners) - 1);

    float factor = __fdiv_rn(-127.0f, maximum);
    float scale = largest == 0 ? 0.0f : __fdiv_rn(1.0f, factor);
    bool usable = largest != 0 && is_finite(factor);
    if (largest >= INFINITY_BITS) {
      scale = quiet_nan();
      usable = false;
    }
    int codes[8];
    int sum = 0;
    for (int j = 0; j < 8; j++) {
      int code = usable ? __float2int_rn(__fmul_rn(factor, x[j])) : 0;
      codes[j] = code > 127 ? 127 : code;
      sum += codes[j];
    }
    sum += __shfl_xor_sync(WHOLE_WARP, sum, 1);

    byte* block = blocks + 292 * b;
    if (t == 0) {
      *(float*)block = scale;
    }
    unsigned* words = (unsigned*)(block + 4 + 8 * t);
    words[0] = packed(codes);
    words[1] = packed(codes + 4);
    if (t % 2 == 0) {
      ((short*)(block + 260))[t / 2] = (short)sum;
    }
  }
}
EMULATED_KERNEL(quantise_q8_k);

/** To the nearest integer, halves away from zero. */
__device__ inline int round_half_away(float x) {
  int whole = __float2int_rz(x);
  float fraction = __fsub_rn(x, __int2float_rn(whole));
  return fraction >= 0.5f ? whole + 1 : fraction <= -0.5f ? whole - 1 : whole;
}

extern "C" __global__ void __launch_bounds__(256) quantise_q8_0(
    const float* __restrict__ activations, byte* __restrict__ blocks, int rows, int columns) {
  long long units = (long long)rows * columns / 8;
  for (long long first = grid_thread() - warp_lane(); first < units; first += grid_threads()) {
    long long unit = first + warp_lane();
    bool valid = unit < units;
    float x[8] = {};
    if (valid) {
      load_eight(activations + 8 * unit, x);
    }
    unsigned own = 0;
    for (int j = 0; j < 8; j++) {
      unsigned bits = magnitude_bits(x[j]);
      own = bits > own ? bits : own;
    }
    unsigned largest = largest_bits<4>(own);
    float scale = __fdiv_rn(__uint_as_float(largest), 127.0f);
    float factor = __fdiv_rn(1.0f, scale);
    bool usable = largest < INFINITY_BITS && scale != 0.0f && is_finite(factor);
    int codes[8];
    for (int j = 0; j < 8; j++) {
      codes[j] = usable ? round_half_away(__fmul_rn(x[j], factor)) : 0;
    }
    if (valid) {
      byte* block = blocks + unit / 4 * 34;
      int part = (int)(unit % 4);
      if (part == 0) {
        *(unsigned short*)block = largest < INFINITY_BITS ? float_to_half(scale) : 0x7e00u;
      }
      unsigned short* pairs = (unsigned short*)(block + 2 + 8 * part);
      unsigned low = packed(codes);
      unsigned high = packed(codes + 4);
      pairs[0] = (unsigned short)low;
      pairs[1] = (unsigned short)(low >> 16);
      pairs[2] = (unsigned short)high;
      pairs[3] = (unsigned short)(high >> 16);
    }
  }
}
EMULATED_KERNEL(quantise_q8_0);
