/* Arithmetic has a GPU's bits: against the compiler's own conversions, and constants worked out by hand. */
#include <math.h>

#include "check.h"

enum { EVERY_HALF = 65536 };

static unsigned bits(float value)
{
    unsigned result;
    memcpy(&result, &value, 4);
    return result;
}

static float from_bits(unsigned value)
{
    float result;
    memcpy(&result, &value, 4);
    return result;
}

static void convert(const char *name, const void *in, size_t in_bytes, void *out, size_t out_bytes, unsigned count)
{
    CUdeviceptr source = device_memory(in_bytes * count), destination = device_memory(out_bytes * count);
    OK(cuMemcpyHtoD_v2(source, in, in_bytes * count));
    OK(cuLaunchKernel(kernel(name), count / 256, 1, 1, 256, 1, 1, 0, NULL, PARAMETERS(&source, &destination), NULL));
    OK(cuMemcpyDtoH_v2(out, destination, out_bytes * count));
}

static unsigned short in[EVERY_HALF];
static float wide[EVERY_HALF];

static void halves(void)
{
    for (int i = 0; i < EVERY_HALF; i++) in[i] = (unsigned short)i;
    convert("half_to_float", in, 2, wide, 4, EVERY_HALF);
    for (int i = 0; i < EVERY_HALF; i++) {
        _Float16 value;
        memcpy(&value, &in[i], 2);
        if (value != value) CHECK(bits(wide[i]) == 0x7fffffffu);
        else CHECK(bits(wide[i]) == bits((float)value));
    }
}

static void bfloats(void)
{
    for (int i = 0; i < EVERY_HALF; i++) in[i] = (unsigned short)i;
    convert("bfloat_to_float", in, 2, wide, 4, EVERY_HALF);
    for (int i = 0; i < EVERY_HALF; i++) CHECK(bits(wide[i]) == (unsigned)i << 16);
}

/* Every boundary between two halves: their middle, and the floats on both sides of it. */
static void rounding_to_half(void)
{
    static unsigned short out[EVERY_HALF];
    static const int sides[] = {-1, 0, 1};
    for (int side = 0; side < 3; side++) {
        for (int i = 0; i < EVERY_HALF; i++) {
            unsigned short low = (unsigned short)i, high = (unsigned short)(i + 1);
            _Float16 a, b;
            memcpy(&a, &low, 2);
            memcpy(&b, &high, 2);
            wide[i] = from_bits(bits((float)(((double)a + (double)b) / 2)) + (unsigned)sides[side]);
        }
        convert("float_to_half", wide, 4, out, 2, EVERY_HALF);
        for (int i = 0; i < EVERY_HALF; i++) {
            _Float16 expected = (_Float16)wide[i];
            unsigned short expected_bits;
            memcpy(&expected_bits, &expected, 2);
            if (wide[i] != wide[i]) CHECK(out[i] == 0x7fff);
            else CHECK(out[i] == expected_bits);
        }
    }
    static const unsigned values[256] = {0x477fefff, 0x477ff000, 0xc77ff000, 0x33000000, 0x33000001, 0x80000001,
                                         0x7f800000, 0xff800000, 0x7fc00000, 0xffc00001};
    static const unsigned short expected[10] = {0x7bff, 0x7c00, 0xfc00, 0, 1, 0x8000, 0x7c00, 0xfc00, 0x7fff, 0x7fff};
    convert("float_to_half", values, 4, out, 2, 256);
    CHECK(memcmp(out, expected, sizeof expected) == 0);
}

static void rounding_to_bfloat(void)
{
    static const unsigned values[256] = {0x3f800000, 0x3f808000, 0x3f818000, 0x3f808001, 0x3f807fff, 0x7f7fffff,
                                         0x00000001, 0x00008001, 0xff800000, 0x7f800001, 0xffffffff, 0x80018000};
    static const unsigned short expected[12] = {0x3f80, 0x3f80, 0x3f82, 0x3f81, 0x3f80, 0x7f80,
                                                0,      1,      0xff80, 0x7fff, 0x7fff, 0x8002};
    unsigned short out[256];
    convert("float_to_bfloat", values, 4, out, 2, 256);
    CHECK(memcmp(out, expected, sizeof expected) == 0);
}

static void half_pairs(void)
{
    unsigned short pairs[2] = {0x3e00, 0xc100}, back[2]; /* 1.5 and -2.5 */
    float out[2];
    CUdeviceptr source = device_memory(4), sums = device_memory(8), again = device_memory(4);
    OK(cuMemcpyHtoD_v2(source, pairs, 4));
    OK(run_block(kernel("half_pairs"), 1, 0, PARAMETERS(&source, &sums, &again)));
    OK(cuMemcpyDtoH_v2(out, sums, 8));
    OK(cuMemcpyDtoH_v2(back, again, 4));
    CHECK(out[0] == 3.0f && out[1] == -5.0f && memcmp(pairs, back, 4) == 0);
}

static void run_operations(const char *name, const void *from, size_t from_bytes, void *to, size_t to_bytes)
{
    CUdeviceptr source = device_memory(from_bytes), destination = device_memory(to_bytes);
    OK(cuMemcpyHtoD_v2(source, from, from_bytes));
    OK(run_block(kernel(name), 1, 0, PARAMETERS(&source, &destination)));
    OK(cuMemcpyDtoH_v2(to, destination, to_bytes));
}

static void float_operations(void)
{
    /* (1 + 2^-12)^2 - 1 is 2^-11 + 2^-24, of which two roundings keep only the first part. */
    float abc[3] = {1 + 0x1p-12f, 1 + 0x1p-12f, -1}, out[18];
    run_operations("float_operations", abc, sizeof abc, out, sizeof out);
    CHECK(out[0] == 0x1p-11f + 0x1p-24f);
    CHECK(out[1] == 0x1p-11f);
    CHECK(out[2] == 0x1p-11f);
    CHECK(out[3] == 0 && out[4] == 1);
    CHECK(out[5] == (float)sqrt(1 + 0x1p-12) && out[6] == (float)(1 / (1 + 0x1p-12)));
    CHECK(bits(out[7]) == 0x80000000u && bits(out[8]) == 0);
    CHECK(out[9] == 3 && out[10] == -3 && out[11] == 2);
    CHECK(out[12] == 2 && out[13] == 16777216);
    CHECK(bits(out[14]) == 0x40490fdb && out[15] == 1);
    CHECK(out[16] == (float)(1 / sqrt(1 + 0x1p-12)) && out[17] == 0x1p64f);
}

static void double_operations(void)
{
    double abc[3] = {1 + 0x1p-30, 1 + 0x1p-30, -1}, out[8];
    run_operations("double_operations", abc, sizeof abc, out, sizeof out);
    CHECK(out[0] == 0x1p-29 + 0x1p-60);
    CHECK(out[1] == 0x1p-29);
    CHECK(out[2] == 0 && out[3] == 1 && out[4] == sqrt(1 + 0x1p-30));
    CHECK(out[5] == 3.14 && out[6] == 2.718281828459045 && out[7] == 1 + 0x1p-30);
}

static void to_integers(void)
{
    enum { COUNT = 10 };
    static const float values[COUNT] = {2.5f, 3.5f, -2.5f, -0.75f, 3e9f, -3e9f, NAN, INFINITY, 1e20f, 2147483520.0f};
    static const int nearest[COUNT] = {2, 4, -2, -1, INT32_MAX, INT32_MIN, 0, INT32_MAX, INT32_MAX, 2147483520};
    static const int to_zero[COUNT] = {2, 3, -2, 0, INT32_MAX, INT32_MIN, 0, INT32_MAX, INT32_MAX, 2147483520};
    static const unsigned positive[COUNT] = {2, 4, 0, 0, 3000000000u, 0, 0, UINT32_MAX, UINT32_MAX, 2147483520};
    static const long long long_[COUNT] = {2,         3,         -2,        0,         3000000000,
                                           -3000000000, INT64_MIN, INT64_MAX, INT64_MAX, 2147483520};
    int rn[COUNT], rz[COUNT];
    unsigned u[COUNT];
    long long ll[COUNT];
    CUdeviceptr source = device_memory(sizeof values), drn = device_memory(sizeof rn), drz = device_memory(sizeof rz),
                du = device_memory(sizeof u), dll = device_memory(sizeof ll);
    OK(cuMemcpyHtoD_v2(source, values, sizeof values));
    OK(run_block(kernel("to_integers"), COUNT, 0, PARAMETERS(&source, &drn, &drz, &du, &dll)));
    OK(cuMemcpyDtoH_v2(rn, drn, sizeof rn));
    OK(cuMemcpyDtoH_v2(rz, drz, sizeof rz));
    OK(cuMemcpyDtoH_v2(u, du, sizeof u));
    OK(cuMemcpyDtoH_v2(ll, dll, sizeof ll));
    CHECK(memcmp(rn, nearest, sizeof rn) == 0);
    CHECK(memcmp(rz, to_zero, sizeof rz) == 0);
    CHECK(memcmp(u, positive, sizeof u) == 0);
    CHECK(memcmp(ll, long_, sizeof ll) == 0);
}

static void integer_operations(void)
{
    static const unsigned expected[] = {
        8, 20, 5, 0, 31, 32, 63, 0x1e6a2c48,
        0x07030501, /* bytes 7, 3, 5, 1 */
        0x000000ff, /* the sign of byte 1, then three bytes of the second word */
        0x23456789, 0x6789abcd, 0x89abcdef, 0x01234567,
        (unsigned)(10 + 2 * -2 + 1 * -1 + -1 * 2 + -128 * 127),
        10 + 2 * 254 + 1 * 255 + 255 * 2 + 128 * 127,
        100 + 5 - 12 - 21 - 32,
        (unsigned)-2, 0xfffffffe, (unsigned)-1, 7, 0x80000000, 0x3f800000, (unsigned)-3, 32,
        0x80000200, 0x7fff000f, 0x7f000280, 0x80ff000f, 0xff00ff00, 0x00ff00ff};
    enum { COUNT = sizeof expected / sizeof expected[0] };
    unsigned out[COUNT];
    CUdeviceptr destination = device_memory(sizeof out);
    OK(run_block(kernel("integer_operations"), 1, 0, PARAMETERS(&destination)));
    OK(cuMemcpyDtoH_v2(out, destination, sizeof out));
    for (int i = 0; i < COUNT; i++) {
        CHECK(out[i] == expected[i]);
        if (out[i] != expected[i]) printf("  result %d is 0x%08x, not 0x%08x\n", i, out[i], expected[i]);
    }
}

static void atomics(void)
{
    int i[6] = {0, 0, -100, 100, 0, 0}, old[32];
    unsigned u[6] = {0, 0, 0xffffffffu, 0, 0, 0};
    unsigned long long l[2] = {0, 0};
    float f = 1;
    double d = 1;
    CUdeviceptr di = device_memory(sizeof i), du = device_memory(sizeof u), dl = device_memory(sizeof l),
                df = device_memory(sizeof f), dd = device_memory(sizeof d), dold = device_memory(sizeof old);
    OK(cuMemcpyHtoD_v2(di, i, sizeof i));
    OK(cuMemcpyHtoD_v2(du, u, sizeof u));
    OK(cuMemcpyHtoD_v2(dl, l, sizeof l));
    OK(cuMemcpyHtoD_v2(df, &f, sizeof f));
    OK(cuMemcpyHtoD_v2(dd, &d, sizeof d));
    OK(run_block(kernel("atomics"), 32, 0, PARAMETERS(&di, &du, &dl, &df, &dd, &dold)));
    OK(cuMemcpyDtoH_v2(i, di, sizeof i));
    OK(cuMemcpyDtoH_v2(u, du, sizeof u));
    OK(cuMemcpyDtoH_v2(l, dl, sizeof l));
    OK(cuMemcpyDtoH_v2(&f, df, sizeof f));
    OK(cuMemcpyDtoH_v2(&d, dd, sizeof d));
    OK(cuMemcpyDtoH_v2(old, dold, sizeof old));
    CHECK(i[0] == 32 && i[1] == -64 && i[2] == 31 && i[3] == -31 && i[4] == 9 && i[5] == 32);
    CHECK(u[0] == 496 && u[1] == 0xffffffffu && u[2] == 0 && u[3] == 0xffffffffu && u[4] == 2 && u[5] == 0x8000001fu);
    CHECK(l[0] == 32ull << 40 && l[1] == 1ull << 31);
    CHECK(f == 17 && d == 9);
    for (int t = 0; t < 32; t++) CHECK(old[t] == t);
}

static void vectors(void)
{
    float f[4] = {1.5f, 0, 0, 0}, out[2];
    unsigned u[4] = {0, 100, 0, 0};
    unsigned short s[4] = {0, 0, 1000, 0};
    double d[2];
    CUdeviceptr df = device_memory(sizeof f), du = device_memory(sizeof u), ds = device_memory(sizeof s),
                dd = device_memory(sizeof d), dout = device_memory(sizeof out);
    OK(cuMemcpyHtoD_v2(df, f, sizeof f));
    OK(cuMemcpyHtoD_v2(du, u, sizeof u));
    OK(cuMemcpyHtoD_v2(ds, s, sizeof s));
    OK(run_block(kernel("vectors"), 1, 0, PARAMETERS(&df, &du, &ds, &dd, &dout)));
    OK(cuMemcpyDtoH_v2(d, dd, sizeof d));
    OK(cuMemcpyDtoH_v2(out, dout, sizeof out));
    CHECK(d[0] == 101.5 && d[1] == 1004);
    CHECK(out[0] == 12 * 1000 + 16 * 10 + 4 && out[1] == 8 * 100 + 16 + 1);
}

MAIN(TEST(halves), TEST(bfloats), TEST(rounding_to_half), TEST(rounding_to_bfloat), TEST(half_pairs),
     TEST(float_operations), TEST(double_operations), TEST(to_integers), TEST(integer_operations), TEST(atomics),
     TEST(vectors))
