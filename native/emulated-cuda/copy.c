/* Copies and fills. Both ends are checked when the call is made; a copy that faults all the same is reported. */
#include <string.h>

#include "emulated_cuda.h"

enum side { HOST, DEVICE, EITHER };

/* Rows of bytes; all but the two-dimensional copies have one. */
struct request {
    const char *function;
    enum side to, from;
    uintptr_t destination, source;
    size_t bytes, rows;
    size_t destination_pitch, source_pitch;
};

struct copy {
    struct operation operation;
    struct request request;
};

static void move_bytes(void *argument)
{
    const struct request *request = argument;
    for (size_t row = 0; row < request->rows; row++) {
        memmove((void *)(request->destination + row * request->destination_pitch),
                (const void *)(request->source + row * request->source_pitch), request->bytes);
    }
}

static CUresult execute_copy(struct operation *operation)
{
    struct request *request = &((struct copy *)operation)->request;
    struct fault_report report;
    if (fiber_guard(move_bytes, request, &report)) return CUDA_SUCCESS;
    return fail(report.status, "%s of %zu bytes from 0x%lx to 0x%lx: %s", request->function, request->bytes,
                request->source, request->destination, report.text);
}

static CUresult check_side(enum side side, uintptr_t address, size_t bytes, const char *what)
{
    if (side == EITHER) side = memory_at(address) != NULL ? DEVICE : HOST;
    return side == DEVICE ? memory_check_device(address, bytes, what) : memory_check_host(address, bytes, what);
}

/* From the first byte of the first row to the last of the last. */
static bool extent(size_t bytes, size_t rows, size_t pitch, size_t *sum)
{
    *sum = 0;
    if (bytes == 0 || rows == 0) return true;
    return !__builtin_mul_overflow(rows - 1, pitch, sum) && !__builtin_add_overflow(*sum, bytes, sum);
}

static CUresult prepare(struct context *context, const struct request *request, struct copy **copy)
{
    size_t to, from;
    if (!extent(request->bytes, request->rows, request->destination_pitch, &to) ||
        !extent(request->bytes, request->rows, request->source_pitch, &from)) {
        return fail(CUDA_ERROR_INVALID_VALUE, "%s: %zu rows of %zu bytes", request->function, request->rows,
                    request->bytes);
    }
    CUresult status = check_side(request->to, request->destination, to, "destination");
    if (status != CUDA_SUCCESS) return status;
    status = check_side(request->from, request->source, from, "source");
    if (status != CUDA_SUCCESS) return status;
    *copy = operation_new(sizeof **copy, context, execute_copy, NULL);
    (*copy)->request = *request;
    return CUDA_SUCCESS;
}

static CUresult copy_now(struct context *context, struct request request)
{
    struct copy *copy;
    CUresult status = prepare(context, &request, &copy);
    return status != CUDA_SUCCESS ? status : stream_enqueue_and_wait(context->legacy, &copy->operation);
}

static CUresult copy_later(struct context *context, CUstream handle, struct request request)
{
    struct stream *stream;
    struct copy *copy;
    CUresult status = stream_find(context, handle, &stream);
    if (status == CUDA_SUCCESS) status = prepare(stream->context, &request, &copy);
    return status != CUDA_SUCCESS ? status : stream_enqueue(stream, &copy->operation);
}

#define REQUEST(to, from) \
    ((struct request){__func__, to, from, (uintptr_t)destination, (uintptr_t)source, bytes, 1, 0, 0})

EXPORT CUresult cuMemcpyHtoD_v2(CUdeviceptr destination, const void *source, size_t bytes)
{
    ENTER(NEEDS_CONTEXT);
    return copy_now(call.context, REQUEST(DEVICE, HOST));
}

EXPORT CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr destination, const void *source, size_t bytes, CUstream stream)
{
    ENTER(NEEDS_CONTEXT);
    return copy_later(call.context, stream, REQUEST(DEVICE, HOST));
}

EXPORT CUresult cuMemcpyDtoH_v2(void *destination, CUdeviceptr source, size_t bytes)
{
    ENTER(NEEDS_CONTEXT);
    return copy_now(call.context, REQUEST(HOST, DEVICE));
}

EXPORT CUresult cuMemcpyDtoHAsync_v2(void *destination, CUdeviceptr source, size_t bytes, CUstream stream)
{
    ENTER(NEEDS_CONTEXT);
    return copy_later(call.context, stream, REQUEST(HOST, DEVICE));
}

EXPORT CUresult cuMemcpyDtoD_v2(CUdeviceptr destination, CUdeviceptr source, size_t bytes)
{
    ENTER(NEEDS_CONTEXT);
    return copy_now(call.context, REQUEST(DEVICE, DEVICE));
}

EXPORT CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr destination, CUdeviceptr source, size_t bytes, CUstream stream)
{
    ENTER(NEEDS_CONTEXT);
    return copy_later(call.context, stream, REQUEST(DEVICE, DEVICE));
}

EXPORT CUresult cuMemcpy(CUdeviceptr destination, CUdeviceptr source, size_t bytes)
{
    ENTER(NEEDS_CONTEXT);
    return copy_now(call.context, REQUEST(EITHER, EITHER));
}

EXPORT CUresult cuMemcpyAsync(CUdeviceptr destination, CUdeviceptr source, size_t bytes, CUstream stream)
{
    ENTER(NEEDS_CONTEXT);
    return copy_later(call.context, stream, REQUEST(EITHER, EITHER));
}

/* Whether an address lies in memory of a context's device. */
static CUresult check_owner(uintptr_t address, CUcontext handle, const char *what)
{
    const struct context *context = handle_object(KIND_CONTEXT, handle);
    if (context == NULL) return fail(CUDA_ERROR_INVALID_CONTEXT, "cuMemcpyPeer: no such %s context", what);
    const struct allocation *allocation = memory_at(address);
    if (allocation != NULL && allocation->context->device == context->device) return CUDA_SUCCESS;
    return fail(CUDA_ERROR_INVALID_VALUE, "cuMemcpyPeer: the %s is not memory of device %d", what,
                context->device->ordinal);
}

EXPORT CUresult cuMemcpyPeer(CUdeviceptr destination, CUcontext to, CUdeviceptr source, CUcontext from, size_t bytes)
{
    ENTER(NEEDS_CONTEXT);
    CUresult status = check_owner(destination, to, "destination");
    if (status == CUDA_SUCCESS) status = check_owner(source, from, "source");
    return status != CUDA_SUCCESS ? status : copy_now(call.context, REQUEST(DEVICE, DEVICE));
}

EXPORT CUresult cuMemcpyPeerAsync(CUdeviceptr destination, CUcontext to, CUdeviceptr source, CUcontext from,
                                  size_t bytes, CUstream stream)
{
    ENTER(NEEDS_CONTEXT);
    CUresult status = check_owner(destination, to, "destination");
    if (status == CUDA_SUCCESS) status = check_owner(source, from, "source");
    return status != CUDA_SUCCESS ? status : copy_later(call.context, stream, REQUEST(DEVICE, DEVICE));
}

/* One end of a two-dimensional copy: where its first byte is. False for arrays. */
static bool corner(int type, const void *host, CUdeviceptr device, size_t x, size_t y, size_t pitch, enum side *side,
                   uintptr_t *address)
{
    if (type != CU_MEMORYTYPE_HOST && type != CU_MEMORYTYPE_DEVICE && type != CU_MEMORYTYPE_UNIFIED) return false;
    *side = type == CU_MEMORYTYPE_HOST ? HOST : type == CU_MEMORYTYPE_DEVICE ? DEVICE : EITHER;
    *address = (type == CU_MEMORYTYPE_HOST ? (uintptr_t)host : device) + y * pitch + x;
    return true;
}

static CUresult two_dimensional(const char *function, const CUDA_MEMCPY2D *copy, struct request *request)
{
    if (copy == NULL) return fail(CUDA_ERROR_INVALID_VALUE, "%s: null pointer", function);
    *request = (struct request){.function = function,
                                .bytes = copy->WidthInBytes,
                                .rows = copy->Height,
                                .destination_pitch = copy->dstPitch,
                                .source_pitch = copy->srcPitch};
    if (!corner(copy->dstMemoryType, copy->dstHost, copy->dstDevice, copy->dstXInBytes, copy->dstY, copy->dstPitch,
                &request->to, &request->destination) ||
        !corner(copy->srcMemoryType, copy->srcHost, copy->srcDevice, copy->srcXInBytes, copy->srcY, copy->srcPitch,
                &request->from, &request->source)) {
        return fail(CUDA_ERROR_NOT_SUPPORTED, "%s: arrays are not emulated", function);
    }
    bool pitches_hold = copy->Height <= 1 || (copy->dstPitch >= copy->dstXInBytes + copy->WidthInBytes &&
                                              copy->srcPitch >= copy->srcXInBytes + copy->WidthInBytes);
    if (!pitches_hold) return fail(CUDA_ERROR_INVALID_VALUE, "%s: rows are longer than their pitch", function);
    return CUDA_SUCCESS;
}

EXPORT CUresult cuMemcpy2D_v2(const CUDA_MEMCPY2D *copy)
{
    ENTER(NEEDS_CONTEXT);
    struct request request;
    CUresult status = two_dimensional(__func__, copy, &request);
    return status != CUDA_SUCCESS ? status : copy_now(call.context, request);
}

EXPORT CUresult cuMemcpy2DUnaligned_v2(const CUDA_MEMCPY2D *copy)
{
    return cuMemcpy2D_v2(copy);
}

EXPORT CUresult cuMemcpy2DAsync_v2(const CUDA_MEMCPY2D *copy, CUstream stream)
{
    ENTER(NEEDS_CONTEXT);
    struct request request;
    CUresult status = two_dimensional(__func__, copy, &request);
    return status != CUDA_SUCCESS ? status : copy_later(call.context, stream, request);
}

struct fill {
    struct operation operation;
    const char *function;
    uintptr_t destination;
    size_t count;
    uint32_t value;
    int width;
};

static void fill_bytes(void *argument)
{
    const struct fill *fill = argument;
    if (fill->width == 1) {
        memset((void *)fill->destination, (int)fill->value, fill->count);
    } else if (fill->width == 2) {
        for (size_t i = 0; i < fill->count; i++) ((uint16_t *)fill->destination)[i] = (uint16_t)fill->value;
    } else {
        for (size_t i = 0; i < fill->count; i++) ((uint32_t *)fill->destination)[i] = fill->value;
    }
}

static CUresult execute_fill(struct operation *operation)
{
    struct fill *fill = (struct fill *)operation;
    struct fault_report report;
    if (fiber_guard(fill_bytes, fill, &report)) return CUDA_SUCCESS;
    return fail(report.status, "%s at 0x%lx: %s", fill->function, fill->destination, report.text);
}

/* Fills of device memory return before they are done, the ones without a stream too. */
static CUresult fill_later(struct context *context, CUstream handle, struct fill request)
{
    struct stream *stream;
    CUresult status = stream_find(context, handle, &stream);
    if (status != CUDA_SUCCESS) return status;
    if (request.destination % (unsigned)request.width != 0 || request.count > SIZE_MAX / 4) {
        return fail(CUDA_ERROR_INVALID_VALUE, "%s: %zu values at 0x%lx", request.function, request.count,
                    request.destination);
    }
    status = memory_check_device(request.destination, request.count * (unsigned)request.width, "destination");
    if (status != CUDA_SUCCESS) return status;
    struct fill *fill = operation_new(sizeof *fill, stream->context, execute_fill, NULL);
    request.operation = fill->operation;
    *fill = request;
    return stream_enqueue(stream, &fill->operation);
}

#define FILL(width_) \
    ((struct fill){.function = __func__, .destination = address, .count = count, .value = value, .width = width_})

EXPORT CUresult cuMemsetD8_v2(CUdeviceptr address, unsigned char value, size_t count)
{
    ENTER(NEEDS_CONTEXT);
    return fill_later(call.context, NULL, FILL(1));
}

EXPORT CUresult cuMemsetD16_v2(CUdeviceptr address, unsigned short value, size_t count)
{
    ENTER(NEEDS_CONTEXT);
    return fill_later(call.context, NULL, FILL(2));
}

EXPORT CUresult cuMemsetD32_v2(CUdeviceptr address, unsigned value, size_t count)
{
    ENTER(NEEDS_CONTEXT);
    return fill_later(call.context, NULL, FILL(4));
}

EXPORT CUresult cuMemsetD8Async(CUdeviceptr address, unsigned char value, size_t count, CUstream stream)
{
    ENTER(NEEDS_CONTEXT);
    return fill_later(call.context, stream, FILL(1));
}

EXPORT CUresult cuMemsetD16Async(CUdeviceptr address, unsigned short value, size_t count, CUstream stream)
{
    ENTER(NEEDS_CONTEXT);
    return fill_later(call.context, stream, FILL(2));
}

EXPORT CUresult cuMemsetD32Async(CUdeviceptr address, unsigned value, size_t count, CUstream stream)
{
    ENTER(NEEDS_CONTEXT);
    return fill_later(call.context, stream, FILL(4));
}
