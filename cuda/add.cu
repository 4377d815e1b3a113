/*
 * add(a, b, results, long long elements)
 *
 * What: results = a + b.
 * Grid: one thread for four elements; fewer blocks are right too, threads stride over the rest.
 *   Block: any, made for 256. Shared: none.
 * Reads both once, writes once.
 */

#include "include/numerics.cuh"

extern "C" __global__ void __launch_bounds__(256) add(
    const float* __restrict__ a, const float* __restrict__ b, float* __restrict__ results,
    long long elements) {
  for (long long at = 4 * grid_thread(); at < elements; at += 4 * grid_threads()) {
    if (at + 4 <= elements) {
      float4 x = *(const float4*)(a + at);
      float4 y = *(const float4*)(b + at);
      *(float4*)(results + at) = make_float4(
          __fadd_rn(x.x, y.x), __fadd_rn(x.y, y.y), __fadd_rn(x.z, y.z), __fadd_rn(x.w, y.w));
    } else {
      for (long long i = at; i < elements; i++) {
        results[i] = __fadd_rn(a[i], b[i]);
      }
    }
  }
}
EMULATED_KERNEL(add);
