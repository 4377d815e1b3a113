/*
 * Graphs, made by capturing streams. The operations of a capture are kept in the order of the calls, which no
 * dependency contradicts, and a launch runs them in that order.
 *
 * Each captured stream has a clock: for every stream of the capture, how many of its operations are known to come
 * before what is enqueued next. Events carry clocks from one stream to another. So it is seen whether the first stream
 * waits for all the others when the capture ends.
 */
#include <stdlib.h>
#include <string.h>

#include "emulated_cuda.h"

struct graph {
    void *handle;
    struct context *context;
    /* Shared with the executable graphs made of it. */
    struct operation **operations;
    size_t count, capacity;
};

struct capture {
    struct capture *next;
    struct graph *graph;
    int mode;
    bool invalid;
    struct stream *streams[CAPTURE_STREAMS];
    uint32_t clocks[CAPTURE_STREAMS][CAPTURE_STREAMS];
    unsigned stream_count;
};

enum { CAPTURE_GLOBAL = 0, CAPTURE_THREAD_LOCAL = 1, CAPTURE_RELAXED = 2 };
enum { STATUS_NONE = 0, STATUS_ACTIVE = 1, STATUS_INVALIDATED = 2 };

static struct capture *captures;

static struct graph *graph_new(struct context *context, enum kind kind)
{
    struct graph *graph = calloc(1, sizeof *graph);
    graph->context = context;
    graph->handle = handle_new(kind, graph);
    return graph;
}

static void graph_append(struct graph *graph, struct operation *operation)
{
    if (graph->count == graph->capacity) {
        graph->capacity = graph->capacity ? 2 * graph->capacity : 16;
        graph->operations = realloc(graph->operations, graph->capacity * sizeof *graph->operations);
    }
    graph->operations[graph->count++] = operation;
}

static void graph_free(struct graph *graph)
{
    for (size_t i = 0; i < graph->count; i++) operation_release(graph->operations[i]);
    handle_free(graph->handle);
    free(graph->operations);
    free(graph);
}

static void free_of_context(void *graph, void *context)
{
    if (((struct graph *)graph)->context == context) graph_free(graph);
}

/* Captures */

static void join(struct capture *capture, struct stream *stream)
{
    stream->capture = capture;
    stream->capture_slot = capture->stream_count++;
    capture->streams[stream->capture_slot] = stream;
}

/* Streams and events forget the capture; the graph is the caller's. */
static void event_forget(void *event, void *capture)
{
    if (((struct event *)event)->capture == capture) ((struct event *)event)->capture = NULL;
}

static void capture_free(struct capture *capture)
{
    struct capture **link = &captures;
    while (*link != capture) link = &(*link)->next;
    *link = capture->next;
    for (unsigned i = 0; i < capture->stream_count; i++) capture->streams[i]->capture = NULL;
    handle_each(KIND_EVENT, event_forget, capture);
    free(capture);
}

void capture_abandon(struct stream *stream)
{
    struct capture *capture = stream->capture;
    if (capture == NULL) return;
    graph_free(capture->graph);
    capture_free(capture);
}

void graphs_free_context(struct context *context)
{
    for (struct capture *capture = captures; capture != NULL;) {
        struct capture *next = capture->next;
        if (capture->graph->context == context) capture_abandon(capture->streams[0]);
        capture = next;
    }
    handle_each(KIND_GRAPH_EXEC, free_of_context, context);
    handle_each(KIND_GRAPH, free_of_context, context);
}

CUresult capture_append(struct stream *stream, struct operation *operation)
{
    struct capture *capture = stream->capture;
    if (capture->invalid) {
        operation_release(operation);
        return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    }
    graph_append(capture->graph, operation);
    capture->clocks[stream->capture_slot][stream->capture_slot]++;
    return CUDA_SUCCESS;
}

static CUresult invalidate(struct capture *capture, CUresult status, const char *what)
{
    capture->invalid = true;
    return fail(status, "%s while a stream is captured, which ends the capture", what);
}

CUresult capture_forbids(struct stream *stream, const char *what)
{
    if (stream->capture != NULL) return invalidate(stream->capture, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, what);
    if (stream == stream->context->legacy) return capture_forbids_legacy(stream->context, what);
    return CUDA_SUCCESS;
}

CUresult capture_forbids_unsafe(const char *what)
{
    for (struct capture *capture = captures; capture != NULL; capture = capture->next) {
        if (capture->mode == CAPTURE_RELAXED) continue;
        return invalidate(capture, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, what);
    }
    return CUDA_SUCCESS;
}

CUresult capture_forbids_legacy(const struct context *context, const char *what)
{
    for (struct capture *capture = captures; capture != NULL; capture = capture->next) {
        for (unsigned i = 0; i < capture->stream_count; i++) {
            const struct stream *stream = capture->streams[i];
            if (stream->context != context || (stream->flags & CU_STREAM_NON_BLOCKING) != 0) continue;
            return invalidate(capture, CUDA_ERROR_STREAM_CAPTURE_IMPLICIT, what);
        }
    }
    return CUDA_SUCCESS;
}

bool capture_record(struct stream *stream, struct event *event)
{
    event->capture = stream->capture;
    if (stream->capture == NULL) return false;
    memcpy(event->clock, stream->capture->clocks[stream->capture_slot], sizeof event->clock);
    return true;
}

bool capture_wait(struct stream *stream, struct event *event, CUresult *status)
{
    struct capture *capture = event->capture;
    if (capture == NULL && stream->capture == NULL) return false;
    *status = CUDA_SUCCESS;
    if (capture == NULL) {
        *status = invalidate(stream->capture, CUDA_ERROR_STREAM_CAPTURE_ISOLATION,
                             "a captured stream waits for an event that was not recorded in the capture,");
    } else if (stream->capture != NULL && stream->capture != capture) {
        *status = invalidate(stream->capture, CUDA_ERROR_STREAM_CAPTURE_MERGE, "two captures would be merged,");
    } else if (stream->capture == NULL && capture->stream_count == CAPTURE_STREAMS) {
        *status = fail(CUDA_ERROR_NOT_SUPPORTED, "more than %d streams in one capture", CAPTURE_STREAMS);
    } else if (stream == stream->context->legacy) {
        *status = invalidate(capture, CUDA_ERROR_STREAM_CAPTURE_IMPLICIT, "the legacy stream waits for an event");
    } else {
        if (stream->capture == NULL) join(capture, stream);
        uint32_t *clock = capture->clocks[stream->capture_slot];
        for (unsigned i = 0; i < CAPTURE_STREAMS; i++) {
            if (event->clock[i] > clock[i]) clock[i] = event->clock[i];
        }
    }
    return true;
}

#define FIND_STREAM(handle)                                             \
    struct stream *stream;                                              \
    CUresult status = stream_find(call.context, handle, &stream);       \
    if (status != CUDA_SUCCESS) return status

EXPORT CUresult cuStreamBeginCapture_v2(CUstream handle, int mode)
{
    ENTER(NEEDS_CONTEXT);
    FIND_STREAM(handle);
    REQUIRE(mode >= CAPTURE_GLOBAL && mode <= CAPTURE_RELAXED);
    if (stream == stream->context->legacy) {
        return fail(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "the legacy stream cannot be captured");
    }
    if (stream->capture != NULL) return fail(CUDA_ERROR_ILLEGAL_STATE, "the stream is being captured already");
    struct capture *capture = calloc(1, sizeof *capture);
    capture->graph = graph_new(stream->context, KIND_GRAPH);
    capture->mode = mode;
    capture->next = captures;
    captures = capture;
    join(capture, stream);
    return CUDA_SUCCESS;
}

static bool all_joined(const struct capture *capture)
{
    for (unsigned i = 1; i < capture->stream_count; i++) {
        if (capture->clocks[0][i] < capture->clocks[i][i]) return false;
    }
    return true;
}

EXPORT CUresult cuStreamEndCapture(CUstream handle, CUgraph *graph)
{
    ENTER(NEEDS_CONTEXT);
    FIND_STREAM(handle);
    REQUIRE(graph != NULL);
    *graph = NULL;
    struct capture *capture = stream->capture;
    if (capture == NULL) return fail(CUDA_ERROR_ILLEGAL_STATE, "cuStreamEndCapture: the stream is not captured");
    if (stream->capture_slot != 0) {
        return fail(CUDA_ERROR_STREAM_CAPTURE_UNMATCHED, "the capture began in another stream");
    }
    if (capture->invalid) {
        status = fail(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, "an earlier call made the capture invalid");
    } else if (!all_joined(capture)) {
        status = fail(CUDA_ERROR_STREAM_CAPTURE_UNJOINED, "the stream does not wait for all that others captured");
    } else {
        *graph = capture->graph->handle;
        capture_free(capture);
        return CUDA_SUCCESS;
    }
    capture_abandon(stream);
    return status;
}

static int capture_status(const struct stream *stream)
{
    if (stream->capture == NULL) return STATUS_NONE;
    return stream->capture->invalid ? STATUS_INVALIDATED : STATUS_ACTIVE;
}

EXPORT CUresult cuStreamIsCapturing(CUstream handle, int *state)
{
    ENTER(NEEDS_CONTEXT);
    FIND_STREAM(handle);
    REQUIRE(state != NULL);
    *state = capture_status(stream);
    return CUDA_SUCCESS;
}

/* Modes are those of the captures, not of threads; what a program sets it gets back. */
EXPORT CUresult cuThreadExchangeStreamCaptureMode(int *mode)
{
    static __thread int thread_mode;
    ENTER(NEEDS_INIT);
    REQUIRE(mode != NULL);
    REQUIRE(*mode >= CAPTURE_GLOBAL && *mode <= CAPTURE_RELAXED);
    int before = thread_mode;
    thread_mode = *mode;
    *mode = before;
    return CUDA_SUCCESS;
}

/* Graphs */

EXPORT CUresult cuGraphCreate(CUgraph *handle, unsigned flags)
{
    ENTER(NEEDS_CONTEXT);
    REQUIRE(handle != NULL && flags == 0);
    *handle = graph_new(call.context, KIND_GRAPH)->handle;
    return CUDA_SUCCESS;
}

static CUresult instantiate(CUgraphExec *handle, CUgraph graph_handle)
{
    const struct graph *graph = handle_object(KIND_GRAPH, graph_handle);
    if (graph == NULL) return fail(CUDA_ERROR_INVALID_VALUE, "cuGraphInstantiate: no such graph, or it is destroyed");
    if (handle == NULL) return fail(CUDA_ERROR_INVALID_VALUE, "cuGraphInstantiate: null pointer");
    struct graph *executable = graph_new(graph->context, KIND_GRAPH_EXEC);
    for (size_t i = 0; i < graph->count; i++) {
        graph->operations[i]->references++;
        graph_append(executable, graph->operations[i]);
    }
    *handle = executable->handle;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuGraphInstantiateWithFlags(CUgraphExec *handle, CUgraph graph, unsigned long long flags)
{
    ENTER(NEEDS_CONTEXT);
    /* Uploading and priorities have no meaning here; launches from kernels and freeing at launch are not emulated. */
    if ((flags & ~10ull) != 0) return fail(CUDA_ERROR_NOT_SUPPORTED, "cuGraphInstantiate: flags 0x%llx", flags);
    return instantiate(handle, graph);
}

EXPORT CUresult cuGraphInstantiate_v2(CUgraphExec *handle, CUgraph graph, CUgraphNode *error_node, char *log,
                                      size_t log_bytes)
{
    ENTER(NEEDS_CONTEXT);
    if (error_node != NULL) *error_node = NULL;
    if (log != NULL && log_bytes > 0) *log = '\0';
    return instantiate(handle, graph);
}

struct graph_launch {
    struct operation operation;
    struct operation **operations;
    size_t count;
};

static CUresult execute_graph(struct operation *operation)
{
    const struct graph_launch *graph = (const struct graph_launch *)operation;
    for (size_t i = 0; i < graph->count; i++) {
        CUresult status = graph->operations[i]->execute(graph->operations[i]);
        if (status != CUDA_SUCCESS) return status;
    }
    return CUDA_SUCCESS;
}

static void release_graph(struct operation *operation)
{
    struct graph_launch *graph = (struct graph_launch *)operation;
    for (size_t i = 0; i < graph->count; i++) operation_release(graph->operations[i]);
    free(graph->operations);
}

#define FIND_EXECUTABLE(handle)                                            \
    struct graph *executable = handle_object(KIND_GRAPH_EXEC, handle);     \
    if (executable == NULL) return fail(CUDA_ERROR_INVALID_VALUE, "%s: no such executable graph", __func__)

/* Holds on to the operations: the executable graph may be destroyed before they run. */
EXPORT CUresult cuGraphLaunch(CUgraphExec handle, CUstream stream_handle)
{
    ENTER(NEEDS_CONTEXT);
    FIND_EXECUTABLE(handle);
    FIND_STREAM(stream_handle);
    struct graph_launch *launch = operation_new(sizeof *launch, stream->context, execute_graph, release_graph);
    launch->operations = malloc((executable->count + 1) * sizeof *launch->operations);
    launch->count = executable->count;
    for (size_t i = 0; i < executable->count; i++) {
        launch->operations[i] = executable->operations[i];
        launch->operations[i]->references++;
    }
    return stream_enqueue(stream, &launch->operation);
}

EXPORT CUresult cuGraphUpload(CUgraphExec handle, CUstream stream_handle)
{
    ENTER(NEEDS_CONTEXT);
    FIND_EXECUTABLE(handle);
    FIND_STREAM(stream_handle);
    return CUDA_SUCCESS;
}

EXPORT CUresult cuGraphExecDestroy(CUgraphExec handle)
{
    ENTER(NEEDS_CONTEXT);
    FIND_EXECUTABLE(handle);
    graph_free(executable);
    return CUDA_SUCCESS;
}

EXPORT CUresult cuGraphDestroy(CUgraph handle)
{
    ENTER(NEEDS_CONTEXT);
    struct graph *graph = handle_object(KIND_GRAPH, handle);
    if (graph == NULL) return fail(CUDA_ERROR_INVALID_VALUE, "cuGraphDestroy: no such graph, or it is destroyed");
    graph_free(graph);
    return CUDA_SUCCESS;
}

/* Counts the nodes; they have no handles of their own here. */
EXPORT CUresult cuGraphGetNodes(CUgraph handle, CUgraphNode *nodes, size_t *count)
{
    ENTER(NEEDS_CONTEXT);
    const struct graph *graph = handle_object(KIND_GRAPH, handle);
    if (graph == NULL) return fail(CUDA_ERROR_INVALID_VALUE, "cuGraphGetNodes: no such graph, or it is destroyed");
    REQUIRE(count != NULL);
    if (nodes != NULL) return fail(CUDA_ERROR_NOT_SUPPORTED, "cuGraphGetNodes: nodes have no handles");
    *count = graph->count;
    return CUDA_SUCCESS;
}
