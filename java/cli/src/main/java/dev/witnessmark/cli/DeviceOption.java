package dev.witnessmark.cli;

import dev.witnessmark.cuda.OpenDevice;
import dev.witnessmark.cuda.driver.DriverUnavailable;
import dev.witnessmark.verdict.CouldNotCompare;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where operations run. */
final class DeviceOption {

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  CommandSpec command;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "cpu",
      description =
          "Where kernels run: cpu, cuda, cuda:N, or emulated (the CUDA kernels on this processor,"
              + " for tests); default ${DEFAULT-VALUE}.")
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  String device;

  /** Whether it is the processor that was asked for. */
  boolean isCpu() {
    return device.equals("cpu");
  }

  /**
   * Opens the device that was asked for.
   *
   * @throws CouldNotCompare if it cannot run, with the reason
   */
  OpenDevice<?> open() throws CouldNotCompare {
    if (!OpenDevice.isName(device)) {
      throw new ParameterException(
          command.commandLine(), "--device " + device + ": is none of cpu, cuda, cuda:N, emulated");
    }
    try {
      return OpenDevice.open(
          device, Path.of(System.getProperty("witnessmark.home", "."), "emulated"));
    } catch (DriverUnavailable unavailable) {
      throw new CouldNotCompare(
          "device %s was asked for and cannot run: %s; --device cpu runs on the processor"
              .formatted(device, unavailable.getMessage()));
    }
  }
}
