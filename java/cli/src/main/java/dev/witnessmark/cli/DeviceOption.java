package dev.witnessmark.cli;

import dev.witnessmark.bench.DeviceIdentity;
import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.verdict.CouldNotCompare;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where operations run. What cannot run as asked is refused: nothing runs in its place. */
final class DeviceOption {

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "cpu",
      description = "Where kernels run: cpu; default ${DEFAULT-VALUE}.")
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  String device;

  /**
   * A device that is ready, with what a result says of it.
   *
   * @param device runs operations
   * @param id how results name it
   * @param identity which device it is
   * @param driver version of its driver, or null
   * @param datasheetCopyRate bytes per second that its maker states, or null
   * @param size extents worth measuring on it
   * @param <M> its memory
   */
  record Opened<M>(
      Device<M> device,
      String id,
      DeviceIdentity identity,
      @Nullable String driver,
      @Nullable Double datasheetCopyRate,
      BenchCommand.Size size)
      implements AutoCloseable {

    @Override
    public void close() {
      device.close();
    }
  }

  /**
   * Opens the device that was asked for.
   *
   * @throws CouldNotCompare if it cannot run
   */
  Opened<?> open() throws CouldNotCompare {
    if (!device.equals("cpu")) {
      throw new CouldNotCompare(
          "device %s was asked for, and this version computes on the CPU only; use --device cpu"
              .formatted(device));
    }
    return new Opened<>(
        HostDevice.scalar(),
        "cpu",
        new DeviceIdentity("cpu", Processor.name(), null),
        null,
        null,
        BenchCommand.Size.MEDIUM);
  }
}
