package dev.witnessmark.fingerprint.bgz7;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.FileByteSource;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An index file, opened: its records are known, their fingerprints are not read.
 *
 * @param source the file; closed with this
 * @param declared number of records that its header promises
 * @param records those that are there, in file order
 * @param trailingBytes bytes behind the last promised record
 * @param cutOff what is wrong with the record in which the file ends; null unless it was read
 *     leniently and does
 */
public record Bgz7Index(
    ByteSource source,
    long declared,
    List<Bgz7Record> records,
    long trailingBytes,
    @Nullable String cutOff)
    implements AutoCloseable {

  /** What to do with a file that ends inside a record. */
  public enum Reading {
    /** Refuse it. */
    STRICT,
    /** Take the records before. */
    LENIENT
  }

  /** Bytes before the first record. */
  static final int HEADER_BYTES = 2 * Integer.BYTES;

  private static final byte[] MAGIC = {'B', 'G', 'Z', '7'};

  /** The bytes that index files begin with. */
  static byte[] magic() {
    return MAGIC.clone();
  }

  public Bgz7Index {
    records = List.copyOf(records);
  }

  /** Whether {@code path} is a file that begins as index files do. */
  public static boolean begins(Path path) throws IOException {
    if (!Files.isRegularFile(path)) {
      return false;
    }
    try (ByteSource file = FileByteSource.open(path)) {
      return begins(file);
    }
  }

  private static boolean begins(ByteSource file) throws IOException {
    if (file.size() < MAGIC.length) {
      return false;
    }
    byte[] begin = new byte[MAGIC.length];
    file.read(0, MemorySegment.ofArray(begin));
    return Arrays.equals(begin, MAGIC);
  }

  /**
   * Opens an index file.
   *
   * @throws Refusal if it is none, or damaged; where it ends inside a record, only if {@code
   *     reading} is strict
   * @throws IOException if the operating system reports a failure
   */
  public static Bgz7Index open(Path path, Reading reading, Limits limits) throws IOException {
    ByteSource source = FileByteSource.open(path);
    try {
      return read(source, reading, limits);
    } catch (IOException | RuntimeException failure) {
      source.close();
      throw failure;
    }
  }

  /** As {@link #open}, of an open file, which this takes over if it is not refused. */
  static Bgz7Index read(ByteSource source, Reading reading, Limits limits) throws IOException {
    if (!begins(source)) {
      throw new Refusal.UnknownFormat(
          source.name(), "is no index file: it does not begin with BGZ7");
    }
    if (source.size() < HEADER_BYTES) {
      throw new Refusal.Truncated(
          source.name(),
          "header",
          0,
          HEADER_BYTES,
          source.size(),
          "the download may be incomplete");
    }
    byte[] header = new byte[HEADER_BYTES];
    source.read(0, MemorySegment.ofArray(header));
    long declared =
        Integer.toUnsignedLong(
            ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).getInt(MAGIC.length));
    return new RecordReader(source, limits).read(declared, reading);
  }

  /**
   * What was accepted but should be seen: records that are missing or repeated, bytes left over.
   */
  public List<String> notices() {
    return Stream.of(shortage(), surplus(), repetition()).flatMap(Optional::stream).toList();
  }

  /** Whether records are missing that were cut off, not merely counted by mistake. */
  public boolean truncated() {
    return cutOff != null;
  }

  private Optional<String> shortage() {
    if (records.size() >= declared) {
      return Optional.empty();
    }
    String why =
        cutOff == null
            ? "some writers count tensors that they then leave out"
            : "it ends inside a record: " + cutOff;
    return Optional.of(
        "%s declares %d records and holds %d; %s"
            .formatted(source.name(), declared, records.size(), why));
  }

  private Optional<String> surplus() {
    return trailingBytes == 0
        ? Optional.empty()
        : Optional.of(
            "%s declares %d records; %d bytes after them are not read"
                .formatted(source.name(), declared, trailingBytes));
  }

  private Optional<String> repetition() {
    Set<String> seen = new HashSet<>();
    long repeated = 0;
    String first = "";
    for (Bgz7Record record : records) {
      if (!seen.add(record.name())) {
        first = repeated == 0 ? record.name() : first;
        repeated++;
      }
    }
    return repeated == 0
        ? Optional.empty()
        : Optional.of(
            "%s has %d records under names that came before, the first one %s; the last of a name counts"
                .formatted(source.name(), repeated, first));
  }

  @Override
  public void close() throws IOException {
    source.close();
  }
}
