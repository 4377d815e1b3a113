/* The types and constants of the CUDA driver interface that are used here, so that no toolkit is needed to build. */
#ifndef DRIVER_TYPES_H
#define DRIVER_TYPES_H

#include <stddef.h>
#include <stdint.h>

typedef unsigned long long CUdeviceptr;
typedef int CUdevice;
typedef struct CUctx_st *CUcontext;
typedef struct CUstream_st *CUstream;
typedef struct CUevent_st *CUevent;
typedef struct CUmod_st *CUmodule;
typedef struct CUfunc_st *CUfunction;
typedef struct CUgraph_st *CUgraph;
typedef struct CUgraphExec_st *CUgraphExec;
typedef struct CUgraphNode_st *CUgraphNode;

typedef struct {
    char bytes[16];
} CUuuid;

typedef struct {
    unsigned gridDimX, gridDimY, gridDimZ;
    unsigned blockDimX, blockDimY, blockDimZ;
    unsigned sharedMemBytes;
    CUstream hStream;
    const struct CUlaunchAttribute *attrs;
    unsigned numAttrs;
} CUlaunchConfig;

struct CUlaunchAttribute {
    int id;
    char padding[4];
    union {
        char bytes[64];
        int cooperative;
        struct {
            unsigned x, y, z;
        } clusterDim;
    } value;
};

/* Array members are there for their places only: arrays are not emulated. */
typedef struct {
    size_t srcXInBytes, srcY;
    int srcMemoryType;
    const void *srcHost;
    CUdeviceptr srcDevice;
    void *srcArray;
    size_t srcPitch;
    size_t dstXInBytes, dstY;
    int dstMemoryType;
    void *dstHost;
    CUdeviceptr dstDevice;
    void *dstArray;
    size_t dstPitch;
    size_t WidthInBytes, Height;
} CUDA_MEMCPY2D;

/* Number, name without CUDA_, description. */
#define RESULTS(X)                                                                                   \
    X(0, SUCCESS, "no error")                                                                        \
    X(1, ERROR_INVALID_VALUE, "invalid argument")                                                    \
    X(2, ERROR_OUT_OF_MEMORY, "out of memory")                                                       \
    X(3, ERROR_NOT_INITIALIZED, "initialization error")                                              \
    X(4, ERROR_DEINITIALIZED, "driver shutting down")                                                \
    X(5, ERROR_PROFILER_DISABLED, "profiler disabled while using external profiling tool")           \
    X(34, ERROR_STUB_LIBRARY, "CUDA driver is a stub library")                                       \
    X(46, ERROR_DEVICE_UNAVAILABLE, "CUDA-capable device(s) is/are busy or unavailable")             \
    X(100, ERROR_NO_DEVICE, "no CUDA-capable device is detected")                                    \
    X(101, ERROR_INVALID_DEVICE, "invalid device ordinal")                                           \
    X(200, ERROR_INVALID_IMAGE, "device kernel image is invalid")                                    \
    X(201, ERROR_INVALID_CONTEXT, "invalid device context")                                          \
    X(205, ERROR_MAP_FAILED, "mapping of buffer object failed")                                      \
    X(208, ERROR_ALREADY_MAPPED, "resource already mapped")                                          \
    X(209, ERROR_NO_BINARY_FOR_GPU, "no kernel image is available for execution on the device")      \
    X(211, ERROR_NOT_MAPPED, "resource not mapped")                                                  \
    X(214, ERROR_ECC_UNCORRECTABLE, "uncorrectable ECC error encountered")                           \
    X(215, ERROR_UNSUPPORTED_LIMIT, "limit is not supported on this architecture")                   \
    X(216, ERROR_CONTEXT_ALREADY_IN_USE, "exclusive-thread device already in use by a different thread") \
    X(217, ERROR_PEER_ACCESS_UNSUPPORTED, "peer access is not supported between these two devices")  \
    X(218, ERROR_INVALID_PTX, "a PTX JIT compilation failed")                                        \
    X(221, ERROR_JIT_COMPILER_NOT_FOUND, "PTX JIT compiler library not found")                       \
    X(222, ERROR_UNSUPPORTED_PTX_VERSION, "the provided PTX was compiled with an unsupported toolchain.") \
    X(300, ERROR_INVALID_SOURCE, "device kernel image is invalid")                                   \
    X(301, ERROR_FILE_NOT_FOUND, "file not found")                                                   \
    X(303, ERROR_SHARED_OBJECT_INIT_FAILED, "shared object initialization failed")                   \
    X(304, ERROR_OPERATING_SYSTEM, "OS call failed or operation not supported on this OS")           \
    X(400, ERROR_INVALID_HANDLE, "invalid resource handle")                                          \
    X(401, ERROR_ILLEGAL_STATE, "the operation cannot be performed in the present state")            \
    X(500, ERROR_NOT_FOUND, "named symbol not found")                                                \
    X(600, ERROR_NOT_READY, "device not ready")                                                      \
    X(700, ERROR_ILLEGAL_ADDRESS, "an illegal memory access was encountered")                        \
    X(701, ERROR_LAUNCH_OUT_OF_RESOURCES, "too many resources requested for launch")                 \
    X(702, ERROR_LAUNCH_TIMEOUT, "the launch timed out and was terminated")                          \
    X(704, ERROR_PEER_ACCESS_ALREADY_ENABLED, "peer access is already enabled")                      \
    X(705, ERROR_PEER_ACCESS_NOT_ENABLED, "peer access has not been enabled")                        \
    X(708, ERROR_PRIMARY_CONTEXT_ACTIVE, "cannot set while device is active in this process")        \
    X(709, ERROR_CONTEXT_IS_DESTROYED, "context is destroyed")                                       \
    X(710, ERROR_ASSERT, "device-side assert triggered")                                             \
    X(711, ERROR_TOO_MANY_PEERS, "peer mapping resources exhausted")                                 \
    X(712, ERROR_HOST_MEMORY_ALREADY_REGISTERED, "part or all of the requested memory range is already mapped") \
    X(713, ERROR_HOST_MEMORY_NOT_REGISTERED, "pointer does not correspond to a registered memory region") \
    X(714, ERROR_HARDWARE_STACK_ERROR, "hardware stack error")                                       \
    X(715, ERROR_ILLEGAL_INSTRUCTION, "an illegal instruction was encountered")                      \
    X(716, ERROR_MISALIGNED_ADDRESS, "misaligned address")                                           \
    X(717, ERROR_INVALID_ADDRESS_SPACE, "operation not supported on global/shared address space")    \
    X(718, ERROR_INVALID_PC, "invalid program counter")                                              \
    X(719, ERROR_LAUNCH_FAILED, "unspecified launch failure")                                        \
    X(720, ERROR_COOPERATIVE_LAUNCH_TOO_LARGE, "too many blocks in cooperative launch")              \
    X(800, ERROR_NOT_PERMITTED, "operation not permitted")                                           \
    X(801, ERROR_NOT_SUPPORTED, "operation not supported")                                           \
    X(900, ERROR_STREAM_CAPTURE_UNSUPPORTED, "operation not permitted when stream is capturing")     \
    X(901, ERROR_STREAM_CAPTURE_INVALIDATED, "operation failed due to a previous error during capture") \
    X(902, ERROR_STREAM_CAPTURE_MERGE, "operation would result in a merge of separate capture sequences") \
    X(903, ERROR_STREAM_CAPTURE_UNMATCHED, "capture was not ended in the same stream as it began")   \
    X(904, ERROR_STREAM_CAPTURE_UNJOINED, "capturing stream has unjoined work")                      \
    X(905, ERROR_STREAM_CAPTURE_ISOLATION, "dependency created on uncaptured work in another stream") \
    X(906, ERROR_STREAM_CAPTURE_IMPLICIT, "the legacy stream would depend on a capturing blocking stream") \
    X(907, ERROR_CAPTURED_EVENT, "operation not permitted on an event last recorded in a capturing stream") \
    X(908, ERROR_STREAM_CAPTURE_WRONG_THREAD, "a thread-local capture cannot be ended by another thread") \
    X(909, ERROR_TIMEOUT, "wait operation timed out")                                                \
    X(910, ERROR_GRAPH_EXEC_UPDATE_FAILURE, "the graph update was not performed") \
    X(999, ERROR_UNKNOWN, "unknown error")

#define RESULT_CONSTANT(number, name, description) CUDA_##name = number,
typedef enum { RESULTS(RESULT_CONSTANT) } CUresult;
#undef RESULT_CONSTANT

enum {
    CU_STREAM_NON_BLOCKING = 1,
    CU_EVENT_BLOCKING_SYNC = 1,
    CU_EVENT_DISABLE_TIMING = 2,
    CU_EVENT_INTERPROCESS = 4,
    CU_MEMHOSTALLOC_PORTABLE = 1,
    CU_MEMHOSTALLOC_DEVICEMAP = 2,
    CU_MEMHOSTALLOC_WRITECOMBINED = 4,
    CU_MEMORYTYPE_HOST = 1,
    CU_MEMORYTYPE_DEVICE = 2,
    CU_MEMORYTYPE_ARRAY = 3,
    CU_MEMORYTYPE_UNIFIED = 4
};

#endif
