/*
 * compare(a, b, segments, histogram, long long rows, long long columns)
 *
 * What: for every segment of 4096 pairs of a row a record of 88 bytes (sums ΣΔ, ΣΔ², Σa², Σb², Σab in
 *   double, the largest |a - b| with its index in the segment, ten counts), and for all of them a
 *   histogram of |a - b| in 256 bins.
 * Before: the histogram must be zero; blocks add to it.
 * Grid: one half-warp for a segment; fewer blocks are right too, half-warps stride over the rest, and
 *   fewer blocks add fewer histograms. Block: a multiple of 32 from 32 to 256, made for 256. Shared:
 *   none dynamic.
 * Work: thread l of sixteen is lane l: the finite pairs i with i mod 16 = l in ascending order, ΣΔ by
 *   addition and the others by fma; then lanes l and l + s for s = 8, 4, 2, 1.
 * Reads both once, writes 88 bytes for 32 KiB read.
 */

#include "include/lanes16.cuh"
#include "include/numerics.cuh"

constexpr int BINS = 256;

/** Pairs that a thread loads before it takes the first. */
constexpr int AHEAD = 8;

enum Count {
  NAN_SAME,
  NAN_DIFFERENT,
  NAN_ONLY_A,
  NAN_ONLY_B,
  INFINITY_SAME,
  INFINITY_OPPOSITE,
  INFINITY_ONLY_A,
  INFINITY_ONLY_B,
  SIGNED_ZEROS,
  FINITE,
  COUNTS
};

struct Record {
  double delta;
  double delta_squared;
  double a_squared;
  double b_squared;
  double product;
  float largest;
  int index;
  int counts[COUNTS];
};

static_assert(sizeof(Record) == 88, "the layout of a segment's record");

/** Which count a pair with a NaN or an infinity belongs to. */
__device__ inline Count kind_of(float a, float b) {
  if (is_nan(a)) {
    return !is_nan(b)                                 ? NAN_ONLY_A
        : __float_as_uint(a) == __float_as_uint(b) ? NAN_SAME
                                                      : NAN_DIFFERENT;
  }
  if (is_nan(b)) {
    return NAN_ONLY_B;
  }
  if (a == b) {
    return INFINITY_SAME;
  }
  return a == -b ? INFINITY_OPPOSITE : is_finite(b) ? INFINITY_ONLY_A : INFINITY_ONLY_B;
}

/** The running sums of one lane, and what it has counted. */
struct Lane {
  double delta;
  double delta_squared;
  double a_squared;
  double b_squared;
  double product;
  unsigned largest;  // bits of |a - b|
  int index;
  int equal;
  int finite;
};

/** Takes pair i of the segment, both sides finite. */
__device__ inline void take(Lane& lane, float x, float y, int i, unsigned* bins, int* unusual) {
  double wide_x = x;
  double wide_y = y;
  double difference = __dsub_rn(wide_x, wide_y);
  lane.delta = __dadd_rn(lane.delta, difference);
  lane.delta_squared = __fma_rn(difference, difference, lane.delta_squared);
  lane.a_squared = __fma_rn(wide_x, wide_x, lane.a_squared);
  lane.b_squared = __fma_rn(wide_y, wide_y, lane.b_squared);
  lane.product = __fma_rn(wide_x, wide_y, lane.product);
  lane.finite++;
  unsigned magnitude = __float_as_uint(__fsub_rn(x, y)) & 0x7fffffffu;
  if (magnitude > lane.largest) {
    lane.largest = magnitude;
    lane.index = i;
  }
  if (magnitude != 0) {
    atomicAdd(&bins[(magnitude + 0x7fffffu) >> 23], 1u);
  } else {
    lane.equal++;
    if (__float_as_uint(x) != __float_as_uint(y)) {
      atomicAdd(&unusual[SIGNED_ZEROS], 1);
    }
  }
}

/** Takes pair i, whatever it is. */
__device__ inline void take_any(Lane& lane, float x, float y, int i, unsigned* bins, int* unusual) {
  if (is_finite(x) && is_finite(y)) {
    take(lane, x, y, i, bins, unusual);
  } else {
    atomicAdd(&unusual[kind_of(x, y)], 1);
  }
}

extern "C" __global__ void __launch_bounds__(256, 4) compare(
    const float* __restrict__ a, const float* __restrict__ b, byte* __restrict__ segments,
    unsigned long long* __restrict__ histogram, long long rows, long long columns) {
  __shared__ unsigned bins[BINS];
  __shared__ int unusual[16][COUNTS];  // counts of each half-warp, all but FINITE
  int t = threadIdx.x % LANES;
  int group = threadIdx.x / LANES;
  for (int i = threadIdx.x; i < BINS; i += blockDim.x) {
    bins[i] = 0;
  }
  __syncthreads();

  long long count = rows * segments_of_row(columns);
  int block_segments = blockDim.x / LANES;
  for (long long first = (long long)blockIdx.x * block_segments; first < count;
       first += (long long)gridDim.x * block_segments) {
    long long segment = first + group;
    Extent extent = segment < count ? extent_of(segment, columns) : Extent{0, 0};
    long long start = extent.start;
    int length = extent.length;
    if (t < COUNTS) {
      unusual[group][t] = 0;
    }
    __syncwarp(WHOLE_WARP);
    Lane lane = {};
    lane.index = -1;
    int i = t;
    for (; i + (AHEAD - 1) * LANES < length; i += AHEAD * LANES) {
      float x[AHEAD];
      float y[AHEAD];
      bool finite = true;
#pragma unroll
      for (int k = 0; k < AHEAD; k++) {
        x[k] = a[start + i + k * LANES];
        y[k] = b[start + i + k * LANES];
      }
#pragma unroll
      for (int k = 0; k < AHEAD; k++) {
        finite &= is_finite(x[k]) & is_finite(y[k]);
      }
      if (finite) {
#pragma unroll
        for (int k = 0; k < AHEAD; k++) {
          take(lane, x[k], y[k], i + k * LANES, bins, unusual[group]);
        }
      } else {
#pragma unroll 1
        for (int k = 0; k < AHEAD; k++) {  // read again: an array of registers has no index
          long long at = start + i + k * LANES;
          take_any(lane, a[at], b[at], i + k * LANES, bins, unusual[group]);
        }
      }
    }
    for (; i < length; i += LANES) {
      take_any(lane, a[start + i], b[start + i], i, bins, unusual[group]);
    }
    lane.delta = tree16(lane.delta);
    lane.delta_squared = tree16(lane.delta_squared);
    lane.a_squared = tree16(lane.a_squared);
    lane.b_squared = tree16(lane.b_squared);
    lane.product = tree16(lane.product);
    int finite = total16(lane.finite);
    if (lane.equal != 0) {
      atomicAdd(&bins[0], (unsigned)lane.equal);
    }
    unsigned largest = lane.largest;
    int index = lane.index;
    largest16(largest, index);
    __syncwarp(WHOLE_WARP);
    if (segment < count) {
      Record* record = (Record*)(segments + segment * (long long)sizeof(Record));
      if (t == 0) {
        record->delta = lane.delta;
        record->delta_squared = lane.delta_squared;
        record->a_squared = lane.a_squared;
        record->b_squared = lane.b_squared;
        record->product = lane.product;
        record->largest = __uint_as_float(largest);
        record->index = index;
      }
      if (t < COUNTS) {
        record->counts[t] = t == FINITE ? finite : unusual[group][t];
      }
    }
    __syncwarp(WHOLE_WARP);
  }

  __syncthreads();
  for (int i = threadIdx.x; i < BINS; i += blockDim.x) {
    if (bins[i] != 0) {
      atomicAdd(&histogram[i], (unsigned long long)bins[i]);
    }
  }
}
EMULATED_KERNEL(compare);
