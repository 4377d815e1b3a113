/*
 * crushed_blocks(activations, ratios, int rows, int columns, int block)
 *
 * What: ratios[row] = the largest over the row's blocks of largest |x| / second-largest |x|; 0 for a
 *   block of zeros, NaN for a row with a NaN.
 * Grid: one block for a row; fewer are right too. Block: 256 exactly. Shared: none dynamic.
 * Work: a warp takes a block of the row at a time, a multiple of 32 elements.
 * Reads once.
 */

#include "include/numerics.cuh"

extern "C" __global__ void __launch_bounds__(256) crushed_blocks(
    const float* __restrict__ activations, float* __restrict__ ratios, int rows, int columns,
    int block) {
  __shared__ float warps[8];
  for (long long row = blockIdx.x; row < rows; row += gridDim.x) {
    float most = 0.0f;
    for (int b = threadIdx.x / WARP; b < columns / block; b += 256 / WARP) {
      const float* x = activations + row * columns + (long long)b * block;
      // Bits of magnitudes are in their order, NaN above all.
      unsigned largest = 0;
      unsigned second = 0;
      for (int i = warp_lane(); i < block; i += WARP) {
        unsigned magnitude = __float_as_uint(x[i]) & 0x7fffffffu;
        unsigned lower = magnitude < largest ? magnitude : largest;
        second = lower > second ? lower : second;
        largest = magnitude > largest ? magnitude : largest;
      }
      for (int s = 16; s > 0; s /= 2) {
        unsigned other = __shfl_xor_sync(WHOLE_WARP, largest, s);
        unsigned other_second = __shfl_xor_sync(WHOLE_WARP, second, s);
        unsigned lower = other < largest ? other : largest;
        second = other_second > second ? other_second : second;
        second = lower > second ? lower : second;
        largest = other > largest ? other : largest;
      }
      if (largest != 0) {
        most = larger(most, __fdiv_rn(__uint_as_float(largest), __uint_as_float(second)));
      }
    }
    most = block_largest(most, warps);
    if (threadIdx.x == 0) {
      ratios[row] = most;
    }
  }
}
EMULATED_KERNEL(crushed_blocks);
