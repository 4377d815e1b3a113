/*
 * Modules and functions. An image for a GPU cannot run here: its kernels come from the libraries in EMUCUDA_KERNELS,
 * made of the same sources. An image that is itself such a library is loaded as it is. Each module gets a copy of its
 * own, so that its variables begin with their initial values.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emulated_cuda.h"

struct library {
    struct library *next;
    void *code;
    /* Kept open while the library is loaded: its number is in the name that the loader knows the library by. */
    int file;
    struct emucuda_runtime **runtime;
};

/* A variable that was asked for; from then on kernels may get its address. */
struct variable {
    struct variable *next;
    uintptr_t address;
    size_t bytes;
};

static bool write_all(int file, const char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t written = write(file, bytes, count);
        if (written <= 0) return false;
        bytes += written;
        count -= (size_t)written;
    }
    return true;
}

static CUresult load_library(struct module *module, const void *image, size_t bytes, const char *origin)
{
    int file = memfd_create("emulated kernels", MFD_CLOEXEC);
    if (file < 0 || !write_all(file, image, bytes)) {
        if (file >= 0) close(file);
        return fail(CUDA_ERROR_OPERATING_SYSTEM, "%s: %s", origin, strerror(errno));
    }
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", file);
    void *code = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    struct emucuda_runtime **kernels = code ? dlsym(code, "emucuda_runtime") : NULL;
    if (kernels == NULL) {
        CUresult status = fail(CUDA_ERROR_INVALID_IMAGE, "%s is no library of emulated kernels: %s", origin, dlerror());
        if (code != NULL) dlclose(code);
        close(file);
        return status;
    }
    struct library *library = calloc(1, sizeof *library);
    *library = (struct library){module->libraries, code, file, kernels};
    module->libraries = library;
    return CUDA_SUCCESS;
}

static CUresult load_file(struct module *module, const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    struct stat information;
    if (file < 0 || fstat(file, &information) != 0 || information.st_size == 0) {
        CUresult status = fail(CUDA_ERROR_FILE_NOT_FOUND, "EMUCUDA_KERNELS: %s: %s", path, strerror(errno));
        if (file >= 0) close(file);
        return status;
    }
    size_t bytes = (size_t)information.st_size;
    void *image = mmap(NULL, bytes, PROT_READ, MAP_PRIVATE, file, 0);
    close(file);
    if (image == MAP_FAILED) return fail(CUDA_ERROR_OPERATING_SYSTEM, "%s: %s", path, strerror(errno));
    CUresult status = load_library(module, image, bytes, path);
    munmap(image, bytes);
    return status;
}

static CUresult load_configured(struct module *module)
{
    if (settings.kernels == NULL) {
        return fail(CUDA_ERROR_NO_BINARY_FOR_GPU,
                    "EMUCUDA_KERNELS does not say which library holds the kernels of GPU images");
    }
    char *paths = strdup(settings.kernels), *rest = NULL;
    CUresult status = CUDA_SUCCESS;
    for (char *path = strtok_r(paths, ":", &rest); path != NULL; path = strtok_r(NULL, ":", &rest)) {
        status = load_file(module, path);
        if (status != CUDA_SUCCESS) break;
    }
    free(paths);
    return status;
}

/* An ELF file says how long it is only by where its section headers end, which linkers write last. */
static size_t elf_bytes(const Elf64_Ehdr *header)
{
    return header->e_shoff + (size_t)header->e_shentsize * header->e_shnum;
}

/* How far an image is text, so that what is none is not read to its end, which it does not tell. */
static size_t text_bytes(const char *image)
{
    size_t count = 0;
    while (count < 65536 && (isprint((unsigned char)image[count]) || isspace((unsigned char)image[count]))) count++;
    return count;
}

static CUresult load_image(struct module *module, const void *image)
{
    const uint32_t fatbin_magic = 0xba55ed50, fatbin_wrapper_magic = 0x466243b1;
    const uint16_t elf_machine_cuda = 190;
    uint32_t magic;
    memcpy(&magic, image, sizeof magic);
    if (magic == fatbin_magic || magic == fatbin_wrapper_magic) return load_configured(module);
    if (memcmp(image, ELFMAG, SELFMAG) == 0) {
        const Elf64_Ehdr *header = image;
        if (header->e_machine == elf_machine_cuda) return load_configured(module);
        if (header->e_machine == EM_X86_64) return load_library(module, image, elf_bytes(header), "the module image");
    } else {
        /* PTX is text, with .version before all but comments. */
        if (memmem(image, text_bytes(image), ".version", 8) != NULL) return load_configured(module);
    }
    return fail(CUDA_ERROR_INVALID_IMAGE, "the image begins with 0x%08x: no fatbin, cubin, PTX or emulated kernels",
                magic);
}

static void unload(struct module *module)
{
    for (struct function *function = module->functions; function != NULL;) {
        struct function *next = function->next;
        handle_free(function->handle);
        free(function->name);
        free(function);
        function = next;
    }
    for (struct variable *variable = module->variables; variable != NULL;) {
        struct variable *next = variable->next;
        memory_free(variable->address, MEMORY_GLOBAL);
        free(variable);
        variable = next;
    }
    for (struct library *library = module->libraries; library != NULL;) {
        struct library *next = library->next;
        dlclose(library->code);
        close(library->file);
        free(library);
        library = next;
    }
    handle_free(module->handle);
    free(module);
}

static CUresult load(struct context *context, CUmodule *handle, const void *image)
{
    if (handle == NULL || image == NULL) return fail(CUDA_ERROR_INVALID_VALUE, "cuModuleLoadData: null pointer");
    struct module *module = calloc(1, sizeof *module);
    module->context = context;
    module->handle = handle_new(KIND_MODULE, module);
    CUresult status = load_image(module, image);
    if (status != CUDA_SUCCESS) unload(module);
    else *handle = module->handle;
    return status;
}

EXPORT CUresult cuModuleLoadData(CUmodule *handle, const void *image)
{
    ENTER(NEEDS_CONTEXT);
    return load(call.context, handle, image);
}

/* There is nothing to compile, so options have no effect; buffers for logs stay as they are. */
EXPORT CUresult cuModuleLoadDataEx(CUmodule *handle, const void *image, unsigned option_count, int *options,
                                   void **option_values)
{
    ENTER(NEEDS_CONTEXT);
    REQUIRE(option_count == 0 || (options != NULL && option_values != NULL));
    return load(call.context, handle, image);
}

EXPORT CUresult cuModuleLoadFatBinary(CUmodule *handle, const void *image)
{
    ENTER(NEEDS_CONTEXT);
    return load(call.context, handle, image);
}

EXPORT CUresult cuModuleLoad(CUmodule *handle, const char *path)
{
    ENTER(NEEDS_CONTEXT);
    REQUIRE(path != NULL);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    struct stat information;
    if (file < 0 || fstat(file, &information) != 0) {
        if (file >= 0) close(file);
        return fail(CUDA_ERROR_FILE_NOT_FOUND, "cuModuleLoad: %s", path);
    }
    size_t bytes = (size_t)information.st_size;
    /* One byte more than the file, so that PTX ends with a null character. */
    char *image = calloc(1, bytes + sizeof(Elf64_Ehdr));
    ssize_t got = read(file, image, bytes);
    close(file);
    CUresult status = got == (ssize_t)bytes ? load(call.context, handle, image)
                                            : fail(CUDA_ERROR_FILE_NOT_FOUND, "cuModuleLoad: %s ends early", path);
    free(image);
    return status;
}

#define FIND_MODULE(handle)                                      \
    struct module *module = handle_object(KIND_MODULE, handle);  \
    if (module == NULL) return fail(CUDA_ERROR_INVALID_HANDLE, "%s: no such module, or it is unloaded", __func__)

/* Work that is pending may be kernels of this module. */
EXPORT CUresult cuModuleUnload(CUmodule handle)
{
    ENTER(NEEDS_CONTEXT);
    FIND_MODULE(handle);
    CUresult status = context_run(module->context);
    unload(module);
    return status;
}

static void unload_of_context(void *module, void *context)
{
    if (((struct module *)module)->context == context) unload(module);
}

void modules_free_context(struct context *context)
{
    handle_each(KIND_MODULE, unload_of_context, context);
}

EXPORT CUresult cuModuleGetFunction(CUfunction *handle, CUmodule module_handle, const char *name)
{
    ENTER(NEEDS_CONTEXT);
    REQUIRE(handle != NULL && name != NULL);
    FIND_MODULE(module_handle);
    for (struct function *function = module->functions; function != NULL; function = function->next) {
        if (strcmp(function->name, name) != 0) continue;
        *handle = function->handle;
        return CUDA_SUCCESS;
    }
    char symbol[512];
    snprintf(symbol, sizeof symbol, "emucuda_kernel_%s", name);
    for (struct library *library = module->libraries; library != NULL; library = library->next) {
        const struct emucuda_kernel *kernel = dlsym(library->code, symbol);
        if (kernel == NULL) continue;
        if (kernel->abi != EMUCUDA_ABI) {
            return fail(CUDA_ERROR_INVALID_IMAGE, "kernel %s was compiled for version %u of the emulation, this is %d",
                        name, kernel->abi, EMUCUDA_ABI);
        }
        struct function *function = calloc(1, sizeof *function);
        *function = (struct function){.next = module->functions,
                                      .module = module,
                                      .name = strdup(name),
                                      .kernel = kernel,
                                      .runtime = library->runtime,
                                      .max_dynamic_shared = 48 << 10,
                                      .preferred_carveout = -1};
        module->functions = function;
        function->handle = handle_new(KIND_FUNCTION, function);
        *handle = function->handle;
        return CUDA_SUCCESS;
    }
    return fail(CUDA_ERROR_NOT_FOUND, "kernel %s is not in the module; is EMULATED_KERNEL(%s) after it?", name, name);
}

EXPORT CUresult cuModuleGetGlobal_v2(CUdeviceptr *address, size_t *bytes, CUmodule module_handle, const char *name)
{
    ENTER(NEEDS_CONTEXT);
    REQUIRE(name != NULL);
    FIND_MODULE(module_handle);
    for (struct library *library = module->libraries; library != NULL; library = library->next) {
        void *found = dlsym(library->code, name);
        Dl_info information;
        ElfW(Sym) *symbol = NULL;
        if (found == NULL || dladdr1(found, &information, (void **)&symbol, RTLD_DL_SYMENT) == 0 || symbol == NULL ||
            ELF64_ST_TYPE(symbol->st_info) != STT_OBJECT) {
            continue;
        }
        struct variable *variable = module->variables;
        while (variable != NULL && variable->address != (uintptr_t)found) variable = variable->next;
        if (variable == NULL) {
            variable = calloc(1, sizeof *variable);
            *variable = (struct variable){module->variables, (uintptr_t)found, symbol->st_size};
            module->variables = variable;
            memory_register(module->context, MEMORY_GLOBAL, variable->address, variable->bytes, 0);
        }
        if (address != NULL) *address = variable->address;
        if (bytes != NULL) *bytes = variable->bytes;
        return CUDA_SUCCESS;
    }
    return fail(CUDA_ERROR_NOT_FOUND, "variable %s is not in the module", name);
}

EXPORT CUresult cuModuleGetLoadingMode(int *mode)
{
    ENTER(NEEDS_INIT);
    REQUIRE(mode != NULL);
    *mode = 1; /* eager */
    return CUDA_SUCCESS;
}

#define FIND_FUNCTION(handle)                                          \
    struct function *function = handle_object(KIND_FUNCTION, handle);  \
    if (function == NULL) return fail(CUDA_ERROR_INVALID_HANDLE, "%s: no such function, or it is unloaded", __func__)

EXPORT CUresult cuFuncGetModule(CUmodule *module, CUfunction handle)
{
    ENTER(NEEDS_CONTEXT);
    REQUIRE(module != NULL);
    FIND_FUNCTION(handle);
    *module = function->module->handle;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuFuncGetName(const char **name, CUfunction handle)
{
    ENTER(NEEDS_CONTEXT);
    REQUIRE(name != NULL);
    FIND_FUNCTION(handle);
    *name = function->name;
    return CUDA_SUCCESS;
}

/* Offset of a parameter in the buffer of CU_LAUNCH_PARAM_BUFFER_POINTER, and its size. */
EXPORT CUresult cuFuncGetParamInfo(CUfunction handle, size_t index, size_t *offset, size_t *bytes)
{
    ENTER(NEEDS_CONTEXT);
    FIND_FUNCTION(handle);
    /* The only way to learn how many there are is to ask for one too many. */
    if (index >= function->kernel->parameter_count) return CUDA_ERROR_INVALID_VALUE;
    if (offset != NULL) *offset = parameter_offset(function->kernel, (unsigned)index);
    if (bytes != NULL) *bytes = function->kernel->parameters[index].bytes;
    return CUDA_SUCCESS;
}

enum function_attribute {
    FUNCTION_MAX_THREADS = 0,
    FUNCTION_STATIC_SHARED = 1,
    FUNCTION_CONSTANT = 2,
    FUNCTION_LOCAL = 3,
    FUNCTION_REGISTERS = 4,
    FUNCTION_PTX_VERSION = 5,
    FUNCTION_BINARY_VERSION = 6,
    FUNCTION_CACHE_MODE = 7,
    FUNCTION_MAX_DYNAMIC_SHARED = 8,
    FUNCTION_PREFERRED_CARVEOUT = 9
};

static size_t static_shared(const struct function *function)
{
    const struct emucuda_kernel *kernel = function->kernel;
    return kernel->shared_start ? (size_t)(kernel->shared_end - kernel->shared_start) : 0;
}

EXPORT CUresult cuFuncGetAttribute(int *value, int attribute, CUfunction handle)
{
    ENTER(NEEDS_CONTEXT);
    REQUIRE(value != NULL);
    FIND_FUNCTION(handle);
    switch ((enum function_attribute)attribute) {
    case FUNCTION_MAX_THREADS: *value = MAX_BLOCK_THREADS; break;
    case FUNCTION_STATIC_SHARED: *value = (int)static_shared(function); break;
    case FUNCTION_CONSTANT: *value = 0; break;
    case FUNCTION_LOCAL: *value = 0; break;
    case FUNCTION_REGISTERS: *value = 32; break;
    case FUNCTION_PTX_VERSION: *value = 80; break;
    case FUNCTION_BINARY_VERSION: *value = 80; break;
    case FUNCTION_CACHE_MODE: *value = 0; break;
    case FUNCTION_MAX_DYNAMIC_SHARED: *value = function->max_dynamic_shared; break;
    case FUNCTION_PREFERRED_CARVEOUT: *value = function->preferred_carveout; break;
    default: return fail(CUDA_ERROR_INVALID_VALUE, "cuFuncGetAttribute: attribute %d", attribute);
    }
    return CUDA_SUCCESS;
}

EXPORT CUresult cuFuncSetAttribute(CUfunction handle, int attribute, int value)
{
    ENTER(NEEDS_CONTEXT);
    FIND_FUNCTION(handle);
    if (attribute == FUNCTION_MAX_DYNAMIC_SHARED) {
        REQUIRE(value >= 0 && value <= 163 << 10);
        function->max_dynamic_shared = value;
    } else if (attribute == FUNCTION_PREFERRED_CARVEOUT) {
        REQUIRE(value >= -1 && value <= 100);
        function->preferred_carveout = value;
    } else {
        return fail(CUDA_ERROR_INVALID_VALUE, "cuFuncSetAttribute: attribute %d", attribute);
    }
    return CUDA_SUCCESS;
}

EXPORT CUresult cuFuncSetCacheConfig(CUfunction handle, int config)
{
    ENTER(NEEDS_CONTEXT);
    FIND_FUNCTION(handle);
    REQUIRE(config >= 0 && config <= 3);
    return CUDA_SUCCESS;
}

/* Registers are not counted here, so shared memory, threads and blocks are what limits. */
static CUresult occupancy(int *blocks, CUfunction handle, int block_threads, size_t dynamic_shared)
{
    FIND_FUNCTION(handle);
    if (blocks == NULL || block_threads <= 0) {
        return fail(CUDA_ERROR_INVALID_VALUE, "occupancy of blocks of %d threads", block_threads);
    }
    int threads = (block_threads + WARP_LANES - 1) / WARP_LANES * WARP_LANES;
    size_t shared = static_shared(function) + dynamic_shared + (1 << 10);
    int by_threads = 2048 / threads;
    int by_shared = (int)((164 << 10) / shared);
    int most = by_threads < by_shared ? by_threads : by_shared;
    *blocks = block_threads > MAX_BLOCK_THREADS ? 0 : most < 32 ? most : 32;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, CUfunction function, int block_threads,
                                                            size_t dynamic_shared)
{
    ENTER(NEEDS_CONTEXT);
    return occupancy(blocks, function, block_threads, dynamic_shared);
}

EXPORT CUresult cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int *blocks, CUfunction function,
                                                                     int block_threads, size_t dynamic_shared,
                                                                     unsigned flags)
{
    ENTER(NEEDS_CONTEXT);
    REQUIRE(flags <= 1);
    return occupancy(blocks, function, block_threads, dynamic_shared);
}
