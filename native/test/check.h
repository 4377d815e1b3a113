/* A test program is a list of functions; each begins with a fresh device whose context is current. */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"

static int failed_checks;
static const char *current_test;

/* Enough of a program that fails in a loop. */
static inline bool report_failure(void)
{
    return ++failed_checks <= 10;
}

#define CHECK(condition)                                                                          \
    do {                                                                                          \
        if (!(condition) && report_failure()) {                                                   \
            printf("%s:%d: %s: not so: %s\n", __FILE__, __LINE__, current_test, #condition);      \
        }                                                                                         \
    } while (0)

#define STATUS(expected, expression)                                                              \
    do {                                                                                          \
        int expected_status = (expected), status_ = (expression);                                 \
        if (status_ != expected_status && report_failure()) {                                     \
            printf("%s:%d: %s: %s is %d, not %d; last fault: %s\n", __FILE__, __LINE__,           \
                   current_test, #expression, status_, expected_status, emucudaLastFault());      \
        }                                                                                         \
    } while (0)

#define OK(expression) STATUS(0, expression)

/* Whether the latest failure is explained by these words. */
#define EXPLAINED(words)                                                                          \
    do {                                                                                          \
        if (strstr(emucudaLastFault(), words) == NULL && report_failure()) {                      \
            printf("%s:%d: %s: \"%s\" is not in: %s\n", __FILE__, __LINE__, current_test, words,  \
                   emucudaLastFault());                                                           \
        }                                                                                         \
    } while (0)

/* The programs are run eager and lazy; some results must differ between the two. */
static inline bool is_lazy(void)
{
    const char *lazy = getenv("EMUCUDA_LAZY");
    return lazy != NULL && strcmp(lazy, "1") == 0;
}

static inline void fresh_device(void)
{
    CUcontext context;
    OK(emucudaReset());
    OK(cuInit(0));
    OK(cuDevicePrimaryCtxRetain(&context, 0));
    OK(cuCtxSetCurrent(context));
}

/* The first bytes of a fatbin are all that the device looks at. */
static const unsigned fatbin[4] = {0xba55ed50};

static inline CUfunction kernel(const char *name)
{
    CUmodule module;
    CUfunction function = NULL;
    OK(cuModuleLoadData(&module, fatbin));
    OK(cuModuleGetFunction(&function, module, name));
    return function;
}

static inline CUdeviceptr device_memory(size_t bytes)
{
    CUdeviceptr address = 0;
    OK(cuMemAlloc_v2(&address, bytes));
    return address;
}

/* Launches one block in the legacy stream and waits; eager and lazy give the same status then. */
static inline CUresult run_block(CUfunction function, unsigned threads, unsigned shared, void **parameters)
{
    CUresult status = cuLaunchKernel(function, 1, 1, 1, threads, 1, 1, shared, NULL, parameters, NULL);
    return status != CUDA_SUCCESS ? status : cuCtxSynchronize();
}

#define PARAMETERS(...) ((void *[]){__VA_ARGS__})

struct test {
    const char *name;
    void (*run)(void);
};

#define TEST(function) {#function, function}

static inline int run_tests(const struct test *tests, int count)
{
    for (int i = 0; i < count; i++) {
        current_test = tests[i].name;
        emucudaConfigure("EMUCUDA_FAIL", "");
        emucudaConfigure("EMUCUDA_DEVICES", "");
        fresh_device();
        tests[i].run();
    }
    return failed_checks != 0;
}

#define MAIN(...)                                                             \
    int main(void)                                                            \
    {                                                                         \
        static const struct test tests[] = {__VA_ARGS__};                     \
        return run_tests(tests, (int)(sizeof tests / sizeof tests[0]));       \
    }

#endif
