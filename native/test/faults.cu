/* Kernels for faults.c: each does one thing wrong, or shows what memory holds before it is written. */
#include <assert.h>

#include "cuda_emulation.h"

extern "C" __global__ void write_at(int *base, long index) { base[index] = 42; }
EMULATED_KERNEL(write_at);

extern "C" __global__ void read_at(const int *base, long index, int *out) { *out = base[index]; }
EMULATED_KERNEL(read_at);

struct hidden_pointer {
    int *address;
};

/* The device cannot see that there is a pointer in the argument. */
extern "C" __global__ void write_hidden(hidden_pointer to) { *to.address = 42; }
EMULATED_KERNEL(write_hidden);

extern "C" __global__ void read_float4(const char *base, int offset, float *out) {
    float4 v = *reinterpret_cast<const float4 *>(base + offset);
    *out = v.x + v.y + v.z + v.w;
}
EMULATED_KERNEL(read_float4);

extern "C" __global__ void index_local(int index, int *out) {
    int values[4] = {1, 2, 3, 4};
    *out = values[index];
}
EMULATED_KERNEL(index_local);

extern "C" __global__ void index_shared(int index, int *out) {
    __shared__ int values[4];
    values[index] = 1;
    *out = values[index];
}
EMULATED_KERNEL(index_shared);

extern "C" __global__ void index_dynamic_shared(int index, int *out) {
    DYN_SHARED(int, values);
    values[index] = 1;
    *out = values[index];
}
EMULATED_KERNEL(index_dynamic_shared);

extern "C" __global__ void shift(int bits, int *out) { *out = 1 << bits; }
EMULATED_KERNEL(shift);

extern "C" __global__ void divide(int divisor, int *out) { *out = 100 / divisor; }
EMULATED_KERNEL(divide);

extern "C" __global__ void cast(float value, int *out) { *out = (int)value; }
EMULATED_KERNEL(cast);

extern "C" __global__ void trap() { __trap(); }
EMULATED_KERNEL(trap);

extern "C" __global__ void check_positive(int value) { assert(value > 0); }
EMULATED_KERNEL(check_positive);

__device__ __noinline__ int deep(int levels, int *out) {
    volatile int local[256];
    local[levels % 256] = levels;
    *out = local[levels % 256];
    return levels == 0 ? 0 : deep(levels - 1, out) + local[levels % 256];
}

extern "C" __global__ void recurse(int levels, int *out) { *out = deep(levels, out); }
EMULATED_KERNEL(recurse);

/* Static shared, dynamic shared, and global memory as they are found. */
extern "C" __global__ void unwritten(unsigned *out, const unsigned *global) {
    __shared__ unsigned values[8];
    DYN_SHARED(unsigned, dynamic);
    out[0] = values[3];
    out[1] = dynamic[3];
    out[2] = global[3];
    __shared__ unsigned never_written[8];
    out[3] = never_written[3];
    values[3] = 1;
    dynamic[3] = 1;
}
EMULATED_KERNEL(unwritten);

/* Runs until the host has counted that far. */
extern "C" __global__ void wait_for_host(const volatile long *count, long target) {
    while (*count < target) {}
}
EMULATED_KERNEL(wait_for_host);

extern "C" __global__ void set(int *out, int value) { *out = value; }
EMULATED_KERNEL(set);
