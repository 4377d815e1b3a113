/* Entry points by name, and those that are not emulated. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>

#include "emulated_cuda.h"

/* What the generated functions in unsupported.c return. */
CUresult unsupported(const char *function)
{
    ENTER(NEEDS_NOTHING);
    return fail(CUDA_ERROR_NOT_SUPPORTED, "%s is not emulated", function);
}

static void *find(const char *name)
{
    static const char *const versions[] = {"_v3", "_v2", ""};
    Dl_info self;
    if (dladdr((void *)find, &self) == 0) return NULL;
    void *library = dlopen(self.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
    void *function = NULL;
    for (int i = 0; i < 3 && library != NULL && function == NULL; i++) {
        char symbol[256];
        snprintf(symbol, sizeof symbol, "%s%s", name, versions[i]);
        function = dlsym(library, symbol);
    }
    if (library != NULL) dlclose(library);
    return function;
}

/* The newest version of a function; the version asked for is not looked at. */
EXPORT CUresult cuGetProcAddress_v2(const char *name, void **function, int version, uint64_t flags, int *state)
{
    enum { STATE_SUCCESS = 0, STATE_NOT_FOUND = 1 };
    (void)version;
    (void)flags;
    ENTER(NEEDS_NOTHING);
    REQUIRE(name != NULL && function != NULL);
    *function = find(name);
    if (state != NULL) *state = *function ? STATE_SUCCESS : STATE_NOT_FOUND;
    return *function ? CUDA_SUCCESS : fail(CUDA_ERROR_NOT_FOUND, "cuGetProcAddress: %s", name);
}

EXPORT CUresult cuGetProcAddress(const char *name, void **function, int version, uint64_t flags)
{
    return cuGetProcAddress_v2(name, function, version, flags, NULL);
}
