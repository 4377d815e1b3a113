package dev.witnessmark.compare;

import dev.witnessmark.format.InputFingerprint;
import dev.witnessmark.verdict.CouldNotCompare;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What lets an interrupted comparison continue: one JSON line that identifies inputs and options,
 * then one line per finished tensor, each written at once. A last line that was cut by the
 * interruption is dropped; a journal of other inputs is refused.
 */
final class DiffJournal implements AutoCloseable {

  private static final String SCHEMA = "wmark-diff-journal-v1";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** What must be equal for results to be reused. */
  record Header(
      String schema,
      String version,
      String a,
      String b,
      String metadataSha256,
      List<InputFingerprint> inputs,
      int top) {}

  /** A finished pair. */
  record Entry(int pair, @Nullable TensorDifference result) {}

  /** The journal belongs to another comparison. */
  static final class Mismatch extends IOException {
    Mismatch(String message) {
      super(message);
    }
  }

  private final Path path;
  private final FileChannel channel;
  private final Map<Integer, TensorDifference> finished;

  private DiffJournal(Path path, FileChannel channel, Map<Integer, TensorDifference> finished) {
    this.path = path;
    this.channel = channel;
    this.finished = finished;
  }

  static DiffJournal open(
      Path path,
      String version,
      String a,
      String b,
      String metadataSha256,
      List<InputFingerprint> inputs,
      int top)
      throws IOException {
    String header =
        JSON.writeValueAsString(new Header(SCHEMA, version, a, b, metadataSha256, inputs, top));
    Map<Integer, TensorDifference> finished = new HashMap<>();
    long keep = 0;
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw new CouldNotCompare(path + ": is no regular file, so it cannot be a journal");
    }
    if (Files.exists(path) && Files.size(path) > 0) {
      keep = read(path, header, finished);
    }
    FileChannel channel =
        FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      channel.truncate(keep);
      channel.position(keep);
      DiffJournal journal = new DiffJournal(path, channel, finished);
      if (keep == 0) {
        journal.write(header);
      }
      return journal;
    } catch (IOException | RuntimeException failure) {
      channel.close();
      throw failure;
    }
  }

  /** Reads the whole lines of a journal; the number of bytes they take. */
  private static long read(Path path, String header, Map<Integer, TensorDifference> finished)
      throws IOException {
    byte[] expected = (header + "\n").getBytes(StandardCharsets.UTF_8);
    byte[] begin;
    try (InputStream in = Files.newInputStream(path)) {
      begin = in.readNBytes(expected.length);
    }
    if (!Arrays.equals(begin, 0, begin.length, expected, 0, begin.length)) {
      throw new Mismatch(
          path
              + ": it is the journal of another comparison, an input has changed since, or it is no"
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
      Entry entry;
      try {
        entry = JSON.readValue(line, Entry.class);
      } catch (JacksonException damaged) {
        entry = null;
      }
      if (entry == null || entry.result() == null) {
        throw new Mismatch(
            path + ": line at byte " + start + " is no journal line; remove it to start again");
      }
      finished.put(entry.pair(), entry.result());
      start = i + 1;
    }
    return start;
  }

  /** Results of the interrupted run, by pair. */
  Map<Integer, TensorDifference> finished() {
    return Map.copyOf(finished);
  }

  void append(int pair, TensorDifference result) throws IOException {
    write(JSON.writeValueAsString(new Entry(pair, result)));
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
