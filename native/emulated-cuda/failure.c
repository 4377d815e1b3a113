/* Calls made to fail: EMUCUDA_FAIL=cuMemAlloc_v2:2:2,cuLaunchKernel:5:719, the 2nd allocation and the 5th launch. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emulated_cuda.h"

enum { MAX_FAILURES = 16, EVERY_CALL = 0 };

static struct failure {
    char function[64];
    unsigned long call;
    CUresult status;
    unsigned long calls;
} failures[MAX_FAILURES];

static int failure_count;

/* One of the list, and how long it is; 0 if it is not understood. */
static int parse(const char *text, struct failure *failure)
{
    char call[24];
    int status, length = 0;
    if (sscanf(text, "%63[^:,]:%23[^:,]:%d%n", failure->function, call, &status, &length) != 3) return 0;
    failure->status = (CUresult)status;
    failure->calls = 0;
    failure->call = EVERY_CALL;
    if (strcmp(call, "*") == 0) return length;
    char *end;
    failure->call = strtoul(call, &end, 10);
    return *end == '\0' && failure->call > 0 ? length : 0;
}

bool failures_set(const char *list)
{
    failure_count = 0;
    while (*list != '\0') {
        int length = failure_count < MAX_FAILURES ? parse(list, &failures[failure_count]) : 0;
        if (length == 0 || (list[length] != ',' && list[length] != '\0')) {
            failure_count = 0;
            return false;
        }
        failure_count++;
        list += length + (list[length] == ',');
    }
    return true;
}

/* cuMemAlloc stands for cuMemAlloc_v2 too. */
static bool names(const char *pattern, const char *function)
{
    size_t length = strlen(pattern);
    if (strncmp(pattern, function, length) != 0) return false;
    const char *rest = function + length;
    return *rest == '\0' || (strncmp(rest, "_v", 2) == 0 && strlen(rest) == 3);
}

CUresult failure_of(const char *function)
{
    CUresult status = CUDA_SUCCESS;
    for (int i = 0; i < failure_count; i++) {
        struct failure *failure = &failures[i];
        if (!names(failure->function, function)) continue;
        failure->calls++;
        if (failure->call == EVERY_CALL || failure->call == failure->calls) {
            status = fail(failure->status, "call %lu of %s fails as EMUCUDA_FAIL demands", failure->calls, function);
        }
    }
    return status;
}
