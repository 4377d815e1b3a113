/*
 * weighted_sum(parts, weights, results, int tokens, int used, int columns)
 *
 * What: results[t][i] = the sum of weights[t][j] · parts[t][j][i], from +0 by fma in ascending j.
 * Grid: x has one thread for four columns, y one block for a token; fewer are right too, threads
 *   stride over the rest. Block: any, made for 256. Shared: none.
 * Reads the parts once and the weights once for each thread, from the L1 cache; writes once.
 */

#include "include/numerics.cuh"

extern "C" __global__ void __launch_bounds__(256) weighted_sum(
    const float* __restrict__ parts, const float* __restrict__ weights,
    float* __restrict__ results, int tokens, int used, int columns) {
  bool whole_quads = columns % 4 == 0;
  for (long long t = blockIdx.y; t < tokens; t += gridDim.y) {
    const float* x = parts + t * used * columns;
    const float* w = weights + t * used;
    for (long long i = 4 * grid_thread(); i < columns; i += 4 * grid_threads()) {
      if (whole_quads) {
        float4 sum = {};
#pragma unroll 4
        for (long long j = 0; j < used; j++) {
          float4 part = *(const float4*)(x + j * columns + i);
          sum.x = __fmaf_rn(w[j], part.x, sum.x);
          sum.y = __fmaf_rn(w[j], part.y, sum.y);
          sum.z = __fmaf_rn(w[j], part.z, sum.z);
          sum.w = __fmaf_rn(w[j], part.w, sum.w);
        }
        *(float4*)(results + t * columns + i) = sum;
      } else {
        for (long long k = i; k < i + 4 && k < columns; k++) {
          float sum = 0.0f;
          for (long long j = 0; j < used; j++) {
            sum = __fmaf_rn(w[j], x[j * columns + k], sum);
          }
          results[t * columns + k] = sum;
        }
      }
    }
  }
}
EMULATED_KERNEL(weighted_sum);
