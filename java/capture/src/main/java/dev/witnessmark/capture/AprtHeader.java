package dev.witnessmark.capture;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.FileByteSource;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.Shape;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.model.transformer.StageKey;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * What an APRT file says of its tensor, checked against its size.
 *
 * @param layer the layer, or {@link #WHOLE_MODEL}
 * @param elements number of float32 values, from 0 to {@link #MOST_ELEMENTS}
 */
public record AprtHeader(long layer, long elements) {

  /** The layer of a tensor that belongs to none. */
  public static final long WHOLE_MODEL = 0xFFFF_FFFFL;

  /** As many as the header can say. */
  public static final long MOST_ELEMENTS = 0xFFFF_FFFFL;

  /** Bytes before the first value. */
  public static final int BYTES = 12;

  private static final byte[] MAGIC = "APRT".getBytes(StandardCharsets.US_ASCII);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  public AprtHeader {
    if (layer < 0 || layer > WHOLE_MODEL || elements < 0 || elements > MOST_ELEMENTS) {
      throw new IllegalArgumentException("layer %d, %d elements".formatted(layer, elements));
    }
  }

  /** Whether {@code path} is a file that begins as one of these; never fails. */
  public static boolean begins(Path path) {
    if (!Files.isRegularFile(path)) {
      return false;
    }
    try (ByteSource file = FileByteSource.open(path)) {
      byte[] start = new byte[MAGIC.length];
      file.read(0, MemorySegment.ofArray(start));
      return Arrays.equals(start, MAGIC);
    } catch (IOException unreadable) {
      return false;
    }
  }

  /**
   * Reads and checks the header; no value is read and nothing is allocated for them.
   *
   * @throws Refusal.Truncated if the header is cut, or the file is too short for its values
   * @throws Refusal.UnknownFormat if it begins otherwise
   * @throws Refusal.Inconsistent if the file goes on after its values
   */
  public static AprtHeader read(ByteSource file) throws IOException {
    if (file.size() < BYTES) {
      throw truncated(file, "header", 0, BYTES, file.size());
    }
    byte[] bytes = new byte[BYTES];
    MemorySegment header = MemorySegment.ofArray(bytes);
    file.read(0, header);
    if (!Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw new Refusal.UnknownFormat(
          file.name(),
          "begins with bytes %s, an APRT file with %s"
              .formatted(
                  HexFormat.of().formatHex(bytes, 0, MAGIC.length),
                  HexFormat.of().formatHex(MAGIC)));
    }
    long layer = Integer.toUnsignedLong(header.get(U32, 4));
    long elements = Integer.toUnsignedLong(header.get(U32, 8));
    long promised = Float.BYTES * elements;
    long there = file.size() - BYTES;
    if (there < promised) {
      throw truncated(file, "values", BYTES, promised, there);
    }
    if (there > promised) {
      throw new Refusal.Inconsistent(
          file.name(),
          "values",
          BYTES + promised,
          "there are bytes after the last of %d values: the file's length".formatted(elements),
          file.size(),
          BYTES + promised);
    }
    return new AprtHeader(layer, elements);
  }

  /** The values of {@code file}, whose header this is. */
  public TensorView values(ByteSource file, String name, Shape shape) {
    if (shape.elements() != elements) {
      throw new IllegalArgumentException("%s of %d elements".formatted(shape, elements));
    }
    return TensorView.stored(name, TensorType.F32, shape, file, BYTES, Float.BYTES * elements);
  }

  /**
   * Refuses a file whose layer is not that of {@code key}.
   *
   * @param file the file, for messages
   */
  void requireLayer(StageKey key, String file) throws Refusal {
    if (layer != layerOf(key)) {
      throw new Refusal.Inconsistent(file, key.name(), 4, "its layer", layer, layerOf(key));
    }
  }

  /** How a file of {@code key} says its layer. */
  static long layerOf(StageKey key) {
    return key.layer() == StageKey.NO_LAYER ? WHOLE_MODEL : key.layer();
  }

  /** Bytes of the whole file. */
  public long fileBytes() {
    return BYTES + Float.BYTES * elements;
  }

  /** The header as it is stored. */
  byte[] toBytes() {
    byte[] bytes = Arrays.copyOf(MAGIC, BYTES);
    MemorySegment header = MemorySegment.ofArray(bytes);
    header.set(U32, 4, (int) layer);
    header.set(U32, 8, (int) elements);
    return bytes;
  }

  private static Refusal truncated(
      ByteSource file, String subject, long offset, long needed, long available) {
    return new Refusal.Truncated(
        file.name(), subject, offset, needed, available, "write the capture again, all of it");
  }
}
