#pragma once

#include "numerics.cuh"

/**
 * The softmax of one row, by a block of 256 threads: thread l is lane l of sum256; the exponentials
 * wait in the results for their divisor.
 *
 * @param shared room for 256, which is free again when the function returns
 */
__device__ inline void softmax_row(const float* x, float* p, int columns, float* shared) {
  float largest = -__uint_as_float(0x7f800000u);
#pragma unroll 4
  for (long long i = threadIdx.x; i < columns; i += 256) {
    largest = larger(largest, x[i]);
  }
  largest = block_largest(largest, shared);
  float lane = 0.0f;
#pragma unroll 4
  for (long long i = threadIdx.x; i < columns; i += 256) {
    float power = canonical_exp(__fsub_rn(x[i], largest));
    p[i] = power;
    lane = __fadd_rn(lane, power);
  }
  float sum = block_tree256(lane, shared);
#pragma unroll 4
  for (long long i = threadIdx.x; i < columns; i += 256) {
    p[i] = __fdiv_rn(p[i], sum);
  }
}
