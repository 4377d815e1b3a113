package dev.witnessmark.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.witnessmark.cuda.blas.Blas;
import dev.witnessmark.cuda.driver.DriverUnavailable;
import dev.witnessmark.cuda.driver.TestKernels;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A device that is not as it should be is not used, and the message says why. */
@Tag("device")
class SelfCheckTest {

  private static void open(KernelImages images) throws DriverUnavailable {
    CudaDevice.open("tested", TestCudaDevice.driverDevice(), images, Blas::installed).close();
  }

  @Test
  void aBuildWithoutKernels() {
    assertThatExceptionOfType(DriverUnavailable.class)
        .isThrownBy(() -> open(file -> Optional.empty()))
        .withMessageContaining("tested: there is no kernel rms_norm")
        .withMessageContaining("nvcc");
  }

  @Test
  void aDeviceThatComputesWrongly() {
    assertThatExceptionOfType(DriverUnavailable.class)
        .isThrownBy(() -> open(file -> Optional.of(TestKernels.image())))
        .withMessageContaining("tested")
        .withMessageContaining(TestCudaDevice.driverDevice().toString())
        .withMessageContaining("rms_norm 2×4099")
        .withMessageContaining("differs");
  }

  @Test
  void aDriverThatRefusesTheKernels() {
    assertThatExceptionOfType(DriverUnavailable.class)
        .isThrownBy(() -> open(file -> Optional.of(new byte[64])))
        .withMessageContaining("tested failed its self-check")
        .withMessageContaining("CUDA_ERROR_INVALID_IMAGE")
        .withMessageContaining("CUDA 1");
  }

  @Test
  void aGoodOneTakesLessThanASecond() throws DriverUnavailable {
    TestCudaDevice.open().close();
    long start = System.nanoTime();
    TestCudaDevice.open().close();

    // The promise is one second on a machine that does nothing else.
    assertThat((System.nanoTime() - start) / 1e9).isLessThan(10);
  }
}
