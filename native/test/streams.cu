/* Kernels for streams.c and graphs.c. */
#include "cuda_emulation.h"

extern "C" __global__ void add(int *value, int amount) { *value += amount; }
EMULATED_KERNEL(add);

extern "C" __global__ void multiply(int *value, int factor) { *value *= factor; }
EMULATED_KERNEL(multiply);
