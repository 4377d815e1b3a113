package dev.witnessmark.cli;

import dev.witnessmark.bench.measure.KernelTrials;
import dev.witnessmark.cuda.OpenDevice;
import dev.witnessmark.cuda.driver.DeviceMemory;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.verdict.CouldNotCompare;
import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * A kernel of the user's own.
 *
 * @param image the kernel
 * @param of the kernel that it stands in for
 */
record OwnKernel(KernelImage image, String of) {

  private static final Pattern FORM = Pattern.compile("(.+):([^:=]+)(?:=([^:=]+))?");

  /** Parses {@code FILE:NAME[=OURS]}. */
  static OwnKernel parse(String text, CommandLine command) {
    Matcher parts = FORM.matcher(text);
    if (!parts.matches()) {
      throw new ParameterException(command, "--kernel " + text + ": is not FILE:NAME[=OURS]");
    }
    String of = parts.group(3) == null ? parts.group(2) : parts.group(3);
    if (!KernelTrials.isKernel(of)) {
      throw new ParameterException(
          command,
          "--kernel %s: there is no kernel %s to stand in for; name one, such as matvec_q8_q4_k"
              .formatted(text, of));
    }
    return new OwnKernel(new KernelImage(Path.of(parts.group(1)), parts.group(2)), of);
  }

  /**
   * Reads the image, before anything is measured.
   *
   * @throws CouldNotCompare if the device runs no CUDA kernels or the image is too large
   */
  byte[] read(OpenDevice<?> opened) throws IOException {
    if (opened.cuda().isEmpty()) {
      throw new CouldNotCompare(
          "--kernel needs a device that runs CUDA kernels, not " + opened.id());
    }
    return image.read();
  }

  /** The device with this in place of ours. */
  Device<DeviceMemory> on(OpenDevice<?> opened, byte[] read) {
    return opened.cuda().orElseThrow().withOwn(of, read, image.name());
  }
}
