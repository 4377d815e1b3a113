/*
 * Two kernels, one after the other, and scratch memory of 56 bytes for each segment of 4096 values.
 *
 * summarise_segments(values, parts, long long elements)
 *   What: sums, counts, range and hash of every segment.
 *   Grid: one half-warp for a segment; fewer blocks are right too, half-warps stride over the rest.
 *     Block: a multiple of 32, made for 256. Shared: none.
 *   Work: thread l of sixteen is lane l: the finite values i with i mod 16 = l in ascending order, Σx
 *     by addition and Σx² by fma; then lanes l and l + s for s = 8, 4, 2, 1.
 *   Reads once, writes 56 bytes for 16 KiB read.
 *
 * summarise_fold(parts, summary, long long elements)
 *   What: the record of 80 bytes.
 *   Grid: one block. Block: 256 exactly. Shared: 20,480 bytes, static.
 *   Work: thread l is lane l: the segments s mod 256 = l in ascending order; then lanes l and l + s for
 *     s = 128, 64 ... 1.
 */

#include "include/lanes16.cuh"
#include "include/numerics.cuh"

typedef unsigned long long Hash;

/** What is known of a segment, or of several. Integers of ranks are in the order of their floats. */
template <class Count>
struct Values {
  double sum;
  double squares;
  Hash hash;
  Count nans;
  Count positive_infinities;
  Count negative_infinities;
  Count zeros;
  Count index;  // of the first value of the largest magnitude; -1 if none is finite
  unsigned largest_magnitude;
  unsigned least_rank;
  unsigned greatest_rank;
};

typedef Values<int> Part;
typedef Values<long long> Fold;

static_assert(sizeof(Part) == 56, "the scratch memory of a segment");

/** Values that a thread loads before it takes the first. */
constexpr int AHEAD = 16;

constexpr unsigned SIGN = 0x80000000u;
constexpr unsigned NO_LEAST = 0xffffffffu;

__device__ inline unsigned rank_of(unsigned bits) {
  return bits & SIGN ? ~bits : bits | SIGN;
}

__device__ inline float of_rank(unsigned rank) {
  return __uint_as_float(rank & SIGN ? rank & ~SIGN : ~rank);
}

/** What the value adds to the hash: SplitMix64's first number. */
__device__ inline Hash mixed(long long index, unsigned bits) {
  Hash z = ((Hash)index << 32 | (Hash)index >> 32) ^ bits;
  z += 0x9e3779b97f4a7c15ull;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ z >> 27) * 0x94d049bb133111ebull;
  return z ^ z >> 31;
}

/** Takes value i of the segment. */
__device__ inline void take(Part& lane, float x, int i) {
  unsigned bits = __float_as_uint(x);
  unsigned magnitude = bits & ~SIGN;
  if (is_finite(x)) {
    double wide = x;
    lane.sum = __dadd_rn(lane.sum, wide);
    lane.squares = __fma_rn(wide, wide, lane.squares);
    lane.zeros += magnitude == 0;
    unsigned rank = rank_of(bits);
    lane.least_rank = rank < lane.least_rank ? rank : lane.least_rank;
    lane.greatest_rank = rank > lane.greatest_rank ? rank : lane.greatest_rank;
    if (lane.index < 0 || magnitude > lane.largest_magnitude) {
      lane.largest_magnitude = magnitude;
      lane.index = i;
    }
  } else {
    lane.nans += is_nan(x);
    lane.positive_infinities += !is_nan(x) && !(bits & SIGN);
    lane.negative_infinities += !is_nan(x) && (bits & SIGN);
  }
}

/** Takes value i of the segment that begins at `start`, and what its bits and place are. */
__device__ inline void take_hashed(Part& lane, float x, long long start, int i) {
  take(lane, x, i);
  lane.hash += mixed(start + i, __float_as_uint(x));
}

__device__ inline Hash total16(Hash lane) {
  for (int s = LANES / 2; s > 0; s /= 2) {
    lane += __shfl_xor_sync(WHOLE_WARP, lane, s);
  }
  return lane;
}

extern "C" __global__ void __launch_bounds__(256) summarise_segments(
    const float* __restrict__ values, byte* __restrict__ parts, long long elements) {
  int t = threadIdx.x % LANES;
  int group = threadIdx.x / LANES;
  long long count = (elements + SEGMENT - 1) / SEGMENT;
  int block_segments = blockDim.x / LANES;
  for (long long first = (long long)blockIdx.x * block_segments; first < count;
       first += (long long)gridDim.x * block_segments) {
    long long segment = first + group;
    long long start = segment * SEGMENT;
    int length = segment >= count ? 0
        : elements - start < SEGMENT ? (int)(elements - start)
                                     : SEGMENT;
    Part lane = {};
    lane.index = -1;
    lane.least_rank = NO_LEAST;
    int i = t;
    for (; i + (AHEAD - 1) * LANES < length; i += AHEAD * LANES) {
      float x[AHEAD];
#pragma unroll
      for (int k = 0; k < AHEAD; k++) {
        x[k] = values[start + i + k * LANES];
      }
#pragma unroll
      for (int k = 0; k < AHEAD; k++) {
        take_hashed(lane, x[k], start, i + k * LANES);
      }
    }
    for (; i < length; i += LANES) {
      take_hashed(lane, values[start + i], start, i);
    }
    lane.sum = tree16(lane.sum);
    lane.squares = tree16(lane.squares);
    lane.hash = total16(lane.hash);
    lane.nans = total16(lane.nans);
    lane.positive_infinities = total16(lane.positive_infinities);
    lane.negative_infinities = total16(lane.negative_infinities);
    lane.zeros = total16(lane.zeros);
    // Nothing finite is less than any magnitude.
    unsigned largest = lane.index < 0 ? 0 : lane.largest_magnitude + 1;
    largest16(largest, lane.index);
    lane.largest_magnitude = largest == 0 ? 0 : largest - 1;
    for (int s = LANES / 2; s > 0; s /= 2) {
      unsigned least = __shfl_xor_sync(WHOLE_WARP, lane.least_rank, s);
      unsigned greatest = __shfl_xor_sync(WHOLE_WARP, lane.greatest_rank, s);
      lane.least_rank = least < lane.least_rank ? least : lane.least_rank;
      lane.greatest_rank = greatest > lane.greatest_rank ? greatest : lane.greatest_rank;
    }
    if (t == 0 && segment < count) {
      ((Part*)parts)[segment] = lane;
    }
  }
}
EMULATED_KERNEL(summarise_segments);

/** Adds what another one knows; `base` is where its indices begin. */
template <class Count>
__device__ inline void add(Fold& to, const Values<Count>& other, long long base) {
  to.sum = __dadd_rn(to.sum, other.sum);
  to.squares = __dadd_rn(to.squares, other.squares);
  to.hash += other.hash;
  to.nans += other.nans;
  to.positive_infinities += other.positive_infinities;
  to.negative_infinities += other.negative_infinities;
  to.zeros += other.zeros;
  to.least_rank = other.least_rank < to.least_rank ? other.least_rank : to.least_rank;
  to.greatest_rank = other.greatest_rank > to.greatest_rank ? other.greatest_rank : to.greatest_rank;
  long long index = base + other.index;
  bool earlier = other.largest_magnitude == to.largest_magnitude && index < to.index;
  if (other.index >= 0
      && (to.index < 0 || other.largest_magnitude > to.largest_magnitude || earlier)) {
    to.largest_magnitude = other.largest_magnitude;
    to.index = index;
  }
}

/** The record. */
struct Summary {
  double sum;
  double squares;
  Hash hash;
  long long counts[4];
  long long index;
  float largest_magnitude;
  float smallest;
  float largest;
  unsigned zero;
};

static_assert(sizeof(Summary) == 80, "the layout of the record");

extern "C" __global__ void __launch_bounds__(256) summarise_fold(
    const byte* __restrict__ parts, byte* __restrict__ summary, long long elements) {
  __shared__ Fold lanes[256];
  int t = threadIdx.x;
  long long count = (elements + SEGMENT - 1) / SEGMENT;
  Fold lane = {};
  lane.index = -1;
  lane.least_rank = NO_LEAST;
  for (long long segment = t; segment < count; segment += 256) {
    add(lane, ((const Part*)parts)[segment], segment * SEGMENT);
  }
  lanes[t] = lane;
  __syncthreads();
  for (int s = 128; s > 0; s /= 2) {
    if (t < s) {
      add(lanes[t], lanes[t + s], 0);
    }
    __syncthreads();
  }
  if (t == 0) {
    const Fold& all = lanes[0];
    bool none = all.index < 0;
    Summary* to = (Summary*)summary;
    to->sum = all.sum;
    to->squares = all.squares;
    to->hash = all.hash;
    to->counts[0] = all.nans;
    to->counts[1] = all.positive_infinities;
    to->counts[2] = all.negative_infinities;
    to->counts[3] = all.zeros;
    to->index = all.index;
    to->largest_magnitude = __uint_as_float(all.largest_magnitude);
    to->smallest = none ? 0.0f : of_rank(all.least_rank);
    to->largest = none ? 0.0f : of_rank(all.greatest_rank);
    to->zero = 0;
  }
}
EMULATED_KERNEL(summarise_fold);
