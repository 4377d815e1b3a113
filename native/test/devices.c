/* Devices, their contexts, and what belongs to which. */
#include <pthread.h>

#include "check.h"

static CUcontext contexts[2];

static void two_devices(void)
{
    OK(emucudaReset());
    OK(emucudaConfigure("EMUCUDA_DEVICES", "2"));
    OK(cuInit(0));
    for (int i = 0; i < 2; i++) OK(cuDevicePrimaryCtxRetain(&contexts[i], i));
}

static void descriptions(void)
{
    enum { WARP_SIZE = 10, PCI_BUS = 33, MAJOR = 75, MINOR = 76 };
    two_devices();
    int count, version, value;
    char name[64], bus[32];
    size_t bytes;
    CUuuid uuids[2];
    CUdevice device;
    OK(cuDriverGetVersion(&version));
    CHECK(version == 13000);
    OK(cuDeviceGetCount(&count));
    CHECK(count == 2);
    OK(cuDeviceGet(&device, 1));
    OK(cuDeviceGetName(name, sizeof name, device));
    CHECK(strcmp(name, "Emulated CUDA device") == 0);
    OK(cuDeviceTotalMem_v2(&bytes, device));
    CHECK(bytes == (size_t)8192 << 20);
    OK(cuDeviceGetUuid(&uuids[0], 0));
    OK(cuDeviceGetUuid(&uuids[1], 1));
    CHECK(memcmp(&uuids[0], &uuids[1], sizeof(CUuuid)) != 0);
    OK(cuDeviceGetPCIBusId(bus, sizeof bus, 1));
    OK(cuDeviceGetByPCIBusId(&device, bus));
    CHECK(device == 1);
    OK(cuDeviceGetAttribute(&value, PCI_BUS, 1));
    CHECK(value == 2);
    OK(cuDeviceGetAttribute(&value, MAJOR, 0));
    CHECK(value == 8);
    OK(cuDeviceGetAttribute(&value, MINOR, 0));
    CHECK(value == 0);
    OK(cuDeviceGetAttribute(&value, WARP_SIZE, 0));
    CHECK(value == 32);
    STATUS(CUDA_ERROR_INVALID_VALUE, cuDeviceGetAttribute(&value, 0, 0));
    STATUS(CUDA_ERROR_INVALID_DEVICE, cuDeviceGet(&device, 2));
    STATUS(CUDA_ERROR_INVALID_DEVICE, cuDeviceGet(&device, -1));
}

static void no_device(void)
{
    OK(emucudaReset());
    OK(emucudaConfigure("EMUCUDA_DEVICES", "0"));
    STATUS(CUDA_ERROR_NO_DEVICE, cuInit(0));
}

static void not_initialised(void)
{
    int count;
    OK(emucudaReset());
    STATUS(CUDA_ERROR_NOT_INITIALIZED, cuDeviceGetCount(&count));
    STATUS(CUDA_ERROR_INVALID_VALUE, cuInit(1));
}

static void *without_context(void *memory)
{
    CUdeviceptr address;
    CUcontext context;
    (void)memory;
    STATUS(CUDA_ERROR_INVALID_CONTEXT, cuMemAlloc_v2(&address, 4));
    EXPLAINED("cuMemAlloc_v2 was called on a thread without a current context");
    OK(cuCtxGetCurrent(&context));
    CHECK(context == NULL);
    STATUS(CUDA_ERROR_INVALID_CONTEXT, cuCtxPopCurrent_v2(&context));
    return NULL;
}

static void each_thread_has_its_own(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, without_context, NULL);
    pthread_join(thread, NULL);
}

static void stack_of_contexts(void)
{
    two_devices();
    CUcontext context, own;
    int device;
    OK(cuCtxPushCurrent_v2(contexts[0]));
    OK(cuCtxPushCurrent_v2(contexts[1]));
    OK(cuCtxGetDevice(&device));
    CHECK(device == 1);
    OK(cuCtxPopCurrent_v2(&context));
    CHECK(context == contexts[1]);
    OK(cuCtxGetDevice(&device));
    CHECK(device == 0);
    OK(cuCtxCreate_v2(&own, 0, 1));
    OK(cuCtxGetCurrent(&context));
    CHECK(context == own);
    OK(cuCtxDestroy_v2(own));
    OK(cuCtxGetCurrent(&context));
    CHECK(context == contexts[0]);
    STATUS(CUDA_ERROR_INVALID_CONTEXT, cuCtxSetCurrent(own));
    STATUS(CUDA_ERROR_INVALID_CONTEXT, cuCtxDestroy_v2(contexts[0]));
    OK(cuCtxSetCurrent(NULL));
    OK(cuCtxGetCurrent(&context));
    CHECK(context == NULL);
}

static void primary_contexts(void)
{
    unsigned flags;
    int active;
    CUcontext again, first;
    CUdeviceptr memory = device_memory(16);
    OK(cuCtxGetCurrent(&first));
    OK(cuDevicePrimaryCtxRetain(&again, 0));
    CHECK(again == first);
    OK(cuDevicePrimaryCtxRelease_v2(0));
    OK(cuDevicePrimaryCtxGetState(0, &flags, &active));
    CHECK(active == 1);
    OK(cuMemFree_v2(memory));
    OK(cuDevicePrimaryCtxRelease_v2(0));
    OK(cuDevicePrimaryCtxGetState(0, &flags, &active));
    CHECK(active == 0);
    STATUS(CUDA_ERROR_INVALID_CONTEXT, cuDevicePrimaryCtxRelease_v2(0));
    STATUS(CUDA_ERROR_CONTEXT_IS_DESTROYED, cuMemAlloc_v2(&memory, 16));
    OK(cuDevicePrimaryCtxRetain(&again, 0));
    CHECK(again != first);
    STATUS(CUDA_ERROR_CONTEXT_IS_DESTROYED, cuMemAlloc_v2(&memory, 16));
}

static CUresult set(CUdeviceptr address)
{
    int value = 5;
    return run_block(kernel("set"), 1, 0, PARAMETERS(&address, &value));
}

static void memory_of_another_device(void)
{
    two_devices();
    int possible, value;
    OK(cuCtxSetCurrent(contexts[1]));
    CUdeviceptr far = device_memory(4);
    OK(cuMemsetD32_v2(far, 1, 1));
    OK(cuCtxSynchronize());
    OK(cuCtxSetCurrent(contexts[0]));
    CUdeviceptr near = device_memory(4);
    OK(cuDeviceCanAccessPeer(&possible, 0, 1));
    CHECK(possible == 1);
    OK(cuDeviceCanAccessPeer(&possible, 0, 0));
    CHECK(possible == 0);
    OK(cuCtxEnablePeerAccess(contexts[1], 0));
    STATUS(CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED, cuCtxEnablePeerAccess(contexts[1], 0));
    OK(set(far));
    OK(cuMemcpyDtoH_v2(&value, far, 4));
    CHECK(value == 5);
    OK(cuMemcpyPeer(near, contexts[0], far, contexts[1], 4));
    STATUS(CUDA_ERROR_INVALID_VALUE, cuMemcpyPeer(near, contexts[1], far, contexts[1], 4));
    OK(cuMemcpyDtoH_v2(&value, near, 4));
    CHECK(value == 5);
    OK(cuCtxDisablePeerAccess(contexts[1]));
    STATUS(CUDA_ERROR_PEER_ACCESS_NOT_ENABLED, cuCtxDisablePeerAccess(contexts[1]));
    STATUS(CUDA_ERROR_ILLEGAL_ADDRESS, set(far));
    EXPLAINED("memory of device 1, to which device 0 has no peer access");
    /* The other device goes on. */
    OK(cuCtxSetCurrent(contexts[1]));
    OK(set(far));
}

static void memory_is_counted_per_device(void)
{
    two_devices();
    size_t unused[2], total;
    OK(cuCtxSetCurrent(contexts[0]));
    device_memory(1 << 20);
    OK(cuMemGetInfo_v2(&unused[0], &total));
    OK(cuCtxSetCurrent(contexts[1]));
    OK(cuMemGetInfo_v2(&unused[1], &total));
    CHECK(unused[1] == total && unused[0] == total - (1 << 20));
}

static void streams_and_functions_of_another_context(void)
{
    two_devices();
    CUstream stream;
    CUevent event;
    int value = 5;
    OK(cuCtxSetCurrent(contexts[1]));
    CUfunction far = kernel("set");
    OK(cuStreamCreate(&stream, 0));
    OK(cuCtxSetCurrent(contexts[0]));
    CUdeviceptr memory = device_memory(4);
    CUfunction near = kernel("set");
    STATUS(CUDA_ERROR_INVALID_HANDLE,
           cuLaunchKernel(near, 1, 1, 1, 1, 1, 1, 0, stream, PARAMETERS(&memory, &value), NULL));
    STATUS(CUDA_ERROR_INVALID_HANDLE,
           cuLaunchKernel(far, 1, 1, 1, 1, 1, 1, 0, NULL, PARAMETERS(&memory, &value), NULL));
    OK(cuEventCreate(&event, 0));
    STATUS(CUDA_ERROR_INVALID_HANDLE, cuEventRecord(event, stream));
    OK(cuStreamSynchronize(stream));
}

/* A stream of one device waits for work of another. */
static void events_across_devices(void)
{
    two_devices();
    CUstream streams[2];
    CUevent event;
    int value = 0;
    OK(cuCtxSetCurrent(contexts[1]));
    CUdeviceptr far = device_memory(4);
    OK(cuStreamCreate(&streams[1], CU_STREAM_NON_BLOCKING));
    OK(cuEventCreate(&event, 0));
    OK(cuMemsetD32Async(far, 77, 1, streams[1]));
    OK(cuEventRecord(event, streams[1]));
    OK(cuCtxSetCurrent(contexts[0]));
    CUdeviceptr near = device_memory(4);
    OK(cuStreamCreate(&streams[0], CU_STREAM_NON_BLOCKING));
    OK(cuStreamWaitEvent(streams[0], event, 0));
    OK(cuMemcpyDtoDAsync_v2(near, far, 4, streams[0]));
    OK(cuStreamSynchronize(streams[0]));
    OK(cuMemcpyDtoH_v2(&value, near, 4));
    CHECK(value == 77);
    /* Nor does the end of the other context leave the wait without an end. */
    OK(cuStreamWaitEvent(streams[0], event, 0));
    OK(cuDevicePrimaryCtxReset_v2(1));
    OK(cuStreamSynchronize(streams[0]));
}

MAIN(TEST(descriptions), TEST(no_device), TEST(not_initialised), TEST(each_thread_has_its_own),
     TEST(stack_of_contexts), TEST(primary_contexts), TEST(memory_of_another_device),
     TEST(memory_is_counted_per_device), TEST(streams_and_functions_of_another_context),
     TEST(events_across_devices))
