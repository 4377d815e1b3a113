/* Stands in for the toolkit's <device_launch_parameters.h> when kernels are compiled for the emulated device. */
#include "../cuda_emulation.h"
