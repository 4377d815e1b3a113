// Kernels for the tests of the driver layer: small ones that compute, and ones that go wrong.

#include <stdint.h>

// Means something to the emulated device only.
#ifndef EMULATED_KERNEL
#define EMULATED_KERNEL(name) static_assert(true, #name)
#endif

// target[i] = factor * source[i] + addend, one thread for each i
extern "C" __global__ void affine(const float* source, float* target, int32_t count, float factor,
                                  int64_t addend) {
  int32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) {
    target[i] = __fadd_rn(__fmul_rn(factor, source[i]), (float)addend);
  }
}
EMULATED_KERNEL(affine);

// Writes behind the end of target.
extern "C" __global__ void overrun(float* target, int64_t count) {
  target[count + ((int64_t)1 << 28)] = 1.0f;
}
EMULATED_KERNEL(overrun);

// What a device that computes wrongly would run: named and called like the right one.
extern "C" __global__ void rms_norm(const float* activations, const float* weights, float* results,
                                    int32_t rows, int32_t columns, float epsilon) {
  for (int32_t i = threadIdx.x; i < rows * columns; i += blockDim.x) {
    results[i] = activations[i] * weights[i % columns] * epsilon;
  }
}
EMULATED_KERNEL(rms_norm);

// A user's own kernel for add: other code, the same bits.
extern "C" __global__ void own_add(const float* a, const float* b, float* results,
                                   int64_t elements) {
  for (int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x; i < elements;
       i += (int64_t)gridDim.x * blockDim.x) {
    results[i] = __fadd_rn(b[i], a[i]);
  }
}
EMULATED_KERNEL(own_add);
