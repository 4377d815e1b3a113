/*
 * Streams: queues of operations. Eager, an operation runs when it is enqueued, as with CUDA_LAUNCH_BLOCKING=1. Lazy, it
 * runs when something waits for it, and nothing else runs then: an order that a program did not ask for it may not get.
 *
 * Operations are numbered as they are enqueued. One in the legacy stream waits for all of lower number in the blocking
 * streams of its context, one in a blocking stream for those in the legacy stream.
 */
#include <stdlib.h>

#include "emulated_cuda.h"

/* Those with a handle, and those without that events may still name. */
static struct stream *streams, *destroyed;
static uint64_t last_sequence;
static uint64_t next_id;

struct stream *stream_new(struct context *context, unsigned flags, int priority)
{
    struct stream *stream = calloc(1, sizeof *stream);
    stream->context = context;
    stream->flags = flags;
    stream->priority = priority;
    stream->id = next_id++;
    stream->last = &stream->first;
    stream->next = streams;
    streams = stream;
    stream->handle = handle_new(KIND_STREAM, stream);
    return stream;
}

CUresult stream_find(struct context *context, CUstream handle, struct stream **stream)
{
    if (handle == NULL || (uintptr_t)handle == 1) {
        *stream = context->legacy;
        return CUDA_SUCCESS;
    }
    if ((uintptr_t)handle == 2) {
        return fail(CUDA_ERROR_NOT_SUPPORTED, "the per-thread default stream is not emulated");
    }
    *stream = handle_object(KIND_STREAM, handle);
    if (*stream == NULL) return fail(CUDA_ERROR_INVALID_HANDLE, "no such stream, or it is destroyed");
    return (*stream)->context->sticky;
}

void *operation_new(size_t bytes, struct context *context, CUresult (*execute)(struct operation *),
                    void (*release)(struct operation *))
{
    struct operation *operation = calloc(1, bytes);
    operation->references = 1;
    operation->context = context;
    operation->execute = execute;
    operation->release = release;
    return operation;
}

void operation_release(struct operation *operation)
{
    if (--operation->references > 0) return;
    if (operation->release != NULL) operation->release(operation);
    free(operation);
}

static bool is_blocking(const struct stream *stream)
{
    return (stream->flags & CU_STREAM_NON_BLOCKING) == 0;
}

/* Earlier work that an operation at this place in this stream waits for without being told to. */
static CUresult run_implicit_dependencies(struct stream *stream, uint64_t sequence)
{
    struct context *context = stream->context;
    if (stream != context->legacy) {
        return is_blocking(stream) ? stream_run(context->legacy, sequence - 1) : CUDA_SUCCESS;
    }
    CUresult status = CUDA_SUCCESS;
    for (struct stream *other = streams; other != NULL; other = other->next) {
        if (other->context != context || other == stream || !is_blocking(other)) continue;
        CUresult failed = stream_run(other, sequence - 1);
        if (status == CUDA_SUCCESS) status = failed;
    }
    return status;
}

CUresult stream_run(struct stream *stream, uint64_t sequence)
{
    CUresult status = stream->context->sticky;
    while (stream->first != NULL && stream->first->sequence <= sequence) {
        struct operation *operation = stream->first;
        CUresult failed = run_implicit_dependencies(stream, operation->sequence);
        if (failed == CUDA_SUCCESS) failed = stream->context->sticky;
        stream->first = operation->next;
        if (stream->first == NULL) stream->last = &stream->first;
        if (failed == CUDA_SUCCESS) failed = context_poison(stream->context, operation->execute(operation));
        operation_release(operation);
        if (status == CUDA_SUCCESS) status = failed;
    }
    return status;
}

uint64_t stream_next_sequence(void)
{
    return last_sequence + 1;
}

static void append(struct stream *stream, struct operation *operation)
{
    operation->sequence = ++last_sequence;
    *stream->last = operation;
    stream->last = &operation->next;
}

CUresult stream_enqueue(struct stream *stream, struct operation *operation)
{
    if (stream->capture != NULL) return capture_append(stream, operation);
    if (stream == stream->context->legacy) {
        CUresult status = capture_forbids_legacy(stream->context, "work in the legacy stream");
        if (status != CUDA_SUCCESS) {
            operation_release(operation);
            return status;
        }
    }
    append(stream, operation);
    return settings.lazy ? CUDA_SUCCESS : stream_run(stream, operation->sequence);
}

CUresult stream_enqueue_and_wait(struct stream *stream, struct operation *operation)
{
    CUresult status = stream_enqueue(stream, operation);
    return status != CUDA_SUCCESS ? status : stream_run(stream, UINT64_MAX);
}

CUresult context_run(struct context *context)
{
    CUresult status = CUDA_SUCCESS;
    for (struct stream *stream = streams; stream != NULL; stream = stream->next) {
        if (stream->context != context) continue;
        CUresult failed = stream_run(stream, UINT64_MAX);
        if (status == CUDA_SUCCESS) status = failed;
    }
    return status;
}

/* Whether the stream, or one that its next operation would wait for, has work to do. */
bool stream_pending(const struct stream *stream)
{
    if (stream->first != NULL) return true;
    if (stream != stream->context->legacy) return false;
    for (const struct stream *other = streams; other != NULL; other = other->next) {
        if (other->context == stream->context && is_blocking(other) && other->first != NULL) return true;
    }
    return false;
}

static void free_of_context(struct stream **list, const struct context *context)
{
    for (struct stream **link = list; *link != NULL;) {
        struct stream *stream = *link;
        if (stream->context != context) {
            link = &stream->next;
            continue;
        }
        *link = stream->next;
        handle_free(stream->handle);
        free(stream);
    }
}

void streams_free_context(struct context *context)
{
    free_of_context(&streams, context);
    free_of_context(&destroyed, context);
}

static void retire(struct stream *stream)
{
    struct stream **link = &streams;
    while (*link != stream) link = &(*link)->next;
    *link = stream->next;
    stream->next = destroyed;
    destroyed = stream;
    handle_free(stream->handle);
}

static CUresult create(CUstream *handle, unsigned flags, int priority, struct context *context)
{
    if (handle == NULL || (flags & ~(unsigned)CU_STREAM_NON_BLOCKING) != 0) {
        return fail(CUDA_ERROR_INVALID_VALUE, "cuStreamCreate: null pointer or flags 0x%x", flags);
    }
    /* Priorities beyond the range count as its ends. */
    *handle = stream_new(context, flags, priority > 0 ? 0 : priority < -5 ? -5 : priority)->handle;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuStreamCreate(CUstream *handle, unsigned flags)
{
    ENTER(NEEDS_CONTEXT);
    return create(handle, flags, 0, call.context);
}

EXPORT CUresult cuStreamCreateWithPriority(CUstream *handle, unsigned flags, int priority)
{
    ENTER(NEEDS_CONTEXT);
    return create(handle, flags, priority, call.context);
}

#define FIND_STREAM(handle)                                             \
    struct stream *stream;                                              \
    CUresult status = stream_find(call.context, handle, &stream);       \
    if (status != CUDA_SUCCESS) return status

/* What is pending is done first. */
EXPORT CUresult cuStreamDestroy_v2(CUstream handle)
{
    ENTER(NEEDS_CONTEXT);
    FIND_STREAM(handle);
    if (stream == stream->context->legacy) return fail(CUDA_ERROR_INVALID_HANDLE, "cuStreamDestroy: the legacy stream");
    status = stream_run(stream, UINT64_MAX);
    capture_abandon(stream);
    retire(stream);
    return status;
}

EXPORT CUresult cuStreamSynchronize(CUstream handle)
{
    ENTER(NEEDS_CONTEXT);
    FIND_STREAM(handle);
    status = capture_forbids(stream, "cuStreamSynchronize");
    if (status != CUDA_SUCCESS) return status;
    if (stream != stream->context->legacy) return stream_run(stream, UINT64_MAX);
    status = stream_run(stream, UINT64_MAX);
    CUresult blocking = run_implicit_dependencies(stream, UINT64_MAX);
    return status != CUDA_SUCCESS ? status : blocking;
}

/* Lazy, work that is pending is not ready yet when asked, and gets done then: who asks again finds it ready. */
EXPORT CUresult cuStreamQuery(CUstream handle)
{
    ENTER(NEEDS_CONTEXT);
    FIND_STREAM(handle);
    status = capture_forbids(stream, "cuStreamQuery");
    if (status != CUDA_SUCCESS) return status;
    if (!stream_pending(stream)) return CUDA_SUCCESS;
    status = stream_run(stream, UINT64_MAX);
    if (stream == stream->context->legacy && status == CUDA_SUCCESS) {
        status = run_implicit_dependencies(stream, UINT64_MAX);
    }
    return status != CUDA_SUCCESS ? status : CUDA_ERROR_NOT_READY;
}

EXPORT CUresult cuStreamGetPriority(CUstream handle, int *priority)
{
    ENTER(NEEDS_CONTEXT);
    FIND_STREAM(handle);
    REQUIRE(priority != NULL);
    *priority = stream->priority;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuStreamGetFlags(CUstream handle, unsigned *flags)
{
    ENTER(NEEDS_CONTEXT);
    FIND_STREAM(handle);
    REQUIRE(flags != NULL);
    *flags = stream->flags;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuStreamGetId(CUstream handle, unsigned long long *id)
{
    ENTER(NEEDS_CONTEXT);
    FIND_STREAM(handle);
    REQUIRE(id != NULL);
    *id = stream->id;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuStreamGetCtx(CUstream handle, CUcontext *context)
{
    ENTER(NEEDS_CONTEXT);
    FIND_STREAM(handle);
    REQUIRE(context != NULL);
    *context = stream->context->handle;
    return CUDA_SUCCESS;
}

struct host_call {
    struct operation operation;
    void (*function)(void *argument);
    void *argument;
};

struct stream_callback {
    struct operation operation;
    void (*function)(CUstream stream, CUresult status, void *argument);
    CUstream stream;
    void *argument;
};

static CUresult call_host(struct operation *operation)
{
    struct host_call *host_call = (struct host_call *)operation;
    host_call->function(host_call->argument);
    return CUDA_SUCCESS;
}

/* The function runs under the device's lock: it must not call CUDA, which CUDA forbids too. */
EXPORT CUresult cuLaunchHostFunc(CUstream handle, void (*function)(void *argument), void *argument)
{
    ENTER(NEEDS_CONTEXT);
    FIND_STREAM(handle);
    REQUIRE(function != NULL);
    struct host_call *host_call = operation_new(sizeof *host_call, stream->context, call_host, NULL);
    host_call->function = function;
    host_call->argument = argument;
    return stream_enqueue(stream, &host_call->operation);
}

static CUresult call_back(struct operation *operation)
{
    struct stream_callback *callback = (struct stream_callback *)operation;
    callback->function(callback->stream, CUDA_SUCCESS, callback->argument);
    return CUDA_SUCCESS;
}

EXPORT CUresult cuStreamAddCallback(CUstream handle, void (*function)(CUstream, CUresult, void *), void *argument,
                                    unsigned flags)
{
    ENTER(NEEDS_CONTEXT);
    FIND_STREAM(handle);
    REQUIRE(function != NULL && flags == 0);
    status = capture_forbids(stream, "cuStreamAddCallback");
    if (status != CUDA_SUCCESS) return status;
    struct stream_callback *callback = operation_new(sizeof *callback, stream->context, call_back, NULL);
    callback->function = function;
    callback->stream = handle;
    callback->argument = argument;
    return stream_enqueue(stream, &callback->operation);
}
