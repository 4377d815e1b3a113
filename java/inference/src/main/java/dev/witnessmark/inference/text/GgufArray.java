package dev.witnessmark.inference.text;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.ByteSourceStream;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.Utf8;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * An array of the metadata of a GGUF file, with all its elements, read from the file one after the
 * other. A text is u64 length and bytes.
 */
final class GgufArray implements AutoCloseable {

  /** u32 type and u64 count of the elements, which come before the first of them. */
  private static final int HEAD = 12;

  private static final int VERSION_AT = 4;

  private final ByteSource file;
  private final String key;
  private final MetadataValue.Sequence array;
  private final ByteOrder order;
  private final InputStream in;
  private long left;

  private GgufArray(ByteSource file, String key, MetadataValue.Sequence array, ByteOrder order) {
    this.file = file;
    this.key = key;
    this.array = array;
    this.order = order;
    this.in =
        new BufferedInputStream(
            new ByteSourceStream(file, array.offset(), array.offset() + array.bytes()));
    this.left = array.bytes();
  }

  /**
   * The array at {@code key}, if there is one.
   *
   * @param elementType its elements' type as GGUF calls it
   * @param most how many elements are supported
   * @throws Refusal.Malformed if what is at {@code key} is something else
   * @throws Refusal.Unsupported if there are more elements
   */
  static Optional<GgufArray> find(Checkpoint checkpoint, String key, String elementType, long most)
      throws IOException {
    MetadataValue value = checkpoint.metadata().entries().get(key);
    if (value == null) {
      return Optional.empty();
    }
    ByteSource file = checkpoint.files().getFirst();
    if (!(value instanceof MetadataValue.Sequence array)
        || !array.elementType().equals(elementType)) {
      throw new Refusal.Malformed(
          file.name(), key, -1, "is no array of elements of type " + elementType);
    }
    if (array.count() > most) {
      throw new Refusal.Unsupported(
          file.name(),
          key,
          array.offset(),
          "has %d elements, at most %d are supported; give the prompt as ids with --tokens"
              .formatted(array.count(), most));
    }
    ByteOrder order = order(file);
    checkPlace(file, key, array, order);
    return Optional.of(new GgufArray(file, key, array, order));
  }

  /** Bytes of the version number tell the order of all numbers. */
  private static ByteOrder order(ByteSource file) throws IOException {
    int version = read(file, VERSION_AT, Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).getInt();
    return (version & 0xFFFF) == 0 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
  }

  /** The metadata of a split model may be in another part than the first, by no known program. */
  private static void checkPlace(
      ByteSource file, String key, MetadataValue.Sequence array, ByteOrder order)
      throws IOException {
    long end = Math.addExact(array.offset(), array.bytes());
    long count =
        end > file.size()
            ? -1
            : read(file, array.offset() - HEAD, HEAD).order(order).getLong(Integer.BYTES);
    if (count != array.count()) {
      throw new Refusal.Inconsistent(
          file.name(), key, array.offset(), "its length in this part", count, array.count());
    }
  }

  private static ByteBuffer read(ByteSource file, long at, int bytes) throws IOException {
    byte[] target = new byte[bytes];
    file.read(at, MemorySegment.ofArray(target));
    return ByteBuffer.wrap(target);
  }

  /** Number of elements. */
  int count() {
    return (int) array.count();
  }

  /** Where the next element is in the file. */
  long position() {
    return array.offset() + array.bytes() - left;
  }

  /** The next element, a 32-bit integer. */
  int nextInt() throws IOException {
    return number(Integer.BYTES).getInt();
  }

  /** The next element, a 32-bit float. */
  float nextFloat() throws IOException {
    return number(Float.BYTES).getFloat();
  }

  /** The next element, a text. */
  String nextText() throws IOException {
    long at = position();
    long length = number(Long.BYTES).getLong();
    if (length < 0 || length > left) {
      throw new Refusal.Truncated(
          file.name(), key, at, length, left, "the file changed while it was read");
    }
    byte[] bytes = take((int) length);
    if (!Utf8.wellFormed(bytes)) {
      throw new Refusal.Malformed(file.name(), key, at, "the token is not UTF-8");
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private ByteBuffer number(int bytes) throws IOException {
    return ByteBuffer.wrap(take(bytes)).order(order);
  }

  private byte[] take(int bytes) throws IOException {
    if (bytes > left) {
      throw new Refusal.Truncated(
          file.name(), key, position(), bytes, left, "the file changed while it was read");
    }
    left -= bytes;
    return in.readNBytes(bytes);
  }
}
