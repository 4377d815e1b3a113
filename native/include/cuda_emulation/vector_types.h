/* The vector types of CUDA with their alignments, which the device traps accesses against. */
#ifndef CUDA_EMULATION_VECTOR_TYPES_H
#define CUDA_EMULATION_VECTOR_TYPES_H

#include "runtime.h"

#define EMUCUDA_VECTORS(scalar, name, align2, align4)                                                    \
    struct name##1 { scalar x; };                                                                        \
    struct alignas(align2) name##2 { scalar x, y; };                                                     \
    struct name##3 { scalar x, y, z; };                                                                  \
    struct alignas(align4) name##4 { scalar x, y, z, w; };                                               \
    EMUCUDA_MAKE_VECTORS(scalar, name)

#define EMUCUDA_MAKE_VECTORS(scalar, name)                                                               \
    static inline name##1 make_##name##1(scalar x) { return {x}; }                                       \
    static inline name##2 make_##name##2(scalar x, scalar y) { return {x, y}; }                          \
    static inline name##3 make_##name##3(scalar x, scalar y, scalar z) { return {x, y, z}; }             \
    static inline name##4 make_##name##4(scalar x, scalar y, scalar z, scalar w) { return {x, y, z, w}; }

EMUCUDA_VECTORS(signed char, char, 2, 4)
EMUCUDA_VECTORS(unsigned char, uchar, 2, 4)
EMUCUDA_VECTORS(short, short, 4, 8)
EMUCUDA_VECTORS(unsigned short, ushort, 4, 8)
EMUCUDA_VECTORS(int, int, 8, 16)
EMUCUDA_VECTORS(long, long, 16, 16)
EMUCUDA_VECTORS(unsigned long, ulong, 16, 16)
EMUCUDA_VECTORS(long long, longlong, 16, 16)
EMUCUDA_VECTORS(unsigned long long, ulonglong, 16, 16)
EMUCUDA_VECTORS(float, float, 8, 16)
EMUCUDA_VECTORS(double, double, 16, 16)

/* uint3 is the type of threadIdx, which the device fills in. */
using uint3 = emucuda_index;
struct uint1 { unsigned x; };
struct alignas(8) uint2 { unsigned x, y; };
struct alignas(16) uint4 { unsigned x, y, z, w; };
EMUCUDA_MAKE_VECTORS(unsigned, uint)

struct dim3 {
    unsigned x, y, z;
    constexpr dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
    constexpr dim3(uint3 v) : x(v.x), y(v.y), z(v.z) {}
    constexpr operator uint3() const { return {x, y, z}; }
};

#undef EMUCUDA_VECTORS
#undef EMUCUDA_MAKE_VECTORS
#endif
