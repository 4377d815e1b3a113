/*
 * Fibers: every emulated thread has a stack of its own and gives the processor to another where threads meet. x86-64,
 * System V calling convention: a switch saves the six registers that a function must preserve.
 *
 * Faults: while fibers run on a thread, SIGSEGV, SIGBUS, SIGILL and SIGFPE of that thread end the kernel, and so does a
 * SIGURG of the watchdog. Any other is passed on to the handler that was there before, as a JVM's, which needs them for
 * its own purposes.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "emulated_cuda.h"
#include "fiber.h"

#if !defined(__x86_64__)
#error "fibers are written for x86-64"
#endif

enum { STACK_COUNT = MAX_BLOCK_THREADS + 1, STACK_BYTES = 128 << 10, GUARD_BYTES = 4096 };

/*
 * Jumping to the return address instead of returning keeps the processor's return prediction from going wrong at every
 * switch.
 */
__attribute__((naked, noinline)) void fiber_switch(void **save __attribute__((unused)),
                                                   void *resume __attribute__((unused)))
{
    __asm__("pushq %rbp\n\t"
            "pushq %rbx\n\t"
            "pushq %r12\n\t"
            "pushq %r13\n\t"
            "pushq %r14\n\t"
            "pushq %r15\n\t"
            "movq %rsp, (%rdi)\n\t"
            "movq %rsi, %rsp\n\t"
            "popq %r15\n\t"
            "popq %r14\n\t"
            "popq %r13\n\t"
            "popq %r12\n\t"
            "popq %rbx\n\t"
            "popq %rbp\n\t"
            "popq %rcx\n\t"
            "jmpq *%rcx");
}

static char *stacks;
static int stacks_open;

/* Stack i of STACK_COUNT, each after a page that cannot be accessed. */
static char *stack_of(int i)
{
    const size_t stride = STACK_BYTES + GUARD_BYTES;
    if (stacks == NULL) {
        stacks = mmap(NULL, stride * STACK_COUNT, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (stacks == MAP_FAILED) abort();
    }
    char *stack = stacks + stride * (size_t)i + GUARD_BYTES;
    for (; stacks_open <= i; stacks_open++) {
        mprotect(stacks + stride * (size_t)stacks_open + GUARD_BYTES, STACK_BYTES, PROT_READ | PROT_WRITE);
    }
    return stack;
}

/* The six registers and the return address that fiber_switch takes from a stack. */
struct frame {
    void *registers[6];
    void (*start)(void);
    /* What the started function finds where its caller's return address would be; it never returns. */
    void *nowhere;
};

void *fiber_prepare(int i, void (*start)(void))
{
    /* Not all at the same offset of a page: they would compete for the same few lines of the cache. */
    size_t colour = (size_t)i * 5 % 64 * 64;
    /* A function begins with the stack pointer eight below a multiple of 16. */
    struct frame *frame = (struct frame *)(stack_of(i) + STACK_BYTES - colour - sizeof(struct frame));
    memset(frame, 0, sizeof *frame);
    frame->start = start;
    return frame;
}

static bool in_stack_guard(uintptr_t address)
{
    const size_t stride = STACK_BYTES + GUARD_BYTES;
    uintptr_t offset = address - (uintptr_t)stacks;
    return stacks != NULL && offset < stride * STACK_COUNT && offset % stride < GUARD_BYTES;
}

/* The guard that is active; one at a time, by the lock of call.c. */
static struct {
    volatile bool active;
    pthread_t thread;
    volatile pid_t kernel_thread;
    /* How many there have been, and which the watchdog wants to end. */
    volatile uint64_t number, expired;
    void *resume;
    struct fault_report *report;
    void (*body)(void *argument);
    void *argument;
} guard;

static void set_report(CUresult status, const char *format, va_list arguments)
{
    guard.report->status = status;
    vsnprintf(guard.report->text, sizeof guard.report->text, format, arguments);
}

void fiber_abandon(CUresult status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    set_report(status, format, arguments);
    va_end(arguments);
    void *abandoned;
    fiber_switch(&abandoned, guard.resume);
    __builtin_unreachable();
}

static void report_signal(int signal, const siginfo_t *information)
{
    uintptr_t address = (uintptr_t)information->si_addr;
    char text[512];
    struct fault_report *report = guard.report;
    switch (signal) {
    case SIGSEGV:
    case SIGBUS:
        if (in_stack_guard(address)) {
            report->status = CUDA_ERROR_LAUNCH_FAILED;
            snprintf(report->text, sizeof report->text, "more than %d KiB of stack for one thread", STACK_BYTES >> 10);
            return;
        }
        report->status = CUDA_ERROR_ILLEGAL_ADDRESS;
        /* The processor does not tell an address that is none. */
        if (information->si_code == SI_KERNEL) snprintf(text, sizeof text, "an address that cannot exist");
        else memory_describe(address, text, sizeof text);
        snprintf(report->text, sizeof report->text, "access to %s", text);
        return;
    case SIGURG:
        report->status = CUDA_ERROR_LAUNCH_TIMEOUT;
        snprintf(report->text, sizeof report->text, "still running after %d seconds of processor time",
                 settings.timeout_seconds);
        return;
    case SIGFPE:
        report->status = CUDA_ERROR_LAUNCH_FAILED;
        snprintf(report->text, sizeof report->text, "integer division by zero or overflow");
        return;
    default:
        report->status = CUDA_ERROR_ILLEGAL_INSTRUCTION;
        snprintf(report->text, sizeof report->text, "an instruction that this processor does not have, or a trap");
    }
}

static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGURG};
enum { SIGNAL_COUNT = sizeof signals / sizeof signals[0] };
static struct sigaction previous[SIGNAL_COUNT];

static void pass_on(int signal, siginfo_t *information, void *context)
{
    for (int i = 0; i < SIGNAL_COUNT; i++) {
        if (signals[i] != signal) continue;
        if (previous[i].sa_flags & SA_SIGINFO) {
            previous[i].sa_sigaction(signal, information, context);
        } else if (previous[i].sa_handler == SIG_DFL && signal != SIGURG) {
            /* Happens again after this returns, and then ends the process. */
            sigaction(signal, &previous[i], NULL);
        } else if (previous[i].sa_handler != SIG_IGN && previous[i].sa_handler != SIG_DFL) {
            previous[i].sa_handler(signal);
        }
    }
}

static bool is_own(int signal, const siginfo_t *information)
{
    if (!guard.active || !pthread_equal(pthread_self(), guard.thread)) return false;
    /* Others than the watchdog's come from what the thread does, not from someone who sends them. */
    return signal == SIGURG ? guard.expired == guard.number : information->si_code > 0;
}

static void handle(int signal, siginfo_t *information, void *context)
{
    if (!is_own(signal, information)) {
        pass_on(signal, information, context);
        return;
    }
    report_signal(signal, information);
    /* On return from this handler the thread goes on where fiber_guard switched away, with its signal mask. */
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    static void *abandoned;
    registers[REG_RDI] = (greg_t)&abandoned;
    registers[REG_RSI] = (greg_t)guard.resume;
    registers[REG_RSP] = (greg_t)stack_of(0) + STACK_BYTES / 2;
    registers[REG_RIP] = (greg_t)fiber_switch;
}

/* The processor time of a thread, in the kernel's numbering of clocks; safe if the thread has ended. */
static double processor_seconds(pid_t thread)
{
    struct timespec time = {0, 0};
    clock_gettime((clockid_t)(~(unsigned)thread << 3 | 6), &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* Looks now and then whether the same guard is still active: what runs is not slowed by it. */
static void *watch(void *unused)
{
    (void)unused;
    uint64_t seen = 0;
    double start = 0;
    for (;;) {
        nanosleep(&(struct timespec){0, 100000000}, NULL);
        if (!guard.active) continue;
        pid_t thread = guard.kernel_thread;
        double now = processor_seconds(thread);
        if (guard.number != seen) {
            seen = guard.number;
            start = now;
        } else if (settings.timeout_seconds > 0 && now - start > settings.timeout_seconds) {
            guard.expired = seen;
            syscall(SYS_tgkill, getpid(), thread, SIGURG);
        }
    }
    return NULL;
}

/* Signals for the process are not for this thread. */
static void start_watchdog(void)
{
    pthread_t thread;
    pthread_attr_t detached;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    pthread_create(&thread, &detached, watch, NULL);
    pthread_attr_destroy(&detached);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Once, and the watchdog with them. A handler that another library installs later should pass on what is not its own. */
static void install_handlers(void)
{
    static bool installed;
    if (installed) return;
    installed = true;
    for (int i = 0; i < SIGNAL_COUNT; i++) {
        struct sigaction action;
        sigaction(signals[i], NULL, &previous[i]);
        memset(&action, 0, sizeof action);
        action.sa_sigaction = handle;
        action.sa_mask = previous[i].sa_mask;
        action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
        sigaction(signals[i], &action, NULL);
    }
    start_watchdog();
}

static void start_body(void)
{
    guard.body(guard.argument);
    guard.report->status = CUDA_SUCCESS;
    void *finished;
    fiber_switch(&finished, guard.resume);
}

bool fiber_guard(void (*body)(void *argument), void *argument, struct fault_report *report)
{
    static char signal_stack[64 << 10];
    static __thread pid_t kernel_thread;
    if (kernel_thread == 0) kernel_thread = gettid();
    install_handlers();
    /* The handler needs another stack when a fiber has used up its own. */
    stack_t own = {.ss_sp = signal_stack, .ss_size = sizeof signal_stack}, before;
    sigaltstack(&own, &before);
    guard.body = body;
    guard.argument = argument;
    guard.report = report;
    guard.thread = pthread_self();
    guard.kernel_thread = kernel_thread;
    guard.number++;
    void *stack = fiber_prepare(0, start_body);
    guard.active = true;
    fiber_switch(&guard.resume, stack);
    guard.active = false;
    sigaltstack(&before, NULL);
    return report->status == CUDA_SUCCESS;
}
