package dev.witnessmark.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jcuda.driver.CUresult;
import org.junit.jupiter.api.Test;

class LaunchTest extends OnDevice {

  @Test
  void computes() {
    try (Arena arena = Arena.ofConfined();
        DeviceMemory source = context().allocate(BYTES);
        DeviceMemory target = context().allocate(BYTES)) {
      stream().upload(Host.counting(arena, COUNT), source);
      stream().launch(affine(), affine(source, target, 0.5f, -3));
      MemorySegment result = arena.allocate(BYTES, 4);
      stream().download(target, result);

      assertThat(Host.floats(result)).isEqualTo(Host.affine(COUNT, 0.5f, -3));
    }
  }

  @Test
  void argumentsMayChangeWhileTheLaunchIsQueued() {
    try (Arena arena = Arena.ofConfined();
        DeviceMemory source = context().allocate(BYTES);
        DeviceMemory first = context().allocate(BYTES);
        DeviceMemory second = context().allocate(BYTES)) {
      stream().upload(Host.counting(arena, COUNT), source);
      Launch launch = affine();
      Arguments arguments = affine(source, first, 2, 0);
      stream().launch(launch, arguments);
      arguments.clear().add(source).add(second).add(COUNT).add(3f).add(1L);
      stream().launch(launch, arguments);
      MemorySegment result = arena.allocate(BYTES, 4);

      stream().download(first, result);
      assertThat(Host.floats(result)).isEqualTo(Host.affine(COUNT, 2, 0));
      stream().download(second, result);
      assertThat(Host.floats(result)).isEqualTo(Host.affine(COUNT, 3, 1));
    }
  }

  @Test
  void otherArgumentsThanTheKernelTakesAreRefused() {
    try (DeviceMemory memory = context().allocate(BYTES)) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> stream().launch(affine(), new Arguments().add(memory).add(memory).add(COUNT)))
          .withMessage("kernel affine takes 5 arguments, 3 were given");
      assertThatIllegalArgumentException()
          .isThrownBy(() ->
              stream()
                  .launch(
                      affine(), new Arguments().add(memory).add(memory).add(COUNT).add(1f).add(1)))
          .withMessage("argument 4 of kernel affine is 8 bytes long, 4 were given");
    }
  }

  @Test
  void tooManyArgumentsAreRefused() {
    Arguments arguments = new Arguments();
    for (int i = 0; i < 64; i++) {
      arguments.add(i);
    }
    assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> arguments.add(64));
  }

  @Test
  void aKernelThatIsNotThereIsNamed() {
    DriverException failure =
        catchThrowableOfType(DriverException.class, () -> kernels().kernel("absent"));

    assertThat(failure.status()).isEqualTo(CUresult.CUDA_ERROR_NOT_FOUND);
    assertThat(failure.call()).isEqualTo("cuModuleGetFunction");
    assertThat(failure).hasMessageContaining("absent").hasMessageContaining("cuda:0");
  }

  @Test
  void aRefusedLaunchNamesKernelShapesAndDevice() {
    try (DeviceMemory memory = context().allocate(BYTES)) {
      Launch tooLarge =
          new Launch(
              kernels().kernel("affine"), "affine of 1000", Extent.of(2), Extent.of(4096), 0);

      DriverException failure =
          catchThrowableOfType(
              DriverException.class, () -> stream().launch(tooLarge, affine(memory, memory, 1, 0)));

      assertThat(failure.status()).isEqualTo(CUresult.CUDA_ERROR_INVALID_VALUE);
      assertThat(failure.call()).isEqualTo("cuLaunchKernel");
      assertThat(failure)
          .hasMessageContaining(
              "affine, grid 2x1x1, block 4096x1x1, 0 shared bytes, for affine of 1000")
          .hasMessageContaining("CUDA_ERROR_INVALID_VALUE")
          .hasMessageContaining(context().device().toString());
      // That was the call's fault, not the context's.
      stream().launch(affine(), affine(memory, memory, 1, 0));
      stream().synchronise();
    }
  }

  @Test
  void anImageThatIsNoneIsRefused() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment image = arena.allocate(64);

      assertThatExceptionOfType(DriverException.class)
          .isThrownBy(() -> context().load("zeros", image))
          .withMessageContaining("module zeros")
          .withMessageContaining("CUDA_ERROR_INVALID_IMAGE");
    }
  }

  @Test
  void attributesAreThoseOfTheCompiledKernel() {
    KernelAttributes attributes = kernels().kernel("affine").attributes();

    assertThat(attributes.threadsPerBlock()).isBetween(256, 1024);
    assertThat(attributes.sharedBytes()).isZero();
    assertThat(attributes.localBytes()).isZero();
  }
}
