package dev.witnessmark.format.gguf;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.Utf8;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Reads the header from its first to its last byte through a small window, whatever the header's
 * size. Nothing is read or allocated before {@link #require} has compared its length with what is
 * left of the file and of {@link Limits#headerBytes()}.
 */
final class GgufCursor {

  private static final int WINDOW = 64 << 10;

  /** What an array can hold, whatever the limits say. */
  private static final int LONGEST_TEXT = Integer.MAX_VALUE - 16;

  private final ByteSource source;
  private final Limits limits;
  private final MemorySegment window;
  private ValueLayout.OfShort shorts = ValueLayout.JAVA_SHORT_UNALIGNED;
  private ValueLayout.OfInt ints = ValueLayout.JAVA_INT_UNALIGNED;
  private ValueLayout.OfLong longs = ValueLayout.JAVA_LONG_UNALIGNED;
  private long windowStart;
  private long windowEnd;
  private long position;

  GgufCursor(ByteSource source, Limits limits) {
    this.source = source;
    this.limits = limits;
    this.window = MemorySegment.ofArray(new byte[(int) Math.min(WINDOW, source.size())]);
    order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Numbers from here on are in {@code order}. */
  void order(ByteOrder order) {
    shorts = shorts.withOrder(order);
    ints = ints.withOrder(order);
    longs = longs.withOrder(order);
  }

  /** Offset of the next byte. */
  long position() {
    return position;
  }

  /** Bytes left of the file. */
  long left() {
    return source.size() - position;
  }

  /**
   * Checks that {@code bytes} more bytes are there.
   *
   * @param subject what needs them
   * @param bytes a 64-bit unsigned number
   */
  void require(String subject, long bytes) throws Refusal {
    if (bytes < 0 || bytes > left()) {
      throw new Refusal.Truncated(
          source.name(), subject, position, bytes, left(), "the download may be incomplete");
    }
    if (bytes > limits.headerBytes() - position) {
      throw new Refusal.LimitExceeded(
          source.name(),
          subject,
          position,
          "the header up to here",
          position + bytes,
          limits.headerBytes());
    }
  }

  /** Checks that {@code count} (not negative) more things of {@code each} bytes are there. */
  void require(String subject, long count, int each) throws Refusal {
    require(subject, count > Long.MAX_VALUE / each ? Long.MAX_VALUE : count * each);
  }

  int u8(String subject) throws IOException {
    return window.get(ValueLayout.JAVA_BYTE, take(subject, 1)) & 0xFF;
  }

  short i16(String subject) throws IOException {
    return window.get(shorts, take(subject, 2));
  }

  int i32(String subject) throws IOException {
    return window.get(ints, take(subject, 4));
  }

  long i64(String subject) throws IOException {
    return window.get(longs, take(subject, 8));
  }

  /** Moves past {@code bytes} bytes (unsigned) without looking at them. */
  void skip(String subject, long bytes) throws Refusal {
    require(subject, bytes);
    position += bytes;
  }

  /**
   * A text of u64 length and that many bytes of UTF-8.
   *
   * @param mostBytes the limit for its length
   */
  String text(String subject, long mostBytes) throws IOException {
    byte[] bytes = bytes(subject, mostBytes);
    if (!Utf8.wellFormed(bytes)) {
      throw new Refusal.Malformed(
          source.name(), subject, position - bytes.length, "the text is not UTF-8");
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** As {@link #text}, with what is not UTF-8 replaced by U+FFFD. */
  String lenientText(String subject, long mostBytes) throws IOException {
    return new String(bytes(subject, mostBytes), StandardCharsets.UTF_8);
  }

  /** Moves past a text, checking its length only. */
  void skipText(String subject, long mostBytes) throws IOException {
    skip(subject, textLength(subject, mostBytes));
  }

  private byte[] bytes(String subject, long mostBytes) throws IOException {
    byte[] bytes = new byte[(int) textLength(subject, Math.min(mostBytes, LONGEST_TEXT))];
    if (bytes.length <= window.byteSize()) {
      long at = take(subject, bytes.length);
      MemorySegment.copy(window, ValueLayout.JAVA_BYTE, at, bytes, 0, bytes.length);
    } else {
      source.read(position, MemorySegment.ofArray(bytes));
      position += bytes.length;
    }
    return bytes;
  }

  private long textLength(String subject, long mostBytes) throws IOException {
    long at = position;
    long length = i64(subject);
    require(subject, length);
    if (length > mostBytes) {
      throw new Refusal.LimitExceeded(
          source.name(), subject, at, "the text's length in bytes", length, mostBytes);
    }
    return length;
  }

  /**
   * Makes {@code bytes} bytes available, moves past them, and returns where the window has them.
   */
  private long take(String subject, int bytes) throws IOException {
    require(subject, bytes);
    if (position < windowStart || position + bytes > windowEnd) {
      long length = Math.min(window.byteSize(), left());
      windowEnd = windowStart; // nothing, should the read fail
      source.read(position, window.asSlice(0, length));
      windowStart = position;
      windowEnd = position + length;
    }
    long at = position - windowStart;
    position += bytes;
    return at;
  }
}
