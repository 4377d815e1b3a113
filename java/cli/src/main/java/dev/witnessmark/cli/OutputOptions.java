package dev.witnessmark.cli;

import dev.witnessmark.verdict.CouldNotCompare;
import dev.witnessmark.verdict.ExitCode;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options on what is written and how the exit code counts; the same for every command. */
final class OutputOptions {

  @Option(names = "--json", description = "Write JSON for machines instead of text.")
  boolean json;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Write the result to FILE (whole or not at all) instead of standard output.")
  @Nullable Path out;

  @Option(names = "--quiet", description = "No progress line.")
  boolean quiet;

  @Option(
      names = "--exit-zero",
      description = "Exit 0 where the verdict would exit 1; every other exit code stays.")
  boolean exitZero;

  /** What is said if standard output is full or closed. */
  static final String STANDARD_OUTPUT =
      "standard output could not be written; the result is not whole";

  /**
   * Says before any work is done that a result could not be written.
   *
   * @throws CouldNotCompare if {@code --out} cannot become a file
   */
  void check() throws CouldNotCompare {
    if (out != null) {
      new OutputFile("--out", out).check();
    }
  }

  /** Whether {@code --out} is this file, which need not exist. */
  boolean isOut(@Nullable Path file) throws IOException {
    if (out == null || file == null) {
      return false;
    }
    boolean both = Files.exists(out) && Files.exists(file);
    return both
        ? Files.isSameFile(out, file)
        : out.toAbsolutePath().normalize().equals(file.toAbsolutePath().normalize());
  }

  /**
   * Says that {@code --out} would replace what is read.
   *
   * @param inputs files, and folders whose files may all be read
   * @throws CouldNotCompare if {@code --out} is one of them or a file in one of them
   */
  void spare(Iterable<Path> inputs) throws IOException {
    if (out != null) {
      new OutputFile("--out", out).spare(inputs);
    }
  }

  /** Writes to standard output, or to {@code --out}, whole or not at all. */
  void write(OutputFile.Writer writer) throws IOException {
    if (out != null) {
      new OutputFile("--out", out).write(writer);
    } else {
      standard(writer);
    }
  }

  /**
   * Writes to standard output.
   *
   * @throws CouldNotCompare if that is full or closed
   */
  static void standard(OutputFile.Writer writer) throws IOException {
    PrintStream standard = standardOutput();
    writer.write(standard);
    if (standard.checkError()) {
      throw new CouldNotCompare(STANDARD_OUTPUT);
    }
  }

  /** Standard output in UTF-8, whatever the locale. */
  private static PrintStream standardOutput() {
    return new PrintStream(
        new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16),
        false,
        StandardCharsets.UTF_8);
  }

  int exitCode(ExitCode exit) {
    return exitZero && exit == ExitCode.DIFFERS ? ExitCode.SAME.code() : exit.code();
  }
}
