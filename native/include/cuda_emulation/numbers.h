/*
 * Arithmetic with the bits of a GPU. Operations with explicit rounding are plain ones here, since kernels are compiled
 * without contraction. NaNs are the exception: a GPU gives 0x7fffffff, x86 passes on an operand's.
 */
#ifndef CUDA_EMULATION_NUMBERS_H
#define CUDA_EMULATION_NUMBERS_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"

template <typename To, typename From> static inline To emucuda_bits(From from) {
    static_assert(sizeof(To) == sizeof(From), "equal sizes");
    To to;
    memcpy(&to, &from, sizeof to);
    return to;
}

/* Floating point, rounded to nearest even. */

static inline float __fmaf_rn(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
static inline float __fmul_rn(float a, float b) { return a * b; }
static inline float __fadd_rn(float a, float b) { return a + b; }
static inline float __fsub_rn(float a, float b) { return a - b; }
static inline float __fdiv_rn(float a, float b) { return a / b; }
static inline float __fsqrt_rn(float a) { return __builtin_sqrtf(a); }
static inline float __frcp_rn(float a) { return 1.0f / a; }
/* Rounded twice, which differs from once for no float: tried with every significand and both parities of exponent. */
static inline float __frsqrt_rn(float a) { return (float)(1.0 / __builtin_sqrt((double)a)); }
static inline double __fma_rn(double a, double b, double c) { return __builtin_fma(a, b, c); }
static inline double __dmul_rn(double a, double b) { return a * b; }
static inline double __dadd_rn(double a, double b) { return a + b; }
static inline double __dsub_rn(double a, double b) { return a - b; }
static inline double __ddiv_rn(double a, double b) { return a / b; }
static inline double __dsqrt_rn(double a) { return __builtin_sqrt(a); }
static inline double __drcp_rn(double a) { return 1.0 / a; }
static inline float __fdividef(float a, float b) { return a / b; }
static inline float __saturatef(float a) { return a > 0.0f ? (a < 1.0f ? a : 1.0f) : 0.0f; }

/*
 * The fast approximations of CUDA, here exact ones: never equal to a GPU's bits. Macros, because the C library declares
 * some of these names.
 */
#define __expf(x) expf(x)
#define __exp10f(x) exp10f(x)
#define __logf(x) logf(x)
#define __log2f(x) log2f(x)
#define __log10f(x) log10f(x)
#define __sinf(x) sinf(x)
#define __cosf(x) cosf(x)
#define __tanf(x) tanf(x)
#define __powf(x, y) powf(x, y)
static inline float rsqrtf(float a) { return __frsqrt_rn(a); }
static inline double rsqrt(double a) { return 1.0 / __builtin_sqrt(a); }

/* Conversions. To integers they saturate and take NaN to 0 (64 bits: to the lowest value), as cvt does. */

template <typename Integer, typename Real> static inline Integer emucuda_saturate(Real rounded) {
    constexpr Integer lowest = std::is_signed<Integer>::value ? (Integer)1 << (sizeof(Integer) * 8 - 1) : 0;
    constexpr Integer highest = (Integer)~lowest;
    /* 2^31 and so on: one more than the highest, and exact in either type. */
    constexpr Real limit = (Real)((uint64_t)highest / 2 + 1) * 2;
    if (rounded != rounded) return sizeof(Integer) == 8 ? (Integer)1 << 63 : 0;
    if (rounded >= limit) return highest;
    if (rounded <= (Real)lowest) return lowest;
    return (Integer)rounded;
}

#define EMUCUDA_TO_INTEGER(name, Real, Integer)                                                             \
    static inline Integer name##_rn(Real a) { return emucuda_saturate<Integer>(__builtin_nearbyint(a)); }   \
    static inline Integer name##_rz(Real a) { return emucuda_saturate<Integer>(__builtin_trunc(a)); }       \
    static inline Integer name##_rd(Real a) { return emucuda_saturate<Integer>(__builtin_floor(a)); }       \
    static inline Integer name##_ru(Real a) { return emucuda_saturate<Integer>(__builtin_ceil(a)); }

EMUCUDA_TO_INTEGER(__float2int, float, int)
EMUCUDA_TO_INTEGER(__float2uint, float, unsigned)
EMUCUDA_TO_INTEGER(__float2ll, float, long long)
EMUCUDA_TO_INTEGER(__float2ull, float, unsigned long long)
EMUCUDA_TO_INTEGER(__double2int, double, int)
EMUCUDA_TO_INTEGER(__double2uint, double, unsigned)
EMUCUDA_TO_INTEGER(__double2ll, double, long long)
EMUCUDA_TO_INTEGER(__double2ull, double, unsigned long long)
#undef EMUCUDA_TO_INTEGER

static inline float __int2float_rn(int a) { return (float)a; }
static inline float __uint2float_rn(unsigned a) { return (float)a; }
static inline float __ll2float_rn(long long a) { return (float)a; }
static inline float __ull2float_rn(unsigned long long a) { return (float)a; }
static inline double __int2double_rn(int a) { return a; }
static inline double __uint2double_rn(unsigned a) { return a; }
static inline double __ll2double_rn(long long a) { return (double)a; }
static inline double __ull2double_rn(unsigned long long a) { return (double)a; }
static inline float __double2float_rn(double a) { return (float)a; }

static inline int __float_as_int(float a) { return emucuda_bits<int>(a); }
static inline unsigned __float_as_uint(float a) { return emucuda_bits<unsigned>(a); }
static inline float __int_as_float(int a) { return emucuda_bits<float>(a); }
static inline float __uint_as_float(unsigned a) { return emucuda_bits<float>(a); }
static inline long long __double_as_longlong(double a) { return emucuda_bits<long long>(a); }
static inline double __longlong_as_double(long long a) { return emucuda_bits<double>(a); }
static inline int __double2hiint(double a) { return (int)(emucuda_bits<uint64_t>(a) >> 32); }
static inline int __double2loint(double a) { return (int)emucuda_bits<uint64_t>(a); }
static inline double __hiloint2double(int high, int low) {
    return emucuda_bits<double>((uint64_t)(unsigned)high << 32 | (unsigned)low);
}

/* Minimum and maximum: a number wins over NaN, and -0 is less than +0. */

template <typename Real> static inline Real emucuda_min(Real a, Real b) {
    if (a != a) return b;
    if (b != b) return a;
    if (a == b) return __builtin_signbit(a) ? a : b;
    return a < b ? a : b;
}

template <typename Real> static inline Real emucuda_max(Real a, Real b) {
    if (a != a) return b;
    if (b != b) return a;
    if (a == b) return __builtin_signbit(a) ? b : a;
    return a > b ? a : b;
}

#define fminf(a, b) (emucuda_min<float>(a, b))
#define fmaxf(a, b) (emucuda_max<float>(a, b))
#define fmin(a, b) (emucuda_min<double>(a, b))
#define fmax(a, b) (emucuda_max<double>(a, b))

/* The overloads of CUDA: mixed integer operands go to the unsigned or the longer type, as in its headers. */
template <typename A, typename B> static inline std::common_type_t<A, B> min(A a, B b) {
    using T = std::common_type_t<A, B>;
    if constexpr (std::is_floating_point<T>::value) return emucuda_min<T>(a, b);
    else return (T)b < (T)a ? (T)b : (T)a;
}

template <typename A, typename B> static inline std::common_type_t<A, B> max(A a, B b) {
    using T = std::common_type_t<A, B>;
    if constexpr (std::is_floating_point<T>::value) return emucuda_max<T>(a, b);
    else return (T)b > (T)a ? (T)b : (T)a;
}

/* Integers. */

static inline int __mul24(int a, int b) { return (int)((unsigned)(a << 8 >> 8) * (unsigned)(b << 8 >> 8)); }
static inline int __mulhi(int a, int b) { return (int)((long long)a * b >> 32); }
static inline unsigned __umulhi(unsigned a, unsigned b) { return (unsigned)((unsigned long long)a * b >> 32); }
static inline long long __mul64hi(long long a, long long b) { return (long long)((__int128)a * b >> 64); }
static inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
    return (unsigned long long)((unsigned __int128)a * b >> 64);
}
static inline int __popc(unsigned a) { return __builtin_popcount(a); }
static inline int __popcll(unsigned long long a) { return __builtin_popcountll(a); }
static inline int __ffs(int a) { return __builtin_ffs(a); }
static inline int __ffsll(long long a) { return __builtin_ffsll(a); }
static inline int __clz(int a) { return a == 0 ? 32 : __builtin_clz((unsigned)a); }
static inline int __clzll(long long a) { return a == 0 ? 64 : __builtin_clzll((unsigned long long)a); }

static inline unsigned __brev(unsigned a) {
    a = __builtin_bswap32(a);
    a = (a >> 4 & 0x0f0f0f0fu) | (a & 0x0f0f0f0fu) << 4;
    a = (a >> 2 & 0x33333333u) | (a & 0x33333333u) << 2;
    return (a >> 1 & 0x55555555u) | (a & 0x55555555u) << 1;
}

/* Four selectors of four bits: three for the byte, the highest to replicate its sign. */
static inline unsigned __byte_perm(unsigned a, unsigned b, unsigned selectors) {
    uint64_t bytes = (uint64_t)b << 32 | a;
    unsigned result = 0;
    for (int i = 0; i < 4; i++) {
        unsigned selector = selectors >> (4 * i) & 15;
        unsigned byte = (unsigned)(bytes >> (8 * (selector & 7))) & 255;
        if (selector & 8) byte = byte & 128 ? 255 : 0;
        result |= byte << (8 * i);
    }
    return result;
}

static inline unsigned __funnelshift_l(unsigned low, unsigned high, unsigned shift) {
    return (unsigned)(((uint64_t)high << 32 | low) << (shift & 31) >> 32);
}
static inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
    return (unsigned)(((uint64_t)high << 32 | low) >> (shift & 31));
}
static inline unsigned __funnelshift_lc(unsigned low, unsigned high, unsigned shift) {
    return shift >= 32 ? low : __funnelshift_l(low, high, shift);
}
static inline unsigned __funnelshift_rc(unsigned low, unsigned high, unsigned shift) {
    return shift >= 32 ? high : __funnelshift_r(low, high, shift);
}

/* Dot products of four bytes; each argument is signed or not by its type, sums wrap. */
template <typename Byte, typename Word> static inline int emucuda_byte(Word word, int i) {
    return (Byte)((uint32_t)word >> (8 * i));
}
#define EMUCUDA_DP4A(Result, A, ByteA, B, ByteB)                                                  \
    static inline Result __dp4a(A a, B b, Result sum) {                                           \
        unsigned total = (unsigned)sum;                                                           \
        for (int i = 0; i < 4; i++)                                                               \
            total += (unsigned)(emucuda_byte<ByteA>(a, i) * emucuda_byte<ByteB>(b, i));           \
        return (Result)total;                                                                     \
    }
EMUCUDA_DP4A(int, int, int8_t, int, int8_t)
EMUCUDA_DP4A(unsigned, unsigned, uint8_t, unsigned, uint8_t)
#undef EMUCUDA_DP4A

template <typename Byte, typename Bytes> static inline int emucuda_dp4a(Bytes a, Bytes b, int sum) {
    sum = (int)((unsigned)sum + (unsigned)((Byte)a.x * (Byte)b.x));
    sum = (int)((unsigned)sum + (unsigned)((Byte)a.y * (Byte)b.y));
    sum = (int)((unsigned)sum + (unsigned)((Byte)a.z * (Byte)b.z));
    return (int)((unsigned)sum + (unsigned)((Byte)a.w * (Byte)b.w));
}
static inline int __dp4a(char4 a, char4 b, int sum) { return emucuda_dp4a<int>(a, b, sum); }
static inline unsigned __dp4a(uchar4 a, uchar4 b, unsigned sum) { return (unsigned)emucuda_dp4a<int>(a, b, (int)sum); }

/* Four bytes at once: sums that wrap and that saturate, and comparisons that give 0xff or 0 for each byte. */
#define EMUCUDA_BYTES(name, Byte, expression)                      \
    static inline unsigned name(unsigned a, unsigned b) {          \
        unsigned result = 0;                                       \
        for (int i = 0; i < 32; i += 8) {                          \
            int x = (Byte)(a >> i), y = (Byte)(b >> i);            \
            result |= ((unsigned)(expression) & 255) << i;         \
        }                                                          \
        return result;                                             \
    }
#define EMUCUDA_BYTE_RANGE(value) ((value) < -128 ? -128 : (value) > 127 ? 127 : (value))
EMUCUDA_BYTES(__vadd4, uint8_t, x + y)
EMUCUDA_BYTES(__vsub4, uint8_t, x - y)
EMUCUDA_BYTES(__vaddss4, int8_t, EMUCUDA_BYTE_RANGE(x + y))
EMUCUDA_BYTES(__vsubss4, int8_t, EMUCUDA_BYTE_RANGE(x - y))
EMUCUDA_BYTES(__vcmpeq4, uint8_t, x == y ? 255 : 0)
EMUCUDA_BYTES(__vcmpne4, uint8_t, x != y ? 255 : 0)
#undef EMUCUDA_BYTE_RANGE
#undef EMUCUDA_BYTES

/* Loads and stores with cache hints. */
template <typename T> static inline T __ldg(const T *address) { return *address; }
template <typename T> static inline T __ldcg(const T *address) { return *address; }
template <typename T> static inline T __ldca(const T *address) { return *address; }
template <typename T> static inline T __ldcs(const T *address) { return *address; }
template <typename T> static inline T __ldlu(const T *address) { return *address; }
template <typename T> static inline T __ldcv(const T *address) { return *address; }
template <typename T> static inline void __stcg(T *address, T value) { *address = value; }
template <typename T> static inline void __stcs(T *address, T value) { *address = value; }
template <typename T> static inline void __stwb(T *address, T value) { *address = value; }
template <typename T> static inline void __stwt(T *address, T value) { *address = value; }

/* The time stamp counter stands in for the clocks. */
static inline long long clock64() { return (long long)__builtin_ia32_rdtsc(); }

#endif
