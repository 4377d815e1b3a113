/* What a kernel does wrong ends it, is told with kernel, block, thread and cause, and stays with the context. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"

static CUresult write_at(CUdeviceptr base, long index)
{
    return run_block(kernel("write_at"), 1, 0, PARAMETERS(&base, &index));
}

static void past_the_end(void)
{
    CUdeviceptr memory = device_memory(1000);
    OK(write_at(memory, 249));
    STATUS(CUDA_ERROR_ILLEGAL_ADDRESS, write_at(memory, 2000));
    EXPLAINED("kernel write_at, block (0,0,0), thread (0,0,0)");
}

static void on_the_guard_page(void)
{
    STATUS(CUDA_ERROR_ILLEGAL_ADDRESS, write_at(device_memory(1024), 256));
    EXPLAINED("0 bytes after the end of 1024 bytes of device memory");
}

static void before_the_beginning(void)
{
    STATUS(CUDA_ERROR_ILLEGAL_ADDRESS, write_at(device_memory(4096), -1));
    EXPLAINED("4 bytes before 4096 bytes of device memory");
}

/* Too close to the end, or the beginning, for the guards: found when the kernel has ended. */
static void in_the_margins(void)
{
    STATUS(CUDA_ERROR_ILLEGAL_ADDRESS, write_at(device_memory(1000), 250));
    EXPLAINED("kernel write_at wrote to");
    EXPLAINED("0 bytes after the end of 1000 bytes");
    fresh_device();
    STATUS(CUDA_ERROR_ILLEGAL_ADDRESS, write_at(device_memory(1000), -1));
    EXPLAINED("4 bytes before 1000 bytes");
}

static void margins_of_hidden_pointers(void)
{
    CUdeviceptr memory = device_memory(1000), end = memory + 1000;
    OK(run_block(kernel("write_hidden"), 1, 0, PARAMETERS(&end)));
    STATUS(CUDA_ERROR_ILLEGAL_ADDRESS, cuMemFree_v2(memory));
    EXPLAINED("before it was freed, wrote to");
}

static void null_pointer(void)
{
    STATUS(CUDA_ERROR_ILLEGAL_ADDRESS, write_at(0, 0));
    EXPLAINED("a null pointer");
}

static void address_that_cannot_exist(void)
{
    unsigned long long address = 0xdead00000000beefull & ~3ull;
    STATUS(CUDA_ERROR_ILLEGAL_ADDRESS, run_block(kernel("write_hidden"), 1, 0, PARAMETERS(&address)));
    EXPLAINED("an address that cannot exist");
}

static void freed_memory(void)
{
    CUdeviceptr memory = device_memory(512);
    OK(cuMemFree_v2(memory));
    STATUS(CUDA_ERROR_ILLEGAL_ADDRESS, write_at(memory, 0));
    EXPLAINED("byte 0 of 512 bytes of freed device memory");
    fresh_device();
    memory = device_memory(512);
    OK(cuMemFree_v2(memory));
    STATUS(CUDA_ERROR_ILLEGAL_ADDRESS, run_block(kernel("write_hidden"), 1, 0, PARAMETERS(&memory)));
    EXPLAINED("freed device memory");
}

static void host_pointer(void)
{
    int host[4] = {0};
    STATUS(CUDA_ERROR_ILLEGAL_ADDRESS, write_at((CUdeviceptr)host, 0));
    EXPLAINED("argument 0");
    EXPLAINED("neither device nor pinned memory");
    CHECK(host[0] == 0);
}

static void misaligned(void)
{
    CUdeviceptr memory = device_memory(64), out = device_memory(4);
    int offset = 16;
    OK(run_block(kernel("read_float4"), 1, 0, PARAMETERS(&memory, &offset, &out)));
    offset = 8;
    STATUS(CUDA_ERROR_MISALIGNED_ADDRESS, run_block(kernel("read_float4"), 1, 0, PARAMETERS(&memory, &offset, &out)));
    EXPLAINED("faults.cu:");
    EXPLAINED("not a multiple of 16");
}

static CUresult run_with_int(const char *name, int value, unsigned shared)
{
    CUdeviceptr out = device_memory(4);
    return run_block(kernel(name), 1, shared, PARAMETERS(&value, &out));
}

static void expect_index_fault(const char *name, unsigned shared)
{
    OK(run_with_int(name, 3, shared));
    STATUS(CUDA_ERROR_ILLEGAL_ADDRESS, run_with_int(name, 4, shared));
    EXPLAINED(name);
    fresh_device();
}

static void indices(void)
{
    expect_index_fault("index_local", 0);
    expect_index_fault("index_shared", 0);
    expect_index_fault("index_dynamic_shared", 16);
    STATUS(CUDA_ERROR_ILLEGAL_ADDRESS, run_with_int("index_dynamic_shared", 0, 0));
}

/* Where a GPU and x86 give different results without a word. */
static void undefined_arithmetic(void)
{
    OK(run_with_int("shift", 31, 0));
    STATUS(CUDA_ERROR_LAUNCH_FAILED, run_with_int("shift", 32, 0));
    EXPLAINED("shift by 32 bits");
    fresh_device();
    OK(run_with_int("divide", 7, 0));
    STATUS(CUDA_ERROR_LAUNCH_FAILED, run_with_int("divide", 0, 0));
    EXPLAINED("division by zero");
    fresh_device();
    float fits = 1e9f, does_not = 3e9f;
    CUdeviceptr out = device_memory(4);
    OK(run_block(kernel("cast"), 1, 0, PARAMETERS(&fits, &out)));
    STATUS(CUDA_ERROR_LAUNCH_FAILED, run_block(kernel("cast"), 1, 0, PARAMETERS(&does_not, &out)));
    EXPLAINED("does not fit");
}

static void trap_and_assert(void)
{
    STATUS(CUDA_ERROR_LAUNCH_FAILED, run_block(kernel("trap"), 1, 0, NULL));
    EXPLAINED("__trap()");
    fresh_device();
    int value = 1;
    OK(run_block(kernel("check_positive"), 1, 0, PARAMETERS(&value)));
    value = 0;
    STATUS(CUDA_ERROR_ASSERT, run_block(kernel("check_positive"), 1, 0, PARAMETERS(&value)));
    EXPLAINED("assertion failed: value > 0");
}

static void stack_overflow(void)
{
    OK(run_with_int("recurse", 50, 0));
    STATUS(CUDA_ERROR_LAUNCH_FAILED, run_with_int("recurse", 100000, 0));
    EXPLAINED("stack");
}

static void never_ending(void)
{
    CUdeviceptr count = device_memory(8);
    long target = 1;
    OK(cuMemsetD32_v2(count, 0, 2));
    OK(emucudaConfigure("EMUCUDA_TIMEOUT_S", "1"));
    STATUS(CUDA_ERROR_LAUNCH_TIMEOUT, run_block(kernel("wait_for_host"), 1, 0, PARAMETERS(&count, &target)));
    EXPLAINED("still running after 1 seconds");
    OK(emucudaConfigure("EMUCUDA_TIMEOUT_S", ""));
    STATUS(CUDA_ERROR_LAUNCH_TIMEOUT, cuCtxSynchronize());
}

static void unwritten_memory(void)
{
    unsigned out[4];
    CUdeviceptr device = device_memory(sizeof out), global = device_memory(32);
    CUfunction function = kernel("unwritten");
    /* Two blocks: the second must not find what the first has written. */
    OK(cuLaunchKernel(function, 2, 1, 1, 1, 1, 1, 32, NULL, PARAMETERS(&device, &global), NULL));
    OK(cuMemcpyDtoH_v2(out, device, sizeof out));
    CHECK(out[0] == 0xffffffffu && out[1] == 0xffffffffu && out[2] == 0xffffffffu &&
          out[3] == 0xffffffffu);
}

/* Eager, a launch that fails says so; lazy, the call that waits does. All later calls of the context repeat it. */
static void sticky(void)
{
    CUdeviceptr memory = device_memory(1024);
    long index = 1 << 20;
    CUfunction function = kernel("write_at");
    STATUS(is_lazy() ? 0 : CUDA_ERROR_ILLEGAL_ADDRESS,
           cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, NULL, PARAMETERS(&memory, &index), NULL));
    STATUS(CUDA_ERROR_ILLEGAL_ADDRESS, cuCtxSynchronize());
    int value;
    STATUS(CUDA_ERROR_ILLEGAL_ADDRESS, cuMemcpyDtoH_v2(&value, memory, 4));
    STATUS(CUDA_ERROR_ILLEGAL_ADDRESS, cuMemAlloc_v2(&memory, 16));
    const char *name, *text;
    OK(cuGetErrorName(CUDA_ERROR_ILLEGAL_ADDRESS, &name));
    OK(cuGetErrorString(CUDA_ERROR_ILLEGAL_ADDRESS, &text));
    CHECK(strcmp(name, "CUDA_ERROR_ILLEGAL_ADDRESS") == 0);
    CHECK(strstr(text, "an illegal memory access was encountered: kernel write_at") == text);
    STATUS(CUDA_ERROR_INVALID_VALUE, cuGetErrorString((CUresult)12345, &text));
    CUcontext context;
    OK(cuDevicePrimaryCtxReset_v2(0));
    STATUS(CUDA_ERROR_CONTEXT_IS_DESTROYED, cuCtxSynchronize());
    OK(cuDevicePrimaryCtxRetain(&context, 0));
    OK(cuCtxSetCurrent(context));
    OK(cuCtxSynchronize());
}

/* A mistake that a GPU finds before it starts does not stay. */
static void not_sticky(void)
{
    CUdeviceptr memory;
    STATUS(CUDA_ERROR_INVALID_VALUE, cuMemAlloc_v2(&memory, 0));
    OK(cuMemAlloc_v2(&memory, 16));
}

static void set(int value)
{
    int got;
    CUdeviceptr out = device_memory(4);
    OK(run_block(kernel("set"), 1, 0, PARAMETERS(&out, &value)));
    OK(cuMemcpyDtoH_v2(&got, out, 4));
    CHECK(got == value);
}

/* A JVM turns faults of its own into exceptions while kernels fault on other threads. */

static __thread sigjmp_buf expected;
static __thread bool expects;
static volatile bool kernels_run;
static void *no_access;

static void own_handler(int signal, siginfo_t *information, void *context)
{
    (void)signal;
    (void)context;
    if (!expects || information->si_addr != no_access) _exit(99);
    siglongjmp(expected, 1);
}

static void *fault_on_purpose(void *count)
{
    expects = true;
    while (kernels_run) {
        if (sigsetjmp(expected, 1) == 0) *(volatile int *)no_access = 1;
        else ++*(volatile long *)count;
    }
    return NULL;
}

static void other_handlers(void)
{
    pthread_t thread;
    static long count;
    CUdeviceptr device;
    long target = 1000;
    kernels_run = true;
    pthread_create(&thread, NULL, fault_on_purpose, &count);
    OK(cuMemHostRegister_v2(&count, sizeof count, 0));
    OK(cuMemHostGetDevicePointer_v2(&device, &count, 0));
    OK(run_block(kernel("wait_for_host"), 1, 0, PARAMETERS(&device, &target)));
    for (int i = 0; i < 100; i++) {
        STATUS(CUDA_ERROR_ILLEGAL_ADDRESS, write_at(device_memory(1024), 1 << 20));
        fresh_device();
    }
    kernels_run = false;
    pthread_join(thread, NULL);
    CHECK(count >= target);
    set(11);
    /* After a kernel, faults of its thread are not the device's either. */
    expects = true;
    if (sigsetjmp(expected, 1) == 0) {
        *(volatile int *)no_access = 1;
        CHECK(false);
    }
    expects = false;
}

/* The handlers must be there before the device installs its own, as a JVM's are. */
__attribute__((constructor)) static void install_own_handler(void)
{
    struct sigaction action = {.sa_sigaction = own_handler, .sa_flags = SA_SIGINFO};
    no_access = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    sigaction(SIGSEGV, &action, NULL);
}

static void *launch_on_thread(void *context)
{
    OK(cuCtxSetCurrent(context));
    for (int i = 0; i < 200; i++) set(i);
    return NULL;
}

static void many_threads(void)
{
    CUcontext context;
    pthread_t threads[4];
    OK(cuCtxGetCurrent(&context));
    for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, launch_on_thread, context);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
}

MAIN(TEST(past_the_end), TEST(on_the_guard_page), TEST(before_the_beginning), TEST(in_the_margins),
     TEST(margins_of_hidden_pointers), TEST(null_pointer), TEST(address_that_cannot_exist), TEST(freed_memory),
     TEST(host_pointer), TEST(misaligned), TEST(indices), TEST(undefined_arithmetic), TEST(trap_and_assert),
     TEST(stack_overflow), TEST(never_ending),
     TEST(unwritten_memory), TEST(sticky), TEST(not_sticky), TEST(other_handlers),
     TEST(many_threads))
