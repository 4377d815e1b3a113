/* Allocating, copying, pinning, asking: right uses work, and wrong ones are refused with a reason. */
#include <sys/mman.h>

#include "check.h"

enum { ONE = 0xff };

static void round_trip(void)
{
    char in[1000], out[1000];
    for (int i = 0; i < 1000; i++) in[i] = (char)(i * 7);
    CUdeviceptr a = device_memory(1000), b = device_memory(1000);
    CHECK(a % 256 == 0 && b % 256 == 0);
    OK(cuMemcpyHtoD_v2(a, in, 1000));
    OK(cuMemcpyDtoD_v2(b, a, 1000));
    OK(cuMemcpyDtoH_v2(out, b, 1000));
    CHECK(memcmp(in, out, 1000) == 0);
    OK(cuMemcpyHtoD_v2(a + 500, in, 500));
    OK(cuMemcpy((CUdeviceptr)out, a + 500, 500));
    CHECK(memcmp(in, out, 500) == 0);
    OK(cuMemcpyDtoH_v2(out, b, 0));
}

static void fills(void)
{
    unsigned char out[16];
    CUdeviceptr memory = device_memory(16);
    OK(cuMemcpyDtoH_v2(out, memory, 16));
    CHECK(out[0] == ONE && out[15] == ONE);
    OK(cuMemsetD8_v2(memory, 0x12, 16));
    OK(cuMemsetD16_v2(memory + 4, 0x3456, 2));
    OK(cuMemsetD32_v2(memory + 8, 0x789abcde, 1));
    OK(cuMemcpyDtoH_v2(out, memory, 16));
    static const unsigned char expected[16] = {0x12, 0x12, 0x12, 0x12, 0x56, 0x34, 0x56, 0x34,
                                               0xde, 0xbc, 0x9a, 0x78, 0x12, 0x12, 0x12, 0x12};
    CHECK(memcmp(out, expected, 16) == 0);
    STATUS(CUDA_ERROR_INVALID_VALUE, cuMemsetD8_v2(memory, 0, 17));
    STATUS(CUDA_ERROR_INVALID_VALUE, cuMemsetD16_v2(memory + 1, 0, 1));
    STATUS(CUDA_ERROR_INVALID_VALUE, cuMemsetD32_v2(memory + 2, 0, 1));
    STATUS(CUDA_ERROR_INVALID_VALUE, cuMemsetD32_v2(memory, 0, (size_t)1 << 62));
}

static void two_dimensional_copies(void)
{
    enum { WIDTH = 3, HEIGHT = 4 };
    char in[HEIGHT * 5], out[HEIGHT * 7] = {0};
    for (int i = 0; i < HEIGHT * 5; i++) in[i] = (char)i;
    CUdeviceptr memory = device_memory(1 + HEIGHT * 8);
    CUDA_MEMCPY2D up = {.srcMemoryType = CU_MEMORYTYPE_HOST, .srcHost = in, .srcPitch = 5, .srcXInBytes = 1,
                        .dstMemoryType = CU_MEMORYTYPE_DEVICE, .dstDevice = memory, .dstPitch = 8, .dstXInBytes = 2,
                        .WidthInBytes = WIDTH, .Height = HEIGHT};
    CUDA_MEMCPY2D down = {.srcMemoryType = CU_MEMORYTYPE_UNIFIED, .srcDevice = memory, .srcPitch = 8, .srcXInBytes = 2,
                          .srcY = 1, .dstMemoryType = CU_MEMORYTYPE_HOST, .dstHost = out, .dstPitch = 7, .dstY = 1,
                          .WidthInBytes = WIDTH, .Height = HEIGHT - 1};
    OK(cuMemcpy2D_v2(&up));
    OK(cuMemcpy2DAsync_v2(&down, NULL));
    OK(cuStreamSynchronize(NULL));
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < 7; x++) CHECK(out[y * 7 + x] == (y > 0 && x < WIDTH ? y * 5 + x + 1 : 0));
    }
    up.Height = HEIGHT + 2;
    STATUS(CUDA_ERROR_INVALID_VALUE, cuMemcpy2D_v2(&up));
    up.Height = (size_t)1 << 62;
    STATUS(CUDA_ERROR_INVALID_VALUE, cuMemcpy2D_v2(&up));
    up.Height = HEIGHT;
    up.dstPitch = 4;
    STATUS(CUDA_ERROR_INVALID_VALUE, cuMemcpy2D_v2(&up));
    up.dstMemoryType = CU_MEMORYTYPE_ARRAY;
    STATUS(CUDA_ERROR_NOT_SUPPORTED, cuMemcpy2D_v2(&up));
}

static void stream_ordered_memory(void)
{
    CUstream stream;
    CUdeviceptr memory;
    int value;
    OK(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
    OK(cuMemAllocAsync(&memory, 4, stream));
    OK(cuMemsetD32Async(memory, 6, 1, stream));
    OK(cuMemcpyDtoHAsync_v2(&value, memory, 4, stream));
    OK(cuMemFreeAsync(memory, stream));
    CHECK(emucudaLiveAllocations(NULL) == (is_lazy() ? 1 : 0));
    OK(cuStreamSynchronize(stream));
    CHECK(value == 6 && emucudaLiveAllocations(NULL) == 0);
}

static void out_of_memory(void)
{
    size_t unused, total;
    CUdeviceptr memory;
    OK(emucudaConfigure("EMUCUDA_MEMORY_MB", "16"));
    OK(cuMemGetInfo_v2(&unused, &total));
    CHECK(unused == 16 << 20 && total == 16 << 20);
    CUdeviceptr first = device_memory(10 << 20);
    STATUS(CUDA_ERROR_OUT_OF_MEMORY, cuMemAlloc_v2(&memory, (6 << 20) + 1));
    EXPLAINED("6291457 bytes do not fit");
    STATUS(CUDA_ERROR_OUT_OF_MEMORY, cuMemAlloc_v2(&memory, SIZE_MAX));
    STATUS(CUDA_ERROR_OUT_OF_MEMORY, cuMemHostAlloc((void **)&memory, SIZE_MAX, 0));
    OK(cuMemGetInfo_v2(&unused, &total));
    CHECK(unused == 6 << 20);
    OK(cuMemFree_v2(first));
    device_memory(16 << 20);
    OK(emucudaConfigure("EMUCUDA_MEMORY_MB", "8"));
    STATUS(CUDA_ERROR_OUT_OF_MEMORY, cuMemAlloc_v2(&memory, 1));
    OK(cuMemGetInfo_v2(&unused, &total));
    CHECK(unused == 0);
    OK(emucudaConfigure("EMUCUDA_MEMORY_MB", ""));
}

static void wrong_frees(void)
{
    CUdeviceptr memory = device_memory(64);
    void *pinned;
    OK(cuMemHostAlloc(&pinned, 64, 0));
    STATUS(CUDA_ERROR_INVALID_VALUE, cuMemFree_v2(memory + 4));
    STATUS(CUDA_ERROR_INVALID_VALUE, cuMemFree_v2((CUdeviceptr)&memory));
    STATUS(CUDA_ERROR_INVALID_VALUE, cuMemFree_v2((CUdeviceptr)pinned));
    STATUS(CUDA_ERROR_INVALID_VALUE, cuMemFreeHost((void *)memory));
    OK(cuMemFree_v2(0));
    OK(cuMemFree_v2(memory));
    STATUS(CUDA_ERROR_INVALID_VALUE, cuMemFree_v2(memory));
    EXPLAINED("freed device memory");
    OK(cuMemFreeHost(pinned));
    STATUS(CUDA_ERROR_INVALID_VALUE, cuMemFreeHost(pinned));
}

static void wrong_copies(void)
{
    char host[100] = {0};
    CUdeviceptr memory = device_memory(100), freed = device_memory(100);
    OK(cuMemFree_v2(freed));
    STATUS(CUDA_ERROR_INVALID_VALUE, cuMemcpyHtoD_v2(memory, host, 101));
    EXPLAINED("101 bytes do not fit");
    STATUS(CUDA_ERROR_INVALID_VALUE, cuMemcpyHtoD_v2(memory + 50, host, 51));
    STATUS(CUDA_ERROR_INVALID_VALUE, cuMemcpyHtoD_v2(memory - 1, host, 10));
    STATUS(CUDA_ERROR_INVALID_VALUE, cuMemcpyDtoH_v2(host, memory + 100, 1));
    STATUS(CUDA_ERROR_INVALID_VALUE, cuMemcpyDtoH_v2(host, memory, SIZE_MAX));
    STATUS(CUDA_ERROR_INVALID_VALUE, cuMemcpyDtoH_v2(host, freed, 10));
    EXPLAINED("freed device memory");
    STATUS(CUDA_ERROR_INVALID_VALUE, cuMemcpyDtoH_v2(host, (CUdeviceptr)host, 10));
    STATUS(CUDA_ERROR_INVALID_VALUE, cuMemcpyDtoH_v2((void *)memory, memory, 10));
    EXPLAINED("should be host memory");
    STATUS(CUDA_ERROR_INVALID_VALUE, cuMemcpyHtoD_v2(memory, NULL, 10));
    STATUS(CUDA_ERROR_INVALID_VALUE, cuMemcpyDtoD_v2(memory, (CUdeviceptr)host, 10));
    OK(cuCtxSynchronize());
}

/* Memory that the host has unmapped does not take the process with it. */
static void vanished_host_memory(void)
{
    void *map = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CUdeviceptr memory = device_memory(100);
    STATUS(CUDA_ERROR_ILLEGAL_ADDRESS, cuMemcpyHtoD_v2(memory, map, 100));
    EXPLAINED("cuMemcpyHtoD_v2 of 100 bytes");
    STATUS(CUDA_ERROR_ILLEGAL_ADDRESS, cuCtxSynchronize());
}

static void pinned_memory(void)
{
    char *pinned;
    int value;
    CUdeviceptr memory = device_memory(64), seen;
    OK(cuMemHostAlloc((void **)&pinned, 64, 0));
    memset(pinned, 5, 64);
    OK(cuMemcpyHtoD_v2(memory, pinned, 64));
    STATUS(CUDA_ERROR_INVALID_VALUE, cuMemcpyDtoH_v2(pinned, memory, 65));
    OK(cuMemHostGetDevicePointer_v2(&seen, pinned, 0));
    CHECK(seen == (CUdeviceptr)pinned);
    value = 77;
    OK(run_block(kernel("set"), 1, 0, PARAMETERS(&seen, &value)));
    CHECK(*(int *)pinned == 77);
    STATUS(CUDA_ERROR_INVALID_VALUE, cuMemHostGetDevicePointer_v2(&seen, &value, 0));
    OK(cuMemFreeHost(pinned));
    STATUS(CUDA_ERROR_ILLEGAL_ADDRESS, run_block(kernel("set"), 1, 0, PARAMETERS(&seen, &value)));
}

/* A copy that is under way when its pinned memory is freed: lazy, it has not begun yet. */
static void pinned_memory_freed_early(void)
{
    void *pinned;
    CUdeviceptr memory = device_memory(64);
    CUstream stream;
    OK(cuStreamCreate(&stream, 0));
    OK(cuMemHostAlloc(&pinned, 64, 0));
    OK(cuMemcpyDtoHAsync_v2(pinned, memory, 64, stream));
    OK(cuMemFreeHost(pinned));
    STATUS(is_lazy() ? CUDA_ERROR_ILLEGAL_ADDRESS : CUDA_SUCCESS, cuStreamSynchronize(stream));
    if (is_lazy()) EXPLAINED("freed pinned host memory");
}

static void registered_memory(void)
{
    static char host[8192];
    CUdeviceptr address;
    int value = 3;
    OK(cuMemHostRegister_v2(host, 4096, 0));
    STATUS(CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED, cuMemHostRegister_v2(host + 100, 100, 0));
    STATUS(CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED, cuMemHostRegister_v2(host, 8192, 0));
    OK(cuMemHostRegister_v2(host + 4096, 4096, 0));
    OK(cuMemHostGetDevicePointer_v2(&address, host + 64, 0));
    OK(run_block(kernel("set"), 1, 0, PARAMETERS(&address, &value)));
    CHECK(*(int *)(host + 64) == 3);
    STATUS(CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED, cuMemHostUnregister(host + 64));
    OK(cuMemHostUnregister(host));
    STATUS(CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED, cuMemHostUnregister(host));
    host[0] = 1; /* still the program's */
    STATUS(CUDA_ERROR_ILLEGAL_ADDRESS, run_block(kernel("set"), 1, 0, PARAMETERS(&address, &value)));
}

static void pointer_attributes(void)
{
    enum { MEMORY_TYPE = 2, DEVICE_ORDINAL = 9, RANGE_START = 11, RANGE_BYTES = 12 };
    CUdeviceptr memory = device_memory(100), base, start;
    size_t bytes;
    unsigned type;
    int ordinal;
    OK(cuPointerGetAttribute(&type, MEMORY_TYPE, memory + 10));
    CHECK(type == CU_MEMORYTYPE_DEVICE);
    OK(cuMemGetAddressRange_v2(&base, &bytes, memory + 99));
    CHECK(base == memory && bytes == 100);
    OK(cuPointerGetAttributes(4, (int[]){MEMORY_TYPE, DEVICE_ORDINAL, RANGE_START, RANGE_BYTES},
                              (void *[]){&type, &ordinal, &start, &bytes}, memory + 10));
    CHECK(type == CU_MEMORYTYPE_DEVICE && ordinal == 0 && start == memory && bytes == 100);
    void *pinned;
    OK(cuMemHostAlloc(&pinned, 10, 0));
    OK(cuPointerGetAttribute(&type, MEMORY_TYPE, (CUdeviceptr)pinned));
    CHECK(type == CU_MEMORYTYPE_HOST);
    STATUS(CUDA_ERROR_INVALID_VALUE, cuPointerGetAttribute(&type, MEMORY_TYPE, (CUdeviceptr)&type));
    OK(cuPointerGetAttributes(1, (int[]){MEMORY_TYPE}, (void *[]){&type}, (CUdeviceptr)&type));
    CHECK(type == 0);
}

static void live_allocations(void)
{
    size_t bytes;
    CHECK(emucudaLiveAllocations(&bytes) == 0 && bytes == 0);
    CUdeviceptr memory = device_memory(100);
    void *pinned;
    OK(cuMemHostAlloc(&pinned, 28, 0));
    CHECK(emucudaLiveAllocations(&bytes) == 2 && bytes == 128);
    OK(cuMemFree_v2(memory));
    CHECK(emucudaLiveAllocations(&bytes) == 1 && bytes == 28);
    OK(cuDevicePrimaryCtxRelease_v2(0));
    CHECK(emucudaLiveAllocations(&bytes) == 0);
}

/* More than are remembered as freed. */
static void many_allocations(void)
{
    CUdeviceptr kept[64];
    for (int i = 0; i < 64; i++) kept[i] = device_memory(100);
    for (int i = 0; i < 3000; i++) OK(cuMemFree_v2(device_memory(1 + i)));
    for (int i = 0; i < 64; i++) OK(cuMemFree_v2(kept[i * 37 % 64]));
    CHECK(emucudaLiveAllocations(NULL) == 0);
}

MAIN(TEST(round_trip), TEST(fills), TEST(two_dimensional_copies), TEST(stream_ordered_memory), TEST(out_of_memory),
     TEST(wrong_frees), TEST(wrong_copies), TEST(vanished_host_memory), TEST(pinned_memory),
     TEST(pinned_memory_freed_early), TEST(registered_memory), TEST(pointer_attributes), TEST(live_allocations),
     TEST(many_allocations))
