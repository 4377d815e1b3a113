package dev.witnessmark.cuda;

import dev.witnessmark.cuda.driver.DriverUnavailable;
import java.nio.file.Path;
import java.util.Objects;

/** The device that the tests run on, by {@code witnessmark.cuda.library}. */
final class TestCudaDevice {

  private static final String LIBRARY =
      Objects.requireNonNull(System.getProperty("witnessmark.cuda.library"));

  private TestCudaDevice() {}

  static boolean isEmulated() {
    return !"installed".equals(LIBRARY);
  }

  /** Where the emulated device and its kernels are. */
  static Path folder() {
    return Path.of(LIBRARY).resolveSibling("");
  }

  static CudaDevice open() {
    try {
      return isEmulated() ? CudaDevice.emulated(folder()) : CudaDevice.installed(0);
    } catch (DriverUnavailable unavailable) {
      throw new AssertionError(unavailable);
    }
  }
}
