/*
 * add_bias(activations, bias, results, int rows, int columns)
 *
 * What: results[row][i] = activations[row][i] + bias[i].
 * Grid: x has one thread for four columns, y one block for a row; fewer are right too, threads stride
 *   over the rest. Block: any, made for 256. Shared: none.
 * Work: a thread keeps its part of the bias for all its rows.
 * Reads activations once and the bias once for each block along y, writes once.
 */

#include "include/numerics.cuh"

extern "C" __global__ void __launch_bounds__(256) add_bias(
    const float* __restrict__ activations, const float* __restrict__ bias,
    float* __restrict__ results, int rows, int columns) {
  bool whole_quads = columns % 4 == 0;
  for (long long i = 4 * grid_thread(); i < columns; i += 4 * grid_threads()) {
    float4 b = {};
    if (whole_quads) {
      b = *(const float4*)(bias + i);
    }
#pragma unroll 2
    for (long long row = blockIdx.y; row < rows; row += gridDim.y) {
      const float* x = activations + row * columns;
      float* y = results + row * columns;
      if (whole_quads) {
        float4 a = *(const float4*)(x + i);
        *(float4*)(y + i) = make_float4(
            __fadd_rn(a.x, b.x), __fadd_rn(a.y, b.y), __fadd_rn(a.z, b.z), __fadd_rn(a.w, b.w));
      } else {
        for (long long k = i; k < i + 4 && k < columns; k++) {
          y[k] = __fadd_rn(x[k], bias[k]);
        }
      }
    }
  }
}
EMULATED_KERNEL(add_bias);
