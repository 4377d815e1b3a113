/* Contexts: one primary per device, others by cuCtxCreate, and a stack of current ones per thread. */
#include <stdlib.h>
#include <string.h>

#include "emulated_cuda.h"

enum { STACK_DEPTH = 64 };

static __thread void *stack[STACK_DEPTH];
static __thread int depth;
static uint64_t next_id = 1;

static const size_t default_limits[] = {128 << 10, 1 << 20, 8 << 20, 2, 2048, 128, 0, 0};

/* A context whose handle is no longer known must be told from no context at all. */
static struct context gone = {.destroyed = true};

static struct context *context_of(void *handle)
{
    if (handle == NULL) return NULL;
    struct context *context = handle_object(KIND_CONTEXT, handle);
    return context ? context : &gone;
}

struct context *context_current(void)
{
    return depth == 0 ? NULL : context_of(stack[depth - 1]);
}

/* Only statuses that a GPU does not recover from stay with the context. */
CUresult context_poison(struct context *context, CUresult status)
{
    static const CUresult lasting[] = {
        CUDA_ERROR_ECC_UNCORRECTABLE,   CUDA_ERROR_ILLEGAL_ADDRESS,       CUDA_ERROR_LAUNCH_TIMEOUT,
        CUDA_ERROR_ASSERT,              CUDA_ERROR_HARDWARE_STACK_ERROR,  CUDA_ERROR_ILLEGAL_INSTRUCTION,
        CUDA_ERROR_MISALIGNED_ADDRESS,  CUDA_ERROR_INVALID_ADDRESS_SPACE, CUDA_ERROR_INVALID_PC,
        CUDA_ERROR_LAUNCH_FAILED};
    for (size_t i = 0; i < sizeof lasting / sizeof lasting[0]; i++) {
        if (status == lasting[i] && context->sticky == CUDA_SUCCESS) context->sticky = status;
    }
    return status;
}

static struct context *create(struct device *device, bool primary, unsigned flags)
{
    struct context *context = calloc(1, sizeof *context);
    context->device = device;
    context->primary = primary;
    context->flags = flags;
    context->id = next_id++;
    memcpy(context->limits, default_limits, sizeof default_limits);
    context->handle = handle_new(KIND_CONTEXT, context);
    context->legacy = stream_new(context, 0, 0);
    return context;
}

static void destroy(struct context *context)
{
    context_run(context);
    graphs_free_context(context);
    events_free_context(context);
    streams_free_context(context);
    modules_free_context(context);
    memory_free_context(context);
    if (context->primary) context->device->primary = NULL;
    handle_free(context->handle);
    free(context);
}

static void destroy_visited(void *context, void *argument)
{
    (void)argument;
    destroy(context);
}

void contexts_reset(void)
{
    handle_each(KIND_CONTEXT, destroy_visited, NULL);
    memset(devices, 0, sizeof devices);
    depth = 0;
}

static CUresult push(void *handle)
{
    if (depth == STACK_DEPTH) return fail(CUDA_ERROR_INVALID_VALUE, "more than %d contexts are pushed", STACK_DEPTH);
    stack[depth++] = handle;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuCtxCreate_v2(CUcontext *handle, unsigned flags, CUdevice ordinal)
{
    ENTER(NEEDS_INIT);
    REQUIRE(handle != NULL);
    struct device *device = device_find(ordinal);
    if (device == NULL) return CUDA_ERROR_INVALID_DEVICE;
    struct context *context = create(device, false, flags);
    *handle = context->handle;
    return push(context->handle);
}

EXPORT CUresult cuCtxDestroy_v2(CUcontext handle)
{
    ENTER(NEEDS_INIT);
    struct context *context = handle_object(KIND_CONTEXT, handle);
    if (context == NULL) return fail(CUDA_ERROR_INVALID_CONTEXT, "cuCtxDestroy: no such context");
    if (context->primary) return fail(CUDA_ERROR_INVALID_CONTEXT, "cuCtxDestroy of a primary context");
    if (depth > 0 && stack[depth - 1] == (void *)handle) depth--;
    destroy(context);
    return CUDA_SUCCESS;
}

EXPORT CUresult cuDevicePrimaryCtxRetain(CUcontext *handle, CUdevice ordinal)
{
    ENTER(NEEDS_INIT);
    REQUIRE(handle != NULL);
    struct device *device = device_find(ordinal);
    if (device == NULL) return CUDA_ERROR_INVALID_DEVICE;
    if (device->primary == NULL) device->primary = create(device, true, device->primary_flags);
    device->primary_retained++;
    *handle = device->primary->handle;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuDevicePrimaryCtxRelease_v2(CUdevice ordinal)
{
    ENTER(NEEDS_INIT);
    struct device *device = device_find(ordinal);
    if (device == NULL) return CUDA_ERROR_INVALID_DEVICE;
    if (device->primary_retained == 0) {
        return fail(CUDA_ERROR_INVALID_CONTEXT, "the primary context of device %d is not retained", ordinal);
    }
    if (--device->primary_retained == 0 && device->primary != NULL) destroy(device->primary);
    return CUDA_SUCCESS;
}

/* Frees everything of the context; those who retained it must still release it. */
EXPORT CUresult cuDevicePrimaryCtxReset_v2(CUdevice ordinal)
{
    ENTER(NEEDS_INIT);
    struct device *device = device_find(ordinal);
    if (device == NULL) return CUDA_ERROR_INVALID_DEVICE;
    if (device->primary != NULL) destroy(device->primary);
    return CUDA_SUCCESS;
}

EXPORT CUresult cuDevicePrimaryCtxGetState(CUdevice ordinal, unsigned *flags, int *active)
{
    ENTER(NEEDS_INIT);
    REQUIRE(flags != NULL && active != NULL);
    struct device *device = device_find(ordinal);
    if (device == NULL) return CUDA_ERROR_INVALID_DEVICE;
    *flags = device->primary_flags;
    *active = device->primary != NULL;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuDevicePrimaryCtxSetFlags_v2(CUdevice ordinal, unsigned flags)
{
    ENTER(NEEDS_INIT);
    struct device *device = device_find(ordinal);
    if (device == NULL) return CUDA_ERROR_INVALID_DEVICE;
    device->primary_flags = flags;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuCtxSetCurrent(CUcontext handle)
{
    ENTER(NEEDS_INIT);
    if (handle != NULL && handle_object(KIND_CONTEXT, handle) == NULL) {
        return fail(CUDA_ERROR_INVALID_CONTEXT, "cuCtxSetCurrent: no such context, or it is destroyed");
    }
    if (depth > 0) depth--;
    return handle == NULL ? CUDA_SUCCESS : push(handle);
}

EXPORT CUresult cuCtxGetCurrent(CUcontext *handle)
{
    ENTER(NEEDS_INIT);
    REQUIRE(handle != NULL);
    *handle = depth == 0 ? NULL : stack[depth - 1];
    return CUDA_SUCCESS;
}

EXPORT CUresult cuCtxPushCurrent_v2(CUcontext handle)
{
    ENTER(NEEDS_INIT);
    if (handle_object(KIND_CONTEXT, handle) == NULL) {
        return fail(CUDA_ERROR_INVALID_CONTEXT, "cuCtxPushCurrent: no such context, or it is destroyed");
    }
    return push(handle);
}

EXPORT CUresult cuCtxPopCurrent_v2(CUcontext *handle)
{
    ENTER(NEEDS_INIT);
    if (depth == 0) return fail(CUDA_ERROR_INVALID_CONTEXT, "cuCtxPopCurrent: no context is current");
    depth--;
    if (handle != NULL) *handle = stack[depth];
    return CUDA_SUCCESS;
}

EXPORT CUresult cuCtxGetDevice(CUdevice *ordinal)
{
    ENTER(NEEDS_CONTEXT);
    REQUIRE(ordinal != NULL);
    *ordinal = call.context->device->ordinal;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuCtxGetFlags(unsigned *flags)
{
    ENTER(NEEDS_CONTEXT);
    REQUIRE(flags != NULL);
    *flags = call.context->flags;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuCtxGetId(CUcontext handle, unsigned long long *id)
{
    ENTER(NEEDS_INIT);
    REQUIRE(id != NULL);
    struct context *context = handle == NULL ? call.context : handle_object(KIND_CONTEXT, handle);
    if (context == NULL) return fail(CUDA_ERROR_INVALID_CONTEXT, "cuCtxGetId: no such context");
    *id = context->id;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuCtxGetApiVersion(CUcontext handle, unsigned *version)
{
    ENTER(NEEDS_INIT);
    REQUIRE(version != NULL);
    if (handle != NULL && handle_object(KIND_CONTEXT, handle) == NULL) {
        return fail(CUDA_ERROR_INVALID_CONTEXT, "cuCtxGetApiVersion: no such context");
    }
    *version = 3020;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuCtxGetStreamPriorityRange(int *least, int *greatest)
{
    ENTER(NEEDS_CONTEXT);
    if (least != NULL) *least = 0;
    if (greatest != NULL) *greatest = -5;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuCtxGetLimit(size_t *value, int limit)
{
    ENTER(NEEDS_CONTEXT);
    REQUIRE(value != NULL);
    if (limit < 0 || limit > 6) return fail(CUDA_ERROR_UNSUPPORTED_LIMIT, "cuCtxGetLimit: limit %d", limit);
    *value = call.context->limits[limit];
    return CUDA_SUCCESS;
}

/* Kept and reported, without effect: stacks are of one size here. */
EXPORT CUresult cuCtxSetLimit(int limit, size_t value)
{
    ENTER(NEEDS_CONTEXT);
    if (limit < 0 || limit > 6) return fail(CUDA_ERROR_UNSUPPORTED_LIMIT, "cuCtxSetLimit: limit %d", limit);
    call.context->limits[limit] = value;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuCtxGetCacheConfig(int *config)
{
    ENTER(NEEDS_CONTEXT);
    REQUIRE(config != NULL);
    *config = 0;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuCtxSetCacheConfig(int config)
{
    ENTER(NEEDS_CONTEXT);
    REQUIRE(config >= 0 && config <= 3);
    return CUDA_SUCCESS;
}

/* There is no profiler to start; programs that mark what to profile go on. */
EXPORT CUresult cuProfilerStart(void)
{
    ENTER(NEEDS_CONTEXT);
    return CUDA_SUCCESS;
}

EXPORT CUresult cuProfilerStop(void)
{
    ENTER(NEEDS_CONTEXT);
    return CUDA_SUCCESS;
}

EXPORT CUresult cuCtxSynchronize(void)
{
    ENTER(NEEDS_CONTEXT);
    CUresult status = capture_forbids_unsafe("cuCtxSynchronize");
    return status != CUDA_SUCCESS ? status : context_run(call.context);
}

EXPORT CUresult cuCtxEnablePeerAccess(CUcontext handle, unsigned flags)
{
    ENTER(NEEDS_CONTEXT);
    struct context *peer = handle_object(KIND_CONTEXT, handle);
    if (peer == NULL) return fail(CUDA_ERROR_INVALID_CONTEXT, "cuCtxEnablePeerAccess: no such context");
    REQUIRE(flags == 0);
    int ordinal = peer->device->ordinal;
    if (ordinal == call.context->device->ordinal) {
        return fail(CUDA_ERROR_PEER_ACCESS_UNSUPPORTED, "device %d is no peer of itself", ordinal);
    }
    if (call.context->peers[ordinal]) {
        return fail(CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED, "access to device %d", ordinal);
    }
    call.context->peers[ordinal] = true;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuCtxDisablePeerAccess(CUcontext handle)
{
    ENTER(NEEDS_CONTEXT);
    struct context *peer = handle_object(KIND_CONTEXT, handle);
    if (peer == NULL) return fail(CUDA_ERROR_INVALID_CONTEXT, "cuCtxDisablePeerAccess: no such context");
    if (!call.context->peers[peer->device->ordinal]) {
        return fail(CUDA_ERROR_PEER_ACCESS_NOT_ENABLED, "access to device %d", peer->device->ordinal);
    }
    call.context->peers[peer->device->ordinal] = false;
    return CUDA_SUCCESS;
}
