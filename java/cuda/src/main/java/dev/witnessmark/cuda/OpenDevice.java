package dev.witnessmark.cuda;

import dev.witnessmark.cuda.driver.DriverDevice;
import dev.witnessmark.cuda.driver.DriverUnavailable;
import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.kernels.host.Processor;
import dev.witnessmark.kernels.operation.Device;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A device that was asked for by name and is ready, with what a run record says of it. What cannot
 * run as asked is refused: nothing runs in its place.
 *
 * @param device runs operations
 * @param id how results name it: {@code cpu}, {@code cuda:0}, {@code emulated}
 * @param kind what it is: {@code cpu}, {@code cuda} or {@code emulated}
 * @param product its maker's name for it
 * @param uuid the very card, or null
 * @param driver version of its driver, or null
 * @param <M> its memory
 */
public record OpenDevice<M>(
    Device<M> device,
    String id,
    String kind,
    String product,
    @Nullable String uuid,
    @Nullable String driver)
    implements AutoCloseable {

  private static final String CPU = "cpu";
  private static final String EMULATED = "emulated";
  private static final Pattern CUDA = Pattern.compile("cuda(?::(\\d{1,4}))?");

  /** Whether {@link #open} knows devices of this name. */
  public static boolean isName(String name) {
    return name.equals(CPU) || name.equals(EMULATED) || CUDA.matcher(name).matches();
  }

  /**
   * Opens a device by its name: {@code cpu}, {@code cuda}, {@code cuda:N} or {@code emulated}.
   *
   * @param emulation folder with the emulated device's driver and kernels
   * @throws DriverUnavailable if it cannot run, with the reason
   * @throws IllegalArgumentException if {@link #isName} is false
   */
  public static OpenDevice<?> open(String name, Path emulation) throws DriverUnavailable {
    if (name.equals(CPU)) {
      return new OpenDevice<>(HostDevice.best(), CPU, CPU, Processor.name(), null, null);
    }
    if (name.equals(EMULATED)) {
      if (!Files.isDirectory(emulation)) {
        throw new DriverUnavailable(
            emulation + " is not there; it is built where a C and a C++ compiler are installed");
      }
      return of(CudaDevice.emulated(emulation), EMULATED, EMULATED);
    }
    Matcher cuda = CUDA.matcher(name);
    if (!cuda.matches()) {
      throw new IllegalArgumentException(name + " names no kind of device");
    }
    int ordinal = cuda.group(1) == null ? 0 : Integer.parseInt(cuda.group(1));
    return of(CudaDevice.installed(ordinal), "cuda:" + ordinal, "cuda");
  }

  private static OpenDevice<?> of(CudaDevice device, String id, String kind) {
    DriverDevice driver = device.driverDevice();
    return new OpenDevice<>(
        device, id, kind, driver.name(), driver.uuid(), driver.library().version().toString());
  }

  /** The device as one that can run kernels of the user's own; empty on a CPU. */
  public Optional<CudaDevice> cuda() {
    return device instanceof CudaDevice cuda ? Optional.of(cuda) : Optional.empty();
  }

  @Override
  public void close() {
    device.close();
  }
}
