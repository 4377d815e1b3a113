/*
 * rms_norm(activations, weights, results, int rows, int columns, float epsilon)
 *
 * What: y = (x·r)·w with r = 1 / sqrt(dot256(x, x) / columns + epsilon).
 * Grid: one block for a row; fewer are right too. Block: 256 exactly. Shared: none dynamic.
 * Work: thread l is lane l of dot256.
 * Reads activations twice (the second time from the L1 or L2 cache) and weights once for each row,
 *   writes results once.
 */

#include "include/numerics.cuh"

extern "C" __global__ void __launch_bounds__(256) rms_norm(
    const float* __restrict__ activations, const float* __restrict__ weights,
    float* __restrict__ results, int rows, int columns, float epsilon) {
  __shared__ float lanes[256];
  for (long long row = blockIdx.x; row < rows; row += gridDim.x) {
    const float* x = activations + row * columns;
    float lane = 0.0f;
#pragma unroll 4
    for (long long i = threadIdx.x; i < columns; i += 256) {
      float value = x[i];
      lane = __fmaf_rn(value, value, lane);
    }
    float squares = block_tree256(lane, lanes);
    float mean = __fdiv_rn(squares, __int2float_rn(columns));
    float scale = __fdiv_rn(1.0f, __fsqrt_rn(__fadd_rn(mean, epsilon)));
    float* y = results + row * columns;
#pragma unroll 4
    for (long long i = threadIdx.x; i < columns; i += 256) {
      y[i] = __fmul_rn(__fmul_rn(x[i], scale), weights[i]);
    }
  }
}
EMULATED_KERNEL(rms_norm);
