package dev.witnessmark.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class BenchIT {

  private static final Program WMARK = Program.packaged().brief();

  @TempDir
  @SuppressWarnings("NullAway.Init") // Set by JUnit.
  Path folder;

  @Test
  void everyKernelRunsOnTheProcessor() throws Exception {
    Ended bench = Program.packaged().run("bench", "--size", "small", "--brief", "--json");

    assertThat(bench.exit()).isZero();
    JsonNode result = bench.json();
    assertThat(Schemas.BENCH.violations(result)).isEmpty();
    assertThat(result.at("/devices/0/kind").asString()).isEqualTo("cpu");
    assertThat(result.at("/cells").size()).isGreaterThan(35);
  }

  @Test
  void cudaKernelsRunOnTheEmulatedDevice() throws Exception {
    Ended bench =
        WMARK.run("bench", "--device", "emulated", "--brief", "--json", "--kernels", "add,rms*");

    assertThat(bench.exit()).as(bench.err()).isZero();
    JsonNode result = bench.json();
    assertThat(Schemas.BENCH.violations(result)).isEmpty();
    assertThat(result.at("/devices/0/kind").asString()).isEqualTo("emulated");
    assertThat(result.at("/devices/0/driver").asString()).startsWith("CUDA ");
    assertThat(result.at("/cells").size()).isEqualTo(2);
  }

  @Test
  void aResultOfBenchGoesIntoGuard() throws Exception {
    Path result = folder.resolve("result.json");
    Ended bench =
        WMARK.run(
            "bench",
            "--size",
            "small",
            "--brief",
            "--json",
            "--kernels",
            "add",
            "--out",
            result.toString());
    assertThat(bench.exit()).as(bench.err()).isZero();

    Ended guard = WMARK.run("guard", result.toString(), result.toString());

    assertThat(guard.exit()).as(guard.out()).isIn(0, 4);
    assertThat(guard.out()).contains("add 512");
  }

  @Test
  void processesShareTheMeasuring() throws Exception {
    Ended bench = WMARK.run("bench", "--brief", "--json", "--kernels", "add", "--forks", "3");

    assertThat(bench.exit()).as(bench.err()).isZero();
    JsonNode result = bench.json();
    assertThat(Schemas.BENCH.violations(result)).isEmpty();
    assertThat(result.at("/cells/0/forks").size()).isEqualTo(3);
    assertThat(WMARK.run("bench", "--forks", "0").exit()).isEqualTo(2);
  }

  @Test
  void aKernelOfOnesOwnIsCheckedBesideOurs() throws Exception {
    Path right = kernel("right", "a[i] + b[i]");
    Ended passed = own(right);
    assertThat(passed.exit()).as(passed.out() + passed.err()).isZero();
    assertThat(passed.out())
        .contains("mine in place of add: 14 of 14 trials have the oracle's bits")
        .contains("mine 512");

    Path wrong = kernel("wrong", "i % 1000 == 999 ? a[i] - b[i] : a[i] + b[i]");
    Ended failed = own(wrong);
    assertThat(failed.exit()).as(failed.out() + failed.err()).isEqualTo(1);
    assertThat(failed.out())
        .contains("first difference: add 5003 RANDOM: results[999]")
        .doesNotContain("14 of 14 trials have");

    Path broken = kernel("broken", "a[i + (1ll << 40)]");
    Ended faulted = own(broken);
    assertThat(faulted.exit()).as(faulted.out()).isEqualTo(3);
    assertThat(faulted.err()).contains("CUDA_ERROR").doesNotContain("\tat ");
  }

  @Test
  void whatCannotRunIsRefused() throws Exception {
    Ended none = WMARK.run("bench", "--device", "cuda:17", "--brief");
    assertThat(none.exit()).isEqualTo(3);
    assertThat(none.err()).contains("device cuda:17 was asked for and cannot run");
    assertThat(none.out()).isEmpty();

    assertThat(WMARK.run("bench", "--device", "gpu").exit()).isEqualTo(2);
    assertThat(WMARK.run("bench", "--kernels", "nothing_*").exit()).isEqualTo(2);
    assertThat(WMARK.run("bench", "--kernel", "file:unknown").exit()).isEqualTo(2);
    Ended onCpu = WMARK.run("bench", "--kernel", "file:add");
    assertThat(onCpu.exit()).isEqualTo(3);
    assertThat(onCpu.err()).contains("--kernel needs a device that runs CUDA kernels");
  }

  private static Ended own(Path library) throws Exception {
    return WMARK.run("bench", "--device", "emulated", "--brief", "--kernel", library + ":mine=add");
  }

  /** Compiles a kernel for the emulated device as a user would. */
  private Path kernel(String name, String sum) throws IOException, InterruptedException {
    Path source = folder.resolve(name + ".cu");
    Files.writeString(
        source,
        """
        #include "cuda_emulation.h"
        extern "C" __global__ void mine(
            const float* a, const float* b, float* sum, long long n) {
          for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < n;
               i += (long long)gridDim.x * blockDim.x) {
            sum[i] = %s;
          }
        }
        EMULATED_KERNEL(mine);
        """
            .formatted(sum));
    Path library = folder.resolve(name + ".so");
    Process compiler =
        new ProcessBuilder(
                Path.of("../../native/compile-kernels").toString(),
                library.toString(),
                source.toString())
            .inheritIO()
            .start();
    assertThat(compiler.waitFor()).isZero();
    return library;
  }
}
