/* Stands in for the toolkit's <cuda_bf16.h> when kernels are compiled for the emulated device. */
#include "../cuda_emulation.h"
