package dev.witnessmark.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import jcuda.driver.CUresult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every call of the driver fails once: the failure is told, nothing leaks, and work goes on. */
@Tag("device")
class InjectedFailureTest {

  @AfterEach
  void failNoMore() {
    if (TestDriver.isEmulated()) {
      TestDriver.configure("EMUCUDA_FAIL", "");
    }
  }

  /** Uses everything once. */
  private static void work(Context context) {
    try (Arena arena = Arena.ofConfined();
        KernelModule kernels = TestDriver.kernels(context);
        Stream stream = context.stream();
        Event start = context.event();
        Event end = context.event();
        PinnedArena pinned = context.pinnedArena();
        DeviceMemory source = context.allocate(OnDevice.BYTES);
        DeviceMemory target = context.allocate(OnDevice.BYTES)) {
      MemorySegment result = pinned.allocate(OnDevice.BYTES, 4);
      Launch launch = new Launch(kernels.kernel("affine"), "work", Extent.of(4), Extent.of(256), 0);
      stream.record(start);
      stream.upload(Host.counting(arena, OnDevice.COUNT), source);
      stream.fill(target, (byte) 0);
      stream.launch(launch, OnDevice.affine(source, target, 2, 0));
      try (Graph graph =
          stream.capture(
              "again", () -> stream.launch(launch, OnDevice.affine(target, source, 2, 0)))) {
        stream.launch(graph);
      }
      stream.copyAsync(source, target);
      stream.downloadAsync(target, result);
      stream.record(end);
      stream.await(end);
      end.synchronise();
      stream.synchronise();
      assertThat(end.millisecondsSince(start)).isNotNegative();
      assertThat(Host.floats(result)).isEqualTo(Host.affine(OnDevice.COUNT, 4, 0));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "cuMemAlloc, 1",
    "cuMemAlloc, 2",
    "cuMemHostAlloc, 1",
    "cuStreamCreate, 1",
    "cuEventCreate, 1",
    "cuEventCreate, 2",
    "cuModuleLoadDataEx, 1",
    "cuModuleGetFunction, 1",
    "cuMemcpyHtoDAsync, 1",
    "cuMemcpyDtoHAsync, 1",
    "cuMemcpyDtoDAsync, 1",
    "cuMemsetD8Async, 1",
    "cuLaunchKernel, 1",
    "cuLaunchKernel, 2",
    "cuStreamBeginCapture, 1",
    "cuGraphInstantiateWithFlags, 1",
    "cuGraphLaunch, 1",
    "cuEventRecord, 1",
    "cuEventRecord, 2",
    "cuStreamWaitEvent, 1",
    "cuEventSynchronize, 1",
    "cuEventElapsedTime, 1",
    "cuStreamSynchronize, 1",
    "cuCtxSetCurrent, 1",
    "cuCtxSetCurrent, 9",
  })
  void aFailureIsToldAndNothingLeaks(String call, int which) {
    try (Context context = TestDriver.open()) {
      work(context);
      long free = context.freeBytes();
      TestDriver.configure(
          "EMUCUDA_FAIL", "%s:%d:%d".formatted(call, which, CUresult.CUDA_ERROR_OUT_OF_MEMORY));

      DriverException failure = catchThrowableOfType(DriverException.class, () -> work(context));

      assertThat(failure).isNotNull();
      assertThat(call).startsWith(failure.call());
      assertThat(failure.status()).isEqualTo(CUresult.CUDA_ERROR_OUT_OF_MEMORY);
      assertThat(failure).hasMessageContaining("cuda:0").hasNoSuppressedExceptions();
      assertThat(context.open()).isEmpty();
      assertThat(context.freeBytes()).isEqualTo(free);
      work(context);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "cuMemFree",
    "cuMemFreeHost",
    "cuStreamDestroy",
    "cuEventDestroy",
    "cuModuleUnload",
    "cuGraphExecDestroy",
    "cuGraphDestroy"
  })
  void whatCannotBeGivenBackIsTold(String call) {
    try (Context context = TestDriver.open()) {
      TestDriver.configure(
          "EMUCUDA_FAIL", "%s:1:%d".formatted(call, CUresult.CUDA_ERROR_INVALID_HANDLE));

      assertThatExceptionOfType(DriverException.class)
          .isThrownBy(() -> work(context))
          .satisfies(failure -> assertThat(failure.call()).isEqualTo(call));
      assertThat(context.open()).isEmpty();
      work(context);
    }
  }

  @Test
  void aContextThatCannotBeMadeIsTold() {
    DriverDevice device = TestDriver.library().devices().getFirst();
    TestDriver.configure("EMUCUDA_FAIL", "cuDevicePrimaryCtxRetain:1:2");

    assertThatExceptionOfType(DriverException.class)
        .isThrownBy(() -> Context.open(device))
        .withMessageContaining("cuDevicePrimaryCtxRetain")
        .withMessageContaining("cuda:0");
    Context.open(device).close();
  }

  @Test
  void closingAContextGoesOnAfterAFailure() {
    Context context = TestDriver.open();
    List<DeviceMemory> memories = List.of(context.allocate(64), context.allocate(64));
    TestDriver.configure("EMUCUDA_FAIL", "cuMemFree:*:400");

    assertThatExceptionOfType(DriverException.class)
        .isThrownBy(context::close)
        .satisfies(failure -> assertThat(failure.getSuppressed()).hasSize(1));
    assertThat(memories).noneMatch(DeviceMemory::isOpen);
  }

  @Test
  void thereIsNotMoreMemoryThanTheDeviceHas() {
    try (Context context = TestDriver.open()) {
      long bytes = context.device().memoryBytes() + 1;

      assertThatExceptionOfType(DriverException.class)
          .isThrownBy(() -> context.allocate(bytes))
          .withMessageContaining(bytes + " bytes")
          .withMessageContaining("CUDA_ERROR_OUT_OF_MEMORY");
    }
  }
}
