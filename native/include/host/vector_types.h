/* Stands in for the toolkit's <vector_types.h> when kernels are compiled for the emulated device. */
#include "../cuda_emulation.h"
