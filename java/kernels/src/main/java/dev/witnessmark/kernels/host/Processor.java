package dev.witnessmark.kernels.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The processor that this program runs on. */
public final class Processor {

  private static final Path LINUX = Path.of("/proc/cpuinfo");
  private static final String MODEL = "model name";

  private Processor() {}

  /** Its model as the system names it, or else its architecture. */
  public static String name() {
    try {
      return Files.readAllLines(LINUX).stream()
          .filter(line -> line.startsWith(MODEL))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    } catch (IOException unknown) {
      return System.getProperty("os.arch");
    }
  }
}
