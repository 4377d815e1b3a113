/* Shuffles, votes and barriers give a GPU's results, in every order; misuse of them ends the kernel. */
#include "check.h"

enum { LANES = 32 };

static void run_to_host(const char *name, unsigned threads, void *out, size_t bytes)
{
    CUdeviceptr device = device_memory(bytes);
    OK(run_block(kernel(name), threads, 0, PARAMETERS(&device)));
    OK(cuMemcpyDtoH_v2(out, device, bytes));
}

static void shuffles(void)
{
    int out[LANES][8];
    run_to_host("shuffles", LANES, out, sizeof out);
    for (int lane = 0; lane < LANES; lane++) {
        CHECK(out[lane][0] == 50);
        CHECK(out[lane][1] == (lane < 3 ? lane : lane - 3));
        CHECK(out[lane][2] == (lane + 3 > 31 ? lane : lane + 3));
        CHECK(out[lane][3] == (lane ^ 16));
        CHECK(out[lane][4] == lane / 8 * 8 + 1);
        CHECK(out[lane][5] == (lane % 8 == 0 ? lane : lane - 1));
        CHECK(out[lane][6] == (lane % 4 + 2 > 3 ? lane : lane + 2));
        /* Lanes of later segments are not reached, those of earlier ones are. */
        CHECK(out[lane][7] == ((lane & 4) ? lane - 4 : lane));
    }
}

static void shuffle_types(void)
{
    double d[LANES];
    float f[LANES];
    unsigned long long u[LANES];
    unsigned w[LANES];
    CUdeviceptr dd = device_memory(sizeof d), df = device_memory(sizeof f), du = device_memory(sizeof u),
                dw = device_memory(sizeof w);
    OK(run_block(kernel("shuffle_types"), LANES, 0, PARAMETERS(&dd, &df, &du, &dw)));
    OK(cuMemcpyDtoH_v2(d, dd, sizeof d));
    OK(cuMemcpyDtoH_v2(f, df, sizeof f));
    OK(cuMemcpyDtoH_v2(u, du, sizeof u));
    OK(cuMemcpyDtoH_v2(w, dw, sizeof w));
    for (int lane = 0; lane < LANES; lane++) {
        int other = lane ^ 1;
        CHECK(d[lane] == other + 0.5);
        CHECK(f[lane] == (float)other + 0.25f);
        CHECK(u[lane] == 1ull << (other + 16));
        CHECK(w[lane] == 0x80000000u + (unsigned)other);
    }
}

static void votes(void)
{
    unsigned out[LANES][10];
    run_to_host("votes", LANES, out, sizeof out);
    for (unsigned lane = 0; lane < LANES; lane++) {
        bool low = lane < 16;
        CHECK(out[lane][0] == 0x49249249u);
        CHECK(out[lane][1] == 1 && out[lane][2] == 0);
        CHECK(out[lane][3] == 1 && out[lane][4] == 0);
        CHECK(out[lane][6] == 0xffu << lane / 8 * 8);
        CHECK(out[lane][7] == (low ? 0x5555u : 0x55550000u));
        CHECK(out[lane][8] == (low ? 120u : 376u));
        CHECK(out[lane][9] == (low ? 3u : 19u));
    }
    CHECK(out[0][5] == 0xffffffffu);
}

static void reductions(void)
{
    int out[LANES][8];
    run_to_host("reductions", LANES, out, sizeof out);
    for (int lane = 0; lane < LANES; lane++) {
        CHECK(out[lane][0] == 496 - 7 - 5);
        CHECK(out[lane][1] == -5 && out[lane][2] == 31);
        CHECK(out[lane][3] == 0 && out[lane][4] == -5);
        CHECK(out[lane][5] == 0xfff0 && out[lane][6] == -1);
        CHECK(out[lane][7] == 32);
    }
}

static void block_sum(void)
{
    enum { BLOCKS = 3, THREADS = 256 };
    int in[BLOCKS * THREADS], out[BLOCKS];
    for (int i = 0; i < BLOCKS * THREADS; i++) in[i] = i;
    CUdeviceptr source = device_memory(sizeof in), sums = device_memory(sizeof out);
    OK(cuMemcpyHtoD_v2(source, in, sizeof in));
    OK(cuLaunchKernel(kernel("block_sum"), BLOCKS, 1, 1, THREADS, 1, 1, 0, NULL, PARAMETERS(&source, &sums), NULL));
    OK(cuMemcpyDtoH_v2(out, sums, sizeof out));
    CHECK(out[0] == 32640 && out[1] == 98176 && out[2] == 163712);
}

static void block_votes(void)
{
    int out[40][4];
    run_to_host("block_votes", 40, out, sizeof out);
    for (int i = 0; i < 40; i++) CHECK(out[i][0] == 8 && out[i][1] == 1 && out[i][2] == 1 && out[i][3] == 0);
}

static void indices(void)
{
    enum { COUNT = 2 * 3 * 4 * 5 * 3 * 2 };
    unsigned out[COUNT];
    CUdeviceptr device = device_memory(sizeof out);
    OK(cuLaunchKernel(kernel("indices"), 2, 3, 4, 5, 3, 2, 0, NULL, PARAMETERS(&device), NULL));
    OK(cuMemcpyDtoH_v2(out, device, sizeof out));
    for (unsigned i = 0; i < COUNT; i++) CHECK(out[i] == i / 30 * 1000 + i % 30);
}

static void every_order(void)
{
    static const char *const orders[] = {"reverse", "random:1", "random:99", "forward"};
    for (int i = 0; i < 4; i++) {
        OK(emucudaConfigure("EMUCUDA_ORDER", orders[i]));
        shuffles();
        votes();
        block_sum();
        block_votes();
        indices();
    }
}

/* Thread 0 goes first in the forward order, so that the missing barrier only shows in others. */
static void another_order_shows_a_race(void)
{
    int out[64];
    run_to_host("race", 64, out, sizeof out);
    CHECK(out[1] == 7 && out[63] == 7);
    OK(emucudaConfigure("EMUCUDA_ORDER", "reverse"));
    run_to_host("race", 64, out, sizeof out);
    CHECK(out[0] == 7 && out[63] == -1);
    OK(emucudaConfigure("EMUCUDA_ORDER", "random:3"));
    run_to_host("race", 64, out, sizeof out);
    bool unset = false;
    for (int i = 0; i < 64; i++) unset |= out[i] == -1;
    CHECK(unset);
    OK(emucudaConfigure("EMUCUDA_ORDER", ""));
}

static void expect_failure(const char *name, const char *words)
{
    CUdeviceptr device = device_memory(4096);
    STATUS(CUDA_ERROR_LAUNCH_FAILED, run_block(kernel(name), LANES, 0, PARAMETERS(&device)));
    EXPLAINED(name);
    EXPLAINED(words);
}

static void divergent_barrier(void)
{
    expect_failure("some_skip_the_barrier", "divergent barrier");
    EXPLAINED("thread (16,0,0)");
}

static void divergent_barrier_in_reverse(void)
{
    OK(emucudaConfigure("EMUCUDA_ORDER", "reverse"));
    expect_failure("some_skip_the_barrier", "divergent barrier");
    OK(emucudaConfigure("EMUCUDA_ORDER", ""));
}

/* Forward, the others wait already; in reverse, they come when it is too late. */
static void lanes_that_ended(void)
{
    expect_failure("some_lanes_return", "lane 16 ends while thread (0,0,0) waits in __ballot_sync");
    fresh_device();
    OK(emucudaConfigure("EMUCUDA_ORDER", "reverse"));
    expect_failure("some_lanes_return", "waits for lanes 0xffff0000, which have ended");
    fresh_device();
    OK(emucudaConfigure("EMUCUDA_EXITED", "allow"));
    CUdeviceptr device = device_memory(64);
    int out[16];
    for (int reverse = 1; reverse >= 0; reverse--) {
        OK(emucudaConfigure("EMUCUDA_ORDER", reverse ? "reverse" : ""));
        OK(run_block(kernel("some_lanes_return"), LANES, 0, PARAMETERS(&device)));
        OK(cuMemcpyDtoH_v2(out, device, sizeof out));
        CHECK(out[0] == 0xffff);
    }
    OK(emucudaConfigure("EMUCUDA_EXITED", ""));
}

static void two_places(void)
{
    expect_failure("two_barriers", "divergent barrier");
}

static CUresult return_early(int n, int *out)
{
    CUdeviceptr device = device_memory(LANES * sizeof(int));
    CUresult status = run_block(kernel("some_return_early"), LANES, 0, PARAMETERS(&device, &n));
    if (status == CUDA_SUCCESS) OK(cuMemcpyDtoH_v2(out, device, LANES * sizeof(int)));
    return status;
}

static void exited_threads(void)
{
    int out[LANES];
    OK(emucudaConfigure("EMUCUDA_EXITED", "allow"));
    OK(return_early(20, out));
    CHECK(out[0] == 1 && out[19] == 18 && out[20] == -1);
    /* An ended lane cannot be read, in whatever mode. */
    STATUS(CUDA_ERROR_LAUNCH_FAILED, return_early(19, out));
    EXPLAINED("lane 18 reads lane 19");
    fresh_device();
    OK(emucudaConfigure("EMUCUDA_EXITED", ""));
    OK(return_early(32, out));
    STATUS(CUDA_ERROR_LAUNCH_FAILED, return_early(20, out));
    EXPLAINED("divergent barrier");
}

static void last_warp_is_not_full(void)
{
    int out[40][4];
    run_to_host("block_votes", 40, out, sizeof out);
    int n = 20, lanes[LANES];
    CUdeviceptr device = device_memory(sizeof lanes);
    OK(run_block(kernel("some_return_early"), 20, 0, PARAMETERS(&device, &n)));
    OK(cuMemcpyDtoH_v2(lanes, device, sizeof lanes));
    CHECK(lanes[19] == 18);
}

static void lane_not_in_mask(void)
{
    expect_failure("lane_not_in_mask", "lane 16, which is not in mask 0x0000ffff");
}

static void absent_lane(void)
{
    expect_failure("reads_absent_lane", "lane 0 reads lane 16");
}

static void lanes_disagree(void)
{
    expect_failure("lanes_disagree", "__ballot_sync");
    EXPLAINED("__shfl_sync");
}

static void deadlock(void)
{
    expect_failure("wait_for_each_other", "for ever");
    EXPLAINED("__syncthreads");
    EXPLAINED("__shfl_sync");
}

static void nanosleep_lets_others_run(void)
{
    CUdeviceptr flag = device_memory(4);
    OK(emucudaConfigure("EMUCUDA_ORDER", "reverse"));
    OK(cuMemsetD32_v2(flag, 0, 1));
    OK(run_block(kernel("spin"), 2, 0, PARAMETERS(&flag)));
    OK(emucudaConfigure("EMUCUDA_ORDER", ""));
}

MAIN(TEST(shuffles), TEST(shuffle_types), TEST(votes), TEST(reductions), TEST(block_sum), TEST(block_votes),
     TEST(indices), TEST(every_order), TEST(another_order_shows_a_race), TEST(divergent_barrier),
     TEST(divergent_barrier_in_reverse), TEST(lanes_that_ended), TEST(two_places), TEST(exited_threads),
     TEST(last_warp_is_not_full), TEST(lane_not_in_mask), TEST(absent_lane), TEST(lanes_disagree), TEST(deadlock),
     TEST(nanosleep_lets_others_run))
