#pragma once

#include "kernel.cuh"

/*
 * Sums of segments of 4096 elements in double, by half-warps: thread l of sixteen is lane l, which has
 * the elements i mod 16 = l in ascending order.
 */

constexpr int SEGMENT = 4096;
constexpr int LANES = 16;

/** Where a segment is among the elements of all rows. */
struct Extent {
  long long start;
  int length;
};

/** Segments of a row: each row is cut by itself. */
__device__ inline long long segments_of_row(long long columns) {
  return (columns + SEGMENT - 1) / SEGMENT;
}

/** The place of segment `segment`, counted row by row. */
__device__ inline Extent extent_of(long long segment, long long columns) {
  long long row = segment / segments_of_row(columns);
  long long first = (segment - row * segments_of_row(columns)) * SEGMENT;
  long long left = columns - first;
  return {row * columns + first, left < SEGMENT ? (int)left : SEGMENT};
}

/** The sum over the sixteen lanes of a half-warp, in each of them. */
__device__ inline double tree16(double lane) {
  for (int s = LANES / 2; s > 0; s /= 2) {
    lane = __dadd_rn(lane, __shfl_xor_sync(WHOLE_WARP, lane, s));
  }
  return lane;
}

__device__ inline int total16(int lane) {
  for (int s = LANES / 2; s > 0; s /= 2) {
    lane += __shfl_xor_sync(WHOLE_WARP, lane, s);
  }
  return lane;
}

/** The first index of the largest of what sixteen threads have found, in each of them. */
__device__ inline void largest16(unsigned& largest, int& index) {
  for (int s = LANES / 2; s > 0; s /= 2) {
    unsigned other = __shfl_xor_sync(WHOLE_WARP, largest, s);
    int other_index = __shfl_xor_sync(WHOLE_WARP, index, s);
    if (other > largest || (other == largest && other_index < index)) {
      largest = other;
      index = other_index;
    }
  }
}
