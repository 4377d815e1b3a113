package dev.witnessmark.format.testing;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * An ONNX message under construction: fields are appended in the order of the calls, right or
 * wrong. Field numbers are those of {@code onnx.proto}.
 */
public final class OnnxBytes {

  /** Element types of {@code TensorProto.data_type}. */
  public static final int FLOAT = 1;

  public static final int UINT8 = 2;
  public static final int INT8 = 3;
  public static final int INT32 = 6;
  public static final int INT64 = 7;
  public static final int STRING = 8;
  public static final int FLOAT16 = 10;
  public static final int DOUBLE = 11;
  public static final int UINT64 = 13;
  public static final int BFLOAT16 = 16;
  public static final int INT4 = 22;

  private static final int SMALL_BUFFER = 32;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private OnnxBytes() {}

  /** A message without fields. */
  public static OnnxBytes message() {
    return new OnnxBytes();
  }

  /** A {@code ModelProto} of IR version 8 with this graph. */
  public static OnnxBytes model(OnnxBytes graph) {
    return message().integer(1, 8).message(7, graph);
  }

  /** A {@code NodeProto} with one output. */
  public static OnnxBytes node(String operator, String name, String output, String... inputs) {
    OnnxBytes node = message();
    for (String input : inputs) {
      node.text(1, input);
    }
    return node.text(2, output).text(3, name).text(4, operator);
  }

  /** A {@code TensorProto} with name, type and dimensions, but no values. */
  public static OnnxBytes tensor(String name, int type, long... dimensions) {
    OnnxBytes tensor = message();
    for (long dimension : dimensions) {
      tensor.integer(1, dimension);
    }
    return tensor.integer(2, type).text(8, name);
  }

  /** A {@code TensorProto} of float32 with raw values. */
  public static OnnxBytes floats(String name, List<Long> dimensions, float... values) {
    return tensor(name, FLOAT, dimensions.stream().mapToLong(Long::longValue).toArray())
        .bytes(9, littleEndian(values));
  }

  /** An {@code AttributeProto} of one integer. */
  public static OnnxBytes attribute(String name, long value) {
    return message().text(1, name).integer(3, value).integer(20, 2);
  }

  /** A {@code StringStringEntryProto}. */
  public static OnnxBytes entry(String key, String value) {
    return message().text(1, key).text(2, value);
  }

  /** {@code values} one after another. */
  public static byte[] littleEndian(float... values) {
    ByteBuffer buffer =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      buffer.putFloat(value);
    }
    return buffer.array();
  }

  /** Appends an integer field. */
  public OnnxBytes integer(int field, long value) {
    return append(out -> out.writeInt64(field, value));
  }

  /** Appends a field of packed integers. */
  public OnnxBytes integers(int field, long... values) {
    OnnxBytes packed = message();
    for (long value : values) {
      packed.append(out -> out.writeUInt64NoTag(value));
    }
    return message(field, packed);
  }

  /** Appends a text field. */
  public OnnxBytes text(int field, String text) {
    return bytes(field, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Appends a field of bytes. */
  public OnnxBytes bytes(int field, byte[] value) {
    return append(out -> out.writeByteArray(field, value));
  }

  /** Appends a message field. */
  public OnnxBytes message(int field, OnnxBytes value) {
    return bytes(field, value.toByteArray());
  }

  /** Appends a {@code GraphProto.node}. */
  public OnnxBytes with(OnnxBytes node) {
    return message(1, node);
  }

  /** Appends a {@code GraphProto.initializer}. */
  public OnnxBytes initializer(OnnxBytes tensor) {
    return message(5, tensor);
  }

  /** Appends a {@code NodeProto.attribute}. */
  public OnnxBytes attributed(OnnxBytes attribute) {
    return message(5, attribute);
  }

  /** Appends {@code TensorProto.external_data} and says that it counts. */
  public OnnxBytes external(OnnxBytes... entries) {
    for (OnnxBytes entry : entries) {
      message(13, entry);
    }
    return integer(14, 1);
  }

  /** Appends the tag and length of a field of {@code length} bytes, but not the bytes. */
  public OnnxBytes promise(int field, long length) {
    return append(out -> {
      out.writeTag(field, 2);
      out.writeUInt64NoTag(length);
    });
  }

  /** Appends bytes as they are, without a tag. */
  public OnnxBytes untagged(int... values) {
    for (int value : values) {
      bytes.write(value);
    }
    return this;
  }

  /** The bytes so far. */
  public byte[] toByteArray() {
    return bytes.toByteArray();
  }

  @FunctionalInterface
  private interface Field {
    void writeTo(CodedOutputStream out) throws IOException;
  }

  private OnnxBytes append(Field field) {
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes, SMALL_BUFFER);
      field.writeTo(out);
      out.flush();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return this;
  }
}
