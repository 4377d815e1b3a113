/* Modules, functions, launches: what is found, what limits there are, and how arguments arrive. */
#include "check.h"

static CUmodule load(void)
{
    CUmodule module = NULL;
    OK(cuModuleLoadData(&module, fatbin));
    return module;
}

static void images(void)
{
    CUmodule module;
    static const unsigned wrapper[4] = {0x466243b1};
    static const char ptx[] = "// made by hand\n.version 9.0\n.target sm_80\n";
    unsigned char cubin[64] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
    cubin[18] = 190;
    OK(cuModuleLoadDataEx(&module, fatbin, 0, NULL, NULL));
    OK(cuModuleLoadData(&module, wrapper));
    OK(cuModuleLoadData(&module, ptx));
    OK(cuModuleLoadData(&module, cubin));
    STATUS(CUDA_ERROR_INVALID_IMAGE, cuModuleLoadData(&module, "no kernels at all"));
    cubin[18] = 183;
    STATUS(CUDA_ERROR_INVALID_IMAGE, cuModuleLoadData(&module, cubin));
    STATUS(CUDA_ERROR_INVALID_VALUE, cuModuleLoadData(&module, NULL));
    STATUS(CUDA_ERROR_FILE_NOT_FOUND, cuModuleLoad(&module, "/nowhere/kernels.fatbin"));
}

/* A library of kernels can itself be the image, for builds without nvcc. */
static void library_as_image(void)
{
    CUmodule module;
    CUfunction function;
    char *kernels = strdup(getenv("EMUCUDA_KERNELS"));
    OK(emucudaConfigure("EMUCUDA_KERNELS", ""));
    STATUS(CUDA_ERROR_NO_BINARY_FOR_GPU, cuModuleLoadData(&module, fatbin));
    EXPLAINED("EMUCUDA_KERNELS");
    OK(cuModuleLoad(&module, kernels));
    OK(cuModuleGetFunction(&function, module, "count"));
    OK(emucudaConfigure("EMUCUDA_KERNELS", "/nowhere/kernels.so"));
    STATUS(CUDA_ERROR_FILE_NOT_FOUND, cuModuleLoadData(&module, fatbin));
    OK(emucudaConfigure("EMUCUDA_KERNELS", "/proc/self/exe"));
    STATUS(CUDA_ERROR_INVALID_IMAGE, cuModuleLoadData(&module, fatbin));
    OK(emucudaConfigure("EMUCUDA_KERNELS", kernels));
    free(kernels);
}

static void functions(void)
{
    CUmodule module = load();
    CUfunction function, again;
    OK(cuModuleGetFunction(&function, module, "count"));
    OK(cuModuleGetFunction(&again, module, "count"));
    CHECK(function == again);
    STATUS(CUDA_ERROR_NOT_FOUND, cuModuleGetFunction(&again, module, "no_such_kernel"));
    EXPLAINED("EMULATED_KERNEL(no_such_kernel)");
    OK(cuModuleUnload(module));
    STATUS(CUDA_ERROR_INVALID_HANDLE, cuModuleUnload(module));
    STATUS(CUDA_ERROR_INVALID_HANDLE, cuModuleGetFunction(&again, module, "count"));
    STATUS(CUDA_ERROR_INVALID_HANDLE, run_block(function, 1, 0, PARAMETERS(&again)));
}

static int count(CUmodule module)
{
    CUfunction function;
    CUdeviceptr out = device_memory(4);
    int value;
    OK(cuModuleGetFunction(&function, module, "count"));
    OK(run_block(function, 1, 0, PARAMETERS(&out)));
    OK(cuMemcpyDtoH_v2(&value, out, 4));
    return value;
}

/* Each module has variables of its own, with their initial values. */
static void variables(void)
{
    CUmodule first = load(), second = load();
    CHECK(count(first) == 10 && count(first) == 11 && count(second) == 10);
    OK(cuModuleUnload(first));
    first = load();
    CHECK(count(first) == 10 && count(second) == 11);
    CUdeviceptr counter, factors;
    size_t bytes;
    int value = 50;
    OK(cuModuleGetGlobal_v2(&counter, &bytes, second, "counter"));
    CHECK(bytes == 4);
    OK(cuMemcpyHtoD_v2(counter, &value, 4));
    CHECK(count(second) == 50);
    STATUS(CUDA_ERROR_INVALID_VALUE, cuMemcpyHtoD_v2(counter, &value, 5));
    OK(cuModuleGetGlobal_v2(&factors, &bytes, second, "factors"));
    CHECK(bytes == 16);
    float written[4] = {9, 8, 7, 6}, read[4];
    OK(cuMemcpyHtoD_v2(factors, written, 16));
    CUfunction constants;
    CUdeviceptr out = device_memory(16);
    OK(cuModuleGetFunction(&constants, second, "constants"));
    OK(run_block(constants, 4, 0, PARAMETERS(&out)));
    OK(cuMemcpyDtoH_v2(read, out, 16));
    CHECK(memcmp(written, read, 16) == 0);
    STATUS(CUDA_ERROR_NOT_FOUND, cuModuleGetGlobal_v2(&counter, &bytes, second, "no_such_variable"));
    STATUS(CUDA_ERROR_NOT_FOUND, cuModuleGetGlobal_v2(&counter, &bytes, second, "times_three"));
    OK(cuModuleUnload(second));
    STATUS(CUDA_ERROR_INVALID_VALUE, cuMemcpyHtoD_v2(factors, written, 16));
}

struct pair {
    char small;
    double large;
};

static void expect_parameters(CUdeviceptr out)
{
    double got[7];
    OK(cuCtxSynchronize());
    OK(cuMemcpyDtoH_v2(got, out, sizeof got));
    CHECK(got[0] == -3 && got[1] == 2.5 && got[2] == -700 && got[3] == 9 && got[4] == 1e100 && got[5] == 4 &&
          got[6] == 42);
    OK(cuMemsetD8_v2(out, 0, sizeof got));
}

static void parameters(void)
{
    char a = -3;
    double b = 2.5;
    short c = -700;
    struct pair d = {9, 1e100};
    float e[4] = {1, 2, 3, 4};
    CUdeviceptr in = device_memory(4), out = device_memory(7 * sizeof(double));
    CUfunction function = kernel("parameters");
    OK(cuMemsetD32_v2(in, 42, 1));
    void **table = PARAMETERS(&a, &b, &c, &d, e, &in, &out);
    OK(run_block(function, 1, 0, table));
    expect_parameters(out);
    struct {
        char a;
        double b;
        short c;
        struct pair d;
        float e[4] __attribute__((aligned(16)));
        CUdeviceptr in, out;
    } buffer = {a, b, c, d, {1, 2, 3, 4}, in, out};
    size_t bytes = sizeof buffer;
    void *extra[] = {(void *)1, &buffer, (void *)2, &bytes, NULL};
    OK(cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, NULL, NULL, extra));
    expect_parameters(out);
    bytes = 40;
    STATUS(CUDA_ERROR_INVALID_VALUE, cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, NULL, NULL, extra));
    STATUS(CUDA_ERROR_INVALID_VALUE, cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, NULL, NULL, NULL));
    EXPLAINED("7 arguments are missing");
    table[3] = NULL;
    STATUS(CUDA_ERROR_INVALID_VALUE, run_block(function, 1, 0, table));
    EXPLAINED("argument 3");
    OK(run_block(kernel("no_parameters"), 1, 0, NULL));
}

static void launch_configuration(void)
{
    enum { COOPERATIVE = 2, CLUSTER = 4, PRIORITY = 8 };
    CUfunction function = kernel("no_parameters");
    struct CUlaunchAttribute attribute = {.id = PRIORITY};
    CUlaunchConfig config = {1, 1, 1, 32, 1, 1, 0, NULL, &attribute, 1};
    OK(cuLaunchKernelEx(&config, function, NULL, NULL));
    attribute.id = CLUSTER;
    attribute.value.clusterDim.x = attribute.value.clusterDim.y = attribute.value.clusterDim.z = 1;
    OK(cuLaunchKernelEx(&config, function, NULL, NULL));
    attribute.value.clusterDim.x = 2;
    STATUS(CUDA_ERROR_NOT_SUPPORTED, cuLaunchKernelEx(&config, function, NULL, NULL));
    attribute.id = COOPERATIVE;
    attribute.value.cooperative = 1;
    STATUS(CUDA_ERROR_NOT_SUPPORTED, cuLaunchKernelEx(&config, function, NULL, NULL));
}

static CUresult launch(CUfunction function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by,
                       unsigned bz, unsigned shared)
{
    return cuLaunchKernel(function, gx, gy, gz, bx, by, bz, shared, NULL, NULL, NULL);
}

static void limits(void)
{
    CUfunction f = kernel("no_parameters");
    OK(launch(f, 1, 1, 1, 1024, 1, 1, 0));
    OK(launch(f, 1, 1, 1, 4, 4, 64, 0));
    STATUS(CUDA_ERROR_INVALID_VALUE, launch(f, 1, 1, 1, 1025, 1, 1, 0));
    STATUS(CUDA_ERROR_INVALID_VALUE, launch(f, 1, 1, 1, 33, 32, 1, 0));
    EXPLAINED("33 x 32 x 1");
    STATUS(CUDA_ERROR_INVALID_VALUE, launch(f, 1, 1, 1, 1, 1, 65, 0));
    STATUS(CUDA_ERROR_INVALID_VALUE, launch(f, 1, 1, 1, 0, 1, 1, 0));
    STATUS(CUDA_ERROR_INVALID_VALUE, launch(f, 0, 1, 1, 1, 1, 1, 0));
    STATUS(CUDA_ERROR_INVALID_VALUE, launch(f, 1, 65536, 1, 1, 1, 1, 0));
    STATUS(CUDA_ERROR_INVALID_VALUE, launch(f, 1, 1, 65536, 1, 1, 1, 0));
    STATUS(CUDA_ERROR_INVALID_VALUE, launch(f, 0x80000000u, 1, 1, 1, 1, 1, 0));
}

static void shared_memory_limits(void)
{
    enum { STATIC_SHARED = 1, MAX_DYNAMIC_SHARED = 8 };
    CUfunction function = kernel("shared_bytes");
    CUdeviceptr out = device_memory(4);
    int value;
    OK(cuFuncGetAttribute(&value, STATIC_SHARED, function));
    CHECK(value >= 800);
    OK(cuFuncGetAttribute(&value, MAX_DYNAMIC_SHARED, function));
    CHECK(value == 48 << 10);
    OK(run_block(function, 1, 48 << 10, PARAMETERS(&out)));
    STATUS(CUDA_ERROR_INVALID_VALUE, run_block(function, 1, (48 << 10) + 1, PARAMETERS(&out)));
    EXPLAINED("49153 bytes of dynamic shared memory");
    OK(cuFuncSetAttribute(function, MAX_DYNAMIC_SHARED, 163 << 10));
    OK(run_block(function, 1, 163 << 10, PARAMETERS(&out)));
    STATUS(CUDA_ERROR_INVALID_VALUE, cuFuncSetAttribute(function, MAX_DYNAMIC_SHARED, (163 << 10) + 1));
    STATUS(CUDA_ERROR_INVALID_VALUE, cuFuncSetAttribute(function, STATIC_SHARED, 1));
}

static void shared_memory_of_templates(void)
{
    int x = 5, value;
    CUdeviceptr out = device_memory(4);
    OK(run_block(kernel("times_three"), 1, 0, PARAMETERS(&x, &out)));
    OK(cuMemcpyDtoH_v2(&value, out, 4));
    CHECK(value == 15);
}

static void occupancy(void)
{
    CUfunction function = kernel("add");
    int blocks;
    OK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, function, 256, 0));
    CHECK(blocks == 8);
    OK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, function, 33, 0));
    CHECK(blocks == 32);
    OK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, function, 32, 40 << 10));
    CHECK(blocks == 4);
    STATUS(CUDA_ERROR_INVALID_VALUE, cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, function, 0, 0));
}

static void entry_points(void)
{
    void *found;
    int state;
    OK(cuGetProcAddress_v2("cuMemAlloc", &found, 12000, 0, &state));
    CHECK(found == (void *)cuMemAlloc_v2 && state == 0);
    OK(cuGetProcAddress_v2("cuLaunchKernelEx", &found, 12000, 0, &state));
    CHECK(found == (void *)cuLaunchKernelEx);
    STATUS(CUDA_ERROR_NOT_FOUND, cuGetProcAddress_v2("cuNoSuchThing", &found, 12000, 0, &state));
    CHECK(found == NULL && state == 1);
    STATUS(CUDA_ERROR_NOT_SUPPORTED, cuTexRefCreate(&found));
    EXPLAINED("cuTexRefCreate is not emulated");
}

MAIN(TEST(images), TEST(library_as_image), TEST(functions), TEST(variables), TEST(parameters),
     TEST(launch_configuration), TEST(limits), TEST(shared_memory_limits), TEST(shared_memory_of_templates),
     TEST(occupancy), TEST(entry_points))
