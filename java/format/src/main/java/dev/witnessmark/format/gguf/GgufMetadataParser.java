package dev.witnessmark.format.gguf;

import dev.witnessmark.format.Limits;
import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.format.Name;
import dev.witnessmark.format.Refusal;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the pairs of key and value of one file. */
final class GgufMetadataParser {

  /** Length of an empty key, value type and the smallest value. */
  private static final int LEAST_PAIR_BYTES = 8 + 4 + 1;

  private static final String ALIGNMENT = "general.alignment";
  private static final long DEFAULT_ALIGNMENT = 32;
  private static final long LEAST_ALIGNMENT = 8;
  private static final long MOST_ALIGNMENT = 65_536;

  private static final BigInteger TWO_TO_64 = BigInteger.ONE.shiftLeft(64);

  private final String file;
  private final GgufCursor cursor;
  private final Limits limits;

  GgufMetadataParser(String file, GgufCursor cursor, Limits limits) {
    this.file = file;
    this.cursor = cursor;
    this.limits = limits;
  }

  /** The next {@code count} (unsigned) pairs. */
  Map<String, MetadataValue> pairs(long count) throws IOException {
    checkCount("metadata", "its number of pairs", count, limits.metadataKeys(), LEAST_PAIR_BYTES);
    Map<String, MetadataValue> pairs = new LinkedHashMap<>();
    for (long i = 0; i < count; i++) {
      long at = cursor.position();
      String key = cursor.text("metadata key", limits.nameBytes());
      Name.checkPlain(file, key, at, limits);
      GgufValueType type = type(key);
      if (key.equals(ALIGNMENT) && type != GgufValueType.U32) {
        throw new Refusal.Malformed(file, key, at, "is %s, must be u32".formatted(type.label()));
      }
      if (pairs.put(key, value(key, type, 0)) != null) {
        throw new Refusal.Duplicate(file, key, at, "the key is there twice");
      }
    }
    return pairs;
  }

  /**
   * The alignment of the data section.
   *
   * @param pairs what {@link #pairs} returned
   * @throws Refusal.Malformed if it is not a power of two from 8 to 65,536
   */
  long alignment(Map<String, MetadataValue> pairs) throws Refusal {
    if (!(pairs.get(ALIGNMENT) instanceof MetadataValue.Whole(BigInteger stored))) {
      return DEFAULT_ALIGNMENT;
    }
    long alignment = stored.longValueExact();
    if (Long.bitCount(alignment) != 1
        || alignment < LEAST_ALIGNMENT
        || alignment > MOST_ALIGNMENT) {
      throw new Refusal.Malformed(
          file,
          ALIGNMENT,
          -1,
          "is %d, must be a power of two from %d to %d"
              .formatted(alignment, LEAST_ALIGNMENT, MOST_ALIGNMENT));
    }
    return alignment;
  }

  private GgufValueType type(String key) throws IOException {
    long at = cursor.position();
    int id = cursor.i32(key);
    return GgufValueType.of(id)
        .orElseThrow(() ->
            new Refusal.UnknownType(
                file,
                key,
                at,
                "value type %s does not exist".formatted(Integer.toUnsignedString(id))));
  }

  private MetadataValue value(String key, GgufValueType type, int depth) throws IOException {
    return switch (type) {
      case U8 -> whole(cursor.u8(key));
      case I8 -> whole((byte) cursor.u8(key));
      case U16 -> whole(Short.toUnsignedLong(cursor.i16(key)));
      case I16 -> whole(cursor.i16(key));
      case U32 -> whole(Integer.toUnsignedLong(cursor.i32(key)));
      case I32 -> whole(cursor.i32(key));
      case F32 -> new MetadataValue.Real(Float.intBitsToFloat(cursor.i32(key)));
      case BOOL -> new MetadataValue.Flag(cursor.u8(key) != 0);
      case STR ->
          new MetadataValue.Text(
              depth == 0
                  ? cursor.text(key, limits.textBytes())
                  : cursor.lenientText(key, limits.textBytes()));
      case ARR -> sequence(key, depth + 1);
      case U64 -> unsigned(cursor.i64(key));
      case I64 -> whole(cursor.i64(key));
      case F64 -> new MetadataValue.Real(Double.longBitsToDouble(cursor.i64(key)));
    };
  }

  /**
   * An array with its first elements. Those of an array of texts may hold what is no UTF-8, as
   * byte-level vocabularies do. Arrays in arrays keep no elements, or memory could grow to many
   * times the file.
   */
  private MetadataValue.Sequence sequence(String key, int depth) throws IOException {
    if (depth > limits.arrayDepth()) {
      throw new Refusal.LimitExceeded(
          file, key, cursor.position(), "the nesting of arrays", depth, limits.arrayDepth());
    }
    GgufValueType type = type(key);
    long count = cursor.i64(key);
    checkCount(key, "the array's length", count, limits.arrayElements(), type.leastBytes());
    long offset = cursor.position();
    List<MetadataValue> head = new ArrayList<>();
    long heads = depth == 1 ? Math.min(count, MetadataValue.Sequence.HEAD) : 0;
    for (long i = 0; i < heads; i++) {
      head.add(value(key, type, depth));
    }
    skipElements(key, type, count - heads, depth);
    return new MetadataValue.Sequence(
        type.label(), count, head, offset, cursor.position() - offset);
  }

  private void skipElements(String key, GgufValueType type, long count, int depth)
      throws IOException {
    if (type.fixedSize()) {
      cursor.skip(key, count * type.leastBytes());
      return;
    }
    for (long i = 0; i < count; i++) {
      if (type == GgufValueType.STR) {
        cursor.skipText(key, limits.textBytes());
      } else {
        sequence(key, depth + 1);
      }
    }
  }

  /**
   * Refuses {@code count} (unsigned) things of at least {@code leastBytes} that cannot be there.
   */
  private void checkCount(String subject, String what, long count, long most, int leastBytes)
      throws Refusal {
    if (Long.compareUnsigned(count, most) > 0) {
      throw new Refusal.LimitExceeded(file, subject, cursor.position() - 8, what, count, most);
    }
    cursor.require(subject, count, leastBytes);
  }

  private static MetadataValue whole(long value) {
    return new MetadataValue.Whole(BigInteger.valueOf(value));
  }

  private static MetadataValue unsigned(long value) {
    BigInteger signed = BigInteger.valueOf(value);
    return new MetadataValue.Whole(value < 0 ? signed.add(TWO_TO_64) : signed);
  }
}
