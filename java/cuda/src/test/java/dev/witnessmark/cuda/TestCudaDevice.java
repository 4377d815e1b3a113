package dev.witnessmark.cuda;

import dev.witnessmark.cuda.driver.Context;
import dev.witnessmark.cuda.driver.DriverDevice;
import dev.witnessmark.cuda.driver.DriverLibrary;
import dev.witnessmark.cuda.driver.DriverUnavailable;
import java.nio.file.Path;
import java.util.Objects;

/** The device that the tests run on, by {@code witnessmark.cuda.library}. */
public final class TestCudaDevice {

  private static final String LIBRARY =
      Objects.requireNonNull(System.getProperty("witnessmark.cuda.library"));

  private TestCudaDevice() {}

  public static boolean isEmulated() {
    return !"installed".equals(LIBRARY);
  }

  /** Where the emulated device and its kernels are. */
  public static Path folder() {
    return Path.of(LIBRARY).resolveSibling("");
  }

  /** A device that passed its self-check. */
  static CudaDevice open() {
    try {
      return isEmulated() ? CudaDevice.emulated(folder()) : CudaDevice.installed(0);
    } catch (DriverUnavailable unavailable) {
      throw new AssertionError(unavailable);
    }
  }

  /** A context alone. */
  public static Context context() {
    return Context.open(driverDevice());
  }

  static DriverDevice driverDevice() {
    try {
      DriverLibrary library =
          isEmulated() ? DriverLibrary.at(Path.of(LIBRARY)) : DriverLibrary.installed();
      return library.device(0);
    } catch (DriverUnavailable unavailable) {
      throw new AssertionError(unavailable);
    }
  }
}
