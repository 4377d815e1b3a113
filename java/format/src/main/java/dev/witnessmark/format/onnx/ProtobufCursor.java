package dev.witnessmark.format.onnx;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Name;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.Utf8;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/**
 * Walks the fields of protobuf messages in a file of any size.
 *
 * <p>{@link CodedInputStream} counts in {@code int} and wants to own a stream; here it only decodes
 * tags and varints from a window of {@value #WINDOW_BYTES} bytes, while the position has 64 bits
 * and payloads are passed by moving it. Every length is checked against the end of the message
 * around it, the outermost message ending where the range ends.
 */
final class ProtobufCursor {

  /** Handles one field of a message, consuming its value by one call on the cursor. */
  @FunctionalInterface
  interface FieldReader {
    void read(int field) throws IOException;
  }

  /** Takes one integer of a field of repeated integers. */
  @FunctionalInterface
  interface IntegerReader {
    void read(long value) throws IOException;
  }

  /** Where the value of a length-delimited field is. */
  record Span(long offset, long bytes) {}

  private static final int WINDOW_BYTES = 1 << 14;
  private static final int LONGEST_VARINT = 10;

  /** A tensor in a graph takes five levels, each graph inside a node three more. */
  private static final int DEEPEST_MESSAGE = 32;

  private final ByteSource source;
  private final HeaderBudget budget;
  private final long rangeEnd;

  private final byte[] window = new byte[WINDOW_BYTES];
  private long windowStart;
  private int windowBytes;
  private CodedInputStream input;

  private String message;
  private long messageEnd;
  private int depth;
  private long seenFields;
  private int field;
  private int wireType;
  private long fieldStart;
  private long chargedTo;

  /** A cursor over {@code bytes} from {@code offset}, which lie inside {@code source}. */
  ProtobufCursor(ByteSource source, long offset, long bytes, String message, HeaderBudget budget) {
    this.source = source;
    this.budget = budget;
    this.rangeEnd = offset + bytes;
    this.windowStart = offset;
    this.input = CodedInputStream.newInstance(window, 0, 0);
    this.message = message;
    this.messageEnd = rangeEnd;
    this.chargedTo = offset;
  }

  /** Offset in the file of the next byte to be decoded. */
  long position() {
    return windowStart + input.getTotalBytesRead();
  }

  /** True where the innermost message ends. */
  boolean atEnd() {
    return position() == messageEnd;
  }

  /** Reads every field of the innermost message. */
  void fields(FieldReader reader) throws IOException {
    while (!atEnd()) {
      tag();
      reader.read(field);
    }
  }

  /** Reads the current field as a message; {@code name} is its subject in refusals. */
  void message(String name, FieldReader reader) throws IOException {
    long length = length();
    if (depth == DEEPEST_MESSAGE) {
      throw new Refusal.LimitExceeded(
          source.name(), name, fieldStart, "depth of nesting", depth + 1L, DEEPEST_MESSAGE);
    }
    String outerMessage = message;
    long outerEnd = messageEnd;
    long outerSeen = seenFields;
    message = name;
    messageEnd = position() + length;
    seenFields = 0;
    depth++;
    fields(reader);
    depth--;
    message = outerMessage;
    messageEnd = outerEnd;
    seenFields = outerSeen;
  }

  /**
   * Declares that the current field may be present only once in its message. Protobuf would let the
   * last one win, and two readers could see two models in one file.
   */
  void once() throws Refusal.Duplicate {
    long bit = 1L << field;
    if ((seenFields & bit) != 0) {
      throw new Refusal.Duplicate(
          source.name(), subject(), fieldStart, "this field is given a second time");
    }
    seenFields |= bit;
  }

  /** The current field as an integer of 64 bits. */
  long integer() throws IOException {
    expect(WireFormat.WIRETYPE_VARINT);
    return varint();
  }

  /** Gives {@code reader} the current field of repeated integers: one, or a packed run of them. */
  void integers(IntegerReader reader) throws IOException {
    if (wireType == WireFormat.WIRETYPE_VARINT) {
      reader.read(varint());
      return;
    }
    long outerEnd = messageEnd;
    messageEnd = length() + position();
    packedIntegers(reader);
    messageEnd = outerEnd;
  }

  /** Reads all that is left of the innermost message as integers without tags. */
  void packedIntegers(IntegerReader reader) throws IOException {
    while (!atEnd()) {
      charge();
      reader.read(varint());
    }
  }

  /**
   * The current field as UTF-8.
   *
   * @throws Refusal.LimitExceeded if it is longer than {@code limit} bytes
   * @throws Refusal.Malformed if it is not valid UTF-8
   */
  String text(long limit) throws IOException {
    long length = length();
    if (length > limit) {
      throw new Refusal.LimitExceeded(
          source.name(), subject(), fieldStart, "length of a text in bytes", length, limit);
    }
    if (length > Integer.MAX_VALUE - Long.BYTES) {
      throw new Refusal.Unsupported(
          source.name(), subject(), fieldStart, "a text of " + length + " bytes");
    }
    budget.charge(length, message, fieldStart);
    byte[] bytes = new byte[(int) length];
    copy(bytes);
    if (!Utf8.wellFormed(bytes)) {
      throw malformed("the text is not UTF-8");
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** The current field as a name or key, empty or as {@link Name#checkPlain} wants it. */
  String name(Limits limits) throws IOException {
    String name = text(limits.nameBytes());
    if (!name.isEmpty()) {
      Name.checkPlain(source.name(), name, fieldStart, limits);
    }
    return name;
  }

  /** Where the current length-delimited field is; passes it. */
  Span span() throws IOException {
    long length = length();
    Span span = new Span(position(), length);
    pass(length);
    return span;
  }

  /** Passes the current field, whatever its type. */
  void skip() throws IOException {
    switch (wireType) {
      case WireFormat.WIRETYPE_VARINT -> varint();
      case WireFormat.WIRETYPE_FIXED64 -> pass(bounded(Long.BYTES));
      case WireFormat.WIRETYPE_LENGTH_DELIMITED -> pass(length());
      case WireFormat.WIRETYPE_FIXED32 -> pass(bounded(Integer.BYTES));
      default -> throw malformed("wire type %d, which ONNX does not use".formatted(wireType));
    }
  }

  /** What a refusal about the current field is about. */
  String subject() {
    return "%s, field %d".formatted(message, field);
  }

  /** Offset in the file of the current field. */
  long fieldOffset() {
    return fieldStart;
  }

  private void tag() throws IOException {
    charge();
    fieldStart = position();
    long tag = varint();
    field = (int) (tag >>> 3);
    wireType = (int) tag & 7;
    if (tag >>> Integer.SIZE != 0 || field == 0) {
      throw new Refusal.Malformed(
          source.name(), message, fieldStart, "%#x is no field's tag".formatted(tag));
    }
  }

  private void charge() throws Refusal.LimitExceeded {
    long position = position();
    budget.charge(position - chargedTo, message, position);
    chargedTo = position;
  }

  private void expect(int type) throws Refusal.Malformed {
    if (wireType != type) {
      throw malformed("wire type %d, expected %d".formatted(wireType, type));
    }
  }

  /** The length of the current field, which is inside its message. */
  private long length() throws IOException {
    expect(WireFormat.WIRETYPE_LENGTH_DELIMITED);
    long length = varint();
    if (length < 0) {
      throw new Refusal.SizeOverflow(
          source.name(), subject(), fieldStart, "its length is " + Long.toUnsignedString(length));
    }
    return bounded(length);
  }

  private long bounded(long length) throws Refusal.Truncated {
    long left = messageEnd - position();
    if (length > left) {
      throw truncated(length, left);
    }
    return length;
  }

  private long varint() throws IOException {
    long start = position();
    long left = messageEnd - start;
    fill();
    long value;
    try {
      value = input.readRawVarint64();
    } catch (InvalidProtocolBufferException broken) {
      // The window has the longest varint unless the range ends before.
      if (rangeEnd - start >= LONGEST_VARINT) {
        throw malformed("a varint of more than %d bytes".formatted(LONGEST_VARINT));
      }
      throw truncated(left + 1, left);
    }
    if (position() > messageEnd) {
      throw truncated(position() - start, left);
    }
    return value;
  }

  /** Makes the window hold the longest varint, or all that is left of the range. */
  private void fill() throws IOException {
    int decoded = input.getTotalBytesRead();
    long windowEnd = windowStart + windowBytes;
    if (windowBytes - decoded >= LONGEST_VARINT || windowEnd == rangeEnd) {
      return;
    }
    windowStart += decoded;
    windowBytes = (int) Math.min(WINDOW_BYTES, rangeEnd - windowStart);
    source.read(windowStart, MemorySegment.ofArray(window).asSlice(0, windowBytes));
    input = CodedInputStream.newInstance(window, 0, windowBytes);
  }

  private void copy(byte[] target) throws IOException {
    int decoded = input.getTotalBytesRead();
    if (target.length <= windowBytes - decoded) {
      System.arraycopy(window, decoded, target, 0, target.length);
    } else {
      source.read(position(), MemorySegment.ofArray(target));
    }
    pass(target.length);
  }

  /** Moves over {@code bytes}, which lie inside the message, without charging for them. */
  private void pass(long bytes) throws IOException {
    charge();
    int decoded = input.getTotalBytesRead();
    if (bytes <= windowBytes - decoded) {
      input.skipRawBytes((int) bytes);
    } else {
      windowStart += decoded + bytes;
      windowBytes = 0;
      input = CodedInputStream.newInstance(window, 0, 0);
    }
    chargedTo = position();
  }

  private Refusal.Truncated truncated(long needed, long available) {
    return new Refusal.Truncated(
        source.name(), subject(), fieldStart, needed, available, "the download may be incomplete");
  }

  private Refusal.Malformed malformed(String detail) {
    return new Refusal.Malformed(source.name(), subject(), fieldStart, detail);
  }
}
