#pragma once

/*
 * What every kernel file needs of its compiler. A kernel is an extern "C" function; after it stands
 * EMULATED_KERNEL(name), which means something to the emulated device only. The same sources are
 * compiled by nvcc and, for the emulated device, by a C++ compiler, so inline PTX stands in few small
 * functions, each with what it means in C++ beside it.
 */

#ifndef EMULATED_KERNEL
#define EMULATED_KERNEL(name)
#endif

#ifndef DYN_SHARED
/** The dynamic shared memory of the launch as `type *name`. */
#define DYN_SHARED(type, name)                                    \
  extern __shared__ __align__(16) unsigned char dynamic_shared[]; \
  type* const name = (type*)dynamic_shared
#endif

typedef unsigned char byte;

constexpr int WARP = 32;

/** The mask of a shuffle in which every thread of the warp takes part. */
constexpr unsigned WHOLE_WARP = 0xffffffffu;

/** The place of this thread in the whole grid, which has one dimension. */
__device__ inline long long grid_thread() {
  return (long long)blockIdx.x * blockDim.x + threadIdx.x;
}

/** Threads of the whole grid, which has one dimension. */
__device__ inline long long grid_threads() {
  return (long long)gridDim.x * blockDim.x;
}

/** The place of this thread in its warp; blocks have one dimension. */
__device__ inline int warp_lane() {
  return threadIdx.x % WARP;
}
