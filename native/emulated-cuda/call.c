/* The frame of every entry point: lock, failure injection, initialisation, current context. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>

#include "emulated_cuda.h"

/* Notices a thread that has it already: a host function of a stream, which must not call CUDA. */
static pthread_mutex_t lock = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
static bool initialised;
static bool loaded, understood;

static CUresult check(const char *function, enum needs needs, struct call *call)
{
    if (!loaded) {
        loaded = true;
        understood = settings_load();
    }
    /* A test that believes itself lazy, or failing, and is not, would prove nothing. */
    if (!understood) return CUDA_ERROR_INVALID_VALUE;
    CUresult status = failure_of(function);
    call->context = context_current();
    if (status != CUDA_SUCCESS) {
        return call->context != NULL && needs == NEEDS_CONTEXT ? context_poison(call->context, status) : status;
    }
    if (needs == NEEDS_NOTHING) return CUDA_SUCCESS;
    if (!initialised) return fail(CUDA_ERROR_NOT_INITIALIZED, "%s was called before cuInit", function);
    if (needs == NEEDS_INIT) return CUDA_SUCCESS;
    if (call->context == NULL) {
        return fail(CUDA_ERROR_INVALID_CONTEXT, "%s was called on a thread without a current context", function);
    }
    if (call->context->destroyed) {
        return fail(CUDA_ERROR_CONTEXT_IS_DESTROYED, "%s was called with a destroyed context", function);
    }
    return call->context->sticky;
}

struct call call_enter(const char *function, enum needs needs)
{
    struct call call = {CUDA_SUCCESS, NULL, true};
    if (pthread_mutex_lock(&lock) == EDEADLK) {
        call.entered = false;
        call.status = fail(CUDA_ERROR_NOT_PERMITTED, "%s was called by a host function of a stream", function);
    } else {
        call.status = check(function, needs, &call);
    }
    return call;
}

void call_leave(struct call *call)
{
    if (call->entered) pthread_mutex_unlock(&lock);
}

EXPORT CUresult cuInit(unsigned flags)
{
    ENTER(NEEDS_NOTHING);
    if (flags != 0) return fail(CUDA_ERROR_INVALID_VALUE, "cuInit: flags are %u, not 0", flags);
    if (settings.devices == 0) return fail(CUDA_ERROR_NO_DEVICE, "cuInit: EMUCUDA_DEVICES is 0");
    initialised = true;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuDriverGetVersion(int *version)
{
    ENTER(NEEDS_NOTHING);
    if (version == NULL) return fail(CUDA_ERROR_INVALID_VALUE, "cuDriverGetVersion: null pointer");
    *version = 13000;
    return CUDA_SUCCESS;
}

/*
 * Not part of CUDA: ends every context and returns to the state before cuInit, settings kept, so that one process can
 * run tests that each break the device. Handles and addresses from before are invalid.
 */
EXPORT CUresult emucudaReset(void)
{
    ENTER(NEEDS_NOTHING);
    contexts_reset();
    errors_reset();
    initialised = false;
    return CUDA_SUCCESS;
}
