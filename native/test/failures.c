/* Calls that are made to fail, and settings. */
#include "check.h"

static void the_nth_call(void)
{
    CUdeviceptr memory;
    OK(emucudaConfigure("EMUCUDA_FAIL", "cuMemAlloc_v2:3:2"));
    OK(cuMemAlloc_v2(&memory, 4));
    OK(cuMemAlloc_v2(&memory, 4));
    STATUS(CUDA_ERROR_OUT_OF_MEMORY, cuMemAlloc_v2(&memory, 4));
    EXPLAINED("call 3 of cuMemAlloc_v2 fails");
    OK(cuMemAlloc_v2(&memory, 4));
}

static void several(void)
{
    CUdeviceptr memory = device_memory(4);
    int value = 0;
    OK(emucudaConfigure("EMUCUDA_FAIL", "cuMemcpyHtoD:1:999,cuMemcpyHtoD_v2:2:1,cuEventCreate:*:2"));
    STATUS(CUDA_ERROR_UNKNOWN, cuMemcpyHtoD_v2(memory, &value, 4));
    STATUS(CUDA_ERROR_INVALID_VALUE, cuMemcpyHtoD_v2(memory, &value, 4));
    OK(cuMemcpyHtoD_v2(memory, &value, 4));
    OK(cuMemcpyHtoDAsync_v2(memory, &value, 4, NULL));
    CUevent event;
    for (int i = 0; i < 3; i++) STATUS(CUDA_ERROR_OUT_OF_MEMORY, cuEventCreate(&event, 0));
    OK(emucudaConfigure("EMUCUDA_FAIL", ""));
    OK(cuEventCreate(&event, 0));
}

/* A status that a GPU does not recover from stays, one that it does recover from does not. */
static void lasting(void)
{
    CUdeviceptr memory = device_memory(4);
    int value = 1;
    CUfunction function = kernel("set");
    OK(emucudaConfigure("EMUCUDA_FAIL", "cuLaunchKernel:1:701,cuLaunchKernel:2:719"));
    STATUS(CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, run_block(function, 1, 0, PARAMETERS(&memory, &value)));
    OK(cuCtxSynchronize());
    STATUS(CUDA_ERROR_LAUNCH_FAILED, run_block(function, 1, 0, PARAMETERS(&memory, &value)));
    STATUS(CUDA_ERROR_LAUNCH_FAILED, cuCtxSynchronize());
    STATUS(CUDA_ERROR_LAUNCH_FAILED, cuMemFree_v2(memory));
}

static void initialisation(void)
{
    OK(emucudaReset());
    OK(emucudaConfigure("EMUCUDA_FAIL", "cuInit:1:100"));
    STATUS(CUDA_ERROR_NO_DEVICE, cuInit(0));
    OK(cuInit(0));
}

/* A setting that is not understood must not look as if it had been. */
static void nonsense(void)
{
    static const char *const wrong[][2] = {
        {"EMUCUDA_LAZY", "yes"},     {"EMUCUDA_ORDER", "backwards"}, {"EMUCUDA_ORDER", "random:"},
        {"EMUCUDA_DEVICES", "17"},   {"EMUCUDA_DEVICES", "1x"},      {"EMUCUDA_MEMORY_MB", "0"},
        {"EMUCUDA_EXITED", "maybe"}, {"EMUCUDA_FAIL", "cuMemAlloc"}, {"EMUCUDA_FAIL", "cuMemAlloc:1"},
        {"EMUCUDA_FAIL", "a:1:2;b"}, {"EMUCUDA_WRONG", "1"},         {"EMUCUDA_FAIL", "cuInit:x:1"}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        STATUS(CUDA_ERROR_INVALID_VALUE, emucudaConfigure(wrong[i][0], wrong[i][1]));
        EXPLAINED(wrong[i][0]);
    }
    STATUS(CUDA_ERROR_INVALID_VALUE, emucudaConfigure(NULL, NULL));
}

/* Lazy can be switched on and off without another process. */
static void reconfigured(void)
{
    CUdeviceptr memory = device_memory(4);
    int value = 8, *pinned;
    OK(cuMemHostAlloc((void **)&pinned, 4, 0));
    OK(emucudaConfigure("EMUCUDA_LAZY", "1"));
    *pinned = 0;
    OK(cuMemcpyHtoD_v2(memory, &value, 4));
    OK(cuMemcpyDtoHAsync_v2(pinned, memory, 4, NULL));
    CHECK(*pinned == 0);
    OK(cuCtxSynchronize());
    CHECK(*pinned == 8);
    OK(emucudaConfigure("EMUCUDA_LAZY", "0"));
    *pinned = 0;
    OK(cuMemcpyDtoHAsync_v2(pinned, memory, 4, NULL));
    CHECK(*pinned == 8);
    OK(emucudaConfigure("EMUCUDA_LAZY", is_lazy() ? "1" : ""));
}

static void reset(void)
{
    CUdeviceptr memory = device_memory(4);
    CUcontext context;
    CUstream stream;
    OK(cuStreamCreate(&stream, 0));
    OK(cuCtxGetCurrent(&context));
    OK(emucudaReset());
    CHECK(emucudaLiveAllocations(NULL) == 0);
    CHECK(strcmp(emucudaLastFault(), "") == 0);
    STATUS(CUDA_ERROR_NOT_INITIALIZED, cuCtxSetCurrent(context));
    OK(cuInit(0));
    STATUS(CUDA_ERROR_INVALID_CONTEXT, cuCtxSetCurrent(context));
    fresh_device();
    STATUS(CUDA_ERROR_INVALID_HANDLE, cuStreamSynchronize(stream));
    STATUS(CUDA_ERROR_INVALID_VALUE, cuMemFree_v2(memory));
}

MAIN(TEST(the_nth_call), TEST(several), TEST(lasting), TEST(initialisation), TEST(nonsense), TEST(reconfigured),
     TEST(reset))
