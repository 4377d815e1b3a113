/*
 * Kernels are compiled with checks for what C++ leaves undefined and x86 hides or does otherwise than a GPU. The
 * compiler calls these functions; they end the kernel with the place in the source. Layouts: the compiler's ubsan
 * interface (gcc/ubsan.cc).
 */
#ifndef CUDA_EMULATION_SANITIZER_H
#define CUDA_EMULATION_SANITIZER_H

#include "kernel.h"

struct emucuda_source_location {
    const char *file;
    uint32_t line, column;
};

struct emucuda_type_descriptor {
    uint16_t kind, information;
    char name[];
};

struct emucuda_type_mismatch {
    emucuda_source_location location;
    const emucuda_type_descriptor *type;
    unsigned char log_alignment, check;
};

struct emucuda_out_of_bounds {
    emucuda_source_location location;
    const emucuda_type_descriptor *array, *index;
};

#define EMUCUDA_CHECK extern "C" __attribute__((weak, used, noreturn, visibility("hidden"))) void

EMUCUDA_CHECK __ubsan_handle_type_mismatch_v1_abort(const emucuda_type_mismatch *data, uintptr_t address) {
    emucuda_runtime->fault(716, "%s:%u: access to a %s at 0x%zx, which is not a multiple of %u", data->location.file,
                           data->location.line, data->type->name, (size_t)address, 1u << data->log_alignment);
}

EMUCUDA_CHECK __ubsan_handle_out_of_bounds_abort(const emucuda_out_of_bounds *data, uintptr_t index) {
    emucuda_runtime->fault(700, "%s:%u: index %zd is outside of an array of type %s", data->location.file,
                           data->location.line, (size_t)index, data->array->name);
}

EMUCUDA_CHECK __ubsan_handle_shift_out_of_bounds_abort(const emucuda_source_location *location, uintptr_t,
                                                       uintptr_t bits) {
    emucuda_runtime->fault(719, "%s:%u: shift by %zd bits, for which a GPU and a CPU give different results",
                           location->file, location->line, (size_t)bits);
}

EMUCUDA_CHECK __ubsan_handle_divrem_overflow_abort(const emucuda_source_location *location, uintptr_t, uintptr_t) {
    emucuda_runtime->fault(719, "%s:%u: integer division by zero or overflow", location->file, location->line);
}

EMUCUDA_CHECK __ubsan_handle_float_cast_overflow_abort(const emucuda_source_location *location, uintptr_t) {
    emucuda_runtime->fault(719,
                           "%s:%u: a floating-point value does not fit the integer type it is converted to, for which "
                           "a GPU and a CPU give different results (__float2int_rz saturates on both)",
                           location->file, location->line);
}

#undef EMUCUDA_CHECK

static inline __attribute__((noreturn)) void __trap() { emucuda_runtime->fault(719, "__trap()"); }

#endif
