package dev.witnessmark.verdict;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What lets interrupted work continue: one JSON line that identifies inputs and options, then one
 * line for everything that was finished, each written at once. A last line that was cut by the
 * interruption is dropped; a journal of other inputs is refused.
 *
 * @param <E> what is said of something finished: a record that refuses what is not whole
 */
public final class Journal<E> implements AutoCloseable {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** The journal belongs to other work. */
  public static final class Mismatch extends IOException {
    private Mismatch(String message) {
      super(message);
    }
  }

  private final Path path;
  private final FileChannel channel;
  private final List<E> finished;

  private Journal(Path path, FileChannel channel, List<E> finished) {
    this.path = path;
    this.channel = channel;
    this.finished = finished;
  }

  /**
   * Opens a journal, or begins one.
   *
   * @param header a record of what must be equal for results to be reused
   * @throws Mismatch if there is one with another header, or something else
   * @throws CouldNotCompare if it is no regular file
   */
  public static <E> Journal<E> open(Path path, Object header, Class<E> entry) throws IOException {
    String firstLine = JSON.writeValueAsString(header);
    List<E> finished = new ArrayList<>();
    long keep = 0;
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw new CouldNotCompare(path + ": is no regular file, so it cannot be a journal");
    }
    if (Files.exists(path) && Files.size(path) > 0) {
      keep = read(path, firstLine, entry, finished);
    }
    FileChannel channel =
        FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      channel.truncate(keep);
      channel.position(keep);
      Journal<E> journal = new Journal<>(path, channel, finished);
      if (keep == 0) {
        journal.write(firstLine);
      }
      return journal;
    } catch (IOException | RuntimeException failure) {
      channel.close();
      throw failure;
    }
  }

  /** Reads the whole lines of a journal; the number of bytes they take. */
  private static <E> long read(Path path, String header, Class<E> type, List<E> finished)
      throws IOException {
    byte[] expected = (header + "\n").getBytes(StandardCharsets.UTF_8);
    byte[] begin;
    try (InputStream in = Files.newInputStream(path)) {
      begin = in.readNBytes(expected.length);
    }
    if (!Arrays.equals(begin, 0, begin.length, expected, 0, begin.length)) {
      throw new Mismatch(
          path
              + ": it is the journal of another run, an input has changed since, or it is no"
              + " journal; remove it to start again");
    }
    if (begin.length < expected.length) {
      return 0;
    }
    byte[] bytes = Files.readAllBytes(path);
    int start = expected.length;
    for (int i = start; i < bytes.length; i++) {
      if (bytes[i] != '\n') {
        continue;
      }
      String line = new String(bytes, start, i - start, StandardCharsets.UTF_8);
      E entry;
      try {
        entry = JSON.readValue(line, type);
      } catch (JacksonException damaged) {
        entry = null;
      }
      if (entry == null) {
        throw new Mismatch(
            path + ": line at byte " + start + " is no journal line; remove it to start again");
      }
      finished.add(entry);
      start = i + 1;
    }
    return start;
  }

  /** What the interrupted run had finished, in that order. */
  public List<E> finished() {
    return List.copyOf(finished);
  }

  /** Writes down that something is finished. Not for several threads at once. */
  public void append(E entry) throws IOException {
    write(JSON.writeValueAsString(entry));
  }

  private void write(String line) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    try {
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    } catch (IOException failure) {
      // What the operating system says does not name the file.
      throw new IOException(
          path + ": the journal cannot be written: " + failure.getMessage(), failure);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
