/* Kernels for threads.c: what threads do where they meet, and what they do wrong there. */
#include "cuda_emulation.h"

extern "C" __global__ void shuffles(int *out) {
    int lane = threadIdx.x;
    int *mine = out + lane * 8;
    mine[0] = __shfl_sync(0xffffffffu, lane * 10, 5);
    mine[1] = __shfl_up_sync(0xffffffffu, lane, 3);
    mine[2] = __shfl_down_sync(0xffffffffu, lane, 3);
    mine[3] = __shfl_xor_sync(0xffffffffu, lane, 16);
    mine[4] = __shfl_sync(0xffffffffu, lane, 9, 8);
    mine[5] = __shfl_up_sync(0xffffffffu, lane, 1, 8);
    mine[6] = __shfl_down_sync(0xffffffffu, lane, 2, 4);
    mine[7] = __shfl_xor_sync(0xffffffffu, lane, 4, 4);
}
EMULATED_KERNEL(shuffles);

extern "C" __global__ void shuffle_types(double *d, float *f, unsigned long long *u, unsigned *w) {
    int lane = threadIdx.x;
    d[lane] = __shfl_xor_sync(0xffffffffu, lane + 0.5, 1);
    f[lane] = __shfl_xor_sync(0xffffffffu, lane + 0.25f, 1);
    u[lane] = __shfl_xor_sync(0xffffffffu, 1ull << (lane + 16), 1);
    w[lane] = __shfl_xor_sync(0xffffffffu, 0x80000000u + lane, 1);
}
EMULATED_KERNEL(shuffle_types);

extern "C" __global__ void votes(unsigned *out) {
    unsigned lane = threadIdx.x;
    unsigned *mine = out + lane * 10;
    mine[0] = __ballot_sync(0xffffffffu, lane % 3 == 0);
    mine[1] = __any_sync(0xffffffffu, lane == 31);
    mine[2] = __any_sync(0xffffffffu, lane == 32);
    mine[3] = __all_sync(0xffffffffu, lane < 32);
    mine[4] = __all_sync(0xffffffffu, lane < 31);
    mine[5] = __activemask();
    mine[6] = __match_any_sync(0xffffffffu, lane / 8);
    /* The two halves of the warp meet separately. */
    unsigned half = lane < 16 ? 0x0000ffffu : 0xffff0000u;
    mine[7] = __ballot_sync(half, lane % 2 == 0);
    mine[8] = (unsigned)__reduce_add_sync(half, (int)lane);
    __syncwarp();
    __syncwarp(half);
    mine[9] = __shfl_sync(half, lane, 3, 16);
}
EMULATED_KERNEL(votes);

extern "C" __global__ void reductions(int *out) {
    int lane = threadIdx.x;
    int value = lane == 7 ? -5 : lane;
    int *mine = out + lane * 8;
    mine[0] = __reduce_add_sync(0xffffffffu, value);
    mine[1] = __reduce_min_sync(0xffffffffu, value);
    mine[2] = __reduce_max_sync(0xffffffffu, value);
    mine[3] = (int)__reduce_min_sync(0xffffffffu, (unsigned)value);
    mine[4] = (int)__reduce_max_sync(0xffffffffu, (unsigned)value);
    mine[5] = (int)__reduce_and_sync(0xffffffffu, 0xfff0u | (unsigned)lane);
    mine[6] = (int)__reduce_or_sync(0xffffffffu, 1u << lane);
    mine[7] = (int)__reduce_xor_sync(0xffffffffu, (unsigned)lane + 1);
}
EMULATED_KERNEL(reductions);

/* A block-wide sum that needs each of its barriers. */
extern "C" __global__ void block_sum(const int *in, int *out) {
    __shared__ int values[256];
    values[threadIdx.x] = in[blockIdx.x * blockDim.x + threadIdx.x];
    __syncthreads();
    for (int half = blockDim.x / 2; half > 0; half /= 2) {
        if (threadIdx.x < half) values[threadIdx.x] += values[threadIdx.x + half];
        __syncthreads();
    }
    if (threadIdx.x == 0) out[blockIdx.x] = values[0];
}
EMULATED_KERNEL(block_sum);

extern "C" __global__ void block_votes(int *out) {
    int i = threadIdx.x;
    out[i * 4] = __syncthreads_count(i % 5 == 0);
    out[i * 4 + 1] = __syncthreads_and(i < 40);
    out[i * 4 + 2] = __syncthreads_or(i == 39);
    out[i * 4 + 3] = __syncthreads_or(i == 40);
}
EMULATED_KERNEL(block_votes);

/* A barrier is missing between writing and reading. */
extern "C" __global__ void race(int *out) {
    __shared__ int value;
    if (threadIdx.x == 0) value = 7;
    out[threadIdx.x] = value;
}
EMULATED_KERNEL(race);

extern "C" __global__ void indices(unsigned *out) {
    unsigned block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
    unsigned thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
    out[block * blockDim.x * blockDim.y * blockDim.z + thread] = block * 1000 + thread;
}
EMULATED_KERNEL(indices);

extern "C" __global__ void some_skip_the_barrier(int *out) {
    if (threadIdx.x < 16) __syncthreads();
    out[threadIdx.x] = 1;
}
EMULATED_KERNEL(some_skip_the_barrier);

extern "C" __global__ void some_return_early(int *out, int n) {
    if (threadIdx.x >= n) return;
    __syncthreads();
    out[threadIdx.x] = __shfl_xor_sync(0xffffffffu, (int)threadIdx.x, 1);
}
EMULATED_KERNEL(some_return_early);

extern "C" __global__ void some_lanes_return(int *out) {
    if (threadIdx.x >= 16) return;
    out[threadIdx.x] = (int)__ballot_sync(0xffffffffu, 1);
}
EMULATED_KERNEL(some_lanes_return);

extern "C" __global__ void two_barriers(int *out) {
    if (threadIdx.x < 16) {
        __syncthreads();
    } else {
        out[threadIdx.x] = 1;
        __syncthreads();
    }
}
EMULATED_KERNEL(two_barriers);

extern "C" __global__ void lane_not_in_mask(int *out) {
    out[threadIdx.x] = __shfl_sync(0x0000ffffu, (int)threadIdx.x, 0);
}
EMULATED_KERNEL(lane_not_in_mask);

extern "C" __global__ void reads_absent_lane(int *out) {
    if (threadIdx.x < 16) out[threadIdx.x] = __shfl_xor_sync(0x0000ffffu, (int)threadIdx.x, 16);
    else out[threadIdx.x] = 0;
}
EMULATED_KERNEL(reads_absent_lane);

extern "C" __global__ void lanes_disagree(int *out) {
    if (threadIdx.x < 16) out[threadIdx.x] = __shfl_sync(0xffffffffu, 1, 0);
    else out[threadIdx.x] = (int)__ballot_sync(0xffffffffu, 1);
}
EMULATED_KERNEL(lanes_disagree);

extern "C" __global__ void wait_for_each_other(int *out) {
    if (threadIdx.x == 0) out[0] = __shfl_sync(0x3u, 1, 0);
    else __syncthreads();
}
EMULATED_KERNEL(wait_for_each_other);

/* Thread 1 lets thread 0 run while it spins. */
extern "C" __global__ void spin(volatile int *flag) {
    if (threadIdx.x == 1) while (*flag == 0) __nanosleep(10);
    else *flag = 1;
}
EMULATED_KERNEL(spin);
