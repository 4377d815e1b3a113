/* Keywords, built-in variables, shared memory, and the descriptor of a kernel. */
#ifndef CUDA_EMULATION_KERNEL_H
#define CUDA_EMULATION_KERNEL_H

#include <stdio.h>

#include <type_traits>
#include <utility>

#include "vector_types.h"

/* Set by the device when it loads the library. */
extern "C" {
inline struct emucuda_runtime *emucuda_runtime __attribute__((visibility("default"), used)) = nullptr;
}

#define __global__
#define __host__
/* Variables must be found by cuModuleGetGlobal; on functions the attribute does nothing of note. */
#define __device__ __attribute__((visibility("default")))
#define __constant__ __attribute__((visibility("default"), used))
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#define __align__(bytes) alignas(bytes)
#define __restrict__ __restrict
#define __grid_constant__

#define threadIdx (emucuda_runtime->thread->index)
#define blockIdx (emucuda_runtime->block_index)
#define blockDim (emucuda_runtime->block_dim)
#define gridDim (emucuda_runtime->grid_dim)
static constexpr int warpSize = 32;

/*
 * Blocks run one after the other, so static storage serves as shared memory. It is gathered in one section for each
 * source file, which compile-kernels names, for the device to poison before each block.
 */
#ifndef EMUCUDA_UNIT
#define EMUCUDA_UNIT kernels
#endif
#define EMUCUDA_JOIN_(a, b) a##b
#define EMUCUDA_JOIN(a, b) EMUCUDA_JOIN_(a, b)
#define EMUCUDA_STRING_(a) #a
#define EMUCUDA_STRING(a) EMUCUDA_STRING_(a)
#define EMUCUDA_SHARED EMUCUDA_JOIN(emucuda_shared_, EMUCUDA_UNIT)
#define EMUCUDA_SHARED_START EMUCUDA_JOIN(__start_emucuda_shared_, EMUCUDA_UNIT)
#define EMUCUDA_SHARED_END EMUCUDA_JOIN(__stop_emucuda_shared_, EMUCUDA_UNIT)

/* Named by the linker; weak, since a file without shared memory has no such section. */
extern "C" {
extern char EMUCUDA_SHARED_START[] __attribute__((weak, visibility("hidden")));
extern char EMUCUDA_SHARED_END[] __attribute__((weak, visibility("hidden")));
}

/* Used, as far as the compiler knows: it must not conclude that what no code writes is still zero. */
#define __shared__ static __attribute__((used, section(EMUCUDA_STRING(EMUCUDA_SHARED))))

#define DYN_SHARED(type, name) type *const name = static_cast<type *>(emucuda_runtime->dynamic_shared)

template <typename Function> struct emucuda_signature;

template <typename... Parameters> struct emucuda_signature<void (*)(Parameters...)> {
    /* One more, so that the table of a kernel without parameters is not an empty array. */
    static constexpr emucuda_parameter parameters[] = {
        {sizeof(Parameters), alignof(Parameters), std::is_pointer<Parameters>::value}..., {0, 0, 0}};
    static constexpr unsigned count = sizeof...(Parameters);

    template <size_t... I>
    static void call(void (*kernel)(Parameters...), void *const *arguments, std::index_sequence<I...>) {
        kernel(*static_cast<std::remove_const_t<Parameters> *>(arguments[I])...);
    }
};

template <auto *kernel> void emucuda_invoke(void *const *arguments) {
    using signature = emucuda_signature<decltype(kernel)>;
    signature::call(kernel, arguments, std::make_index_sequence<signature::count>());
}

#define EMULATED_KERNEL(name)                                                                        \
    extern "C" __attribute__((visibility("default"), used)) const emucuda_kernel emucuda_kernel_##name = { \
        EMUCUDA_ABI,                                                                                 \
        emucuda_signature<decltype(&name)>::count,                                                   \
        emucuda_signature<decltype(&name)>::parameters,                                              \
        emucuda_invoke<name>,                                                                        \
        EMUCUDA_SHARED_START,                                                                        \
        EMUCUDA_SHARED_END,                                                                          \
        __FILE__}

#endif
