/*
 * What a library of emulated kernels and the emulated device know of each other. The library exports
 *
 *     struct emucuda_runtime *emucuda_runtime;              which the device sets when it loads the library, and
 *     const struct emucuda_kernel emucuda_kernel_NAME;      for each kernel NAME.
 *
 * It needs nothing else from the device, so it is not linked against it. C and C++.
 */
#ifndef CUDA_EMULATION_RUNTIME_H
#define CUDA_EMULATION_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

/* Raised when anything in this file changes; the device refuses a library built for another one. */
#define EMUCUDA_ABI 1

#ifdef __cplusplus
extern "C" {
#endif

struct emucuda_index {
    unsigned x, y, z;
};

/* The part of an emulated thread that its kernel sees. */
struct emucuda_thread {
    struct emucuda_index index;
    unsigned lane;
};

/* Where a kernel called one of the functions at which threads meet. */
struct emucuda_place {
    const char *function;
    const char *file;
    int line;
};

enum emucuda_barrier_operation { EMUCUDA_BARRIER, EMUCUDA_BARRIER_AND, EMUCUDA_BARRIER_OR, EMUCUDA_BARRIER_COUNT };

enum emucuda_warp_operation {
    EMUCUDA_WARP_SYNC,
    EMUCUDA_WARP_SHUFFLE, /* result: the value of lane `source` */
    EMUCUDA_WARP_BALLOT,  /* result: a bit for each lane whose value is not 0 */
    EMUCUDA_WARP_MATCH,   /* result: a bit for each lane whose value equals this lane's */
    EMUCUDA_WARP_ADD,     /* reductions of 32-bit integers */
    EMUCUDA_WARP_MIN,
    EMUCUDA_WARP_MAX,
    EMUCUDA_WARP_UNSIGNED_MIN,
    EMUCUDA_WARP_UNSIGNED_MAX,
    EMUCUDA_WARP_AND,
    EMUCUDA_WARP_OR,
    EMUCUDA_WARP_XOR
};

/* What the device offers a running kernel; the state is that of the thread that runs now. */
struct emucuda_runtime {
    const struct emucuda_thread *thread;
    struct emucuda_index block_index, block_dim, grid_dim;
    void *dynamic_shared;

    /* Waits for every thread of the block; the places of all must be equal. */
    int (*barrier)(enum emucuda_barrier_operation operation, int predicate, const struct emucuda_place *place);

    /* Waits for every lane in mask to call with an equal operation and mask. */
    uint64_t (*warp)(enum emucuda_warp_operation operation, unsigned mask, uint64_t value, unsigned source,
                     const struct emucuda_place *place);

    /* Lanes of this warp that exist and have not returned from the kernel. */
    unsigned (*active_lanes)(void);

    /* Lets other threads of the block run. */
    void (*yield)(void);

    /* Ends the kernel with a driver status (CUDA_ERROR_...) and an explanation. */
    void (*fault)(int status, const char *format, ...) __attribute__((noreturn, format(printf, 2, 3)));
};

struct emucuda_parameter {
    uint32_t bytes;
    uint32_t alignment;
    uint32_t is_pointer;
};

struct emucuda_kernel {
    uint32_t abi;
    uint32_t parameter_count;
    const struct emucuda_parameter *parameters;
    void (*invoke)(void *const *arguments);
    /* The static shared memory of the kernel's source file; both null if it has none. */
    char *shared_start, *shared_end;
    const char *file;
};

#ifdef __cplusplus
}
#endif
#endif
