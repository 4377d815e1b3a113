/*
 * softmax(scores, probabilities, int rows, int columns)
 *
 * What: p = exp(x - max) / sum256(exp(x - max)).
 * Grid: one block for a row; fewer are right too. Block: 256 exactly. Shared: none dynamic.
 * Work: thread l is lane l of sum256; the exponentials wait in the results for their divisor.
 * Reads the scores twice and the results once (the second time from the L1 or L2 cache), writes the
 *   results twice.
 */

#include "include/numerics.cuh"

extern "C" __global__ void __launch_bounds__(256) softmax(
    const float* __restrict__ scores, float* __restrict__ probabilities, int rows, int columns) {
  __shared__ float lanes[256];
  for (long long row = blockIdx.x; row < rows; row += gridDim.x) {
    const float* x = scores + row * columns;
    float* p = probabilities + row * columns;
    float largest = -__uint_as_float(0x7f800000u);
#pragma unroll 4
    for (long long i = threadIdx.x; i < columns; i += 256) {
      largest = larger(largest, x[i]);
    }
    largest = block_largest(largest, lanes);
    float lane = 0.0f;
#pragma unroll 4
    for (long long i = threadIdx.x; i < columns; i += 256) {
      float power = canonical_exp(__fsub_rn(x[i], largest));
      p[i] = power;
      lane = __fadd_rn(lane, power);
    }
    float sum = block_tree256(lane, lanes);
#pragma unroll 4
    for (long long i = threadIdx.x; i < columns; i += 256) {
      p[i] = __fdiv_rn(p[i], sum);
    }
  }
}
EMULATED_KERNEL(softmax);
