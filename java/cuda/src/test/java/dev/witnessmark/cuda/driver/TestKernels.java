package dev.witnessmark.cuda.driver;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The kernels of {@code src/test/cuda}, compiled. */
public final class TestKernels {

  private TestKernels() {}

  /** What nvcc made, or without nvcc the host code that the emulated device runs. */
  public static byte[] image() {
    try (InputStream fatbin = TestKernels.class.getResourceAsStream("/kernels/driver.fatbin")) {
      return fatbin == null
          ? Files.readAllBytes(Path.of(System.getProperty("witnessmark.cuda.testKernels")))
          : fatbin.readAllBytes();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
