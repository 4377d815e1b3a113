/*
 * Included by CUDA sources that are to run on a GPU and on the emulated device.
 *
 * Under nvcc it defines two macros; under a plain C++ compiler also the part of CUDA C++ that kernels need.
 *
 *     DYN_SHARED(type, name);     the dynamic shared memory of the launch as `type *name`
 *     EMULATED_KERNEL(name);      after an extern "C" __global__ function: makes it known to the emulated device
 *
 * README.md says what is supported and what is not.
 */
#ifndef CUDA_EMULATION_H
#define CUDA_EMULATION_H

#ifdef __CUDACC__

/* One declaration for all types, since a source cannot declare one extern array with two. */
#define DYN_SHARED(type, name)                                          \
    extern __shared__ __align__(16) unsigned char emucuda_dynamic_shared[]; \
    type *const name = reinterpret_cast<type *>(emucuda_dynamic_shared)

#define EMULATED_KERNEL(name) static_assert(true, "only the emulated device needs this")

#else

#include "cuda_emulation/vector_types.h"

#include "cuda_emulation/kernel.h"

#include "cuda_emulation/numbers.h"

#include "cuda_emulation/half.h"

#include "cuda_emulation/threads.h"

#include "cuda_emulation/atomics.h"

#include "cuda_emulation/sanitizer.h"

#endif
#endif
