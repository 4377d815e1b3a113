package dev.witnessmark.format.testing;

import dev.witnessmark.format.TensorType;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Writes GGUF files: right ones with the plain methods, wrong ones by overriding a number.
 *
 * <pre>{@code
 * byte[] file = new GgufBuilder()
 *     .text("general.architecture", "llama")
 *     .tensor("w", TensorType.F32, data, 4, 2) // fastest first: two rows of four
 *     .build();
 * }</pre>
 */
public final class GgufBuilder {

  /** Ids of metadata value types. */
  public static final int U8 = 0;

  public static final int U32 = 4;
  public static final int F32 = 6;
  public static final int BOOL = 7;
  public static final int STR = 8;
  public static final int ARR = 9;
  public static final int U64 = 10;

  private static final int DEFAULT_ALIGNMENT = 32;

  private final ByteOrder order;
  private final ByteWriter pairs;
  private final ByteWriter descriptions;
  private final ByteWriter data;
  private byte[] magic = "GGUF".getBytes(StandardCharsets.US_ASCII);
  private long version = 3;
  private long pairCount;
  private long tensorCount;
  private int alignment = DEFAULT_ALIGNMENT;

  /** A little-endian file. */
  public GgufBuilder() {
    this(ByteOrder.LITTLE_ENDIAN);
  }

  /** A file in {@code order}. */
  public GgufBuilder(ByteOrder order) {
    this.order = order;
    this.pairs = new ByteWriter(order);
    this.descriptions = new ByteWriter(order);
    this.data = new ByteWriter(order);
  }

  public GgufBuilder magic(String fourBytes) {
    magic = fourBytes.getBytes(StandardCharsets.ISO_8859_1);
    return this;
  }

  public GgufBuilder version(long number) {
    version = number;
    return this;
  }

  /** Claims another number of pairs than were added so far. */
  public GgufBuilder pairCount(long count) {
    pairCount = count;
    return this;
  }

  /** Claims another number of tensors than were added so far. */
  public GgufBuilder tensorCount(long count) {
    tensorCount = count;
    return this;
  }

  /** Adds {@code general.alignment} and pads accordingly. */
  public GgufBuilder alignment(int bytes) {
    alignment = bytes;
    return u32("general.alignment", bytes);
  }

  /** Adds a pair whose value {@code value} writes after key and type. */
  public GgufBuilder pair(String key, int type, Consumer<ByteWriter> value) {
    pairs.text(key).u32(type);
    value.accept(pairs);
    pairCount++;
    return this;
  }

  public GgufBuilder text(String key, String value) {
    return pair(key, STR, to -> to.text(value));
  }

  public GgufBuilder u32(String key, long value) {
    return pair(key, U32, to -> to.u32(value));
  }

  public GgufBuilder f32(String key, float value) {
    return pair(key, F32, to -> to.u32(Float.floatToRawIntBits(value)));
  }

  public GgufBuilder flag(String key, boolean value) {
    return pair(key, BOOL, to -> to.u8(value ? 1 : 0));
  }

  /** Adds an array of texts. */
  public GgufBuilder texts(String key, String... values) {
    return array(
        key,
        STR,
        values.length,
        to -> {
          for (String value : values) {
            to.text(value);
          }
        });
  }

  /** Adds an array that claims {@code count} elements, which {@code elements} writes. */
  public GgufBuilder array(String key, int type, long count, Consumer<ByteWriter> elements) {
    return pair(key, ARR, to -> elements.accept(to.u32(type).u64(count)));
  }

  /** Adds a tensor and its data, aligned. */
  public GgufBuilder tensor(String name, TensorType type, byte[] bytes, long... fastestFirst) {
    data.padTo(alignment);
    describe(name, id(type), data.size(), fastestFirst);
    return data(bytes);
  }

  /** Adds a description without data. */
  public GgufBuilder describe(String name, long typeId, long offset, long... fastestFirst) {
    descriptions.text(name).u32(fastestFirst.length);
    for (long dimension : fastestFirst) {
      descriptions.u64(dimension);
    }
    descriptions.u32(typeId).u64(offset);
    tensorCount++;
    return this;
  }

  /** Adds bytes to the data section without a description. */
  public GgufBuilder data(byte[] bytes) {
    data.raw(bytes);
    return this;
  }

  /** Everything before the data section, without the padding. */
  public byte[] header() {
    return new ByteWriter(order)
        .raw(magic)
        .u32(version)
        .u64(tensorCount)
        .u64(pairCount)
        .raw(pairs.toByteArray())
        .raw(descriptions.toByteArray())
        .toByteArray();
  }

  /** The file, with the padding after the last tensor. */
  public byte[] build() {
    return new ByteWriter(order).raw(unpadded()).padTo(alignment).toByteArray();
  }

  /** The file, ending with the last byte of data. */
  public byte[] unpadded() {
    return new ByteWriter(order)
        .raw(header())
        .padTo(alignment)
        .raw(data.toByteArray())
        .toByteArray();
  }

  /** The id of {@code type} in the file. */
  public static int id(TensorType type) {
    for (int id = 0; id < 64; id++) {
      if (TensorType.ofGgmlId(id).filter(type::equals).isPresent()) {
        return id;
      }
    }
    throw new IllegalArgumentException(type + " is not a GGUF type");
  }
}
