/*
 * gated_silu(gate, up, results, long long elements)
 *
 * What: results = gate / (1 + exp(-gate)) · up.
 * Grid: one thread for four elements; fewer blocks are right too, threads stride over the rest.
 *   Block: any, made for 256. Shared: none.
 * Reads both once, writes once.
 */

#include "include/numerics.cuh"

__device__ inline float gated(float gate, float up) {
  return __fmul_rn(canonical_silu(gate), up);
}

extern "C" __global__ void __launch_bounds__(256) gated_silu(
    const float* __restrict__ gate, const float* __restrict__ up, float* __restrict__ results,
    long long elements) {
  for (long long at = 4 * grid_thread(); at < elements; at += 4 * grid_threads()) {
    if (at + 4 <= elements) {
      float4 g = *(const float4*)(gate + at);
      float4 u = *(const float4*)(up + at);
      *(float4*)(results + at) =
          make_float4(gated(g.x, u.x), gated(g.y, u.y), gated(g.z, u.z), gated(g.w, u.w));
    } else {
      for (long long i = at; i < elements; i++) {
        results[i] = gated(gate[i], up[i]);
      }
    }
  }
}
EMULATED_KERNEL(gated_silu);
