/* Devices and what they say of themselves: an A100's limits, with few multiprocessors. */
#include <stdio.h>
#include <string.h>

#include "emulated_cuda.h"

struct device devices[MAX_DEVICES];

static CUresult find(CUdevice ordinal, struct device **device)
{
    if (ordinal < 0 || ordinal >= settings.devices) {
        return fail(CUDA_ERROR_INVALID_DEVICE, "device %d of %d", ordinal, settings.devices);
    }
    *device = &devices[ordinal];
    (*device)->ordinal = ordinal;
    return CUDA_SUCCESS;
}

#define FIND_DEVICE(ordinal)                         \
    struct device *device = NULL;                    \
    CUresult found = find(ordinal, &device);         \
    if (found != CUDA_SUCCESS) return found

EXPORT CUresult cuDeviceGetCount(int *count)
{
    ENTER(NEEDS_INIT);
    REQUIRE(count != NULL);
    *count = settings.devices;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuDeviceGet(CUdevice *handle, int ordinal)
{
    ENTER(NEEDS_INIT);
    REQUIRE(handle != NULL);
    FIND_DEVICE(ordinal);
    *handle = device->ordinal;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuDeviceGetName(char *name, int length, CUdevice ordinal)
{
    ENTER(NEEDS_INIT);
    REQUIRE(name != NULL && length > 0);
    FIND_DEVICE(ordinal);
    snprintf(name, (size_t)length, "Emulated CUDA device");
    return CUDA_SUCCESS;
}

EXPORT CUresult cuDeviceGetUuid(CUuuid *uuid, CUdevice ordinal)
{
    ENTER(NEEDS_INIT);
    REQUIRE(uuid != NULL);
    FIND_DEVICE(ordinal);
    memcpy(uuid->bytes, "emulated device", 15);
    uuid->bytes[15] = (char)ordinal;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuDeviceGetUuid_v2(CUuuid *uuid, CUdevice ordinal)
{
    return cuDeviceGetUuid(uuid, ordinal);
}

EXPORT CUresult cuDeviceTotalMem_v2(size_t *bytes, CUdevice ordinal)
{
    ENTER(NEEDS_INIT);
    REQUIRE(bytes != NULL);
    FIND_DEVICE(ordinal);
    *bytes = settings.memory_bytes;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuDeviceComputeCapability(int *major, int *minor, CUdevice ordinal)
{
    ENTER(NEEDS_INIT);
    REQUIRE(major != NULL && minor != NULL);
    FIND_DEVICE(ordinal);
    *major = 8;
    *minor = 0;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuDeviceGetPCIBusId(char *id, int length, CUdevice ordinal)
{
    ENTER(NEEDS_INIT);
    REQUIRE(id != NULL && length > 0);
    FIND_DEVICE(ordinal);
    snprintf(id, (size_t)length, "0000:%02X:00.0", ordinal + 1);
    return CUDA_SUCCESS;
}

EXPORT CUresult cuDeviceGetByPCIBusId(CUdevice *handle, const char *id)
{
    ENTER(NEEDS_INIT);
    REQUIRE(handle != NULL && id != NULL);
    unsigned domain = 0, bus = 0;
    if (sscanf(id, "%x:%x:", &domain, &bus) != 2 || domain != 0 || bus == 0 || bus > (unsigned)settings.devices) {
        return fail(CUDA_ERROR_INVALID_DEVICE, "no device at %s", id);
    }
    *handle = (CUdevice)bus - 1;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuDeviceCanAccessPeer(int *possible, CUdevice ordinal, CUdevice peer)
{
    ENTER(NEEDS_INIT);
    REQUIRE(possible != NULL);
    FIND_DEVICE(ordinal);
    found = find(peer, &device);
    if (found != CUDA_SUCCESS) return found;
    *possible = ordinal != peer;
    return CUDA_SUCCESS;
}

/* Attribute number and value; those not named are 0. */
static const struct attribute {
    int number, value;
} attributes[] = {
    {1, MAX_BLOCK_THREADS}, /* threads per block, then block x, y, z and grid x, y, z */
    {2, 1024},
    {3, 1024},
    {4, 64},
    {5, 2147483647},
    {6, 65535},
    {7, 65535},
    {8, 48 << 10},    /* shared memory per block */
    {9, 64 << 10},    /* constant memory */
    {10, WARP_LANES}, /* warp size */
    {11, 2147483647}, /* pitch */
    {12, 65536},      /* registers per block */
    {13, 1410000},    /* clock in kHz */
    {14, 512},        /* texture alignment */
    {15, 1},          /* copies overlap */
    {16, 4},          /* multiprocessors */
    {19, 1},          /* maps host memory */
    {23, 32},         /* texture pitch alignment */
    {31, 1},          /* concurrent kernels */
    {36, 1215000},    /* memory clock in kHz */
    {37, 5120},       /* memory bus width in bits */
    {38, 40 << 20},   /* L2 cache */
    {39, 2048},       /* threads per multiprocessor */
    {40, 2},          /* copy engines */
    {41, 1},          /* unified addressing */
    {75, 8},          /* compute capability, major and minor */
    {76, 0},
    {78, 1},             /* stream priorities */
    {79, 1},             /* caches of global and local memory */
    {80, 1},
    {81, 164 << 10},     /* shared memory per multiprocessor */
    {82, 65536},         /* registers per multiprocessor */
    {87, 2},             /* float to double speed */
    {90, 1},             /* compute preemption */
    {91, 1},             /* host pointers serve for registered memory */
    {97, 163 << 10},     /* shared memory per block if opted in */
    {99, 1},             /* host memory can be registered */
    {106, 32},           /* blocks per multiprocessor */
    {111, 1 << 10},      /* shared memory reserved per block */
    {113, 1},            /* host memory can be registered read-only */
};

EXPORT CUresult cuDeviceGetAttribute(int *value, int number, CUdevice ordinal)
{
    ENTER(NEEDS_INIT);
    REQUIRE(value != NULL);
    REQUIRE(number > 0 && number < 200);
    FIND_DEVICE(ordinal);
    *value = number == 33 ? ordinal + 1 : 0; /* the bus, as in the bus id */
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
        if (attributes[i].number == number) *value = attributes[i].value;
    }
    return CUDA_SUCCESS;
}

struct device *device_find(CUdevice ordinal)
{
    struct device *device = NULL;
    return find(ordinal, &device) == CUDA_SUCCESS ? device : NULL;
}
