/* Stands in for the toolkit's <cuda_runtime.h> when kernels are compiled for the emulated device. */
#include "../cuda_emulation.h"
