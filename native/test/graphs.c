/* Graphs made by capturing streams. */
#include "check.h"

enum { GLOBAL = 0, THREAD_LOCAL = 1, RELAXED = 2 };

static CUdeviceptr value_of(unsigned number)
{
    CUdeviceptr value = device_memory(4);
    OK(cuMemsetD32_v2(value, number, 1));
    OK(cuCtxSynchronize());
    return value;
}

static int read(CUdeviceptr value)
{
    int result;
    OK(cuCtxSynchronize());
    OK(cuMemcpyDtoH_v2(&result, value, 4));
    return result;
}

static CUfunction add, multiply;

static CUresult launch(CUfunction function, CUdeviceptr value, int number, CUstream stream)
{
    return cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, stream, PARAMETERS(&value, &number), NULL);
}

static CUstream new_stream(void)
{
    CUstream stream = NULL;
    OK(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
    add = kernel("add");
    multiply = kernel("multiply");
    return stream;
}

static CUevent new_event(void)
{
    CUevent event = NULL;
    OK(cuEventCreate(&event, 0));
    return event;
}

static void capture_and_launch(void)
{
    CUstream stream = new_stream();
    CUdeviceptr value = value_of(1), copy = value_of(0);
    CUgraph graph;
    CUgraphExec executable;
    size_t nodes;
    int state;
    OK(cuStreamBeginCapture_v2(stream, GLOBAL));
    OK(cuStreamIsCapturing(stream, &state));
    CHECK(state == 1);
    OK(launch(add, value, 2, stream));
    OK(launch(multiply, value, 3, stream));
    OK(cuMemcpyDtoDAsync_v2(copy, value, 4, stream));
    OK(cuStreamEndCapture(stream, &graph));
    OK(cuStreamIsCapturing(stream, &state));
    CHECK(state == 0);
    CHECK(read(value) == 1);
    OK(cuGraphGetNodes(graph, NULL, &nodes));
    CHECK(nodes == 3);
    OK(cuGraphInstantiateWithFlags(&executable, graph, 0));
    OK(cuGraphDestroy(graph));
    STATUS(CUDA_ERROR_INVALID_VALUE, cuGraphDestroy(graph));
    OK(cuGraphLaunch(executable, stream));
    OK(cuGraphLaunch(executable, stream));
    OK(launch(add, value, 1, stream));
    /* What is enqueued still runs. */
    OK(cuGraphExecDestroy(executable));
    CHECK(read(value) == 34 && read(copy) == 33);
    STATUS(CUDA_ERROR_INVALID_VALUE, cuGraphLaunch(executable, stream));
}

/* Another stream joins by an event and is joined again by another. */
static void fork_and_join(void)
{
    CUstream a = new_stream(), b = new_stream();
    CUdeviceptr value = value_of(1);
    CUevent fork = new_event(), join = new_event();
    CUgraph graph;
    CUgraphExec executable;
    OK(cuStreamBeginCapture_v2(a, GLOBAL));
    OK(launch(add, value, 1, a));
    OK(cuEventRecord(fork, a));
    OK(cuStreamWaitEvent(b, fork, 0));
    OK(launch(multiply, value, 5, b));
    OK(cuEventRecord(join, b));
    STATUS(CUDA_ERROR_CAPTURED_EVENT, cuEventQuery(join));
    STATUS(CUDA_ERROR_CAPTURED_EVENT, cuEventSynchronize(join));
    OK(cuStreamWaitEvent(a, join, 0));
    OK(launch(add, value, 1, a));
    OK(cuStreamEndCapture(a, &graph));
    OK(cuGraphInstantiateWithFlags(&executable, graph, 0));
    CHECK(read(value) == 1);
    OK(cuGraphLaunch(executable, a));
    CHECK(read(value) == 11);
    /* Both streams and events are ordinary again. */
    OK(launch(add, value, 1, b));
    OK(cuEventRecord(join, b));
    OK(cuEventSynchronize(join));
    CHECK(read(value) == 12);
}

static void not_joined(void)
{
    CUstream a = new_stream(), b = new_stream();
    CUdeviceptr value = value_of(1);
    CUevent fork = new_event();
    CUgraph graph;
    OK(cuStreamBeginCapture_v2(a, GLOBAL));
    OK(cuEventRecord(fork, a));
    OK(cuStreamWaitEvent(b, fork, 0));
    OK(launch(add, value, 1, b));
    STATUS(CUDA_ERROR_STREAM_CAPTURE_UNMATCHED, cuStreamEndCapture(b, &graph));
    STATUS(CUDA_ERROR_STREAM_CAPTURE_UNJOINED, cuStreamEndCapture(a, &graph));
    CHECK(graph == NULL);
    OK(launch(add, value, 1, b));
    CHECK(read(value) == 2);
}

static void waiting_is_forbidden(void)
{
    CUstream stream = new_stream();
    CUdeviceptr value = value_of(1), other;
    CUgraph graph;
    int state;
    OK(cuStreamBeginCapture_v2(stream, GLOBAL));
    STATUS(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, cuStreamSynchronize(stream));
    OK(cuStreamIsCapturing(stream, &state));
    CHECK(state == 2);
    STATUS(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, launch(add, value, 1, stream));
    STATUS(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, cuStreamEndCapture(stream, &graph));
    OK(cuStreamBeginCapture_v2(stream, GLOBAL));
    STATUS(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, cuMemAlloc_v2(&other, 4));
    STATUS(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, cuStreamEndCapture(stream, &graph));
    OK(cuStreamBeginCapture_v2(stream, GLOBAL));
    STATUS(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, cuCtxSynchronize());
    STATUS(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, cuStreamEndCapture(stream, &graph));
    OK(cuStreamBeginCapture_v2(stream, RELAXED));
    OK(cuMemAlloc_v2(&other, 4));
    OK(cuStreamEndCapture(stream, &graph));
}

static void the_legacy_stream_is_forbidden(void)
{
    CUstream blocking;
    CUdeviceptr value = value_of(1);
    CUgraph graph;
    new_stream();
    OK(cuStreamCreate(&blocking, 0));
    STATUS(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, cuStreamBeginCapture_v2(NULL, GLOBAL));
    OK(cuStreamBeginCapture_v2(blocking, GLOBAL));
    STATUS(CUDA_ERROR_ILLEGAL_STATE, cuStreamBeginCapture_v2(blocking, GLOBAL));
    STATUS(CUDA_ERROR_STREAM_CAPTURE_IMPLICIT, launch(add, value, 1, NULL));
    STATUS(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, cuStreamEndCapture(blocking, &graph));
    STATUS(CUDA_ERROR_ILLEGAL_STATE, cuStreamEndCapture(blocking, &graph));
    /* A record that was refused leaves the event as it was. */
    CUevent event = new_event();
    OK(cuStreamBeginCapture_v2(blocking, GLOBAL));
    STATUS(CUDA_ERROR_STREAM_CAPTURE_IMPLICIT, cuEventRecord(event, NULL));
    STATUS(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, cuStreamEndCapture(blocking, &graph));
    OK(cuEventQuery(event));
    CHECK(read(value) == 1);
}

static void events_from_outside(void)
{
    CUstream a = new_stream(), b = new_stream();
    CUevent event = new_event();
    CUgraph graph;
    OK(cuEventRecord(event, b));
    OK(cuStreamBeginCapture_v2(a, GLOBAL));
    STATUS(CUDA_ERROR_STREAM_CAPTURE_ISOLATION, cuStreamWaitEvent(a, event, 0));
    STATUS(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, cuStreamEndCapture(a, &graph));
    OK(cuStreamBeginCapture_v2(a, GLOBAL));
    OK(cuStreamBeginCapture_v2(b, GLOBAL));
    OK(cuEventRecord(event, b));
    STATUS(CUDA_ERROR_STREAM_CAPTURE_MERGE, cuStreamWaitEvent(a, event, 0));
    STATUS(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, cuStreamEndCapture(a, &graph));
    OK(cuStreamEndCapture(b, &graph));
}

static void stale_graphs(void)
{
    CUstream stream = new_stream();
    CUdeviceptr value = value_of(1);
    CUmodule module;
    CUfunction function;
    CUgraph graph;
    CUgraphExec executable;
    int one = 1;
    OK(cuModuleLoadData(&module, fatbin));
    OK(cuModuleGetFunction(&function, module, "add"));
    OK(cuStreamBeginCapture_v2(stream, GLOBAL));
    OK(cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, stream, PARAMETERS(&value, &one), NULL));
    OK(cuStreamEndCapture(stream, &graph));
    OK(cuGraphInstantiateWithFlags(&executable, graph, 0));
    OK(cuModuleUnload(module));
    CUresult status = cuGraphLaunch(executable, stream);
    if (is_lazy()) status = cuStreamSynchronize(stream);
    STATUS(CUDA_ERROR_INVALID_HANDLE, status);
    /* A capture that is open when its stream, or its context, ends. */
    OK(cuStreamBeginCapture_v2(stream, GLOBAL));
    OK(cuStreamDestroy_v2(stream));
    stream = new_stream();
    OK(cuStreamBeginCapture_v2(stream, GLOBAL));
    OK(launch(add, value, 1, stream));
}

MAIN(TEST(capture_and_launch), TEST(fork_and_join), TEST(not_joined), TEST(waiting_is_forbidden),
     TEST(the_legacy_stream_is_forbidden), TEST(events_from_outside), TEST(stale_graphs))
