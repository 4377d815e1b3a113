/* Stands in for <assert.h>: a failed assertion ends the kernel, not the process. As there, each inclusion counts. */
#include "../cuda_emulation.h"

#undef assert
#ifdef NDEBUG
#define assert(condition) ((void)0)
#else
#define assert(condition) \
    ((condition) ? (void)0 : emucuda_runtime->fault(710, "%s:%d: assertion failed: %s", __FILE__, __LINE__, #condition))
#endif
