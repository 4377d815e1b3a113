package dev.witnessmark.format.onnx;

import dev.witnessmark.format.AffineCode;
import dev.witnessmark.format.Printable;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.TensorType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Reads scales and zero points of integer weights. */
final class AffineCodes {

  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** What a Java array can hold on every JVM. */
  private static final int MOST_VALUES = Integer.MAX_VALUE - 8;

  private final String file;
  private final WeightUses uses;
  private final Values values;
  private final HeaderBudget budget;

  AffineCodes(String file, WeightUses uses, Values values, HeaderBudget budget) {
    this.file = file;
    this.uses = uses;
    this.values = values;
    this.budget = budget;
  }

  /**
   * How the integers of {@code weight}, stored as {@code type}, are scaled.
   *
   * @throws Refusal.Unsupported if the scales are computed, blocked, or not those of integers
   * @throws Refusal.Inconsistent if there are neither one nor as many as their axis is long
   */
  AffineCode read(Initializer weight, TensorType type, Scaling scaling) throws IOException {
    if (type.family() != TensorType.Family.INTEGER || type == TensorType.BOOL) {
      throw unsupported(weight, "scaled values of type %s are not read".formatted(type));
    }
    if (scaling.blockSize() != 0) {
      throw unsupported(
          weight, "scales of blocks of %d are not read".formatted(scaling.blockSize()));
    }
    Initializer scale = parameter(weight, scaling.scale(), "scale");
    float[] scales = scales(weight, scale, scaling);
    int[] zeroPoints =
        scaling.zeroPoint().isEmpty()
            ? new int[1]
            : zeroPoints(weight, parameter(weight, scaling.zeroPoint(), "zero point"), scaling);
    int codes = Math.max(scales.length, zeroPoints.length);
    int axis = codes == 1 ? 0 : Math.toIntExact(scaling.axis().orElse(0));
    return new AffineCode(repeated(scales, codes), repeated(zeroPoints, codes), axis);
  }

  private float[] scales(Initializer weight, Initializer scale, Scaling scaling)
      throws IOException {
    Values.Stored stored = values.of(scale);
    float[] scales = new float[length(weight, scale, scaling)];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = bytes(stored, arena);
      for (int i = 0; i < scales.length; i++) {
        scales[i] =
            switch (stored.type()) {
              case F32 -> bytes.getAtIndex(FLOAT, i);
              case F16 -> Float.float16ToFloat(bytes.getAtIndex(SHORT, i));
              case BF16 -> Float.intBitsToFloat(bytes.getAtIndex(SHORT, i) << Short.SIZE);
              default -> throw unsupported(scale, "scales of type %s".formatted(stored.type()));
            };
      }
    }
    return scales;
  }

  private int[] zeroPoints(Initializer weight, Initializer zeroPoint, Scaling scaling)
      throws IOException {
    Values.Stored stored = values.of(zeroPoint);
    int[] zeroPoints = new int[length(weight, zeroPoint, scaling)];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = bytes(stored, arena);
      for (int i = 0; i < zeroPoints.length; i++) {
        zeroPoints[i] =
            switch (stored.type()) {
              case I8 -> bytes.getAtIndex(BYTE, i);
              case U8 -> Byte.toUnsignedInt(bytes.getAtIndex(BYTE, i));
              case I16 -> bytes.getAtIndex(SHORT, i);
              case U16 -> Short.toUnsignedInt(bytes.getAtIndex(SHORT, i));
              case I32 -> bytes.getAtIndex(INT, i);
              default ->
                  throw unsupported(zeroPoint, "zero points of type %s".formatted(stored.type()));
            };
      }
    }
    return zeroPoints;
  }

  private static MemorySegment bytes(Values.Stored stored, Arena arena) throws IOException {
    MemorySegment bytes = arena.allocate(stored.bytes(), Long.BYTES);
    stored.source().read(stored.offset(), bytes);
    return bytes;
  }

  /** Elements of {@code parameter}, checked to be one or as many as the axis is long. */
  private int length(Initializer weight, Initializer parameter, Scaling scaling) throws Refusal {
    long length = parameter.shape().elements();
    if (length != 1) {
      long axis = scaling.axis().orElse(-1);
      if (axis < 0 || axis >= weight.shape().rank()) {
        throw unsupported(
            weight, "%d scales along dimension %d are not read".formatted(length, axis));
      }
      long expected = Math.max(1, weight.shape().dimension((int) axis));
      if (length != expected || parameter.shape().columns() != length) {
        throw new Refusal.Inconsistent(
            file, parameter.subject(), parameter.offset(), "number of values", length, expected);
      }
    }
    if (length > MOST_VALUES) {
      throw new Refusal.LimitExceeded(
          file, parameter.subject(), parameter.offset(), "number of values", length, MOST_VALUES);
    }
    // A parameter may be shared, and is kept once for every weight: so it is charged.
    budget.charge(length * Integer.BYTES, parameter.subject(), parameter.offset());
    return (int) length;
  }

  private Initializer parameter(Initializer weight, String name, String what) throws Refusal {
    return uses.initializer(name)
        .orElseThrow(() ->
            unsupported(
                weight,
                "its %s is %s, which is not constant"
                    .formatted(what, name.isEmpty() ? "left out" : Printable.of(name))));
  }

  private Refusal.Unsupported unsupported(Initializer tensor, String detail) {
    return new Refusal.Unsupported(file, tensor.subject(), tensor.offset(), detail);
  }

  private static float[] repeated(float[] values, int count) {
    float[] all = Arrays.copyOf(values, count);
    if (values.length == 1) {
      Arrays.fill(all, values[0]);
    }
    return all;
  }

  private static int[] repeated(int[] values, int count) {
    int[] all = Arrays.copyOf(values, count);
    if (values.length == 1) {
      Arrays.fill(all, values[0]);
    }
    return all;
  }
}
