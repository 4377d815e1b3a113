/*
 * The emulated CUDA device: what its source files share.
 *
 * Every entry point of the driver begins with ENTER, which takes the one lock, counts the call, fails it if it is the
 * one chosen to fail, and finds the calling thread's context. So everything below runs under that lock, and one kernel
 * at a time.
 */
#ifndef EMULATED_CUDA_H
#define EMULATED_CUDA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../include/cuda_emulation/runtime.h"
#include "driver_types.h"

#define EXPORT __attribute__((visibility("default")))
#define MAX_DEVICES 16
#define CAPTURE_STREAMS 16
#define WARP_LANES 32
#define MAX_BLOCK_THREADS 1024

/* settings.c: the environment variables EMUCUDA_..., which emucudaConfigure can change later */

struct settings {
    bool lazy;
    bool lenient_exit;
    enum { ORDER_FORWARD, ORDER_REVERSE, ORDER_RANDOM } order;
    uint64_t seed;
    int devices;
    size_t memory_bytes;
    int timeout_seconds;
    char *kernels;
    char *log;
};

extern struct settings settings;

/* False if the environment holds a value that is not understood. */
bool settings_load(void);

/* failure.c: calls chosen to fail */

bool failures_set(const char *list);
CUresult failure_of(const char *function);

/* error.c */

const char *result_name(CUresult status);
void errors_reset(void);

/* Notes why a call fails, for cuGetErrorString, emucudaLastFault and the log; returns status. */
CUresult fail(CUresult status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* call.c: the frame of every entry point */

enum needs { NEEDS_NOTHING, NEEDS_INIT, NEEDS_CONTEXT };

struct call {
    CUresult status;
    struct context *context;
    bool entered;
};

struct call call_enter(const char *function, enum needs needs);
void call_leave(struct call *call);

/* For the arguments of entry points. */
#define REQUIRE(condition) \
    if (!(condition)) return fail(CUDA_ERROR_INVALID_VALUE, "%s: " #condition " does not hold", __func__)

#define ENTER(needs)                                                                         \
    __attribute__((cleanup(call_leave), unused)) struct call call = call_enter(__func__, needs); \
    if (call.status != CUDA_SUCCESS) return call.status

/* handle.c: handles are numbers of table entries, so a stale or foreign one is recognised and never followed */

enum kind { KIND_CONTEXT = 1, KIND_STREAM, KIND_EVENT, KIND_MODULE, KIND_FUNCTION, KIND_GRAPH, KIND_GRAPH_EXEC };

void *handle_new(enum kind kind, void *object);
void handle_free(void *handle);
void *handle_object(enum kind kind, const void *handle);
void handle_each(enum kind kind, void (*visit)(void *object, void *argument), void *argument);

/* symbol.c */

CUresult unsupported(const char *function);

/* device.c and context.c */

struct device {
    int ordinal;
    size_t memory_used;
    struct context *primary;
    unsigned primary_retained;
    unsigned primary_flags;
};

struct context {
    void *handle;
    struct device *device;
    bool primary;
    bool destroyed;
    unsigned flags;
    /* The first error of a kernel or copy; every later call returns it, as on a GPU. */
    CUresult sticky;
    struct stream *legacy;
    bool peers[MAX_DEVICES];
    uint64_t id;
    size_t limits[8];
};

extern struct device devices[MAX_DEVICES];

/* Null, and a failure noted, if there is no such device. */
struct device *device_find(CUdevice ordinal);

struct context *context_current(void);
CUresult context_poison(struct context *context, CUresult status);
void contexts_reset(void);

/* memory.c */

enum memory_kind { MEMORY_DEVICE, MEMORY_PINNED, MEMORY_REGISTERED, MEMORY_GLOBAL };

struct allocation {
    uintptr_t address;
    size_t bytes;
    enum memory_kind kind;
    struct context *context;
    unsigned flags;
    uint64_t number;
    void *map;
    size_t map_bytes;
};

CUresult memory_allocate(struct context *context, enum memory_kind kind, size_t bytes, unsigned flags,
                         uintptr_t *address);
bool memory_overlaps(uintptr_t address, size_t bytes);
/* Takes note of memory that is not allocated here. */
void memory_register(struct context *context, enum memory_kind kind, uintptr_t address, size_t bytes,
                         unsigned flags);
CUresult memory_free(uintptr_t address, enum memory_kind kind);
void memory_free_context(struct context *context);
const struct allocation *memory_at(uintptr_t address);
/* Whether a kernel of the context may be given this pointer. These checks say what is wrong. */
CUresult memory_check_argument(const struct context *context, const char *kernel, unsigned index, uintptr_t address);
/* Whether a copy may touch these bytes; `what` is its "source" or "destination". */
CUresult memory_check_device(uintptr_t address, size_t bytes, const char *what);
CUresult memory_check_host(uintptr_t address, size_t bytes, const char *what);
/* Looks for writes just outside of the allocation, closer than its guards. */
CUresult memory_check_margins(const struct allocation *allocation, const char *who);
/* Describes an address for people: "4 bytes after the end of the 256 bytes at 0x...". */
void memory_describe(uintptr_t address, char *text, size_t size);
size_t memory_live(size_t *bytes);
size_t memory_unused(const struct device *device);

/* stream.c: work in order */

struct operation {
    struct operation *next;
    uint64_t sequence;
    unsigned references;
    CUresult (*execute)(struct operation *operation);
    void (*release)(struct operation *operation);
    struct context *context;
};

struct stream {
    void *handle;
    struct stream *next;
    struct context *context;
    unsigned flags;
    int priority;
    uint64_t id;
    struct operation *first, **last;
    struct capture *capture;
    unsigned capture_slot;
};

struct stream *stream_new(struct context *context, unsigned flags, int priority);
/* The stream behind a handle: null and 1 are the legacy stream of the context. */
CUresult stream_find(struct context *context, CUstream handle, struct stream **stream);
/* Zeroed memory for an operation that does `execute`. */
void *operation_new(size_t bytes, struct context *context, CUresult (*execute)(struct operation *),
                    void (*release)(struct operation *));
void operation_release(struct operation *operation);
/* Takes over the operation. Runs it at once if eager. A capturing stream notes it instead. */
CUresult stream_enqueue(struct stream *stream, struct operation *operation);
/* The same, then waits for it: what synchronous calls on the legacy stream do. */
CUresult stream_enqueue_and_wait(struct stream *stream, struct operation *operation);
/* The number that the next operation will get. */
uint64_t stream_next_sequence(void);
/* Runs what is pending up to a sequence number, and what that depends on. */
CUresult stream_run(struct stream *stream, uint64_t sequence);
CUresult context_run(struct context *context);
bool stream_pending(const struct stream *stream);
void streams_free_context(struct context *context);

/* event.c */

struct event {
    void *handle;
    struct context *context;
    unsigned flags;
    unsigned references;
    /* Of the latest record, and whether it has run. */
    struct stream *stream;
    uint64_t recorded, completed;
    double milliseconds;
    struct capture *capture;
    uint32_t clock[CAPTURE_STREAMS];
};

void events_free_context(struct context *context);

/* graph.c */

CUresult capture_append(struct stream *stream, struct operation *operation);
/* The status of a call that would wait or allocate while streams are captured; success if none is. */
CUresult capture_forbids(struct stream *stream, const char *what);
CUresult capture_forbids_unsafe(const char *what);
CUresult capture_forbids_legacy(const struct context *context, const char *what);
/* Whether the stream is captured, and the event now marks a place in that. */
bool capture_record(struct stream *stream, struct event *event);
/* Whether the wait belongs to a capture; then *status tells how it went. */
bool capture_wait(struct stream *stream, struct event *event, CUresult *status);
void capture_abandon(struct stream *stream);

void graphs_free_context(struct context *context);

/* module.c */

struct module {
    void *handle;
    struct context *context;
    struct function *functions;
    struct library *libraries;
    struct variable *variables;
};

struct function {
    void *handle;
    struct function *next;
    struct module *module;
    char *name;
    const struct emucuda_kernel *kernel;
    struct emucuda_runtime **runtime;
    int max_dynamic_shared;
    int preferred_carveout;
};

void modules_free_context(struct context *context);

/* launch.c */

size_t parameter_offset(const struct emucuda_kernel *kernel, unsigned index);

struct launch {
    struct operation operation;
    const struct function *function;
    void *function_handle;
    struct emucuda_index grid, block;
    unsigned dynamic_shared;
    void **arguments;
};

/* block.c: one launch on the emulated multiprocessor */

CUresult grid_run(const struct launch *launch);

extern struct emucuda_runtime runtime;

/* fiber.c: stacks, switching, and getting out of a fault */

struct fault_report {
    CUresult status;
    char text[1024];
};

/* Runs a function on a stack of its own; a fault in it, or fiber_abandon, ends it. False if that happened. */
bool fiber_guard(void (*body)(void *argument), void *argument, struct fault_report *report);
void fiber_abandon(CUresult status, const char *format, ...) __attribute__((noreturn, format(printf, 2, 3)));

#endif
