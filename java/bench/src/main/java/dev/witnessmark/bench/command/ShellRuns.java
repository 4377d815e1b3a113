package dev.witnessmark.bench.command;

import dev.witnessmark.verdict.CouldNotCompare;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Runs commands through the shell, one after the other, each to its end. Standard output and error
 * go to files, so that a command never waits for a reader. If the program is stopped, the running
 * command is stopped as well.
 */
final class ShellRuns implements AutoCloseable {

  private static final int TAIL_BYTES = 2000;
  private static final int PATIENCE_SECONDS = 10;

  /** What a shell ends with if its command was stopped by the user. */
  private static final int STOPPED_BY_USER = 130;

  private final Path out;
  private final Path err;
  private final Thread stop = new Thread(this::stop, "stop the running command");
  private @Nullable Process running;
  private boolean stopped;

  ShellRuns() throws IOException {
    out = temporary();
    err = temporary();
    Runtime.getRuntime().addShutdownHook(stop);
  }

  private static Path temporary() throws IOException {
    Path file = Files.createTempFile("wmark-guard", ".txt");
    // Also if the user stops the program meanwhile.
    file.toFile().deleteOnExit();
    return file;
  }

  /**
   * Runs {@code command} and returns its wall time in nanoseconds, from starting the shell to
   * noticing its end. What it wrote is in {@link #output} until the next run.
   *
   * @throws CouldNotCompare if it fails; the message ends with the last lines that it wrote
   * @throws Interrupted if the user stopped it
   */
  double run(String command) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder("sh", "-c", command)
            .redirectInput(new File("/dev/null"))
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    long began = System.nanoTime();
    Process process = start(builder);
    int code;
    try {
      code = process.waitFor();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new Interrupted();
    }
    long took = System.nanoTime() - began;
    if (stopped() || code == STOPPED_BY_USER) {
      throw new Interrupted();
    }
    if (code != 0) {
      throw new CouldNotCompare(
          "%s: failed with exit code %d; it wrote: %s"
              .formatted(command, code, tail().lines().collect(Collectors.joining(" | "))));
    }
    return took;
  }

  /** Nothing is started once the program is being stopped, and what is started can be stopped. */
  private synchronized Process start(ProcessBuilder builder) throws IOException {
    if (stopped) {
      throw new Interrupted();
    }
    running = builder.start();
    return running;
  }

  private synchronized boolean stopped() {
    return stopped;
  }

  /** Standard output of the last run. */
  Path output() {
    return out;
  }

  /** The end of what the last run wrote to standard error, or to standard output if nothing. */
  private String tail() throws IOException {
    String errors = tail(err);
    return errors.isBlank() ? tail(out) : errors;
  }

  private static String tail(Path file) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "r")) {
      byte[] end = new byte[(int) Math.min(TAIL_BYTES, bytes.length())];
      bytes.seek(bytes.length() - end.length);
      bytes.readFully(end);
      return new String(end, StandardCharsets.UTF_8).strip();
    }
  }

  private synchronized void stop() {
    stopped = true;
    Process process = running;
    if (process == null) {
      return;
    }
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    if (!stopped()) {
      Runtime.getRuntime().removeShutdownHook(stop);
    }
    Files.deleteIfExists(out);
    Files.deleteIfExists(err);
  }
}
