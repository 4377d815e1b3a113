/* Entry points that allocate, register, free and ask about memory. */
#include <string.h>

#include "emulated_cuda.h"

EXPORT CUresult cuMemAlloc_v2(CUdeviceptr *address, size_t bytes)
{
    ENTER(NEEDS_CONTEXT);
    REQUIRE(address != NULL);
    REQUIRE(bytes > 0);
    CUresult status = capture_forbids_unsafe("cuMemAlloc");
    if (status != CUDA_SUCCESS) return status;
    uintptr_t allocated;
    status = memory_allocate(call.context, MEMORY_DEVICE, bytes, 0, &allocated);
    if (status == CUDA_SUCCESS) *address = allocated;
    return status;
}

EXPORT CUresult cuMemAllocPitch_v2(CUdeviceptr *address, size_t *pitch, size_t width, size_t height, unsigned element)
{
    ENTER(NEEDS_CONTEXT);
    REQUIRE(address != NULL && pitch != NULL);
    REQUIRE(width > 0 && height > 0 && width < (size_t)1 << 31 && height < (size_t)1 << 31);
    REQUIRE(element == 4 || element == 8 || element == 16);
    *pitch = (width + 511) / 512 * 512;
    uintptr_t allocated;
    CUresult status = memory_allocate(call.context, MEMORY_DEVICE, *pitch * height, 0, &allocated);
    if (status == CUDA_SUCCESS) *address = allocated;
    return status;
}

/* Waits for all work of the context first. */
EXPORT CUresult cuMemFree_v2(CUdeviceptr address)
{
    ENTER(NEEDS_CONTEXT);
    if (address == 0) return CUDA_SUCCESS;
    CUresult status = capture_forbids_unsafe("cuMemFree");
    if (status != CUDA_SUCCESS) return status;
    const struct allocation *allocation = memory_at(address);
    status = context_run(allocation ? allocation->context : call.context);
    return status != CUDA_SUCCESS ? status : memory_free(address, MEMORY_DEVICE);
}

/* Stream-ordered memory is there at once; only its end waits for its turn. */
EXPORT CUresult cuMemAllocAsync(CUdeviceptr *address, size_t bytes, CUstream handle)
{
    ENTER(NEEDS_CONTEXT);
    REQUIRE(address != NULL);
    REQUIRE(bytes > 0);
    struct stream *stream;
    CUresult status = stream_find(call.context, handle, &stream);
    if (status == CUDA_SUCCESS) status = capture_forbids(stream, "cuMemAllocAsync");
    if (status != CUDA_SUCCESS) return status;
    uintptr_t allocated;
    status = memory_allocate(stream->context, MEMORY_DEVICE, bytes, 0, &allocated);
    if (status == CUDA_SUCCESS) *address = allocated;
    return status;
}

struct release {
    struct operation operation;
    uintptr_t address;
};

static CUresult execute_release(struct operation *operation)
{
    return memory_free(((const struct release *)operation)->address, MEMORY_DEVICE);
}

EXPORT CUresult cuMemFreeAsync(CUdeviceptr address, CUstream handle)
{
    ENTER(NEEDS_CONTEXT);
    struct stream *stream;
    CUresult status = stream_find(call.context, handle, &stream);
    if (status == CUDA_SUCCESS) status = capture_forbids(stream, "cuMemFreeAsync");
    if (status != CUDA_SUCCESS || address == 0) return status;
    struct release *release = operation_new(sizeof *release, stream->context, execute_release, NULL);
    release->address = address;
    return stream_enqueue(stream, &release->operation);
}

EXPORT CUresult cuMemGetInfo_v2(size_t *unused, size_t *total)
{
    ENTER(NEEDS_CONTEXT);
    if (unused != NULL) *unused = memory_unused(call.context->device);
    if (total != NULL) *total = settings.memory_bytes;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuMemGetAddressRange_v2(CUdeviceptr *base, size_t *bytes, CUdeviceptr address)
{
    ENTER(NEEDS_CONTEXT);
    const struct allocation *allocation = memory_at(address);
    if (allocation == NULL) return fail(CUDA_ERROR_NOT_FOUND, "cuMemGetAddressRange: 0x%llx", address);
    if (base != NULL) *base = allocation->address;
    if (bytes != NULL) *bytes = allocation->bytes;
    return CUDA_SUCCESS;
}

static CUresult allocate_pinned(struct context *context, void **address, size_t bytes, unsigned flags)
{
    if (address == NULL || bytes == 0 || flags > 7) {
        return fail(CUDA_ERROR_INVALID_VALUE, "cuMemHostAlloc: %zu bytes, flags 0x%x", bytes, flags);
    }
    CUresult status = capture_forbids_unsafe("cuMemHostAlloc");
    if (status != CUDA_SUCCESS) return status;
    uintptr_t allocated;
    status = memory_allocate(context, MEMORY_PINNED, bytes, flags, &allocated);
    if (status == CUDA_SUCCESS) *address = (void *)allocated;
    return status;
}

EXPORT CUresult cuMemHostAlloc(void **address, size_t bytes, unsigned flags)
{
    ENTER(NEEDS_CONTEXT);
    return allocate_pinned(call.context, address, bytes, flags);
}

EXPORT CUresult cuMemAllocHost_v2(void **address, size_t bytes)
{
    ENTER(NEEDS_CONTEXT);
    return allocate_pinned(call.context, address, bytes, 0);
}

/* Waits for nothing: a copy that is still to come finds its memory gone. */
EXPORT CUresult cuMemFreeHost(void *address)
{
    ENTER(NEEDS_CONTEXT);
    return memory_free((uintptr_t)address, MEMORY_PINNED);
}

EXPORT CUresult cuMemHostRegister_v2(void *address, size_t bytes, unsigned flags)
{
    ENTER(NEEDS_CONTEXT);
    REQUIRE(address != NULL && bytes > 0);
    REQUIRE(flags <= 15);
    if (memory_overlaps((uintptr_t)address, bytes)) {
        return fail(CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED, "%zu bytes at %p", bytes, address);
    }
    memory_register(call.context, MEMORY_REGISTERED, (uintptr_t)address, bytes, flags);
    return CUDA_SUCCESS;
}

EXPORT CUresult cuMemHostUnregister(void *address)
{
    ENTER(NEEDS_CONTEXT);
    const struct allocation *allocation = memory_at((uintptr_t)address);
    if (allocation == NULL || allocation->kind != MEMORY_REGISTERED || allocation->address != (uintptr_t)address) {
        return fail(CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED, "cuMemHostUnregister: %p", address);
    }
    return memory_free((uintptr_t)address, MEMORY_REGISTERED);
}

static const struct allocation *host_memory_at(const void *address)
{
    const struct allocation *allocation = memory_at((uintptr_t)address);
    bool host = allocation != NULL && (allocation->kind == MEMORY_PINNED || allocation->kind == MEMORY_REGISTERED);
    return host ? allocation : NULL;
}

/* The same address: all memory is in one address space. */
EXPORT CUresult cuMemHostGetDevicePointer_v2(CUdeviceptr *device, void *address, unsigned flags)
{
    ENTER(NEEDS_CONTEXT);
    REQUIRE(device != NULL && flags == 0);
    if (host_memory_at(address) == NULL) {
        return fail(CUDA_ERROR_INVALID_VALUE, "cuMemHostGetDevicePointer: %p is not pinned", address);
    }
    *device = (uintptr_t)address;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuMemHostGetFlags(unsigned *flags, void *address)
{
    ENTER(NEEDS_CONTEXT);
    REQUIRE(flags != NULL);
    const struct allocation *allocation = host_memory_at(address);
    if (allocation == NULL || allocation->kind != MEMORY_PINNED) {
        return fail(CUDA_ERROR_INVALID_VALUE, "cuMemHostGetFlags: %p is not of cuMemHostAlloc", address);
    }
    *flags = allocation->flags;
    return CUDA_SUCCESS;
}

enum pointer_attribute {
    POINTER_CONTEXT = 1,
    POINTER_MEMORY_TYPE = 2,
    POINTER_DEVICE_POINTER = 3,
    POINTER_HOST_POINTER = 4,
    POINTER_BUFFER_ID = 7,
    POINTER_IS_MANAGED = 8,
    POINTER_DEVICE_ORDINAL = 9,
    POINTER_RANGE_START = 11,
    POINTER_RANGE_BYTES = 12,
    POINTER_MAPPED = 13
};

static CUresult pointer_attribute(void *value, enum pointer_attribute attribute, const struct allocation *allocation,
                                  CUdeviceptr address)
{
    bool host = allocation->kind == MEMORY_PINNED || allocation->kind == MEMORY_REGISTERED;
    switch (attribute) {
    case POINTER_CONTEXT: *(void **)value = allocation->context->handle; break;
    case POINTER_MEMORY_TYPE: *(unsigned *)value = host ? CU_MEMORYTYPE_HOST : CU_MEMORYTYPE_DEVICE; break;
    case POINTER_DEVICE_POINTER: *(CUdeviceptr *)value = address; break;
    case POINTER_HOST_POINTER:
        if (!host) return fail(CUDA_ERROR_INVALID_VALUE, "0x%llx is not host memory", address);
        *(CUdeviceptr *)value = address;
        break;
    case POINTER_BUFFER_ID: *(uint64_t *)value = allocation->number; break;
    case POINTER_IS_MANAGED: *(bool *)value = false; break;
    case POINTER_DEVICE_ORDINAL: *(int *)value = allocation->context->device->ordinal; break;
    case POINTER_RANGE_START: *(CUdeviceptr *)value = allocation->address; break;
    case POINTER_RANGE_BYTES: *(size_t *)value = allocation->bytes; break;
    case POINTER_MAPPED: *(bool *)value = true; break;
    default: return fail(CUDA_ERROR_INVALID_VALUE, "pointer attribute %d", attribute);
    }
    return CUDA_SUCCESS;
}

EXPORT CUresult cuPointerGetAttribute(void *value, int attribute, CUdeviceptr address)
{
    ENTER(NEEDS_CONTEXT);
    REQUIRE(value != NULL);
    const struct allocation *allocation = memory_at(address);
    if (allocation == NULL) return fail(CUDA_ERROR_INVALID_VALUE, "0x%llx is no memory of CUDA", address);
    return pointer_attribute(value, (enum pointer_attribute)attribute, allocation, address);
}

/* Values of what CUDA does not know are zero, as its manual says, and no error. */
EXPORT CUresult cuPointerGetAttributes(unsigned count, int *attributes, void **values, CUdeviceptr address)
{
    ENTER(NEEDS_CONTEXT);
    REQUIRE(attributes != NULL && values != NULL);
    const struct allocation *allocation = memory_at(address);
    for (unsigned i = 0; i < count; i++) {
        if (allocation != NULL) {
            CUresult status = pointer_attribute(values[i], (enum pointer_attribute)attributes[i], allocation, address);
            if (status != CUDA_SUCCESS) return status;
        } else if (attributes[i] == POINTER_MEMORY_TYPE) {
            *(unsigned *)values[i] = 0;
        } else if (attributes[i] == POINTER_DEVICE_ORDINAL) {
            *(int *)values[i] = -2;
        } else if (attributes[i] == POINTER_IS_MANAGED || attributes[i] == POINTER_MAPPED) {
            *(bool *)values[i] = false;
        } else {
            *(uint64_t *)values[i] = 0;
        }
    }
    return CUDA_SUCCESS;
}

/* Not part of CUDA: live allocations and their bytes, for tests that everything was freed. */
EXPORT size_t emucudaLiveAllocations(size_t *bytes)
{
    struct call call __attribute__((cleanup(call_leave))) = call_enter(__func__, NEEDS_NOTHING);
    size_t sum, count = memory_live(&sum);
    if (bytes != NULL) *bytes = sum;
    return count;
}
