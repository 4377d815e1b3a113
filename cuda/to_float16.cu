/*
 * to_float16(values, halves, long long elements)
 *
 * What: float32 to float16, to nearest even; a NaN stays one.
 * Grid: one thread for four elements; fewer blocks are right too, threads stride over the rest.
 *   Block: any, made for 256. Shared: none.
 * Reads and writes once.
 */

#include "include/numerics.cuh"

extern "C" __global__ void __launch_bounds__(256) to_float16(
    const float* __restrict__ values, unsigned short* __restrict__ halves, long long elements) {
  for (long long at = 4 * grid_thread(); at < elements; at += 4 * grid_threads()) {
    if (at + 4 <= elements) {
      float4 x = *(const float4*)(values + at);
      *(ushort4*)(halves + at) = make_ushort4(
          float_to_half(x.x), float_to_half(x.y), float_to_half(x.z), float_to_half(x.w));
    } else {
      for (long long i = at; i < elements; i++) {
        halves[i] = float_to_half(values[i]);
      }
    }
  }
}
EMULATED_KERNEL(to_float16);
