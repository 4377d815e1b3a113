/*
 * Device and pinned memory. An allocation lies between two stretches of address space that cannot be accessed, up to
 * margins that keep addresses multiples of 256; margins hold a pattern that is looked at after each kernel. Freed
 * memory stays inaccessible until many later allocations were freed too.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "emulated_cuda.h"

enum { PAGE = 4096, ALIGNMENT = 256, MARGIN_PATTERN = 0xfd, POISON = 0xff, REMEMBERED = 1024 };

/* Wide, since what lies beyond is the process itself; address space costs nothing. */
static const size_t guard = (size_t)64 << 20;

/* Larger ones are not filled with the poison: untouched pages then cost no memory. */
static const size_t poison_limit = (size_t)64 << 20;

/* Live allocations by address. */
static struct allocation **live;
static size_t live_count, live_capacity;

/* The latest freed ones, whose addresses are still reserved. */
static struct allocation *freed[REMEMBERED];
static size_t freed_count;
static uint64_t allocation_number;

static bool is_device(enum memory_kind kind)
{
    return kind == MEMORY_DEVICE || kind == MEMORY_GLOBAL;
}

static const char *kind_name(enum memory_kind kind)
{
    static const char *const names[] = {"device memory", "pinned host memory", "registered host memory",
                                        "a module's variable"};
    return names[kind];
}

/* Number of live allocations that begin at or before an address. */
static size_t rank(uintptr_t address)
{
    size_t low = 0, high = live_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (live[middle]->address <= address) low = middle + 1;
        else high = middle;
    }
    return low;
}

static void insert(struct allocation *allocation)
{
    if (live_count == live_capacity) {
        live_capacity = live_capacity ? 2 * live_capacity : 64;
        live = realloc(live, live_capacity * sizeof *live);
    }
    size_t position = rank(allocation->address);
    memmove(live + position + 1, live + position, (live_count - position) * sizeof *live);
    live[position] = allocation;
    live_count++;
}

/* The allocation that an address lies in; its end counts, since empty slices at the end point there. */
static struct allocation *find(uintptr_t address)
{
    size_t position = rank(address);
    if (position == 0) return NULL;
    struct allocation *allocation = live[position - 1];
    return address - allocation->address <= allocation->bytes ? allocation : NULL;
}

const struct allocation *memory_at(uintptr_t address)
{
    return find(address);
}

size_t memory_live(size_t *bytes)
{
    *bytes = 0;
    for (size_t i = 0; i < live_count; i++) *bytes += live[i]->bytes;
    return live_count;
}

bool memory_overlaps(uintptr_t address, size_t bytes)
{
    size_t position = rank(address);
    if (position > 0 && address - live[position - 1]->address < live[position - 1]->bytes) return true;
    return position < live_count && live[position]->address - address < bytes;
}

void memory_register(struct context *context, enum memory_kind kind, uintptr_t address, size_t bytes, unsigned flags)
{
    struct allocation *allocation = calloc(1, sizeof *allocation);
    *allocation = (struct allocation){.address = address,
                                      .bytes = bytes,
                                      .kind = kind,
                                      .context = context,
                                      .flags = flags,
                                      .number = ++allocation_number};
    insert(allocation);
}

/* Between the guard and the first byte, and between the last byte and the other guard. */
static void margins(const struct allocation *allocation, unsigned char **low, unsigned char **high, size_t *low_bytes,
                    size_t *high_bytes)
{
    unsigned char *start = (unsigned char *)allocation->map + guard;
    unsigned char *end = (unsigned char *)allocation->map + allocation->map_bytes - guard;
    *low = start;
    *low_bytes = allocation->address - (uintptr_t)start;
    *high = (unsigned char *)allocation->address + allocation->bytes;
    *high_bytes = (size_t)(end - *high);
}

/* What is in use can be more than there is, if the setting was changed. */
size_t memory_unused(const struct device *device)
{
    return device->memory_used < settings.memory_bytes ? settings.memory_bytes - device->memory_used : 0;
}

CUresult memory_allocate(struct context *context, enum memory_kind kind, size_t bytes, unsigned flags,
                         uintptr_t *address)
{
    struct device *device = context->device;
    if (is_device(kind) && bytes > memory_unused(device)) {
        return fail(CUDA_ERROR_OUT_OF_MEMORY, "%zu bytes do not fit: %zu of %zu bytes of device %d are in use", bytes,
                    device->memory_used, settings.memory_bytes, device->ordinal);
    }
    if (bytes > (size_t)1 << 46) return fail(CUDA_ERROR_OUT_OF_MEMORY, "%zu bytes of host memory", bytes);
    size_t rounded = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    size_t pages = (rounded + PAGE - 1) / PAGE * PAGE;
    unsigned char *map = mmap(NULL, pages + 2 * guard, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (map == MAP_FAILED) return fail(CUDA_ERROR_OUT_OF_MEMORY, "the host has no %zu bytes left", bytes);
    if (mprotect(map + guard, pages, PROT_READ | PROT_WRITE) != 0) {
        munmap(map, pages + 2 * guard);
        return fail(CUDA_ERROR_OUT_OF_MEMORY, "the host has no %zu bytes left", bytes);
    }
    struct allocation *allocation = calloc(1, sizeof *allocation);
    *allocation = (struct allocation){.address = (uintptr_t)map + guard + pages - rounded,
                                      .bytes = bytes,
                                      .kind = kind,
                                      .context = context,
                                      .flags = flags,
                                      .number = ++allocation_number,
                                      .map = map,
                                      .map_bytes = pages + 2 * guard};
    unsigned char *low, *high;
    size_t low_bytes, high_bytes;
    margins(allocation, &low, &high, &low_bytes, &high_bytes);
    memset(low, MARGIN_PATTERN, low_bytes);
    memset(high, MARGIN_PATTERN, high_bytes);
    if (bytes <= poison_limit) memset((void *)allocation->address, POISON, bytes);
    if (is_device(kind)) device->memory_used += bytes;
    insert(allocation);
    *address = allocation->address;
    return CUDA_SUCCESS;
}

static void forget_oldest(void)
{
    munmap(freed[0]->map, freed[0]->map_bytes);
    free(freed[0]);
    memmove(freed, freed + 1, --freed_count * sizeof *freed);
}

static void retire(size_t position)
{
    struct allocation *allocation = live[position];
    memmove(live + position, live + position + 1, (live_count - position - 1) * sizeof *live);
    live_count--;
    if (allocation->kind == MEMORY_DEVICE) allocation->context->device->memory_used -= allocation->bytes;
    if (allocation->map == NULL) {
        free(allocation);
        return;
    }
    /* A fresh mapping without access gives the pages back and keeps the addresses. */
    mmap(allocation->map, allocation->map_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED,
         -1, 0);
    if (freed_count == REMEMBERED) forget_oldest();
    freed[freed_count++] = allocation;
}

CUresult memory_free(uintptr_t address, enum memory_kind kind)
{
    size_t position = rank(address);
    if (position == 0 || live[position - 1]->address != address || live[position - 1]->kind != kind) {
        char text[256];
        memory_describe(address, text, sizeof text);
        return fail(CUDA_ERROR_INVALID_VALUE, "freeing what is not the beginning of %s: %s", kind_name(kind), text);
    }
    CUresult status = memory_check_margins(live[position - 1], "something, before it was freed,");
    if (status != CUDA_SUCCESS) context_poison(live[position - 1]->context, status);
    retire(position - 1);
    return status;
}

void memory_free_context(struct context *context)
{
    for (size_t i = live_count; i-- > 0;) {
        if (live[i]->context == context) retire(i);
    }
}

/* How far an address is from an allocation; 0 inside. */
static size_t distance(const struct allocation *allocation, uintptr_t address)
{
    if (address < allocation->address) return allocation->address - address;
    size_t offset = address - allocation->address;
    return offset < allocation->bytes ? 0 : offset - allocation->bytes + 1;
}

/* Null if nothing is near. */
static const struct allocation *nearest(uintptr_t address, bool *is_freed)
{
    size_t position = rank(address), best = guard;
    const struct allocation *found = NULL;
    *is_freed = false;
    for (size_t i = position > 0 ? position - 1 : 0; i < live_count && i <= position; i++) {
        if (distance(live[i], address) >= best) continue;
        best = distance(live[i], address);
        found = live[i];
    }
    for (size_t i = 0; i < freed_count; i++) {
        if (distance(freed[i], address) >= best) continue;
        best = distance(freed[i], address);
        found = freed[i];
        *is_freed = true;
    }
    return found;
}

void memory_describe(uintptr_t address, char *text, size_t size)
{
    bool is_freed;
    const struct allocation *allocation = nearest(address, &is_freed);
    if (address < PAGE) {
        snprintf(text, size, "0x%lx, a null pointer", address);
    } else if (allocation == NULL) {
        snprintf(text, size, "0x%lx, neither device nor pinned memory", address);
    } else {
        const char *state = is_freed ? "freed " : "", *kind = kind_name(allocation->kind);
        size_t offset = address - allocation->address;
        if (address < allocation->address) {
            snprintf(text, size, "0x%lx, %zu bytes before %zu bytes of %s%s", address, -offset, allocation->bytes,
                     state, kind);
        } else if (offset < allocation->bytes) {
            snprintf(text, size, "0x%lx, byte %zu of %zu bytes of %s%s", address, offset, allocation->bytes, state,
                     kind);
        } else {
            snprintf(text, size, "0x%lx, %zu bytes after the end of %zu bytes of %s%s", address,
                     offset - allocation->bytes, allocation->bytes, state, kind);
        }
    }
}

/* Bytes before the first that differs from the pattern; after every kernel, so by words as memcmp goes. */
static size_t intact(const unsigned char *margin, size_t bytes)
{
    if (bytes == 0) return 0;
    if (margin[0] == MARGIN_PATTERN && memcmp(margin, margin + 1, bytes - 1) == 0) return bytes;
    size_t i = 0;
    while (margin[i] == MARGIN_PATTERN) i++;
    return i;
}

CUresult memory_check_margins(const struct allocation *allocation, const char *who)
{
    if (allocation->map == NULL) return CUDA_SUCCESS;
    unsigned char *ends[2];
    size_t bytes[2];
    margins(allocation, &ends[0], &ends[1], &bytes[0], &bytes[1]);
    for (int side = 0; side < 2; side++) {
        size_t i = intact(ends[side], bytes[side]);
        if (i == bytes[side]) continue;
        char text[256];
        memory_describe((uintptr_t)(ends[side] + i), text, sizeof text);
        memset(ends[side], MARGIN_PATTERN, bytes[side]);
        return fail(CUDA_ERROR_ILLEGAL_ADDRESS, "%s wrote to %s", who, text);
    }
    return CUDA_SUCCESS;
}

/* Whether a context may use an allocation in its kernels. */
static bool accessible(const struct context *context, const struct allocation *allocation)
{
    int owner = allocation->context->device->ordinal;
    return !is_device(allocation->kind) || owner == context->device->ordinal || context->peers[owner];
}

CUresult memory_check_argument(const struct context *context, const char *kernel, unsigned index, uintptr_t address)
{
    if (address == 0) return CUDA_SUCCESS;
    char text[256];
    const struct allocation *allocation = find(address);
    if (allocation == NULL) {
        memory_describe(address, text, sizeof text);
        return fail(CUDA_ERROR_ILLEGAL_ADDRESS, "kernel %s: argument %u points to %s", kernel, index, text);
    }
    if (!accessible(context, allocation)) {
        return fail(CUDA_ERROR_ILLEGAL_ADDRESS,
                    "kernel %s: argument %u points to memory of device %d, to which device %d has no peer access",
                    kernel, index, allocation->context->device->ordinal, context->device->ordinal);
    }
    return CUDA_SUCCESS;
}

static CUresult check_fits(const struct allocation *allocation, uintptr_t address, size_t bytes, const char *what)
{
    if (bytes <= allocation->bytes - (address - allocation->address)) return CUDA_SUCCESS;
    char text[256];
    memory_describe(address, text, sizeof text);
    return fail(CUDA_ERROR_INVALID_VALUE, "%zu bytes do not fit at the %s, %s", bytes, what, text);
}

CUresult memory_check_device(uintptr_t address, size_t bytes, const char *what)
{
    if (bytes == 0) return CUDA_SUCCESS;
    const struct allocation *allocation = find(address);
    if (allocation != NULL) return check_fits(allocation, address, bytes, what);
    char text[256];
    memory_describe(address, text, sizeof text);
    return fail(CUDA_ERROR_INVALID_VALUE, "the %s is %s", what, text);
}

CUresult memory_check_host(uintptr_t address, size_t bytes, const char *what)
{
    if (bytes == 0) return CUDA_SUCCESS;
    char text[256];
    memory_describe(address, text, sizeof text);
    if (address < PAGE) return fail(CUDA_ERROR_INVALID_VALUE, "the %s is %s", what, text);
    const struct allocation *allocation = find(address);
    if (allocation == NULL || address == allocation->address + allocation->bytes) return CUDA_SUCCESS;
    if (is_device(allocation->kind)) {
        return fail(CUDA_ERROR_INVALID_VALUE, "the %s should be host memory and is %s", what, text);
    }
    /* A copy may well begin in registered memory and end outside of it. */
    return allocation->kind == MEMORY_PINNED ? check_fits(allocation, address, bytes, what) : CUDA_SUCCESS;
}
