package dev.witnessmark.fingerprint.bgz7;

import dev.witnessmark.fingerprint.Fingerprint;
import dev.witnessmark.fingerprint.LayerType;
import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.Utf8;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Walks from record to record through a small window: fingerprints are stepped over, and many small
 * records are read at once. Every length is held against what is left of the file before anything
 * is allocated from it.
 */
final class RecordReader {

  private static final int WINDOW = 8 << 10;

  private static final String REMEDY =
      "the download may be incomplete; what comes before can be read leniently";

  private final ByteSource source;
  private final Limits limits;
  private final byte[] window;
  private final ByteBuffer numbers;
  private long windowStart;
  private long windowEnd;
  private long position = Bgz7Index.HEADER_BYTES;

  RecordReader(ByteSource source, Limits limits) {
    this.source = source;
    this.limits = limits;
    this.window = new byte[(int) Math.min(WINDOW, source.size())];
    this.numbers = ByteBuffer.wrap(window).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The records up to the promised number or the end of the file. */
  Bgz7Index read(long declared, Bgz7Index.Reading reading) throws IOException {
    List<Bgz7Record> records = new ArrayList<>();
    while (records.size() < declared && left() > 0) {
      if (records.size() >= limits.tensors()) {
        throw new Refusal.LimitExceeded(
            source.name(),
            subject(records.size()),
            position,
            "the number of records",
            declared,
            limits.tensors());
      }
      try {
        records.add(record(subject(records.size())));
      } catch (Refusal.Truncated end) {
        // What the file itself lacks, not what it lost while it was being read.
        if (reading == Bgz7Index.Reading.STRICT || end.subject().equals("file")) {
          throw end;
        }
        return new Bgz7Index(
            source, declared, records, 0, subject(records.size()) + ": " + end.detail());
      }
    }
    return new Bgz7Index(source, declared, records, left(), null);
  }

  private static String subject(int record) {
    return "record " + record;
  }

  private long left() {
    return source.size() - position;
  }

  private Bgz7Record record(String subject) throws IOException {
    long start = position;
    long nameBytes = u32(subject);
    if (nameBytes > limits.nameBytes()) {
      throw new Refusal.LimitExceeded(
          source.name(),
          subject,
          start,
          "the name's length in bytes",
          nameBytes,
          limits.nameBytes());
    }
    String name = name(subject, (int) nameBytes);
    LayerType type = LayerType.ofCode(window[take(subject, 1)] & 0xFF);
    long rows = u32(subject);
    long columns = u32(subject);
    long bytes = rows * Fingerprint.BYTES;
    if (bytes > left()) {
      throw new Refusal.Truncated(source.name(), subject, position, bytes, left(), REMEDY);
    }
    long at = position;
    position += bytes;
    return new Bgz7Record(source, at, name, type, rows, columns);
  }

  private String name(String subject, int length) throws IOException {
    long at = position;
    byte[] bytes;
    if (length <= window.length) {
      int from = take(subject, length);
      bytes = Arrays.copyOfRange(window, from, from + length);
    } else {
      require(subject, length);
      bytes = new byte[length];
      source.read(position, MemorySegment.ofArray(bytes));
      position += length;
    }
    if (!Utf8.wellFormed(bytes)) {
      throw new Refusal.Malformed(source.name(), subject, at, "its name is not UTF-8");
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private long u32(String subject) throws IOException {
    return Integer.toUnsignedLong(numbers.getInt(take(subject, Integer.BYTES)));
  }

  private void require(String subject, int bytes) throws Refusal {
    if (bytes > left()) {
      throw new Refusal.Truncated(source.name(), subject, position, bytes, left(), REMEDY);
    }
  }

  /** Moves past {@code bytes} bytes, which the window holds then; where it has them. */
  private int take(String subject, int bytes) throws IOException {
    require(subject, bytes);
    if (position < windowStart || position + bytes > windowEnd) {
      int length = (int) Math.min(window.length, left());
      windowEnd = windowStart; // nothing, should the read fail
      source.read(position, MemorySegment.ofArray(window).asSlice(0, length));
      windowStart = position;
      windowEnd = position + length;
    }
    int at = (int) (position - windowStart);
    position += bytes;
    return at;
  }
}
