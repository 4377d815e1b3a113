/* Launches: limits are checked and arguments copied when the call is made, so the caller may reuse their memory. */
#include <stdlib.h>
#include <string.h>

#include "emulated_cuda.h"

/* A graph may be launched after a module of its kernels was unloaded. */
static CUresult execute_launch(struct operation *operation)
{
    const struct launch *launch = (const struct launch *)operation;
    if (handle_object(KIND_FUNCTION, launch->function_handle) == NULL) {
        return fail(CUDA_ERROR_INVALID_HANDLE, "the module of a kernel in a graph is unloaded");
    }
    return grid_run(launch);
}

static void release_launch(struct operation *operation)
{
    free(((struct launch *)operation)->arguments);
}

static CUresult check_size(const struct function *function, const CUlaunchConfig *size)
{
    uint64_t threads = (uint64_t)size->blockDimX * size->blockDimY * size->blockDimZ;
    if (size->blockDimX > 1024 || size->blockDimY > 1024 || size->blockDimZ > 64 || threads == 0 ||
        threads > MAX_BLOCK_THREADS) {
        return fail(CUDA_ERROR_INVALID_VALUE, "kernel %s: a block of %u x %u x %u threads; a device can have 1 to 1024",
                    function->name, size->blockDimX, size->blockDimY, size->blockDimZ);
    }
    if (size->gridDimX == 0 || size->gridDimY == 0 || size->gridDimZ == 0 || size->gridDimX > 0x7fffffffu ||
        size->gridDimY > 65535 || size->gridDimZ > 65535) {
        return fail(CUDA_ERROR_INVALID_VALUE,
                    "kernel %s: a grid of %u x %u x %u blocks; a device can have 1 to 2147483647 x 65535 x 65535",
                    function->name, size->gridDimX, size->gridDimY, size->gridDimZ);
    }
    if (size->sharedMemBytes > (unsigned)function->max_dynamic_shared) {
        return fail(CUDA_ERROR_INVALID_VALUE, "kernel %s: %u bytes of dynamic shared memory; %d are allowed",
                    function->name, size->sharedMemBytes, function->max_dynamic_shared);
    }
    return CUDA_SUCCESS;
}

size_t parameter_offset(const struct emucuda_kernel *kernel, unsigned index)
{
    size_t end = 0;
    for (unsigned i = 0;; i++) {
        size_t alignment = kernel->parameters[i].alignment;
        size_t offset = (end + alignment - 1) / alignment * alignment;
        if (i == index) return offset;
        end = offset + kernel->parameters[i].bytes;
    }
}

/* The buffer among the extra arguments of cuLaunchKernel; null if they are not understood. */
static const char *parameter_buffer(void **extra, size_t *bytes)
{
    void *const end = (void *)0, *const buffer_pointer = (void *)1, *const buffer_size = (void *)2;
    const char *buffer = NULL;
    *bytes = 0;
    for (; extra != NULL && extra[0] != end; extra += 2) {
        if (extra[0] == buffer_pointer) buffer = extra[1];
        else if (extra[0] == buffer_size) *bytes = *(size_t *)extra[1];
        else return NULL;
    }
    return buffer;
}

/* One block: the table of pointers, then the values, each at a multiple of 16. */
static CUresult copy_arguments(struct launch *launch, void **parameters, void **extra)
{
    const struct emucuda_kernel *kernel = launch->function->kernel;
    unsigned count = kernel->parameter_count;
    size_t buffer_bytes;
    const char *buffer = parameter_buffer(extra, &buffer_bytes);
    if (count == 0) return CUDA_SUCCESS;
    if (parameters == NULL && buffer == NULL) {
        return fail(CUDA_ERROR_INVALID_VALUE, "kernel %s: %u arguments are missing", launch->function->name, count);
    }
    size_t last_end = parameter_offset(kernel, count - 1) + kernel->parameters[count - 1].bytes;
    if (parameters == NULL && buffer_bytes < last_end) {
        return fail(CUDA_ERROR_INVALID_VALUE, "kernel %s: %zu bytes of arguments instead of %zu",
                    launch->function->name, buffer_bytes, last_end);
    }
    size_t bytes = (count * sizeof(void *) + 15) / 16 * 16;
    size_t offset = bytes;
    for (unsigned i = 0; i < count; i++) bytes += (kernel->parameters[i].bytes + 15u) / 16 * 16;
    launch->arguments = aligned_alloc(16, bytes);
    for (unsigned i = 0; i < count; i++) {
        const void *value = parameters ? parameters[i] : buffer + parameter_offset(kernel, i);
        if (value == NULL) {
            return fail(CUDA_ERROR_INVALID_VALUE, "kernel %s: argument %u is missing", launch->function->name, i);
        }
        launch->arguments[i] = (char *)launch->arguments + offset;
        memcpy(launch->arguments[i], value, kernel->parameters[i].bytes);
        offset += (kernel->parameters[i].bytes + 15u) / 16 * 16;
    }
    return CUDA_SUCCESS;
}

static CUresult launch_kernel(struct context *context, const CUlaunchConfig *size, CUfunction handle,
                              void **parameters, void **extra)
{
    const struct function *function = handle_object(KIND_FUNCTION, handle);
    if (function == NULL) {
        return fail(CUDA_ERROR_INVALID_HANDLE, "cuLaunchKernel: no such function, or its module is unloaded");
    }
    struct stream *stream;
    CUresult status = stream_find(context, size->hStream, &stream);
    if (status != CUDA_SUCCESS) return status;
    if (stream->context != context || function->module->context != context) {
        return fail(CUDA_ERROR_INVALID_HANDLE, "kernel %s: the %s belongs to another context than the current one",
                    function->name, stream->context != context ? "stream" : "function");
    }
    status = check_size(function, size);
    if (status != CUDA_SUCCESS) return status;
    struct launch *launch = operation_new(sizeof *launch, context, execute_launch, release_launch);
    launch->function = function;
    launch->function_handle = handle;
    launch->grid = (struct emucuda_index){size->gridDimX, size->gridDimY, size->gridDimZ};
    launch->block = (struct emucuda_index){size->blockDimX, size->blockDimY, size->blockDimZ};
    launch->dynamic_shared = size->sharedMemBytes;
    status = copy_arguments(launch, parameters, extra);
    if (status == CUDA_SUCCESS) return stream_enqueue(stream, &launch->operation);
    operation_release(&launch->operation);
    return status;
}

EXPORT CUresult cuLaunchKernel(CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                               unsigned block_x, unsigned block_y, unsigned block_z, unsigned dynamic_shared,
                               CUstream stream, void **parameters, void **extra)
{
    ENTER(NEEDS_CONTEXT);
    CUlaunchConfig size = {grid_x, grid_y, grid_z, block_x, block_y, block_z, dynamic_shared, stream, NULL, 0};
    return launch_kernel(call.context, &size, function, parameters, extra);
}

/* Attributes that change what a kernel may do are refused; the others only change its speed. */
EXPORT CUresult cuLaunchKernelEx(const CUlaunchConfig *config, CUfunction function, void **parameters, void **extra)
{
    enum { ATTRIBUTE_COOPERATIVE = 2, ATTRIBUTE_CLUSTER = 4 };
    ENTER(NEEDS_CONTEXT);
    REQUIRE(config != NULL);
    for (unsigned i = 0; i < config->numAttrs; i++) {
        const struct CUlaunchAttribute *attribute = &config->attrs[i];
        if (attribute->id == ATTRIBUTE_COOPERATIVE && attribute->value.cooperative) {
            return fail(CUDA_ERROR_NOT_SUPPORTED, "cooperative launches are not emulated");
        }
        if (attribute->id == ATTRIBUTE_CLUSTER && (uint64_t)attribute->value.clusterDim.x *
                                                          attribute->value.clusterDim.y *
                                                          attribute->value.clusterDim.z > 1) {
            return fail(CUDA_ERROR_NOT_SUPPORTED, "clusters are not emulated");
        }
    }
    return launch_kernel(call.context, config, function, parameters, extra);
}
