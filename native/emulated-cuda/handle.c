/* Handles: kind, generation and index in one number, which looks like no address that anything could be at. */
#include <stdlib.h>

#include "emulated_cuda.h"

enum { INDEX_BITS = 20, GENERATION_BITS = 20 };

struct entry {
    void *object;
    uint32_t generation;
    enum kind kind;
    uint32_t next_free;
};

static struct entry *entries;
static uint32_t entry_count, entry_capacity;
static uint32_t first_free = UINT32_MAX;

static void *handle_of(uint32_t index)
{
    const struct entry *entry = &entries[index];
    uint64_t generation = entry->generation & ((1u << GENERATION_BITS) - 1);
    return (void *)((uint64_t)entry->kind << (INDEX_BITS + GENERATION_BITS) | generation << INDEX_BITS | index);
}

void *handle_new(enum kind kind, void *object)
{
    uint32_t index = first_free;
    if (index != UINT32_MAX) {
        first_free = entries[index].next_free;
    } else {
        if (entry_count == entry_capacity) {
            if (entry_count == 1u << INDEX_BITS) return NULL;
            entry_capacity = entry_capacity ? 2 * entry_capacity : 64;
            entries = realloc(entries, entry_capacity * sizeof *entries);
        }
        index = entry_count++;
        entries[index].generation = 0;
    }
    entries[index].kind = kind;
    entries[index].object = object;
    entries[index].generation++;
    return handle_of(index);
}

static struct entry *entry_of(const void *handle)
{
    uint32_t index = (uint64_t)handle & ((1u << INDEX_BITS) - 1);
    if (index >= entry_count || entries[index].object == NULL || handle_of(index) != handle) return NULL;
    return &entries[index];
}

void handle_free(void *handle)
{
    struct entry *entry = entry_of(handle);
    if (entry == NULL) return;
    entry->object = NULL;
    entry->next_free = first_free;
    first_free = (uint32_t)(entry - entries);
}

void *handle_object(enum kind kind, const void *handle)
{
    struct entry *entry = entry_of(handle);
    return entry != NULL && entry->kind == kind ? entry->object : NULL;
}

void handle_each(enum kind kind, void (*visit)(void *object, void *argument), void *argument)
{
    for (uint32_t i = 0; i < entry_count; i++) {
        if (entries[i].object != NULL && entries[i].kind == kind) visit(entries[i].object, argument);
    }
}
