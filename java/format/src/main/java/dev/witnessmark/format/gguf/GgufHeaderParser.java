package dev.witnessmark.format.gguf;

import dev.witnessmark.format.ByteOrderSwap;
import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Metadata;
import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.format.Name;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.Shape;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads the header of one file from front to back, once. */
final class GgufHeaderParser {

  private static final int MAGIC = 'G' | 'G' << 8 | 'U' << 16 | 'F' << 24;
  private static final int MOST_DIMENSIONS = 4;

  /** Length of an empty name, number of dimensions, storage type, offset. */
  private static final int LEAST_DESCRIPTION_BYTES = 8 + 4 + 4 + 8;

  private final ByteSource source;
  private final String file;
  private final Limits limits;
  private final GgufCursor cursor;

  GgufHeaderParser(ByteSource source, Limits limits) {
    this.source = source;
    this.file = source.name();
    this.limits = limits;
    this.cursor = new GgufCursor(source, limits);
  }

  GgufHeader parse() throws IOException {
    int magic = cursor.i32("magic");
    if (magic != MAGIC) {
      throw new Refusal.UnknownFormat(
          file, "begins with bytes %08x, not with GGUF".formatted(Integer.reverseBytes(magic)));
    }
    int stored = cursor.i32("version");
    ByteOrder order = (stored & 0xFFFF) == 0 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    int version = order == ByteOrder.BIG_ENDIAN ? Integer.reverseBytes(stored) : stored;
    if (version != 2 && version != 3) {
      throw new Refusal.Unsupported(
          file,
          "version",
          4,
          "GGUF version %s; versions 2 and 3 are read, convert the file again with a current tool"
              .formatted(Integer.toUnsignedString(version)));
    }
    cursor.order(order);
    long tensorCount = cursor.i64("tensor count");
    long pairCount = cursor.i64("metadata count");
    GgufMetadataParser metadata = new GgufMetadataParser(file, cursor, limits);
    Map<String, MetadataValue> pairs = metadata.pairs(pairCount);
    List<Description> descriptions = descriptions(tensorCount, order);

    GgufDataSection data =
        GgufDataSection.after(cursor.position(), metadata.alignment(pairs), source);
    List<TensorView> tensors = new ArrayList<>(descriptions.size());
    for (Description tensor : descriptions) {
      long at = data.place(tensor.name, tensor.at, tensor.offset, tensor.bytes);
      tensors.add(
          TensorView.stored(tensor.name, tensor.type, tensor.shape, source, at, tensor.bytes)
              .in(order));
    }
    List<String> notes = new ArrayList<>();
    if (order == ByteOrder.BIG_ENDIAN) {
      notes.add("the file is big-endian");
    }
    notes.addAll(data.check(tensors));
    return new GgufHeader(version, new Metadata(pairs), tensors, notes);
  }

  /**
   * What the header says about one tensor.
   *
   * @param offset relative to the data section and still unchecked
   * @param at where the description is in the file
   */
  private record Description(
      String name, TensorType type, Shape shape, long bytes, long offset, long at) {}

  private List<Description> descriptions(long count, ByteOrder order) throws IOException {
    if (Long.compareUnsigned(count, limits.tensors()) > 0) {
      throw new Refusal.LimitExceeded(file, "tensors", 8, "their number", count, limits.tensors());
    }
    cursor.require("tensor descriptions", count, LEAST_DESCRIPTION_BYTES);
    List<Description> descriptions = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (long i = 0; i < count; i++) {
      Description tensor = description(order);
      if (!names.add(tensor.name)) {
        throw new Refusal.Duplicate(file, tensor.name, tensor.at, "two tensors have this name");
      }
      descriptions.add(tensor);
    }
    return descriptions;
  }

  private Description description(ByteOrder order) throws IOException {
    long at = cursor.position();
    String name = cursor.text("tensor name", limits.nameBytes());
    Name.checkPlain(file, name, at, limits);
    long[] slowestFirst = new long[rank(name)];
    for (int axis = slowestFirst.length - 1; axis >= 0; axis--) {
      slowestFirst[axis] = dimension(name);
    }
    TensorType type = type(name, order);
    long offset = cursor.i64(name);
    Shape shape;
    try {
      shape = Shape.of(slowestFirst);
      Math.multiplyExact(shape.elements() / type.blockElements(), (long) type.blockBytes());
    } catch (ArithmeticException overflow) {
      throw new Refusal.SizeOverflow(
          file, name, at, "the product of its dimensions is 2^63 or more: damaged or hostile");
    }
    if (shape.columns() % type.blockElements() != 0) {
      throw new Refusal.Inconsistent(
          file,
          name,
          at,
          "the rest of a row of %d elements in %s blocks of %d"
              .formatted(shape.columns(), type, type.blockElements()),
          shape.columns() % type.blockElements(),
          0);
    }
    return new Description(name, type, shape, type.bytes(shape.elements()), offset, at);
  }

  private int rank(String name) throws IOException {
    long at = cursor.position();
    int rank = cursor.i32(name);
    if (rank < 1 || rank > MOST_DIMENSIONS) {
      throw new Refusal.Malformed(
          file,
          name,
          at,
          "has %s dimensions, GGUF allows 1 to %d"
              .formatted(Integer.toUnsignedString(rank), MOST_DIMENSIONS));
    }
    return rank;
  }

  private long dimension(String name) throws IOException {
    long at = cursor.position();
    long dimension = cursor.i64(name);
    if (dimension < 0) {
      throw new Refusal.SizeOverflow(
          file,
          name,
          at,
          "dimension %s does not fit in 63 bits".formatted(Long.toUnsignedString(dimension)));
    }
    return dimension;
  }

  private TensorType type(String name, ByteOrder order) throws IOException {
    long at = cursor.position();
    int id = cursor.i32(name);
    TensorType type =
        TensorType.ofGgmlId(Integer.toUnsignedLong(id))
            .orElseThrow(() ->
                new Refusal.UnknownType(
                    file,
                    name,
                    at,
                    "storage type %s %s".formatted(Integer.toUnsignedString(id), whyNoType(id))));
    if (order == ByteOrder.BIG_ENDIAN && !ByteOrderSwap.defined(type)) {
      throw new Refusal.Unsupported(
          file,
          name,
          at,
          type + " has no defined big-endian form; quantise it on a little-endian machine");
    }
    return type;
  }

  private static String whyNoType(int id) {
    return switch (id) {
      case 4, 5 -> "(Q4_2, Q4_3) was removed from the format; convert the original model again";
      case 31, 32, 33, 36, 37, 38 ->
          "(interleaved Q4_0, IQ4_NL) was removed from the format; quantise again without it";
      default -> "does not exist in ggml 0.21: the file is newer or damaged";
    };
  }
}
