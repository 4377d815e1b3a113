/*
 * compare(a, b, segments, histogram, long long elements)
 *
 * What: for every segment of 4096 pairs a record of 88 bytes (sums ΣΔ, ΣΔ², Σa², Σb², Σab in double,
 *   the largest |a - b| with its index in the segment, ten counts), and for all of them a histogram of
 *   |a - b| in 256 bins.
 * Before: the histogram must be zero; blocks add to it.
 * Grid: one half-warp for a segment; fewer blocks are right too, half-warps stride over the rest, and
 *   fewer blocks add fewer histograms. Block: a multiple of 32 from 32 to 256, made for 256. Shared:
 *   none dynamic.
 * Work: thread l of sixteen is lane l: the finite pairs i with i mod 16 = l in ascending order, ΣΔ by
 *   addition and the others by fma; then lanes l and l + s for s = 8, 4, 2, 1.
 * Reads both once, writes 88 bytes for 32 KiB read.
 */

#include "include/numerics.cuh"

constexpr int SEGMENT = 4096;
constexpr int LANES = 16;
constexpr int BINS = 256;

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

extern "C" __global__ void __launch_bounds__(256) compare(
    const float* __restrict__ a, const float* __restrict__ b, byte* __restrict__ segments,
    unsigned long long* __restrict__ histogram, long long elements) {
  __shared__ unsigned bins[BINS];
  __shared__ int unusual[16][COUNTS];  // counts of each half-warp, all but FINITE
  int lane = threadIdx.x % LANES;
  int group = threadIdx.x / LANES;
  for (int i = threadIdx.x; i < BINS; i += blockDim.x) {
    bins[i] = 0;
  }
  __syncthreads();

  long long count = (elements + SEGMENT - 1) / SEGMENT;
  int block_segments = blockDim.x / LANES;
  for (long long first = (long long)blockIdx.x * block_segments; first < count;
       first += (long long)gridDim.x * block_segments) {
    long long segment = first + group;
    long long start = segment * SEGMENT;
    int length = segment >= count            ? 0
        : elements - start < SEGMENT ? (int)(elements - start)
                                             : SEGMENT;
    if (lane < COUNTS) {
      unusual[group][lane] = 0;
    }
    __syncwarp(WHOLE_WARP);
    double delta = 0;
    double delta_squared = 0;
    double a_squared = 0;
    double b_squared = 0;
    double product = 0;
    unsigned largest = 0;
    int index = -1;
    int finite = 0;
#pragma unroll 8
    for (int i = lane; i < length; i += LANES) {
      float x = a[start + i];
      float y = b[start + i];
      if (is_finite(x) && is_finite(y)) {
        double wide_x = x;
        double wide_y = y;
        double difference = __dsub_rn(wide_x, wide_y);
        delta = __dadd_rn(delta, difference);
        delta_squared = __fma_rn(difference, difference, delta_squared);
        a_squared = __fma_rn(wide_x, wide_x, a_squared);
        b_squared = __fma_rn(wide_y, wide_y, b_squared);
        product = __fma_rn(wide_x, wide_y, product);
        unsigned magnitude = __float_as_uint(__fsub_rn(x, y)) & 0x7fffffffu;
        if (magnitude > largest) {
          largest = magnitude;
          index = i;
        }
        if (x == y && __float_as_uint(x) != __float_as_uint(y)) {
          atomicAdd(&unusual[group][SIGNED_ZEROS], 1);
        }
        finite++;
        atomicAdd(&bins[(magnitude + 0x7fffffu) >> 23], 1u);
      } else {
        atomicAdd(&unusual[group][kind_of(x, y)], 1);
      }
    }
    delta = tree16(delta);
    delta_squared = tree16(delta_squared);
    a_squared = tree16(a_squared);
    b_squared = tree16(b_squared);
    product = tree16(product);
    finite = total16(finite);
    for (int s = LANES / 2; s > 0; s /= 2) {
      unsigned other = __shfl_xor_sync(WHOLE_WARP, largest, s);
      int other_index = __shfl_xor_sync(WHOLE_WARP, index, s);
      if (other > largest || (other == largest && other_index < index)) {
        largest = other;
        index = other_index;
      }
    }
    __syncwarp(WHOLE_WARP);
    if (segment < count) {
      Record* record = (Record*)(segments + segment * (long long)sizeof(Record));
      if (lane == 0) {
        record->delta = delta;
        record->delta_squared = delta_squared;
        record->a_squared = a_squared;
        record->b_squared = b_squared;
        record->product = product;
        record->largest = __uint_as_float(largest);
        record->index = index;
      }
      if (lane < COUNTS) {
        record->counts[lane] = lane == FINITE ? finite : unusual[group][lane];
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
