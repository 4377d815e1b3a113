/*
 * silu(gate, results, long long elements)
 *
 * What: results = gate / (1 + exp(-gate)).
 * Grid: one thread for four elements; fewer blocks are right too, threads stride over the rest.
 *   Block: any, made for 256. Shared: none.
 * Reads and writes once.
 */

#include "include/numerics.cuh"

extern "C" __global__ void __launch_bounds__(256) silu(
    const float* __restrict__ gate, float* __restrict__ results, long long elements) {
  for (long long at = 4 * grid_thread(); at < elements; at += 4 * grid_threads()) {
    if (at + 4 <= elements) {
      float4 g = *(const float4*)(gate + at);
      *(float4*)(results + at) = make_float4(
          canonical_silu(g.x), canonical_silu(g.y), canonical_silu(g.z), canonical_silu(g.w));
    } else {
      for (long long i = at; i < elements; i++) {
        results[i] = canonical_silu(gate[i]);
      }
    }
  }
}
EMULATED_KERNEL(silu);
