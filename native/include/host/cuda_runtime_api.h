/* Stands in for the toolkit's <cuda_runtime_api.h> when kernels are compiled for the emulated device. */
#include "../cuda_emulation.h"
