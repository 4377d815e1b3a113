/*
 * softmax(scores, probabilities, int rows, int columns)
 *
 * What: p = exp(x - max) / sum256(exp(x - max)).
 * Grid: one block for a row; fewer are right too. Block: 256 exactly. Shared: none dynamic.
 * Reads the scores twice and the results once (the second time from the L1 or L2 cache), writes the
 *   results twice.
 */

#include "include/softmax.cuh"

extern "C" __global__ void __launch_bounds__(256) softmax(
    const float* __restrict__ scores, float* __restrict__ probabilities, int rows, int columns) {
  __shared__ float lanes[256];
  for (long long row = blockIdx.x; row < rows; row += gridDim.x) {
    softmax_row(scores + row * columns, probabilities + row * columns, columns, lanes);
  }
}
EMULATED_KERNEL(softmax);
