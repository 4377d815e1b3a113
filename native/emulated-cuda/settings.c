/* Settings: from the environment, or by emucudaConfigure for processes that cannot change theirs, as a JVM. */
#include <stdlib.h>
#include <string.h>

#include "emulated_cuda.h"

struct settings settings;

static const char *const names[] = {"EMUCUDA_LAZY",   "EMUCUDA_EXITED", "EMUCUDA_ORDER", "EMUCUDA_DEVICES",
                                    "EMUCUDA_MEMORY_MB", "EMUCUDA_KERNELS", "EMUCUDA_LOG", "EMUCUDA_FAIL"};

enum { NAME_COUNT = sizeof names / sizeof names[0] };

static bool is_number(const char *text, long low, long high, long *number)
{
    char *end;
    *number = strtol(text, &end, 10);
    return *text != '\0' && *end == '\0' && *number >= low && *number <= high;
}

/* An empty value is the default. Returns false if the value is none that the setting can have. */
static bool set(const char *name, const char *value)
{
    long number;
    bool empty = *value == '\0';
    if (strcmp(name, "EMUCUDA_LAZY") == 0) {
        if (!empty && !is_number(value, 0, 1, &number)) return false;
        settings.lazy = !empty && number == 1;
    } else if (strcmp(name, "EMUCUDA_EXITED") == 0) {
        if (!empty && strcmp(value, "allow") != 0 && strcmp(value, "refuse") != 0) return false;
        settings.lenient_exit = strcmp(value, "allow") == 0;
    } else if (strcmp(name, "EMUCUDA_ORDER") == 0) {
        if (empty || strcmp(value, "forward") == 0) {
            settings.order = ORDER_FORWARD;
        } else if (strcmp(value, "reverse") == 0) {
            settings.order = ORDER_REVERSE;
        } else if (strncmp(value, "random:", 7) == 0 && is_number(value + 7, 0, 1L << 62, &number)) {
            settings.order = ORDER_RANDOM;
            settings.seed = (uint64_t)number;
        } else {
            return false;
        }
    } else if (strcmp(name, "EMUCUDA_DEVICES") == 0) {
        if (!empty && !is_number(value, 0, MAX_DEVICES, &number)) return false;
        settings.devices = empty ? 1 : (int)number;
    } else if (strcmp(name, "EMUCUDA_MEMORY_MB") == 0) {
        if (!empty && !is_number(value, 1, 1L << 20, &number)) return false;
        settings.memory_bytes = (size_t)(empty ? 8192 : number) << 20;
    } else if (strcmp(name, "EMUCUDA_KERNELS") == 0) {
        settings.kernels = empty ? NULL : strdup(value);
    } else if (strcmp(name, "EMUCUDA_LOG") == 0) {
        settings.log = empty ? NULL : strdup(value);
    } else if (strcmp(name, "EMUCUDA_FAIL") == 0) {
        return failures_set(value);
    } else {
        return false;
    }
    return true;
}

bool settings_load(void)
{
    bool understood = true;
    for (int i = 0; i < NAME_COUNT; i++) {
        const char *value = getenv(names[i]);
        if (!set(names[i], value ? value : "")) {
            fail(CUDA_ERROR_INVALID_VALUE, "%s=%s is not understood", names[i], value);
            understood = false;
        }
    }
    return understood;
}

/* Not part of CUDA: changes a setting while the process runs. EMUCUDA_DEVICES counts at the next emucudaReset. */
EXPORT CUresult emucudaConfigure(const char *name, const char *value)
{
    ENTER(NEEDS_NOTHING);
    if (name == NULL || !set(name, value ? value : "")) {
        return fail(CUDA_ERROR_INVALID_VALUE, "emucudaConfigure: %s=%s is not understood", name ? name : "(null)",
                    value ? value : "");
    }
    return CUDA_SUCCESS;
}
