/* Kernels for modules.c. */
#include "cuda_emulation.h"

__constant__ float factors[4] = {1, 2, 3, 4};
__device__ int counter = 10;

extern "C" __global__ void count(int *out) { *out = counter++; }
EMULATED_KERNEL(count);

extern "C" __global__ void constants(float *out) { out[threadIdx.x] = factors[threadIdx.x]; }
EMULATED_KERNEL(constants);

struct pair {
    char small;
    double large;
};

/* Parameters of many sizes, to be found in a buffer and in a table. */
extern "C" __global__ void parameters(char a, double b, short c, pair d, float4 e, const int *in, double *out) {
    out[0] = a;
    out[1] = b;
    out[2] = c;
    out[3] = d.small;
    out[4] = d.large;
    out[5] = e.w;
    out[6] = *in;
}
EMULATED_KERNEL(parameters);

extern "C" __global__ void no_parameters() { counter = 1; }
EMULATED_KERNEL(no_parameters);

template <int N> __device__ int times(int x) {
    __shared__ int value[N];
    value[N - 1] = x;
    return value[N - 1] * N;
}

extern "C" __global__ void times_three(int x, int *out) { *out = times<3>(x); }
EMULATED_KERNEL(times_three);

extern "C" __global__ void shared_bytes(int *out) {
    __shared__ double values[100]; /* counted even if a compiler could do without */
    DYN_SHARED(int, dynamic);
    values[99] = 1;
    dynamic[0] = (int)values[99];
    *out = dynamic[0];
}
EMULATED_KERNEL(shared_bytes);
