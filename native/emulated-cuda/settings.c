/* Settings: from the environment, or by emucudaConfigure for processes that cannot change theirs, as a JVM. */
#include <stdlib.h>
#include <string.h>

#include "emulated_cuda.h"

struct settings settings;

/* Each of these takes a value, an empty one for the default, and returns false if it is none the setting can have. */

static bool read_number(const char *text, long low, long high, long *number)
{
    char *end;
    if (*text == '\0') return true;
    *number = strtol(text, &end, 10);
    return *end == '\0' && *number >= low && *number <= high;
}

static bool set_lazy(const char *value)
{
    long number = 0;
    if (!read_number(value, 0, 1, &number)) return false;
    settings.lazy = number == 1;
    return true;
}

static bool set_order(const char *value)
{
    long seed = 0;
    if (strncmp(value, "random:", 7) == 0 && value[7] != '\0' && read_number(value + 7, 0, 1L << 62, &seed)) {
        settings.order = ORDER_RANDOM;
    } else if (strcmp(value, "reverse") == 0) {
        settings.order = ORDER_REVERSE;
    } else if (strcmp(value, "forward") == 0 || *value == '\0') {
        settings.order = ORDER_FORWARD;
    } else {
        return false;
    }
    settings.seed = (uint64_t)seed;
    return true;
}

static bool set_exited(const char *value)
{
    settings.lenient_exit = strcmp(value, "allow") == 0;
    return settings.lenient_exit || strcmp(value, "refuse") == 0 || *value == '\0';
}

static bool set_devices(const char *value)
{
    long number = 1;
    if (!read_number(value, 0, MAX_DEVICES, &number)) return false;
    settings.devices = (int)number;
    return true;
}

static bool set_memory(const char *value)
{
    long mebibytes = 8192;
    if (!read_number(value, 1, 1L << 20, &mebibytes)) return false;
    settings.memory_bytes = (size_t)mebibytes << 20;
    return true;
}

static bool set_timeout(const char *value)
{
    long seconds = 60;
    if (!read_number(value, 0, 1L << 20, &seconds)) return false;
    settings.timeout_seconds = (int)seconds;
    return true;
}

static void replace(char **text, const char *value)
{
    free(*text);
    *text = *value == '\0' ? NULL : strdup(value);
}

static bool set_kernels(const char *value)
{
    replace(&settings.kernels, value);
    return true;
}

static bool set_log(const char *value)
{
    replace(&settings.log, value);
    return true;
}

static const struct setting {
    const char *name;
    bool (*set)(const char *value);
} table[] = {
    {"EMUCUDA_LOG", set_log},         {"EMUCUDA_LAZY", set_lazy},         {"EMUCUDA_ORDER", set_order},
    {"EMUCUDA_EXITED", set_exited},   {"EMUCUDA_DEVICES", set_devices},   {"EMUCUDA_MEMORY_MB", set_memory},
    {"EMUCUDA_KERNELS", set_kernels}, {"EMUCUDA_TIMEOUT_S", set_timeout}, {"EMUCUDA_FAIL", failures_set},
};

enum { SETTING_COUNT = sizeof table / sizeof table[0] };

bool settings_load(void)
{
    bool understood = true;
    for (int i = 0; i < SETTING_COUNT; i++) {
        const char *value = getenv(table[i].name);
        if (table[i].set(value != NULL ? value : "")) continue;
        fail(CUDA_ERROR_INVALID_VALUE, "%s=%s is not understood", table[i].name, value);
        understood = false;
    }
    return understood;
}

static bool configure(const char *name, const char *value)
{
    for (int i = 0; i < SETTING_COUNT; i++) {
        if (strcmp(name, table[i].name) == 0) return table[i].set(value);
    }
    return false;
}

/* Not part of CUDA: changes a setting while the process runs. */
EXPORT CUresult emucudaConfigure(const char *name, const char *value)
{
    ENTER(NEEDS_NOTHING);
    REQUIRE(name != NULL && value != NULL);
    if (configure(name, value)) return CUDA_SUCCESS;
    return fail(CUDA_ERROR_INVALID_VALUE, "emucudaConfigure: %s=%s is not understood", name, value);
}
