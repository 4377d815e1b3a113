package dev.witnessmark.format.safetensors;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.format.Name;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.Shape;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.format.json.JsonInput;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the header of one file from front to back, once. */
final class SafetensorsHeaderParser {

  private static final int LENGTH_BYTES = 8;
  private static final int MOST_DIMENSIONS = 8;
  private static final String METADATA = "__metadata__";
  private static final ValueLayout.OfLong LENGTH =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final ByteSource source;
  private final String file;
  private final Limits limits;
  private final Map<String, MetadataValue> metadata = new LinkedHashMap<>();
  private final List<TensorView> tensors = new ArrayList<>();

  SafetensorsHeaderParser(ByteSource source, Limits limits) {
    this.source = source;
    this.file = source.name();
    this.limits = limits;
  }

  SafetensorsHeader parse() throws IOException {
    long dataStart = LENGTH_BYTES + length();
    try (JsonInput json = JsonInput.object(source, LENGTH_BYTES, dataStart, limits)) {
      if (json.offset() != LENGTH_BYTES) {
        throw new Refusal.Malformed(
            file, "header", LENGTH_BYTES, "does not begin with the brace of a JSON object");
      }
      while (json.nextMember()) {
        long at = json.offset();
        String name = json.name();
        json.enterValue();
        json.requireObject(name);
        if (name.equals(METADATA)) {
          readMetadata(json);
        } else {
          tensors.add(tensor(json, name, at, dataStart));
        }
        if (tensors.size() > limits.tensors()) {
          throw new Refusal.LimitExceeded(
              file, "tensors", at, "their number", tensors.size(), limits.tensors());
        }
      }
      json.finish();
    }
    tensors.sort(Comparator.comparingLong(TensorView::offset).thenComparingLong(TensorView::bytes));
    requireFullCover(dataStart);
    return new SafetensorsHeader(metadata, tensors);
  }

  private long length() throws IOException {
    if (source.size() < LENGTH_BYTES) {
      throw truncated("header length", 0, LENGTH_BYTES, source.size());
    }
    MemorySegment stored = MemorySegment.ofArray(new byte[LENGTH_BYTES]);
    source.read(0, stored);
    long length = stored.get(LENGTH, 0);
    if (Long.compareUnsigned(length, limits.jsonHeaderBytes()) > 0) {
      throw new Refusal.LimitExceeded(
          file, "header", 0, "its length", length, limits.jsonHeaderBytes());
    }
    long available = source.size() - LENGTH_BYTES;
    if (length > available) {
      throw truncated("header", 0, length, available);
    }
    return length;
  }

  private void readMetadata(JsonInput json) throws IOException {
    while (json.nextMember()) {
      long at = json.offset();
      String key = json.name();
      Name.check(file, key, at, limits);
      json.enterValue();
      metadata.put(key, new MetadataValue.Text(json.text(key)));
      if (metadata.size() > limits.metadataKeys()) {
        throw new Refusal.LimitExceeded(
            file, METADATA, at, "the number of members", metadata.size(), limits.metadataKeys());
      }
    }
  }

  private TensorView tensor(JsonInput json, String name, long at, long dataStart)
      throws IOException {
    Name.check(file, name, at, limits);
    TensorType type = null;
    long[] dimensions = null;
    long[] offsets = null;
    while (json.nextMember()) {
      String member = json.name();
      json.enterValue();
      switch (member) {
        case "dtype" -> type = type(json, name);
        case "shape" -> dimensions = counts(json, name, MOST_DIMENSIONS);
        case "data_offsets" -> offsets = counts(json, name, 2);
        default -> json.skip();
      }
    }
    if (type == null || dimensions == null || offsets == null || offsets.length != 2) {
      throw new Refusal.Malformed(
          file, name, at, "needs dtype, shape and data_offsets of two numbers");
    }
    return place(name, at, type, dimensions, offsets[0], offsets[1], dataStart);
  }

  private TensorType type(JsonInput json, String name) throws IOException {
    String dtype = json.text(name);
    return switch (dtype) {
      case "BOOL",
          "U8",
          "I8",
          "U16",
          "I16",
          "U32",
          "I32",
          "U64",
          "I64",
          "F16",
          "BF16",
          "F32",
          "F64",
          "F8_E4M3",
          "F8_E5M2" ->
          TensorType.valueOf(dtype);
      case "F4", "F6_E2M3", "F6_E3M2" ->
          throw new Refusal.UnknownType(
              file,
              name,
              json.offset(),
              dtype + " is a float of less than a byte, which is not read");
      case "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ" ->
          throw new Refusal.UnknownType(
              file,
              name,
              json.offset(),
              dtype + " is a variant of the 8-bit floats that is not read");
      case "C64" ->
          throw new Refusal.UnknownType(
              file, name, json.offset(), "C64 is a complex number, which is not read");
      default ->
          throw new Refusal.UnknownType(
              file, name, json.offset(), "dtype %s does not exist".formatted(dtype));
    };
  }

  /** An array of at most {@code most} integers that are not negative. */
  private long[] counts(JsonInput json, String name, int most) throws IOException {
    json.requireArray(name);
    long[] counts = new long[most];
    int length = 0;
    while (json.nextElement()) {
      if (length == most) {
        throw new Refusal.Malformed(
            file, name, json.offset(), "more than %d numbers are listed".formatted(most));
      }
      counts[length++] = json.count(name);
    }
    return Arrays.copyOf(counts, length);
  }

  private TensorView place(
      String name,
      long at,
      TensorType type,
      long[] dimensions,
      long begin,
      long end,
      long dataStart)
      throws Refusal {
    Shape shape;
    long bytes;
    try {
      shape = Shape.of(dimensions);
      bytes = type.bytes(shape.elements());
      Math.addExact(dataStart, Math.max(begin, end));
    } catch (ArithmeticException overflow) {
      throw new Refusal.SizeOverflow(
          file, name, at, "its size or its end is 2^63 or more: damaged or hostile");
    }
    if (end - begin != bytes) {
      throw new Refusal.Inconsistent(
          file, name, at, "the length between its data_offsets", end - begin, bytes);
    }
    return TensorView.stored(name, type, shape, source, dataStart + begin, bytes);
  }

  /** Refuses holes, overlap, and data before the first or after the last tensor. */
  private void requireFullCover(long dataStart) throws Refusal {
    long end = dataStart;
    for (TensorView tensor : tensors) {
      if (tensor.offset() < end) {
        throw new Refusal.Overlap(
            file,
            tensor.name(),
            tensor.offset(),
            "begins before the end of another tensor at %d".formatted(end));
      }
      if (tensor.offset() > end) {
        throw new Refusal.Inconsistent(
            file,
            tensor.name(),
            tensor.offset(),
            "there is a hole before it: its begin",
            tensor.offset() - dataStart,
            end - dataStart);
      }
      end += tensor.bytes();
      if (end > source.size()) {
        throw truncated(
            tensor.name(), tensor.offset(), tensor.bytes(), source.size() - tensor.offset());
      }
    }
    if (end < source.size()) {
      throw new Refusal.Inconsistent(
          file,
          "file",
          end,
          "there are bytes after the last tensor: its length",
          source.size(),
          end);
    }
  }

  private Refusal truncated(String subject, long offset, long needed, long available) {
    return new Refusal.Truncated(
        file, subject, offset, needed, available, "the download may be incomplete");
  }
}
