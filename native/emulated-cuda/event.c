/* Events: a place in a stream, and when it was passed. */
#include <stdlib.h>
#include <time.h>

#include "emulated_cuda.h"

static void release_event(struct event *event)
{
    if (--event->references == 0) free(event);
}

EXPORT CUresult cuEventCreate(CUevent *handle, unsigned flags)
{
    ENTER(NEEDS_CONTEXT);
    REQUIRE(handle != NULL);
    REQUIRE(flags <= 7);
    struct event *event = calloc(1, sizeof *event);
    event->context = call.context;
    event->flags = flags;
    event->references = 1;
    event->handle = handle_new(KIND_EVENT, event);
    *handle = event->handle;
    return CUDA_SUCCESS;
}

static void destroy(struct event *event)
{
    handle_free(event->handle);
    release_event(event);
}

/* A wait of another context may hold on to the event, but no longer has anything to wait for. */
static void destroy_of_context(void *object, void *context)
{
    struct event *event = object;
    if (event->context != context) return;
    event->stream = NULL;
    destroy(event);
}

void events_free_context(struct context *context)
{
    handle_each(KIND_EVENT, destroy_of_context, context);
}

#define FIND_EVENT(handle)                                    \
    struct event *event = handle_object(KIND_EVENT, handle);  \
    if (event == NULL) return fail(CUDA_ERROR_INVALID_HANDLE, "%s: no such event, or it is destroyed", __func__)

/* What waits for the event goes on to do so. */
EXPORT CUresult cuEventDestroy_v2(CUevent handle)
{
    ENTER(NEEDS_CONTEXT);
    FIND_EVENT(handle);
    destroy(event);
    return CUDA_SUCCESS;
}

struct event_operation {
    struct operation operation;
    struct event *event;
    /* Of the record that is waited for: the event may be recorded again, elsewhere, in the meantime. */
    struct stream *stream;
    uint64_t recorded;
};

static void release_operation(struct operation *operation)
{
    release_event(((struct event_operation *)operation)->event);
}

static struct event_operation *event_operation_new(struct stream *stream, struct event *event,
                                                   CUresult (*execute)(struct operation *))
{
    struct event_operation *made = operation_new(sizeof *made, stream->context, execute, release_operation);
    made->event = event;
    event->references++;
    return made;
}

static CUresult execute_record(struct operation *operation)
{
    struct event *event = ((struct event_operation *)operation)->event;
    /* A later record, in a stream that ran first, is the one that counts. */
    if (operation->sequence < event->completed) return CUDA_SUCCESS;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    event->milliseconds = (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
    event->completed = operation->sequence;
    return CUDA_SUCCESS;
}

static bool is_complete(const struct event *event)
{
    return event->completed == event->recorded;
}

static CUresult execute_wait(struct operation *operation)
{
    const struct event_operation *wait = (const struct event_operation *)operation;
    return wait->event->stream == NULL ? CUDA_SUCCESS : stream_run(wait->stream, wait->recorded);
}

static CUresult record(struct context *context, CUevent handle, CUstream stream_handle)
{
    FIND_EVENT(handle);
    struct stream *stream;
    CUresult status = stream_find(context, stream_handle, &stream);
    if (status != CUDA_SUCCESS) return status;
    if (event->context != stream->context) {
        return fail(CUDA_ERROR_INVALID_HANDLE, "cuEventRecord: event and stream belong to different contexts");
    }
    if (capture_record(stream, event)) return CUDA_SUCCESS;
    struct event_operation *operation = event_operation_new(stream, event, execute_record);
    /* Noted before, since the operation may have run and be gone afterwards. */
    uint64_t sequence = stream_next_sequence();
    status = stream_enqueue(stream, &operation->operation);
    bool refused = stream_next_sequence() == sequence;
    if (refused) return status;
    event->stream = stream;
    event->recorded = sequence;
    return status;
}

EXPORT CUresult cuEventRecord(CUevent handle, CUstream stream)
{
    ENTER(NEEDS_CONTEXT);
    return record(call.context, handle, stream);
}

EXPORT CUresult cuEventRecordWithFlags(CUevent handle, CUstream stream, unsigned flags)
{
    ENTER(NEEDS_CONTEXT);
    if (flags != 0) return fail(CUDA_ERROR_NOT_SUPPORTED, "cuEventRecordWithFlags: flags 0x%x", flags);
    return record(call.context, handle, stream);
}

EXPORT CUresult cuStreamWaitEvent(CUstream stream_handle, CUevent handle, unsigned flags)
{
    ENTER(NEEDS_CONTEXT);
    FIND_EVENT(handle);
    if (flags != 0) return fail(CUDA_ERROR_NOT_SUPPORTED, "cuStreamWaitEvent: flags 0x%x", flags);
    struct stream *stream;
    CUresult status = stream_find(call.context, stream_handle, &stream);
    if (status != CUDA_SUCCESS) return status;
    if (capture_wait(stream, event, &status)) return status;
    /* Nothing recorded, nothing to wait for. */
    if (event->recorded == 0) return CUDA_SUCCESS;
    struct event_operation *wait = event_operation_new(stream, event, execute_wait);
    wait->stream = event->stream;
    wait->recorded = event->recorded;
    return stream_enqueue(stream, &wait->operation);
}

EXPORT CUresult cuEventSynchronize(CUevent handle)
{
    ENTER(NEEDS_CONTEXT);
    FIND_EVENT(handle);
    if (event->capture != NULL) return fail(CUDA_ERROR_CAPTURED_EVENT, "cuEventSynchronize: recorded in a capture");
    if (is_complete(event)) return CUDA_SUCCESS;
    return stream_run(event->stream, event->recorded);
}

EXPORT CUresult cuEventQuery(CUevent handle)
{
    ENTER(NEEDS_CONTEXT);
    FIND_EVENT(handle);
    if (event->capture != NULL) return fail(CUDA_ERROR_CAPTURED_EVENT, "cuEventQuery: recorded in a capture");
    if (is_complete(event)) return CUDA_SUCCESS;
    CUresult status = stream_run(event->stream, event->recorded);
    return status != CUDA_SUCCESS ? status : CUDA_ERROR_NOT_READY;
}

EXPORT CUresult cuEventElapsedTime(float *milliseconds, CUevent start_handle, CUevent end_handle)
{
    ENTER(NEEDS_CONTEXT);
    REQUIRE(milliseconds != NULL);
    struct event *start = handle_object(KIND_EVENT, start_handle), *end = handle_object(KIND_EVENT, end_handle);
    if (start == NULL || end == NULL || start->recorded == 0 || end->recorded == 0) {
        return fail(CUDA_ERROR_INVALID_HANDLE, "cuEventElapsedTime: an event does not exist or was not recorded");
    }
    if ((start->flags | end->flags) & CU_EVENT_DISABLE_TIMING) {
        return fail(CUDA_ERROR_INVALID_HANDLE, "cuEventElapsedTime: an event was created without timing");
    }
    if (!is_complete(start) || !is_complete(end)) return CUDA_ERROR_NOT_READY;
    *milliseconds = (float)(end->milliseconds - start->milliseconds);
    return CUDA_SUCCESS;
}

EXPORT CUresult cuEventElapsedTime_v2(float *milliseconds, CUevent start, CUevent end)
{
    return cuEventElapsedTime(milliseconds, start, end);
}
