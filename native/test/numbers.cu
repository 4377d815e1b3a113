/* Kernels for numbers.c: one value per thread and intrinsic. */
#include "cuda_emulation.h"
#include <cuda_bf16.h>
#include <cuda_fp16.h>

#define INDEX (blockIdx.x * blockDim.x + threadIdx.x)

extern "C" __global__ void half_to_float(const unsigned short *in, float *out) {
    out[INDEX] = __half2float(__ushort_as_half(in[INDEX]));
}
EMULATED_KERNEL(half_to_float);

extern "C" __global__ void float_to_half(const float *in, unsigned short *out) {
    out[INDEX] = __half_as_ushort(__float2half_rn(in[INDEX]));
}
EMULATED_KERNEL(float_to_half);

extern "C" __global__ void bfloat_to_float(const unsigned short *in, float *out) {
    out[INDEX] = __bfloat162float(__ushort_as_bfloat16(in[INDEX]));
}
EMULATED_KERNEL(bfloat_to_float);

extern "C" __global__ void float_to_bfloat(const float *in, unsigned short *out) {
    out[INDEX] = __bfloat16_as_ushort(__float2bfloat16_rn(in[INDEX]));
}
EMULATED_KERNEL(float_to_bfloat);

extern "C" __global__ void half_pairs(const __half2 *in, float2 *out, __half2 *back) {
    float2 pair = __half22float2(in[INDEX]);
    out[INDEX] = make_float2(pair.x + __low2float(in[INDEX]), pair.y + __high2float(in[INDEX]));
    back[INDEX] = __floats2half2_rn(pair.x, pair.y);
}
EMULATED_KERNEL(half_pairs);

/* a, b, c in; one column of the results for each operation. */
extern "C" __global__ void float_operations(const float *in, float *out) {
    float a = in[0], b = in[1], c = in[2];
    out[0] = __fmaf_rn(a, b, c);
    out[1] = a * b + c;
    out[2] = __fadd_rn(__fmul_rn(a, b), c);
    out[3] = __fsub_rn(a, b);
    out[4] = __fdiv_rn(a, b);
    out[5] = __fsqrt_rn(a);
    out[6] = __frcp_rn(b);
    out[7] = fminf(0.0f, -0.0f);
    out[8] = fmaxf(-0.0f, 0.0f);
    out[9] = fminf(__int_as_float(0x7fc00000), 3.0f);
    out[10] = max(__int_as_float(0x7fc00000), -3.0f);
    out[11] = min(2.0f, 5.0f);
    out[12] = rintf(2.5f);
    out[13] = __int2float_rn(16777217);
    out[14] = __uint_as_float(0x40490fdbu);
    out[15] = __saturatef(1.5f);
    out[16] = __frsqrt_rn(a);
    out[17] = __ull2float_rn(0xffffffffffffffffull);
}
EMULATED_KERNEL(float_operations);

extern "C" __global__ void double_operations(const double *in, double *out) {
    double a = in[0], b = in[1], c = in[2];
    out[0] = __fma_rn(a, b, c);
    out[1] = __dadd_rn(__dmul_rn(a, b), c);
    out[2] = __dsub_rn(a, b);
    out[3] = __ddiv_rn(a, b);
    out[4] = __dsqrt_rn(a);
    out[5] = __hiloint2double(0x40091eb8, 0x51eb851f);
    out[6] = __longlong_as_double(0x4005bf0a8b145769ll);
    out[7] = fmax(a, b);
}
EMULATED_KERNEL(double_operations);

extern "C" __global__ void to_integers(const float *in, int *rn, int *rz, unsigned *u, long long *ll) {
    rn[INDEX] = __float2int_rn(in[INDEX]);
    rz[INDEX] = __float2int_rz(in[INDEX]);
    u[INDEX] = __float2uint_rn(in[INDEX]);
    ll[INDEX] = __float2ll_rz(in[INDEX]);
}
EMULATED_KERNEL(to_integers);

extern "C" __global__ void integer_operations(unsigned *out) {
    int i = 0;
    out[i++] = __popc(0xf0f0u);
    out[i++] = __popcll(0xf0f0f0f0f0ull);
    out[i++] = __ffs(0x50);
    out[i++] = __ffs(0);
    out[i++] = __clz(1);
    out[i++] = __clz(0);
    out[i++] = __clzll(1ll);
    out[i++] = __brev(0x12345678u);
    out[i++] = __byte_perm(0x03020100u, 0x07060504u, 0x7351u);
    out[i++] = __byte_perm(0x0302ff00u, 0u, 0x4449u);
    out[i++] = __funnelshift_l(0x89abcdefu, 0x01234567u, 8);
    out[i++] = __funnelshift_r(0x89abcdefu, 0x01234567u, 8);
    out[i++] = __funnelshift_lc(0x89abcdefu, 0x01234567u, 40);
    out[i++] = __funnelshift_rc(0x89abcdefu, 0x01234567u, 40);
    out[i++] = (unsigned)__dp4a((int)0x80ff0102u, (int)0x7f02fffeu, 10);
    out[i++] = __dp4a(0x80ff0102u, 0x7f02fffeu, 10u);
    out[i++] = (unsigned)__dp4a(make_char4(1, -2, 3, -4), make_char4(5, 6, -7, 8), 100);
    out[i++] = (unsigned)__mulhi(-5, 0x40000000);
    out[i++] = __umulhi(0xffffffffu, 0xffffffffu);
    out[i++] = (unsigned)min(-1, 5);
    out[i++] = max(3u, 7u);
    out[i++] = (unsigned)(0x7fffffff + (int)gridDim.x); /* wraps */
    out[i++] = (unsigned)__float_as_int(1.0f);
    out[i++] = (unsigned)__mul24(0x00ffffff, 3);
    out[i++] = (unsigned)warpSize;
    out[i++] = __vadd4(0x7fff0180u, 0x01010180u);
    out[i++] = __vsub4(0x80000110u, 0x01010101u);
    out[i++] = __vaddss4(0x7fff0180u, 0x01010180u);
    out[i++] = __vsubss4(0x80000110u, 0x01010101u);
    out[i++] = __vcmpeq4(0x01020304u, 0x01000300u);
    out[i++] = __vcmpne4(0x01020304u, 0x01000300u);
}
EMULATED_KERNEL(integer_operations);

extern "C" __global__ void atomics(int *i, unsigned *u, unsigned long long *l, float *f, double *d, int *old) {
    unsigned t = threadIdx.x;
    atomicAdd(&i[0], 1);
    atomicSub(&i[1], 2);
    atomicMax(&i[2], (int)t);
    atomicMin(&i[3], -(int)t);
    atomicExch(&i[4], 9);
    atomicAdd(&u[0], t);
    atomicOr(&u[1], 1u << t);
    atomicAnd(&u[2], ~(1u << t));
    atomicXor(&u[3], 1u << t);
    atomicInc(&u[4], 9);
    atomicMax(&u[5], 0x80000000u + t);
    atomicAdd(&l[0], 1ull << 40);
    atomicMax(&l[1], 1ull << t);
    atomicAdd(f, 0.5f);
    atomicAdd(d, 0.25);
    old[t] = atomicCAS(&i[5], (int)t, (int)t + 1);
}
EMULATED_KERNEL(atomics);

extern "C" __global__ void vectors(const float4 *f, const uint4 *u, const ushort4 *s, double2 *d, float *out) {
    float4 v = __ldg(f);
    uint4 w = u[0];
    ushort4 x = s[0];
    d[0] = make_double2(v.x + w.y, x.z + make_int4(1, 2, 3, 4).w);
    out[0] = (float)sizeof(float3) * 1000 + alignof(float4) * 10 + alignof(uchar4);
    out[1] = alignof(int2) * 100 + alignof(double2) + dim3(7).y;
}
EMULATED_KERNEL(vectors);
