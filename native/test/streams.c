/* Streams and events: what is ordered and what is not. Lazy, what a program did not order does not happen in time. */
#include "check.h"

static CUdeviceptr zero(void)
{
    CUdeviceptr value = device_memory(4);
    OK(cuMemsetD32_v2(value, 0, 1));
    OK(cuCtxSynchronize());
    return value;
}

static CUresult launch(const char *name, CUdeviceptr value, int number, CUstream stream)
{
    return cuLaunchKernel(kernel(name), 1, 1, 1, 1, 1, 1, 0, stream, PARAMETERS(&value, &number), NULL);
}

static CUstream new_stream(unsigned flags)
{
    CUstream stream = NULL;
    OK(cuStreamCreate(&stream, flags));
    return stream;
}

static CUevent new_event(void)
{
    CUevent event = NULL;
    OK(cuEventCreate(&event, 0));
    return event;
}

static int read_async(CUdeviceptr value, CUstream stream)
{
    static int *pinned;
    pinned = NULL;
    OK(cuMemHostAlloc((void **)&pinned, 4, 0));
    OK(cuMemcpyDtoHAsync_v2(pinned, value, 4, stream));
    OK(cuStreamSynchronize(stream));
    int result = *pinned;
    OK(cuMemFreeHost(pinned));
    return result;
}

static void in_order_within_a_stream(void)
{
    CUdeviceptr value = zero();
    CUstream stream = new_stream(CU_STREAM_NON_BLOCKING);
    OK(launch("add", value, 2, stream));
    OK(launch("multiply", value, 10, stream));
    OK(launch("add", value, 1, stream));
    CHECK(read_async(value, stream) == 21);
}

/* What waits for nothing is not done: the mistake that laziness is for. */
static void without_waiting(void)
{
    CUdeviceptr value = zero();
    int *pinned;
    OK(cuMemHostAlloc((void **)&pinned, 4, 0));
    *pinned = -7;
    CUstream stream = new_stream(0);
    OK(launch("add", value, 5, stream));
    OK(cuMemcpyDtoHAsync_v2(pinned, value, 4, stream));
    CHECK(*pinned == (is_lazy() ? -7 : 5));
    OK(cuStreamSynchronize(stream));
    CHECK(*pinned == 5);
}

static void the_legacy_stream_waits_for_blocking_ones(void)
{
    CUdeviceptr value = zero();
    CUstream stream = new_stream(0);
    int result;
    OK(launch("add", value, 5, stream));
    OK(cuMemcpyDtoH_v2(&result, value, 4));
    CHECK(result == 5);
    OK(launch("add", value, 5, NULL));
    OK(launch("multiply", value, 2, stream));
    CHECK(read_async(value, stream) == 20);
    OK(launch("add", value, 1, stream));
    OK(launch("multiply", value, 2, NULL));
    OK(launch("add", value, 1, stream));
    OK(launch("multiply", value, 2, NULL));
    OK(cuStreamSynchronize(NULL));
    OK(cuMemcpyDtoH_v2(&result, value, 4));
    CHECK(result == 86);
}

/* The race that laziness found in a test of its own: a fill in the legacy stream, a kernel in a non-blocking one. */
static void the_legacy_stream_does_not_wait_for_others(void)
{
    CUdeviceptr value = zero();
    CUstream stream = new_stream(CU_STREAM_NON_BLOCKING);
    OK(cuMemsetD32_v2(value, 100, 1));
    OK(launch("add", value, 1, stream));
    CHECK(read_async(value, stream) == (is_lazy() ? 1 : 101));
    OK(cuCtxSynchronize());
    int result;
    OK(cuMemcpyDtoH_v2(&result, value, 4));
    CHECK(result == (is_lazy() ? 100 : 101));
}

static void events_order_streams(void)
{
    CUdeviceptr value = zero();
    CUstream a = new_stream(CU_STREAM_NON_BLOCKING), b = new_stream(CU_STREAM_NON_BLOCKING);
    CUevent event = new_event();
    OK(launch("add", value, 3, a));
    OK(cuEventRecord(event, a));
    OK(launch("add", value, 1000, a));
    OK(cuStreamWaitEvent(b, event, 0));
    OK(launch("multiply", value, 2, b));
    OK(cuEventDestroy_v2(event));
    int result = read_async(value, b);
    CHECK(result == (is_lazy() ? 6 : 2006));
    OK(cuStreamSynchronize(a));
    CHECK(read_async(value, a) == (is_lazy() ? 1006 : 2006));
}

/* A wait is for the record that there was, not for a later one. */
static void waits_are_for_the_latest_record(void)
{
    CUdeviceptr value = zero();
    CUstream a = new_stream(CU_STREAM_NON_BLOCKING), b = new_stream(CU_STREAM_NON_BLOCKING);
    CUevent event = new_event();
    OK(cuStreamWaitEvent(b, event, 0));
    OK(launch("add", value, 1, a));
    OK(cuEventRecord(event, a));
    OK(cuStreamWaitEvent(b, event, 0));
    OK(launch("add", value, 10, a));
    OK(cuEventRecord(event, a));
    OK(cuStreamSynchronize(b));
    if (is_lazy()) {
        STATUS(CUDA_ERROR_NOT_READY, cuEventQuery(event));
    }
    OK(cuEventQuery(event));
    CHECK(read_async(value, b) == 11);
}

/* An earlier record that happens to run later does not undo the latest. */
static void the_latest_record_counts(void)
{
    CUstream a = new_stream(CU_STREAM_NON_BLOCKING), b = new_stream(CU_STREAM_NON_BLOCKING);
    CUevent event = new_event();
    OK(cuEventRecord(event, a));
    OK(cuEventRecord(event, b));
    OK(cuStreamSynchronize(b));
    OK(cuStreamSynchronize(a));
    OK(cuEventQuery(event));
}

static void queries(void)
{
    CUdeviceptr value = zero();
    CUstream stream = new_stream(CU_STREAM_NON_BLOCKING);
    CUevent event = new_event();
    OK(cuEventQuery(event));
    OK(cuStreamQuery(stream));
    OK(launch("add", value, 1, stream));
    OK(cuEventRecord(event, stream));
    STATUS(is_lazy() ? CUDA_ERROR_NOT_READY : CUDA_SUCCESS, cuStreamQuery(stream));
    OK(cuStreamQuery(stream));
    OK(cuEventQuery(event));
    OK(launch("add", value, 1, new_stream(0)));
    STATUS(is_lazy() ? CUDA_ERROR_NOT_READY : CUDA_SUCCESS, cuStreamQuery(NULL));
    OK(cuStreamQuery(NULL));
}

static void elapsed_time(void)
{
    CUstream stream = new_stream(0);
    CUevent start = new_event(), end = new_event(), untimed;
    CUdeviceptr value = zero();
    float milliseconds = -1;
    STATUS(CUDA_ERROR_INVALID_HANDLE, cuEventElapsedTime(&milliseconds, start, end));
    OK(cuEventRecord(start, stream));
    for (int i = 0; i < 50; i++) OK(launch("add", value, 1, stream));
    OK(cuEventRecord(end, stream));
    STATUS(is_lazy() ? CUDA_ERROR_NOT_READY : CUDA_SUCCESS, cuEventElapsedTime(&milliseconds, start, end));
    OK(cuEventSynchronize(end));
    OK(cuEventElapsedTime(&milliseconds, start, end));
    CHECK(milliseconds > 0);
    OK(cuEventCreate(&untimed, CU_EVENT_DISABLE_TIMING));
    OK(cuEventRecord(untimed, stream));
    OK(cuEventSynchronize(untimed));
    STATUS(CUDA_ERROR_INVALID_HANDLE, cuEventElapsedTime(&milliseconds, start, untimed));
}

/* A launch takes its arguments with it. */
static void arguments_are_copied(void)
{
    CUdeviceptr value = zero();
    CUstream stream = new_stream(0);
    int number = 4;
    void **parameters = malloc(2 * sizeof *parameters);
    parameters[0] = &value;
    parameters[1] = &number;
    OK(cuLaunchKernel(kernel("add"), 1, 1, 1, 1, 1, 1, 0, stream, parameters, NULL));
    number = 1000;
    parameters[0] = NULL;
    free(parameters);
    CHECK(read_async(value, stream) == 4);
}

static void destroyed_streams(void)
{
    CUdeviceptr value = zero();
    CUstream stream = new_stream(CU_STREAM_NON_BLOCKING);
    CUevent event = new_event();
    OK(launch("add", value, 9, stream));
    OK(cuEventRecord(event, stream));
    OK(cuStreamDestroy_v2(stream));
    OK(cuEventSynchronize(event));
    STATUS(CUDA_ERROR_INVALID_HANDLE, launch("add", value, 9, stream));
    STATUS(CUDA_ERROR_INVALID_HANDLE, cuStreamDestroy_v2(stream));
    STATUS(CUDA_ERROR_INVALID_HANDLE, cuStreamSynchronize((CUstream)&value));
    STATUS(CUDA_ERROR_INVALID_HANDLE, cuStreamDestroy_v2(NULL));
    STATUS(CUDA_ERROR_NOT_SUPPORTED, cuStreamSynchronize((CUstream)2));
    int result;
    OK(cuMemcpyDtoH_v2(&result, value, 4));
    CHECK(result == 9);
    OK(cuEventDestroy_v2(event));
    STATUS(CUDA_ERROR_INVALID_HANDLE, cuEventRecord(event, NULL));
}

static void priorities(void)
{
    CUstream stream;
    int priority;
    OK(cuStreamCreateWithPriority(&stream, CU_STREAM_NON_BLOCKING, -99));
    OK(cuStreamGetPriority(stream, &priority));
    CHECK(priority == -5);
    STATUS(CUDA_ERROR_INVALID_VALUE, cuStreamCreate(&stream, 8));
}

struct note {
    int calls;
    CUresult cuda;
};

static void call_cuda(void *argument)
{
    struct note *note = argument;
    note->calls++;
    note->cuda = cuCtxSynchronize();
}

static void call_back(CUstream stream, CUresult status, void *argument)
{
    (void)stream;
    if (status == CUDA_SUCCESS) call_cuda(argument);
}

static void host_functions(void)
{
    struct note note = {0, CUDA_SUCCESS};
    CUstream stream = new_stream(0);
    OK(cuLaunchHostFunc(stream, call_cuda, &note));
    CHECK(note.calls == (is_lazy() ? 0 : 1));
    OK(cuStreamAddCallback(stream, call_back, &note, 0));
    OK(cuStreamSynchronize(stream));
    CHECK(note.calls == 2);
    CHECK(note.cuda == CUDA_ERROR_NOT_PERMITTED);
    OK(cuCtxSynchronize());
}

static void freeing_waits(void)
{
    CUdeviceptr value = zero();
    CUstream stream = new_stream(CU_STREAM_NON_BLOCKING);
    OK(launch("add", value, 1, stream));
    OK(cuMemFree_v2(value));
    OK(cuCtxSynchronize());
}

/* Many dependencies back and forth must not need a deep stack. */
static void long_chains(void)
{
    CUdeviceptr value = zero();
    CUstream a = new_stream(CU_STREAM_NON_BLOCKING), b = new_stream(0);
    CUevent event = new_event();
    CUfunction add = kernel("add");
    int one = 1;
    for (int i = 0; i < 20000; i++) {
        CUstream stream = i % 3 == 0 ? a : i % 3 == 1 ? b : NULL;
        OK(cuStreamWaitEvent(stream, event, 0));
        OK(cuLaunchKernel(add, 1, 1, 1, 1, 1, 1, 0, stream, PARAMETERS(&value, &one), NULL));
        OK(cuEventRecord(event, stream));
    }
    OK(cuEventSynchronize(event));
    int result;
    OK(cuMemcpyDtoH_v2(&result, value, 4));
    CHECK(result == 20000);
}

MAIN(TEST(in_order_within_a_stream), TEST(without_waiting), TEST(the_legacy_stream_waits_for_blocking_ones),
     TEST(the_legacy_stream_does_not_wait_for_others), TEST(events_order_streams),
     TEST(waits_are_for_the_latest_record), TEST(the_latest_record_counts), TEST(queries), TEST(elapsed_time),
     TEST(arguments_are_copied),
     TEST(destroyed_streams), TEST(priorities), TEST(host_functions), TEST(freeing_waits), TEST(long_chains))
