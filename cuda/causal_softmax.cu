/*
 * causal_softmax(scores, probabilities, int heads, int queries, int cached)
 *
 * What: p = exp(x - max) / sum256(exp(x - max)) over the positions that a query sees, the first
 *   cached - queries + query + 1; +0 for the others.
 * Grid: one block for a head and query; fewer are right too. Block: 256 exactly. Shared: none
 *   dynamic.
 * Reads the scores seen twice and the results once (the second time from the L1 or L2 cache), writes
 *   the results twice.
 */

#include "include/softmax.cuh"

extern "C" __global__ void __launch_bounds__(256) causal_softmax(
    const float* __restrict__ scores, float* __restrict__ probabilities, int heads, int queries,
    int cached) {
  __shared__ float lanes[256];
  for (long long row = blockIdx.x; row < (long long)heads * queries; row += gridDim.x) {
    float* p = probabilities + row * cached;
    int visible = cached - queries + (int)(row % queries) + 1;
    softmax_row(scores + row * cached, p, visible, lanes);
    for (long long i = visible + (int)threadIdx.x; i < cached; i += 256) {
      p[i] = 0.0f;
    }
  }
}
EMULATED_KERNEL(causal_softmax);
