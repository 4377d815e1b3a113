package dev.witnessmark.cli;

import dev.witnessmark.verdict.CouldNotCompare;
import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A file that a result goes to, whole or not at all.
 *
 * @param option the option that named it
 * @param path where
 */
record OutputFile(String option, Path path) {

  /** What prints a result. */
  interface Writer {
    void write(PrintStream out) throws IOException;
  }

  /**
   * Says before any work is done that a result could not be written.
   *
   * @throws CouldNotCompare if it cannot become a file
   */
  void check() throws CouldNotCompare {
    Path target = path.toAbsolutePath();
    Path folder = target.getParent();
    if (folder == null || Files.isDirectory(target)) {
      throw new CouldNotCompare(this + ": is a folder; name a file");
    }
    if (Files.exists(target) && !Files.isRegularFile(target)) {
      // A result takes its target's place, and nothing should take a device's or a pipe's.
      throw new CouldNotCompare(this + ": is no regular file; name one, or use standard output");
    }
    if (!Files.isDirectory(folder)) {
      throw new CouldNotCompare(this + ": there is no folder " + folder);
    }
    if (!Files.isWritable(folder)) {
      throw new CouldNotCompare(this + ": the folder " + folder + " cannot be written");
    }
  }

  /**
   * Says that it would replace what is read.
   *
   * @param inputs files, and folders whose files may all be read
   * @throws CouldNotCompare if it is one of them or a file in one of them
   */
  void spare(Iterable<Path> inputs) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    Path target = path.toRealPath();
    for (Path input : inputs) {
      if (Files.exists(input)
          && (target.equals(input.toRealPath())
              || (Files.isDirectory(input) && input.toRealPath().equals(target.getParent())))) {
        throw new CouldNotCompare(
            this + ": would replace a file of the input " + input + "; name another");
      }
    }
  }

  /**
   * What makes a file at a path.
   *
   * @param <R> what else comes of it
   */
  interface Maker<R extends @Nullable Object> {
    R make(Path file) throws IOException;
  }

  /** Writes beside it under a temporary name that is synced and then renamed. */
  void write(Writer writer) throws IOException {
    make(temporary -> {
      try (PrintStream stream =
          new PrintStream(
              new BufferedOutputStream(new FileOutputStream(temporary.toFile())),
              false,
              StandardCharsets.UTF_8)) {
        writer.write(stream);
        if (stream.checkError()) {
          throw new CouldNotCompare(this + ": could not be written; is the disk full?");
        }
        return null;
      }
    });
  }

  /** Has it made beside it under a temporary name that is synced and then renamed. */
  <R extends @Nullable Object> R make(Maker<R> maker) throws IOException {
    Path target = path.toAbsolutePath();
    Path temporary =
        target.resolveSibling(".wmark-" + ProcessHandle.current().pid() + option + ".part");
    // Also if the user stops the program meanwhile.
    temporary.toFile().deleteOnExit();
    try {
      R made = maker.make(temporary);
      try (FileChannel file = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        file.force(true);
      }
      Files.move(
          temporary, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
      return made;
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  @Override
  public String toString() {
    return option + " " + path;
  }
}
