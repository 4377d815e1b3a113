package dev.witnessmark.cli;

import dev.witnessmark.bench.measure.KernelTrials;
import dev.witnessmark.cuda.OpenDevice;
import dev.witnessmark.cuda.driver.DeviceMemory;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.verdict.CouldNotCompare;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * A kernel of the user's own.
 *
 * @param file the image that holds it
 * @param name its name there
 * @param of the kernel that it stands in for
 */
record OwnKernel(Path file, String name, String of) {

  private static final Pattern FORM = Pattern.compile("(.+):([^:=]+)(?:=([^:=]+))?");

  /** No image of kernels is larger. */
  private static final long MOST_BYTES = 256L << 20;

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
    return new OwnKernel(Path.of(parts.group(1)), parts.group(2), of);
  }

  /**
   * Reads the image, before anything is measured.
   *
   * @throws CouldNotCompare if the device runs no CUDA kernels or the image is too large
   */
  byte[] image(OpenDevice<?> opened) throws IOException {
    if (opened.cuda().isEmpty()) {
      throw new CouldNotCompare(
          "--kernel needs a device that runs CUDA kernels, not " + opened.id());
    }
    long size = Files.size(file);
    if (size > MOST_BYTES) {
      throw new CouldNotCompare(
          "%s has %,d bytes; an image of kernels has at most %,d"
              .formatted(file, size, MOST_BYTES));
    }
    return Files.readAllBytes(file);
  }

  /** The device with this in place of ours. */
  Device<DeviceMemory> on(OpenDevice<?> opened, byte[] image) {
    return opened.cuda().orElseThrow().withOwn(of, image, name);
  }
}
