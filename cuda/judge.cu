/*
 * judge(a, b, bounds_a, bounds_b, segments, long long rows, long long columns)
 *
 * What: for every segment of 4096 pairs of a row a record of 24 bytes: of the pairs that differ by no
 *   more than bounds_a + bounds_b ΣΔ² in double, the largest |a - b| / (bounds_a + bounds_b) with the
 *   index of the first pair that has it, how many differ, and how many of these are within.
 * Grid: one half-warp for a segment; fewer blocks are right too, half-warps stride over the rest.
 *   Block: a multiple of 32, made for 256. Shared: none.
 * Work: thread l of sixteen is lane l: the pairs i with i mod 16 = l in ascending order, by fma; then
 *   lanes l and l + s for s = 8, 4, 2, 1.
 * Reads all four once, writes 24 bytes for 64 KiB read.
 */

#include "include/lanes16.cuh"
#include "include/numerics.cuh"

/** Pairs that a thread loads before it takes the first. */
constexpr int AHEAD = 4;

struct Record {
  double delta_squared_within;
  float ratio;
  int index;
  int differing;
  int within;
};

static_assert(sizeof(Record) == 24, "the layout of a segment's record");

/** What one lane has found. */
struct Lane {
  double delta_squared_within;
  unsigned ratio;  // bits of the largest
  int index;
  int differing;
  int within;
};

__device__ inline void take(Lane& lane, float x, float y, float bound_x, float bound_y, int i) {
  if (x == y || __float_as_uint(x) == __float_as_uint(y)) {
    return;
  }
  lane.differing++;
  float ratio = __uint_as_float(0x7f800000u);
  if (is_finite(x) && is_finite(y)) {
    float magnitude = fabsf(__fsub_rn(x, y));
    float allowed = __fadd_rn(bound_x, bound_y);
    if (magnitude <= allowed) {
      double difference = __dsub_rn((double)x, (double)y);
      lane.delta_squared_within = __fma_rn(difference, difference, lane.delta_squared_within);
      lane.within++;
    }
    if (allowed >= 0.0f) {
      ratio = __fdiv_rn(magnitude, allowed);
    }
  }
  if (ratio > __uint_as_float(lane.ratio)) {  // not so if it is NaN
    lane.ratio = __float_as_uint(ratio);
    lane.index = i;
  }
}

extern "C" __global__ void __launch_bounds__(256) judge(
    const float* __restrict__ a, const float* __restrict__ b, const float* __restrict__ bounds_a,
    const float* __restrict__ bounds_b, Record* __restrict__ segments, long long rows,
    long long columns) {
  int t = threadIdx.x % LANES;
  int group = threadIdx.x / LANES;
  long long count = rows * segments_of_row(columns);
  int block_segments = blockDim.x / LANES;
  for (long long first = (long long)blockIdx.x * block_segments; first < count;
       first += (long long)gridDim.x * block_segments) {
    long long segment = first + group;
    Extent extent = segment < count ? extent_of(segment, columns) : Extent{0, 0};
    long long start = extent.start;
    Lane lane = {};
    lane.index = -1;
    int i = t;
    for (; i + (AHEAD - 1) * LANES < extent.length; i += AHEAD * LANES) {
      float x[AHEAD];
      float y[AHEAD];
      float bound_x[AHEAD];
      float bound_y[AHEAD];
#pragma unroll
      for (int k = 0; k < AHEAD; k++) {
        long long at = start + i + k * LANES;
        x[k] = a[at];
        y[k] = b[at];
        bound_x[k] = bounds_a[at];
        bound_y[k] = bounds_b[at];
      }
#pragma unroll
      for (int k = 0; k < AHEAD; k++) {
        take(lane, x[k], y[k], bound_x[k], bound_y[k], i + k * LANES);
      }
    }
    for (; i < extent.length; i += LANES) {
      long long at = start + i;
      take(lane, a[at], b[at], bounds_a[at], bounds_b[at], i);
    }
    double within_squared = tree16(lane.delta_squared_within);
    int differing = total16(lane.differing);
    int within = total16(lane.within);
    unsigned ratio = lane.ratio;
    int index = lane.index;
    largest16(ratio, index);
    if (t == 0 && segment < count) {
      segments[segment] = {within_squared, __uint_as_float(ratio), index, differing, within};
    }
  }
}
EMULATED_KERNEL(judge);
