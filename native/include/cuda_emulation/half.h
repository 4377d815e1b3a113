/* __half and __nv_bfloat16: storage and conversions bit for bit; arithmetic in float, rounded once. */
#ifndef CUDA_EMULATION_HALF_H
#define CUDA_EMULATION_HALF_H

#include "numbers.h"

struct __half_raw { unsigned short x; };
struct __nv_bfloat16_raw { unsigned short x; };

/* Trivial, so that arrays of them can be __shared__. */
struct __half {
    unsigned short bits;
    __half() = default;
    inline __half(float value);
    constexpr __half(__half_raw raw) : bits(raw.x) {}
    inline operator float() const;
    operator __half_raw() const { return {bits}; }
};

struct __nv_bfloat16 {
    unsigned short bits;
    __nv_bfloat16() = default;
    inline __nv_bfloat16(float value);
    constexpr __nv_bfloat16(__nv_bfloat16_raw raw) : bits(raw.x) {}
    inline operator float() const;
    operator __nv_bfloat16_raw() const { return {bits}; }
};

struct alignas(4) __half2 { __half x, y; };
struct alignas(4) __nv_bfloat162 { __nv_bfloat16 x, y; };
using half = __half;
using half2 = __half2;
using nv_bfloat16 = __nv_bfloat16;
using nv_bfloat162 = __nv_bfloat162;

static inline __half __ushort_as_half(unsigned short bits) { return __half(__half_raw{bits}); }
static inline unsigned short __half_as_ushort(__half value) { return value.bits; }
static inline __half __short_as_half(short bits) { return __ushort_as_half((unsigned short)bits); }
static inline short __half_as_short(__half value) { return (short)value.bits; }
static inline __nv_bfloat16 __ushort_as_bfloat16(unsigned short bits) { return __nv_bfloat16(__nv_bfloat16_raw{bits}); }
static inline unsigned short __bfloat16_as_ushort(__nv_bfloat16 value) { return value.bits; }
static inline __nv_bfloat16 __short_as_bfloat16(short bits) { return __ushort_as_bfloat16((unsigned short)bits); }
static inline short __bfloat16_as_short(__nv_bfloat16 value) { return (short)value.bits; }

static inline float __half2float(__half value) {
    uint32_t sign = (uint32_t)(value.bits & 0x8000) << 16;
    uint32_t exponent = value.bits >> 10 & 31;
    uint32_t fraction = value.bits & 0x3ff;
    if (exponent == 31) return emucuda_bits<float>(fraction ? 0x7fffffffu : sign | 0x7f800000u);
    if (exponent == 0) {
        /* Subnormal: fraction times 2^-24, exact. */
        float magnitude = (float)fraction * 0x1p-24f;
        return sign ? -magnitude : magnitude;
    }
    return emucuda_bits<float>(sign | (exponent + 112) << 23 | fraction << 13);
}

/* Shifts right by a number of bits, to nearest even. */
static inline uint32_t emucuda_round_shift(uint32_t value, int shift) {
    uint32_t half = 1u << (shift - 1);
    uint32_t odd = value >> shift & 1;
    return (value + half - 1 + odd) >> shift;
}

static inline __half __float2half_rn(float value) {
    uint32_t bits = emucuda_bits<uint32_t>(value);
    uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
    uint32_t magnitude = bits & 0x7fffffffu;
    if (magnitude > 0x7f800000u) return __ushort_as_half(0x7fff);
    /* 65520 lies midway between the largest half and what would follow it. */
    if (magnitude >= 0x477ff000u) return __ushort_as_half((unsigned short)(sign | 0x7c00));
    if (magnitude < 0x38800000u) {
        /* Below 2^-14: a multiple of 2^-24. Adding 2^-1 times an ulp of 2^-24 lets the adder round. */
        uint32_t sum = emucuda_bits<uint32_t>(emucuda_bits<float>(magnitude) + 0.5f);
        return __ushort_as_half((unsigned short)(sign | (sum - 0x3f000000u)));
    }
    return __ushort_as_half((unsigned short)(sign | emucuda_round_shift(magnitude - 0x38000000u, 13)));
}

static inline float __bfloat162float(__nv_bfloat16 value) { return emucuda_bits<float>((uint32_t)value.bits << 16); }

static inline __nv_bfloat16 __float2bfloat16_rn(float value) {
    uint32_t bits = emucuda_bits<uint32_t>(value);
    if ((bits & 0x7fffffffu) > 0x7f800000u) return __ushort_as_bfloat16(0x7fff);
    return __ushort_as_bfloat16((unsigned short)emucuda_round_shift(bits, 16));
}

inline __half::__half(float value) : bits(__float2half_rn(value).bits) {}
inline __half::operator float() const { return __half2float(*this); }
inline __nv_bfloat16::__nv_bfloat16(float value) : bits(__float2bfloat16_rn(value).bits) {}
inline __nv_bfloat16::operator float() const { return __bfloat162float(*this); }

static inline __half __float2half(float value) { return __float2half_rn(value); }
static inline __nv_bfloat16 __float2bfloat16(float value) { return __float2bfloat16_rn(value); }
static inline __half2 __floats2half2_rn(float x, float y) { return {__float2half_rn(x), __float2half_rn(y)}; }
static inline __half2 __float22half2_rn(float2 v) { return __floats2half2_rn(v.x, v.y); }
static inline __half2 __halves2half2(__half x, __half y) { return {x, y}; }
static inline __half2 __half2half2(__half x) { return {x, x}; }
static inline __half __low2half(__half2 v) { return v.x; }
static inline __half __high2half(__half2 v) { return v.y; }
static inline float __low2float(__half2 v) { return __half2float(v.x); }
static inline float __high2float(__half2 v) { return __half2float(v.y); }
static inline float2 __half22float2(__half2 v) { return {__half2float(v.x), __half2float(v.y)}; }
static inline __half2 make_half2(__half x, __half y) { return {x, y}; }
static inline __nv_bfloat162 __floats2bfloat162_rn(float x, float y) {
    return {__float2bfloat16_rn(x), __float2bfloat16_rn(y)};
}
static inline __nv_bfloat162 __float22bfloat162_rn(float2 v) { return __floats2bfloat162_rn(v.x, v.y); }
static inline float __low2float(__nv_bfloat162 v) { return __bfloat162float(v.x); }
static inline float __high2float(__nv_bfloat162 v) { return __bfloat162float(v.y); }
static inline float2 __bfloat1622float2(__nv_bfloat162 v) { return {__bfloat162float(v.x), __bfloat162float(v.y)}; }

/* A float holds any sum or product of two halves well enough for the second rounding to be the only one that counts. */
static inline __half __hadd(__half a, __half b) { return __float2half_rn((float)a + (float)b); }
static inline __half __hsub(__half a, __half b) { return __float2half_rn((float)a - (float)b); }
static inline __half __hmul(__half a, __half b) { return __float2half_rn((float)a * (float)b); }
static inline __half __hdiv(__half a, __half b) { return __float2half_rn((float)a / (float)b); }
static inline __nv_bfloat16 __hadd(__nv_bfloat16 a, __nv_bfloat16 b) {
    return __float2bfloat16_rn((float)a + (float)b);
}
static inline __nv_bfloat16 __hsub(__nv_bfloat16 a, __nv_bfloat16 b) {
    return __float2bfloat16_rn((float)a - (float)b);
}
static inline __nv_bfloat16 __hmul(__nv_bfloat16 a, __nv_bfloat16 b) {
    return __float2bfloat16_rn((float)a * (float)b);
}
static inline __half operator+(__half a, __half b) { return __hadd(a, b); }
static inline __half operator-(__half a, __half b) { return __hsub(a, b); }
static inline __half operator*(__half a, __half b) { return __hmul(a, b); }
static inline __half operator/(__half a, __half b) { return __hdiv(a, b); }
static inline __nv_bfloat16 operator+(__nv_bfloat16 a, __nv_bfloat16 b) { return __hadd(a, b); }
static inline __nv_bfloat16 operator-(__nv_bfloat16 a, __nv_bfloat16 b) { return __hsub(a, b); }
static inline __nv_bfloat16 operator*(__nv_bfloat16 a, __nv_bfloat16 b) { return __hmul(a, b); }
static inline __half __hneg(__half a) { return __ushort_as_half((unsigned short)(a.bits ^ 0x8000)); }
static inline __half __habs(__half a) { return __ushort_as_half((unsigned short)(a.bits & 0x7fff)); }
static inline bool __hisnan(__half a) { return (a.bits & 0x7fff) > 0x7c00; }

#endif
