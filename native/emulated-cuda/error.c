/* Names and descriptions of statuses, and the story behind the latest failure. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "emulated_cuda.h"

struct result {
    CUresult status;
    const char *name, *description;
};

#define RESULT_ENTRY(number, name, description) {number, "CUDA_" #name, description},
static const struct result results[] = {RESULTS(RESULT_ENTRY)};
#undef RESULT_ENTRY

enum { RESULT_COUNT = sizeof results / sizeof results[0], TEXT_BYTES = 1280 };

/* Per status, what cuGetErrorString returns after a failure with it. Pointers to it stay valid. */
static char explained[RESULT_COUNT][TEXT_BYTES];
static char last_fault[TEXT_BYTES];

static const struct result *result_of(CUresult status)
{
    for (int i = 0; i < RESULT_COUNT; i++) {
        if (results[i].status == status) return &results[i];
    }
    return NULL;
}

const char *result_name(CUresult status)
{
    const struct result *result = result_of(status);
    return result ? result->name : "an unknown status";
}

static void write_log(const char *line)
{
    if (settings.log != NULL && strcmp(settings.log, "none") == 0) return;
    FILE *file = settings.log == NULL || *settings.log == '\0' ? stderr : fopen(settings.log, "a");
    if (file == NULL) file = stderr;
    fprintf(file, "emulated CUDA device: %s\n", line);
    if (file != stderr) fclose(file);
}

CUresult fail(CUresult status, const char *format, ...)
{
    char reason[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    const struct result *result = result_of(status);
    snprintf(last_fault, sizeof last_fault, "%s (%d): %s", result_name(status), status, reason);
    if (result != NULL) {
        snprintf(explained[result - results], TEXT_BYTES, "%s: %s", result->description, reason);
    }
    write_log(last_fault);
    return status;
}

EXPORT CUresult cuGetErrorName(CUresult status, const char **name)
{
    const struct result *result = result_of(status);
    if (name == NULL) return CUDA_ERROR_INVALID_VALUE;
    *name = result ? result->name : NULL;
    return result ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

EXPORT CUresult cuGetErrorString(CUresult status, const char **text)
{
    const struct result *result = result_of(status);
    if (text == NULL) return CUDA_ERROR_INVALID_VALUE;
    *text = NULL;
    if (result == NULL) return CUDA_ERROR_INVALID_VALUE;
    const char *known = explained[result - results];
    *text = *known ? known : result->description;
    return CUDA_SUCCESS;
}

/* Not part of CUDA: what went wrong last, in words; empty if nothing has. */
EXPORT const char *emucudaLastFault(void)
{
    return last_fault;
}

void errors_reset(void)
{
    memset(explained, 0, sizeof explained);
    last_fault[0] = '\0';
}
