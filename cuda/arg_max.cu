/*
 * arg_max(values, indices, int rows, int columns)
 *
 * What: the lowest index of the largest value of each row; -1 for a row with a NaN.
 * Grid: one block for a row; fewer are right too. Block: a multiple of 32 up to 1024, made for 1024.
 *   Shared: none dynamic.
 * Work: a thread looks at every blockDim.x-th element; the largest of all is found by shuffles.
 * Reads once.
 */

#include "include/ranking.cuh"

extern "C" __global__ void __launch_bounds__(1024) arg_max(
    const float* __restrict__ values, int* __restrict__ indices, int rows, int columns) {
  __shared__ Rank warp_best[32];
  int warps = blockDim.x / WARP;
  for (long long row = blockIdx.x; row < rows; row += gridDim.x) {
    const float* x = values + row * columns;
    Rank best = 0;  // below that of any value
    bool has_nan = false;
#pragma unroll 16
    for (unsigned i = threadIdx.x; i < (unsigned)columns; i += blockDim.x) {
      float value = x[i];
      has_nan |= is_nan(value);
      Rank rank = rank_of(value, (int)i);
      best = rank > best ? rank : best;
    }
    for (int s = 16; s > 0; s /= 2) {
      Rank other = __shfl_xor_sync(WHOLE_WARP, best, s);
      best = other > best ? other : best;
    }
    if (warp_lane() == 0) {
      warp_best[threadIdx.x / WARP] = best;
    }
    has_nan = __syncthreads_or(has_nan);
    if (threadIdx.x == 0) {
      for (int w = 1; w < warps; w++) {
        best = warp_best[w] > best ? warp_best[w] : best;
      }
      indices[row] = has_nan ? -1 : index_of(best);
    }
    __syncthreads();
  }
}
EMULATED_KERNEL(arg_max);
