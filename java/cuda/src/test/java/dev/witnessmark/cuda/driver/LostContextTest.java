package dev.witnessmark.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import jcuda.driver.CUresult;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A kernel that writes where it may not. On a GPU that ends the use of CUDA in the whole process,
 * not in the context alone, so that this runs in one of its own there. The emulated device is
 * kinder.
 */
@Tag("fatal")
class LostContextTest {

  @Test
  void aFailedKernelIsNamedAndEndsTheContext() {
    Context own = TestDriver.open();
    try (own) {
      KernelModule kernels = TestDriver.kernels(own);
      Stream stream = own.stream();
      DeviceMemory memory = own.allocate(OnDevice.BYTES);
      Launch overrun =
          new Launch(kernels.kernel("overrun"), "overrun of 1000", Extent.of(1), Extent.of(1), 0);

      DriverException failure =
          catchThrowableOfType(
              DriverException.class,
              () -> {
                stream.launch(overrun, new Arguments().add(memory).add((long) OnDevice.COUNT));
                stream.synchronise();
              });

      assertThat(failure.status())
          .isIn(
              CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
              CUresult.CUDA_ERROR_INVALID_ADDRESS_SPACE, // a gigabyte behind it: an H200's answer
              CUresult.CUDA_ERROR_LAUNCH_FAILED);
      assertThat(failure)
          .hasMessageContaining(
              "overrun, grid 1x1x1, block 1x1x1, 0 shared bytes, for overrun of 1000")
          .hasMessageContaining("cuda:0");
      assertThatExceptionOfType(DriverException.class)
          .isThrownBy(() -> own.allocate(8))
          .withMessageStartingWith("cuMemAlloc: not called, the context was lost")
          .withMessageContaining("overrun")
          .withCause(failure);
    }
    // Closing was quiet.
    assertThat(own.open()).isEmpty();
  }
}
