/*
 * rotary_neox(activations, table, results, int positions, int heads, int headSize, int rotated)
 * rotary_interleaved(...)
 *
 * What: the pair (x0, x1) becomes (fma(x0, c, -(x1·s)), fma(x0, s, x1·c)) with c, s at pair i of the
 *   table [positions, rotated / 2, 2]. NEOX pairs i and i + rotated / 2, INTERLEAVED 2i and 2i + 1;
 *   elements from `rotated` up are copied.
 * Grid: one thread for a pair or a copied element, headSize - rotated / 2 of them in a head; fewer
 *   blocks are right too, threads stride over the rest. Block: any, made for 256. Shared: none.
 * Reads and writes the activations once, the table once for each head.
 */

#include "include/numerics.cuh"

template <bool NEOX>
__device__ inline void rotate(
    const float* __restrict__ activations, const float* __restrict__ table,
    float* __restrict__ results, int positions, int heads, int head_size, int rotated) {
  int pairs = rotated / 2;
  int items = head_size - pairs;
  long long total = (long long)positions * heads * items;
  for (long long at = grid_thread(); at < total; at += grid_threads()) {
    int item = (int)(at % items);
    long long head = at / items;
    const float* x = activations + head * head_size;
    float* y = results + head * head_size;
    if (item < pairs) {
      float2 turn = ((const float2*)table)[head / heads * pairs + item];
      int first = NEOX ? item : 2 * item;
      int second = NEOX ? item + pairs : 2 * item + 1;
      float x0 = x[first];
      float x1 = x[second];
      y[first] = __fmaf_rn(x0, turn.x, -__fmul_rn(x1, turn.y));
      y[second] = __fmaf_rn(x0, turn.y, __fmul_rn(x1, turn.x));
    } else {
      y[pairs + item] = x[pairs + item];
    }
  }
}

extern "C" __global__ void __launch_bounds__(256) rotary_neox(
    const float* __restrict__ activations, const float* __restrict__ table,
    float* __restrict__ results, int positions, int heads, int head_size, int rotated) {
  rotate<true>(activations, table, results, positions, heads, head_size, rotated);
}
EMULATED_KERNEL(rotary_neox);

extern "C" __global__ void __launch_bounds__(256) rotary_interleaved(
    const float* __restrict__ activations, const float* __restrict__ table,
    float* __restrict__ results, int positions, int heads, int head_size, int rotated) {
  rotate<false>(activations, table, results, positions, heads, head_size, rotated);
}
EMULATED_KERNEL(rotary_interleaved);
