/* A management library whose clock falls: idle at 1500 MHz, then held back by heat, then unreadable. */
#include <string.h>

static int device, readings;

int nvmlInit_v2(void) { return 0; }

int nvmlDeviceGetHandleByUUID(const char *uuid, void **handle)
{
    *handle = &device;
    return strncmp(uuid, "GPU-", 4) == 0 && strlen(uuid) == 40 ? 0 : 6;
}

int nvmlDeviceGetClockInfo(void *handle, int type, unsigned *megahertz)
{
    if (handle != &device || type != 1 || readings == 2) return 3;
    *megahertz = 1500 - 100 * readings;
    return 0;
}

int nvmlDeviceGetCurrentClocksThrottleReasons(void *handle, unsigned long long *reasons)
{
    *reasons = readings++ == 0 ? 0x1 : 0x40;
    return handle == &device ? 0 : 3;
}
