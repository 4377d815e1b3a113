package dev.witnessmark.format.onnx;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.TensorType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Finds the bytes of tensors: in the model, in a file beside it, or decoded from varints. */
final class Values {

  /** Bytes of one tensor: {@code bytes} from {@code offset} in {@code source}. */
  record Stored(TensorType type, ByteSource source, long offset, long bytes) {}

  /** Above this, values written as varints are refused: writers use them for small tensors. */
  private static final long MOST_DECODED_BYTES = 1L << 20;

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final ByteSource model;
  private final ExternalFiles external;
  private final HeaderBudget budget;

  Values(ByteSource model, ExternalFiles external, HeaderBudget budget) {
    this.model = model;
    this.external = external;
    this.budget = budget;
  }

  /**
   * Where the values of {@code tensor} are.
   *
   * @throws Refusal.UnknownType if its element type is not read
   * @throws Refusal.Inconsistent if shape and type need another number of bytes than are there
   */
  Stored of(Initializer tensor) throws IOException {
    ElementType element =
        ElementType.of(tensor.dataType())
            .orElseThrow(() -> unknown(tensor, "data type " + tensor.dataType()));
    TensorType type = element.stored().orElseThrow(() -> unknown(tensor, element.name()));
    long bytes = bytes(tensor, type);
    return switch (tensor.payload()) {
      case Payload.Inside inside -> inside(tensor, element, type, bytes, inside);
      case Payload.Outside outside -> outside(tensor, type, bytes, outside);
      case Payload.Absent absent -> {
        expect(tensor, tensor.offset(), "number of bytes", 0, bytes);
        yield new Stored(type, model, tensor.offset(), 0);
      }
    };
  }

  private Stored inside(
      Initializer tensor, ElementType element, TensorType type, long bytes, Payload.Inside inside)
      throws IOException {
    boolean raw = inside.field() == ElementType.Field.RAW_DATA;
    if (!raw && inside.field() != element.field()) {
      throw new Refusal.Malformed(
          model.name(),
          tensor.subject(),
          inside.offset(),
          "%s values are in field %d, expected %d or %d"
              .formatted(element, inside.field(), element.field(), ElementType.Field.RAW_DATA));
    }
    if (raw || floats(inside.field())) {
      expect(tensor, inside.offset(), "number of bytes", inside.bytes(), bytes);
      return new Stored(type, model, inside.offset(), bytes);
    }
    if (bytes > MOST_DECODED_BYTES) {
      throw new Refusal.Unsupported(
          model.name(),
          tensor.subject(),
          inside.offset(),
          "%d bytes written as varints, at most %d are read; store it as raw_data"
              .formatted(bytes, MOST_DECODED_BYTES));
    }
    return new Stored(type, decoded(tensor, type, bytes, inside), 0, bytes);
  }

  /** True for the fields whose packed values are the tensor's bytes already. */
  private static boolean floats(int field) {
    return field == ElementType.Field.FLOAT_DATA || field == ElementType.Field.DOUBLE_DATA;
  }

  private Stored outside(Initializer tensor, TensorType type, long bytes, Payload.Outside outside)
      throws IOException {
    if (outside.bytes().isPresent()) {
      expect(
          tensor, tensor.offset(), "length of external_data", outside.bytes().getAsLong(), bytes);
    }
    return new Stored(type, external.open(tensor, outside, bytes), outside.offset(), bytes);
  }

  private DecodedValues decoded(
      Initializer tensor, TensorType type, long bytes, Payload.Inside inside) throws IOException {
    budget.charge(bytes, tensor.subject(), inside.offset());
    MemorySegment memory = MemorySegment.ofArray(new byte[(int) bytes]);
    ProtobufCursor cursor =
        new ProtobufCursor(model, inside.offset(), inside.bytes(), tensor.subject(), budget);
    int size = type.blockBytes();
    long[] at = {0};
    cursor.packedIntegers(value -> {
      if (at[0] < bytes) {
        checkRange(tensor, type, value, cursor.position());
        switch (size) {
          case Byte.BYTES -> memory.set(ValueLayout.JAVA_BYTE, at[0], (byte) value);
          case Short.BYTES -> memory.set(SHORT, at[0], (short) value);
          case Integer.BYTES -> memory.set(INT, at[0], (int) value);
          default -> memory.set(LONG, at[0], value);
        }
      }
      at[0] += size;
    });
    expect(tensor, inside.offset(), "number of bytes", at[0], bytes);
    return new DecodedValues(model.name(), memory);
  }

  private void checkRange(Initializer tensor, TensorType type, long value, long position)
      throws Refusal.Malformed {
    int bits = type.blockBytes() * Byte.SIZE;
    boolean signed =
        switch (type) {
          case I8, I16, I32, I64 -> true;
          default -> false;
        };
    boolean fits =
        bits == Long.SIZE
            || (signed ? value >> (bits - 1) == value >> (Long.SIZE - 1) : value >>> bits == 0);
    if (!fits) {
      throw new Refusal.Malformed(
          model.name(),
          tensor.subject(),
          position,
          "the value %d does not fit in %s".formatted(value, type));
    }
  }

  private long bytes(Initializer tensor, TensorType type) throws Refusal.SizeOverflow {
    try {
      return type.bytes(tensor.shape().elements());
    } catch (ArithmeticException overflow) {
      throw new Refusal.SizeOverflow(
          model.name(),
          tensor.subject(),
          tensor.offset(),
          "%s of %s do not fit in 63 bits of bytes".formatted(tensor.shape(), type));
    }
  }

  private void expect(Initializer tensor, long offset, String what, long found, long expected)
      throws Refusal.Inconsistent {
    if (found != expected) {
      throw new Refusal.Inconsistent(model.name(), tensor.subject(), offset, what, found, expected);
    }
  }

  private Refusal.UnknownType unknown(Initializer tensor, String type) {
    return new Refusal.UnknownType(
        model.name(),
        tensor.subject(),
        tensor.offset(),
        type + " is not read; export the weights as float, float16, bfloat16 or 8-bit integers");
  }
}
