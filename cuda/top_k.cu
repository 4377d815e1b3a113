/*
 * top_k(values, largest, indices, int rows, int columns, int k)
 *
 * What: the k largest values of each row in descending order, equal ones by ascending index; value
 *   NaN and index -1 for a row with a NaN. k is at most 128.
 * Grid: one block for a row; fewer are right too. Block: a multiple of 32 from 256 to 1024, made for
 *   1024. Shared: none dynamic.
 * Work: the rank of the k-th element is found byte by byte, from the highest, with a histogram of
 *   the elements that agree so far; ranks differ, so exactly k elements have it or a higher one. They
 *   are gathered and each counts how many are before it.
 * Reads the row two to nine times, as a rule from the L2 cache: once for each byte that is needed to
 *   tell the k-th element from the next, and once to gather.
 */

#include "include/ranking.cuh"

constexpr int MOST = 128;
constexpr int BINS = 256;

extern "C" __global__ void __launch_bounds__(1024) top_k(
    const float* __restrict__ values, float* __restrict__ largest, int* __restrict__ indices,
    int rows, int columns, int k) {
  __shared__ int histogram[BINS];
  __shared__ Rank chosen[MOST];
  __shared__ Rank prefix;  // the bytes of the k-th rank that are known
  __shared__ int wanted;   // how many are wanted of the elements that agree with them
  __shared__ int agreeing;
  __shared__ int found;
  int t = threadIdx.x;

  for (long long row = blockIdx.x; row < rows; row += gridDim.x) {
    const float* x = values + row * columns;
    bool has_nan = false;
    Rank known = 0;
    int shift = 64;
    int left = k;
    int candidates = columns;
    while (left < candidates) {
      shift -= 8;
      if (t < BINS) {
        histogram[t] = 0;
      }
      __syncthreads();
      for (long long i = t; i < columns; i += blockDim.x) {
        float value = x[i];
        has_nan |= is_nan(value);
        Rank rank = rank_of(value, (int)i);
        if (shift == 56 || rank >> (shift + 8) == known) {
          atomicAdd(&histogram[(int)(rank >> shift & 0xffu)], 1);
        }
      }
      __syncthreads();
      if (t < WARP) {  // a thread has eight bins
        int own = 0;
        for (int bin = 8 * t; bin < 8 * t + 8; bin++) {
          own += histogram[bin];
        }
        int above = 0;  // in the bins of later threads
        for (int s = 1; s < WARP; s *= 2) {
          int other = __shfl_down_sync(WHOLE_WARP, own + above, s);
          above += t + s < WARP ? other : 0;
        }
        if (above < left && left <= above + own) {
          int bin = 8 * t + 7;
          left -= above;
          while (histogram[bin] < left) {
            left -= histogram[bin];
            bin--;
          }
          prefix = known << 8 | (Rank)bin;
          wanted = left;
          agreeing = histogram[bin];
        }
      }
      __syncthreads();
      known = prefix;
      left = wanted;
      candidates = agreeing;
      __syncthreads();
    }
    Rank lowest = shift == 64 ? 0 : known << shift;
    if (t == 0) {
      found = 0;
    }
    __syncthreads();
    for (long long i = t; i < columns; i += blockDim.x) {
      float value = x[i];
      has_nan |= is_nan(value);
      Rank rank = rank_of(value, (int)i);
      if (rank >= lowest) {
        chosen[atomicAdd(&found, 1)] = rank;
      }
    }
    has_nan = __syncthreads_or(has_nan);
    if (t < k) {
      int before = 0;
      for (int i = 0; i < k; i++) {
        before += chosen[i] > chosen[t];
      }
      int index = index_of(chosen[t]);
      long long at = row * k + (has_nan ? t : before);
      largest[at] = has_nan ? quiet_nan() : x[index];
      indices[at] = has_nan ? -1 : index;
    }
    __syncthreads();
  }
}
EMULATED_KERNEL(top_k);
