/*
 * One launch: its blocks one after the other, the threads of a block as fibers that take turns where threads meet.
 *
 * A thread runs until it waits or ends; then the next that can run is picked. The last to arrive at a barrier or warp
 * operation computes the results for all. If none can run and not all have ended, threads wait for each other for ever.
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "emulated_cuda.h"
#include "fiber.h"

enum { POISON = 0xff, DYNAMIC_SHARED_BYTES = 164 << 10, NO_STACK = 0, MAX_WARPS = MAX_BLOCK_THREADS / WARP_LANES };

enum state { RUNNABLE, AT_BARRIER, AT_WARP, ENDED };

struct thread {
    struct emucuda_thread visible;
    enum state state;
    int stack;
    void *resume;
    struct warp *warp;
    /* While it waits: where, and what it brought; then what it takes away. */
    const struct emucuda_place *place;
    uint64_t value;
    unsigned source;
    uint64_t result;
};

/* Lanes that wait for each other in one warp operation. */
struct group {
    unsigned mask, arrived;
    enum emucuda_warp_operation operation;
};

struct warp {
    struct thread *threads;
    unsigned existing, runnable, ended;
    struct group groups[WARP_LANES];
    int group_count;
};

static struct thread threads[MAX_BLOCK_THREADS];
static struct warp warps[MAX_WARPS];
static int thread_count, warp_count, ended_count;
static struct thread *current;
static int free_stacks[MAX_BLOCK_THREADS], free_stack_count;
static void *scheduler;
static uint64_t random_state;

static struct {
    const struct thread *first;
    enum emucuda_barrier_operation operation;
    int arrived, true_count;
} barrier;

static const struct launch *launch;

/* Picking the next thread */

static unsigned lane_bit(const struct thread *thread)
{
    return 1u << thread->visible.lane;
}

static uint64_t random_next(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

/* The warp of the running thread first, so that warp operations complete soon. */
static struct thread *pick(void)
{
    int own = (int)(current->warp - warps);
    int step = settings.order == ORDER_REVERSE ? warp_count - 1 : 1;
    if (settings.order == ORDER_RANDOM) own = (int)(random_next() % (unsigned)warp_count);
    for (int i = 0, w = own; i < warp_count; i++, w = (w + step) % warp_count) {
        unsigned runnable = warps[w].runnable;
        if (runnable == 0) continue;
        unsigned lane = current->visible.lane;
        if (settings.order == ORDER_REVERSE) {
            unsigned lower = runnable & (lane_bit(current) - 1);
            lane = 31u - (unsigned)__builtin_clz(i == 0 && lower ? lower : runnable);
        } else {
            if (settings.order == ORDER_RANDOM) lane = random_next() & 31;
            unsigned higher = runnable & (~0u << lane);
            lane = (unsigned)__builtin_ctz(higher ? higher : runnable);
        }
        return &warps[w].threads[lane];
    }
    return NULL;
}

static void describe(const struct thread *thread, char *text, size_t size)
{
    const struct emucuda_index *index = &thread->visible.index;
    snprintf(text, size, "thread (%u,%u,%u)", index->x, index->y, index->z);
}

static void describe_wait(const struct thread *thread, char *text, size_t size)
{
    char name[64];
    describe(thread, name, sizeof name);
    snprintf(text, size, "%s waits in %s at %s:%d", name, thread->place->function, thread->place->file,
             thread->place->line);
}

/* Two waiting threads for the report; a block that hangs has at least one, and usually two kinds. */
static void __attribute__((noreturn)) report_deadlock(void)
{
    char first_text[256] = "", other_text[256] = "";
    const struct thread *first = NULL;
    for (int i = 0; i < thread_count; i++) {
        const struct thread *thread = &threads[i];
        if (thread->state != AT_BARRIER && thread->state != AT_WARP) continue;
        if (first == NULL) {
            first = thread;
            describe_wait(thread, first_text, sizeof first_text);
        } else if (thread->place->line != first->place->line || thread->state != first->state) {
            describe_wait(thread, other_text, sizeof other_text);
            break;
        }
    }
    fiber_abandon(CUDA_ERROR_LAUNCH_FAILED, "threads wait for each other for ever: %s%s%s", first_text,
                  *other_text ? ", " : "", other_text);
}

static void thread_main(void);

static void run(struct thread *next, void **save)
{
    current = next;
    runtime.thread = &next->visible;
    if (next->stack == NO_STACK) {
        next->stack = free_stacks[--free_stack_count];
        next->resume = fiber_prepare(next->stack, thread_main);
    }
    fiber_switch(save, next->resume);
}

/* Lets others run until this thread is runnable and picked again. */
static void wait_turn(void)
{
    struct thread *self = current;
    struct thread *next = pick();
    if (next == NULL) report_deadlock();
    if (next != self) run(next, &self->resume);
}

static void make_runnable(struct thread *thread, uint64_t result)
{
    thread->state = RUNNABLE;
    thread->result = result;
    thread->warp->runnable |= lane_bit(thread);
}

static uint64_t wait_for_result(enum state state, const struct emucuda_place *place)
{
    struct thread *self = current;
    self->state = state;
    self->place = place;
    self->warp->runnable &= ~lane_bit(self);
    wait_turn();
    return self->result;
}

/* Barriers */

static void open_barrier(void)
{
    int result = barrier.operation == EMUCUDA_BARRIER_AND  ? barrier.true_count == barrier.arrived
                 : barrier.operation == EMUCUDA_BARRIER_OR ? barrier.true_count > 0
                                                           : barrier.true_count;
    barrier.arrived = 0;
    for (int i = 0; i < thread_count; i++) {
        if (threads[i].state == AT_BARRIER) make_runnable(&threads[i], (uint64_t)result);
    }
}

static bool same_place(const struct emucuda_place *a, const struct emucuda_place *b)
{
    return a->line == b->line && (a->file == b->file || strcmp(a->file, b->file) == 0);
}

static int arrive_at_barrier(enum emucuda_barrier_operation operation, int predicate,
                             const struct emucuda_place *place)
{
    char text[256];
    if (ended_count > 0 && !settings.lenient_exit) {
        fiber_abandon(CUDA_ERROR_LAUNCH_FAILED,
                      "divergent barrier: %s at %s:%d is reached after %d threads of the block have ended",
                      place->function, place->file, place->line, ended_count);
    }
    if (barrier.arrived == 0) {
        barrier.first = current;
        barrier.operation = operation;
        barrier.true_count = 0;
    } else if (!same_place(barrier.first->place, place) || barrier.operation != operation) {
        describe_wait(barrier.first, text, sizeof text);
        fiber_abandon(CUDA_ERROR_LAUNCH_FAILED, "divergent barrier: %s at %s:%d is reached while %s", place->function,
                      place->file, place->line, text);
    }
    barrier.arrived++;
    barrier.true_count += predicate;
    if (barrier.arrived < thread_count - ended_count) return (int)wait_for_result(AT_BARRIER, place);
    current->state = AT_BARRIER;
    open_barrier();
    return (int)current->result;
}

/* Warp operations */

static uint64_t combine(enum emucuda_warp_operation operation, uint32_t a, uint32_t b)
{
    switch (operation) {
    case EMUCUDA_WARP_ADD: return (uint32_t)(a + b);
    case EMUCUDA_WARP_MIN: return (int32_t)a < (int32_t)b ? a : b;
    case EMUCUDA_WARP_MAX: return (int32_t)a > (int32_t)b ? a : b;
    case EMUCUDA_WARP_UNSIGNED_MIN: return a < b ? a : b;
    case EMUCUDA_WARP_UNSIGNED_MAX: return a > b ? a : b;
    case EMUCUDA_WARP_AND: return a & b;
    case EMUCUDA_WARP_OR: return a | b;
    default: return a ^ b;
    }
}

static uint64_t shuffled(const struct warp *warp, const struct group *group, const struct thread *thread)
{
    if ((group->arrived >> thread->source & 1) == 0) {
        fiber_abandon(CUDA_ERROR_LAUNCH_FAILED, "%s at %s:%d: lane %u reads lane %u, which takes no part (mask 0x%08x)",
                      thread->place->function, thread->place->file, thread->place->line, thread->visible.lane,
                      thread->source, group->mask);
    }
    return warp->threads[thread->source].value;
}

static uint64_t matching(const struct warp *warp, unsigned lanes, uint64_t value)
{
    uint64_t equal = 0;
    for (; lanes != 0; lanes &= lanes - 1) {
        int lane = __builtin_ctz(lanes);
        if (warp->threads[lane].value == value) equal |= 1u << lane;
    }
    return equal;
}

/* For the operations whose result is the same for all lanes. */
static uint64_t common_result(const struct warp *warp, const struct group *group)
{
    unsigned lanes = group->arrived;
    uint64_t result = warp->threads[__builtin_ctz(lanes)].value;
    if (group->operation == EMUCUDA_WARP_SYNC) return 0;
    if (group->operation == EMUCUDA_WARP_BALLOT) return lanes & ~matching(warp, lanes, 0);
    for (lanes &= lanes - 1; lanes != 0; lanes &= lanes - 1) {
        uint64_t value = warp->threads[__builtin_ctz(lanes)].value;
        result = combine(group->operation, (uint32_t)result, (uint32_t)value);
    }
    return result;
}

static void complete(struct warp *warp, struct group *group)
{
    bool own_results = group->operation == EMUCUDA_WARP_SHUFFLE || group->operation == EMUCUDA_WARP_MATCH;
    uint64_t common = own_results ? 0 : common_result(warp, group);
    for (unsigned lanes = group->arrived; lanes != 0; lanes &= lanes - 1) {
        struct thread *thread = &warp->threads[__builtin_ctz(lanes)];
        uint64_t result = common;
        if (group->operation == EMUCUDA_WARP_SHUFFLE) result = shuffled(warp, group, thread);
        if (group->operation == EMUCUDA_WARP_MATCH) result = matching(warp, group->arrived, thread->value);
        make_runnable(thread, result);
    }
    *group = warp->groups[--warp->group_count];
}

static struct group *group_of(struct warp *warp, unsigned mask)
{
    for (int i = 0; i < warp->group_count; i++) {
        if (warp->groups[i].mask == mask) return &warp->groups[i];
    }
    return NULL;
}

/* Lanes that must arrive: of a last warp that is not full, only those that exist. */
static unsigned required(const struct warp *warp, unsigned mask)
{
    return mask & warp->existing & ~warp->ended;
}

static uint64_t arrive_at_warp(enum emucuda_warp_operation operation, unsigned mask, uint64_t value, unsigned source,
                               const struct emucuda_place *place)
{
    struct warp *warp = current->warp;
    if ((mask & lane_bit(current)) == 0) {
        fiber_abandon(CUDA_ERROR_LAUNCH_FAILED, "%s at %s:%d is called by lane %u, which is not in mask 0x%08x",
                      place->function, place->file, place->line, current->visible.lane, mask);
    }
    if ((mask & warp->ended) != 0 && !settings.lenient_exit) {
        fiber_abandon(CUDA_ERROR_LAUNCH_FAILED, "%s at %s:%d with mask 0x%08x waits for lanes 0x%08x, which have ended",
                      place->function, place->file, place->line, mask, mask & warp->ended);
    }
    struct group *group = group_of(warp, mask);
    if (group == NULL) {
        group = &warp->groups[warp->group_count++];
        *group = (struct group){.mask = mask, .operation = operation};
    } else if (group->operation != operation) {
        char text[256];
        describe_wait(&warp->threads[__builtin_ctz(group->arrived)], text, sizeof text);
        fiber_abandon(CUDA_ERROR_LAUNCH_FAILED, "%s at %s:%d is reached while %s with the same mask", place->function,
                      place->file, place->line, text);
    }
    group->arrived |= lane_bit(current);
    current->value = value;
    current->source = source;
    if (group->arrived != required(warp, mask)) return wait_for_result(AT_WARP, place);
    current->place = place;
    complete(warp, group);
    return current->result;
}

static unsigned active_lanes(void)
{
    return current->warp->existing & ~current->warp->ended;
}

static void __attribute__((noreturn, format(printf, 2, 3))) raise_fault(int status, const char *format, ...)
{
    char text[768];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fiber_abandon((CUresult)status, "%s", text);
}

struct emucuda_runtime runtime = {.barrier = arrive_at_barrier,
                                  .warp = arrive_at_warp,
                                  .active_lanes = active_lanes,
                                  .yield = wait_turn,
                                  .fault = raise_fault};

/* The life of a thread */

/* Those who wait for a thread that has ended wait in vain, unless exited threads do not count. */
static void end_current(void)
{
    struct warp *warp = current->warp;
    current->state = ENDED;
    ended_count++;
    warp->ended |= lane_bit(current);
    warp->runnable &= ~lane_bit(current);
    char text[256];
    if (barrier.arrived > 0) {
        if (!settings.lenient_exit) {
            describe_wait(barrier.first, text, sizeof text);
            fiber_abandon(CUDA_ERROR_LAUNCH_FAILED, "divergent barrier: this thread ends while %s", text);
        }
        if (barrier.arrived == thread_count - ended_count) open_barrier();
    }
    for (int i = warp->group_count; i-- > 0;) {
        struct group *group = &warp->groups[i];
        if ((group->mask & lane_bit(current)) == 0) continue;
        if (!settings.lenient_exit) {
            describe_wait(&warp->threads[__builtin_ctz(group->arrived)], text, sizeof text);
            fiber_abandon(CUDA_ERROR_LAUNCH_FAILED, "lane %u ends while %s with mask 0x%08x", current->visible.lane,
                          text, group->mask);
        }
        if (group->arrived == required(warp, group->mask)) complete(warp, group);
    }
}

/* A stack's function: its thread, then on the same stack those that have not begun, as long as they are next. */
static void thread_main(void)
{
    void *abandoned;
    for (;;) {
        launch->function->kernel->invoke(launch->arguments);
        end_current();
        struct thread *next = ended_count == thread_count ? NULL : pick();
        if (next == NULL && ended_count < thread_count) report_deadlock();
        if (next == NULL) fiber_switch(&abandoned, scheduler);
        if (next->stack == NO_STACK) {
            next->stack = current->stack;
            current = next;
            runtime.thread = &next->visible;
        } else {
            free_stacks[free_stack_count++] = current->stack;
            run(next, &abandoned);
        }
    }
}

/* Grids */

static void *dynamic_shared(size_t bytes)
{
    static char *end;
    if (end == NULL) {
        char *map = mmap(NULL, DYNAMIC_SHARED_BYTES + 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        mprotect(map, DYNAMIC_SHARED_BYTES, PROT_READ | PROT_WRITE);
        end = map + DYNAMIC_SHARED_BYTES;
    }
    /* Ends at a page that cannot be accessed, as device memory does. */
    return end - (bytes + 15) / 16 * 16;
}

static void set_up_threads(void)
{
    const struct emucuda_index *size = &launch->block;
    thread_count = (int)(size->x * size->y * size->z);
    warp_count = (thread_count + WARP_LANES - 1) / WARP_LANES;
    int i = 0;
    for (unsigned z = 0; z < size->z; z++) {
        for (unsigned y = 0; y < size->y; y++) {
            for (unsigned x = 0; x < size->x; x++, i++) {
                threads[i] = (struct thread){.visible = {{x, y, z}, (unsigned)i % WARP_LANES},
                                             .warp = &warps[i / WARP_LANES]};
            }
        }
    }
    for (int w = 0; w < warp_count; w++) {
        int lanes = thread_count - w * WARP_LANES;
        warps[w].threads = &threads[w * WARP_LANES];
        warps[w].existing = lanes >= WARP_LANES ? ~0u : (1u << lanes) - 1;
    }
}

static void run_block(void)
{
    const struct emucuda_kernel *kernel = launch->function->kernel;
    if (kernel->shared_start != NULL) {
        memset(kernel->shared_start, POISON, (size_t)(kernel->shared_end - kernel->shared_start));
    }
    memset(runtime.dynamic_shared, POISON, launch->dynamic_shared);
    ended_count = 0;
    barrier.arrived = 0;
    free_stack_count = 0;
    for (int i = thread_count; i > 0; i--) free_stacks[free_stack_count++] = i;
    for (int w = 0; w < warp_count; w++) {
        warps[w].runnable = warps[w].existing;
        warps[w].ended = 0;
        warps[w].group_count = 0;
    }
    for (int i = 0; i < thread_count; i++) {
        threads[i].state = RUNNABLE;
        threads[i].stack = NO_STACK;
    }
    current = &threads[settings.order == ORDER_REVERSE ? thread_count - 1 : 0];
    run(settings.order == ORDER_RANDOM ? pick() : current, &scheduler);
}

static uint64_t greatest_common_divisor(uint64_t a, uint64_t b)
{
    return b == 0 ? a : greatest_common_divisor(b, a % b);
}

/* A step without a common divisor visits every block once. */
static uint64_t block_step(uint64_t blocks)
{
    if (settings.order == ORDER_REVERSE) return blocks - 1;
    if (settings.order == ORDER_FORWARD) return 1;
    uint64_t step;
    do step = random_next() % blocks;
    while (greatest_common_divisor(step, blocks) != 1);
    return step;
}

static void run_grid(void *argument)
{
    (void)argument;
    const struct emucuda_index *grid = &launch->grid;
    uint64_t blocks = (uint64_t)grid->x * grid->y * grid->z;
    random_state = settings.seed * 2 + 1;
    uint64_t step = block_step(blocks);
    uint64_t block = settings.order == ORDER_REVERSE ? blocks - 1 : 0;
    for (uint64_t i = 0; i < blocks; i++, block = (block + step) % blocks) {
        runtime.block_index.x = (unsigned)(block % grid->x);
        runtime.block_index.y = (unsigned)(block / grid->x % grid->y);
        runtime.block_index.z = (unsigned)(block / grid->x / grid->y);
        run_block();
    }
}

static CUresult check_pointers(bool after)
{
    const struct emucuda_kernel *kernel = launch->function->kernel;
    for (unsigned i = 0; i < kernel->parameter_count; i++) {
        if (!kernel->parameters[i].is_pointer) continue;
        uintptr_t address = *(uintptr_t *)launch->arguments[i];
        const struct allocation *allocation = memory_at(address);
        char who[256];
        CUresult status;
        if (after) {
            snprintf(who, sizeof who, "kernel %s", launch->function->name);
            status = allocation == NULL ? CUDA_SUCCESS : memory_check_margins(allocation, who);
        } else {
            status = memory_check_argument(launch->operation.context, launch->function->name, i, address);
        }
        if (status != CUDA_SUCCESS) return status;
    }
    return CUDA_SUCCESS;
}

CUresult grid_run(const struct launch *next)
{
    launch = next;
    CUresult status = check_pointers(false);
    if (status != CUDA_SUCCESS) return status;
    *launch->function->runtime = &runtime;
    runtime.block_dim = launch->block;
    runtime.grid_dim = launch->grid;
    runtime.dynamic_shared = dynamic_shared(launch->dynamic_shared);
    set_up_threads();
    current = &threads[0];
    struct fault_report report;
    if (fiber_guard(run_grid, NULL, &report)) return check_pointers(true);
    char thread[64];
    describe(current, thread, sizeof thread);
    return fail(report.status, "kernel %s, block (%u,%u,%u), %s: %s", launch->function->name, runtime.block_index.x,
                runtime.block_index.y, runtime.block_index.z, thread, report.text);
}
