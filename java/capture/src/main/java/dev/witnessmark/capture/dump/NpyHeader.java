package dev.witnessmark.capture.dump;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.Shape;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A NumPy file, versions 1 to 3: the bytes {@code 93 'NUMPY'}, two of version, the length of the
 * header (u16 little-endian in version 1, else u32), the header, then the values. The header is a
 * Python dictionary of {@code descr}, {@code fortran_order} and {@code shape}, filled up with
 * blanks. Floats of 16, 32 and 64 bits are read, of either byte order, row by row.
 */
final class NpyHeader {

  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int VERSION_BYTES = 2;

  /** NumPy itself asks before it reads more than 10 000. */
  private static final int LONGEST = 1 << 16;

  private static final int MOST_DIMENSIONS = 8;
  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final ByteSource source;
  private final long textAt;
  private final String text;
  private int position;

  private String type = "";
  private boolean fortranOrder;
  private long[] dimensions = {};

  private NpyHeader(ByteSource source, long textAt, String text) {
    this.source = source;
    this.textAt = textAt;
    this.text = text;
  }

  /**
   * The array in {@code source}; no value is read.
   *
   * @param name what to call it
   * @throws Refusal if the file is not exactly such an array
   */
  static TensorView read(ByteSource source, String name) throws IOException {
    int fixed = MAGIC.length + VERSION_BYTES;
    byte[] start = bytes(source, 0, fixed, "header");
    if (!Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw new Refusal.UnknownFormat(
          source.name(),
          "begins with bytes %s, a NumPy file with %s"
              .formatted(
                  HexFormat.of().formatHex(start, 0, MAGIC.length),
                  HexFormat.of().formatHex(MAGIC)));
    }
    int version = start[MAGIC.length];
    if (version < 1 || version > 3 || start[MAGIC.length + 1] != 0) {
      throw new Refusal.Unsupported(
          source.name(),
          "version",
          MAGIC.length,
          "%d.%d is not read, 1.0 to 3.0 are".formatted(version, start[MAGIC.length + 1]));
    }
    int lengthBytes = version == 1 ? Short.BYTES : Integer.BYTES;
    MemorySegment stored =
        MemorySegment.ofArray(bytes(source, fixed, lengthBytes, "header length"));
    long length =
        version == 1
            ? Short.toUnsignedInt(stored.get(U16, 0))
            : Integer.toUnsignedLong(stored.get(U32, 0));
    if (length > LONGEST) {
      throw new Refusal.Malformed(
          source.name(),
          "header",
          fixed,
          "its length is %d, at most %d is read".formatted(length, LONGEST));
    }
    long textAt = (long) fixed + lengthBytes;
    String text =
        new String(
            bytes(source, textAt, (int) length, "header"),
            version == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
    NpyHeader header = new NpyHeader(source, textAt, text);
    header.parse();
    return header.view(name, textAt + length);
  }

  private static byte[] bytes(ByteSource source, long at, int count, String subject)
      throws IOException {
    if (source.size() - at < count) {
      throw new Refusal.Truncated(
          source.name(), subject, at, count, source.size() - at, "save the array again");
    }
    byte[] bytes = new byte[count];
    source.read(at, MemorySegment.ofArray(bytes));
    return bytes;
  }

  private TensorView view(String name, long dataAt) throws Refusal {
    TensorType stored = tensorType();
    if (fortranOrder && dimensions.length > 1) {
      throw new Refusal.Unsupported(
          source.name(),
          name,
          textAt,
          "is stored column by column; save numpy.ascontiguousarray of it");
    }
    Shape shape;
    long size;
    try {
      shape = Shape.of(dimensions);
      size = stored.bytes(shape.elements());
    } catch (ArithmeticException overflow) {
      throw new Refusal.SizeOverflow(
          source.name(), name, textAt, "its size is 2^63 or more: damaged or hostile");
    }
    long there = source.size() - dataAt;
    if (there < size) {
      throw new Refusal.Truncated(
          source.name(), "values", dataAt, size, there, "save the array again");
    }
    if (there > size) {
      throw new Refusal.Inconsistent(
          source.name(),
          "values",
          dataAt + size,
          "there are bytes after the last value: their length",
          there,
          size);
    }
    TensorView view = TensorView.stored(name, stored, shape, source, dataAt, size);
    return type.startsWith(">") ? view.in(ByteOrder.BIG_ENDIAN) : view;
  }

  private TensorType tensorType() throws Refusal {
    return switch (type) {
      case "<f2", ">f2" -> TensorType.F16;
      case "<f4", ">f4" -> TensorType.F32;
      case "<f8", ">f8" -> TensorType.F64;
      case "|O" ->
          throw new Refusal.UnsafeFormat(
              source.name(), "holds Python objects, a pickle that loading would run");
      default ->
          throw new Refusal.UnknownType(
              source.name(),
              "descr",
              textAt,
              "%s is not read; floats of 16, 32 and 64 bits are, save as one of them"
                  .formatted(type));
    };
  }

  /** Reads the dictionary: the three keys, each once, in any order. */
  private void parse() throws Refusal {
    boolean[] seen = new boolean[3];
    expect('{');
    while (!accept('}')) {
      String key = quoted();
      expect(':');
      int which =
          switch (key) {
            case "descr" -> 0;
            case "fortran_order" -> 1;
            case "shape" -> 2;
            default -> throw malformed("has an unknown key " + key);
          };
      if (seen[which]) {
        throw new Refusal.Duplicate(source.name(), "header", at(), key + " is there twice");
      }
      seen[which] = true;
      switch (which) {
        case 0 -> type = quoted();
        case 1 -> fortranOrder = truth();
        default -> dimensions = tuple();
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    if (!(seen[0] && seen[1] && seen[2])) {
      throw malformed("lacks descr, fortran_order or shape");
    }
    skipBlanks();
    if (position < text.length()) {
      throw malformed("goes on after its end");
    }
  }

  private String quoted() throws Refusal {
    skipBlanks();
    char quote = position < text.length() ? text.charAt(position) : ' ';
    int end = quote == '\'' || quote == '"' ? text.indexOf(quote, position + 1) : -1;
    if (end < 0) {
      throw malformed("has no quoted text here; arrays of records are not read");
    }
    String quoted = text.substring(position + 1, end);
    position = end + 1;
    return quoted;
  }

  private boolean truth() throws Refusal {
    skipBlanks();
    for (String word : new String[] {"True", "False"}) {
      if (text.startsWith(word, position)) {
        position += word.length();
        return word.equals("True");
      }
    }
    throw malformed("has neither True nor False here");
  }

  private long[] tuple() throws Refusal {
    expect('(');
    long[] lengths = new long[MOST_DIMENSIONS];
    int count = 0;
    while (!accept(')')) {
      if (count == MOST_DIMENSIONS) {
        throw malformed("has more than %d dimensions".formatted(MOST_DIMENSIONS));
      }
      lengths[count++] = whole();
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return Arrays.copyOf(lengths, count);
  }

  private long whole() throws Refusal {
    skipBlanks();
    int begin = position;
    while (position < text.length()
        && text.charAt(position) >= '0'
        && text.charAt(position) <= '9') {
      position++;
    }
    try {
      return Long.parseLong(text, begin, position, 10);
    } catch (NumberFormatException wrong) {
      throw malformed("has no length of less than 2^63 here");
    }
  }

  private boolean accept(char wanted) {
    skipBlanks();
    if (position < text.length() && text.charAt(position) == wanted) {
      position++;
      return true;
    }
    return false;
  }

  private void expect(char wanted) throws Refusal {
    if (!accept(wanted)) {
      throw malformed("has no " + wanted + " here");
    }
  }

  private void skipBlanks() {
    while (position < text.length() && " \t\r\n".indexOf(text.charAt(position)) >= 0) {
      position++;
    }
  }

  private long at() {
    return textAt + position;
  }

  private Refusal malformed(String detail) {
    return new Refusal.Malformed(source.name(), "header", at(), detail);
  }
}
