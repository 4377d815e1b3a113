package dev.witnessmark.kernels.exact;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.decode.BlockFormula;
import dev.witnessmark.kernels.decode.Decoder;
import dev.witnessmark.kernels.decode.Decoders;
import dev.witnessmark.kernels.operation.Dequantise;
import dev.witnessmark.kernels.operation.Gather;
import dev.witnessmark.kernels.operation.RoundingBounds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Stored values as real numbers.
 *
 * <p>A float16 has 11 significant bits, a scale code at most 7, a code at most 7 and no more than
 * 12 with its scale code: products of the three are exact in float32, and so are scale and offset.
 * Only the last operation can round, once: where an offset is added, where the scale is a float32
 * (Q8_K), and in plain types of more than 24 bits. A result that is a float is exact.
 */
final class ExactDecoding {

  private ExactDecoding() {}

  static Reference dequantise(Dequantise o, MemorySegment stored) {
    return Reference.of(
        "values", 1, Numbers::f32, o.elements(), i -> decoded(o.type(), stored, 0, i));
  }

  /** By definition what the float32 operations of the scalar decoder give. */
  static Reference bounds(RoundingBounds o, MemorySegment stored) {
    Decoder decoder = Decoders.scalar(o.type());
    int elements = Math.toIntExact(o.elements());
    Bounded[] bounds = new Bounded[elements];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment values = arena.allocate(o.elements() * Float.BYTES, Float.BYTES);
      MemorySegment found = arena.allocate(o.elements() * Float.BYTES, Float.BYTES);
      decoder.decodeWithBounds(stored, 0, values, 0, found, 0, elements);
      Arrays.setAll(bounds, i -> Bounded.exactly(Numbers.f32(found, i)));
    }
    return Reference.of("bounds", 1, Numbers::f32, bounds);
  }

  static Reference gather(Gather o, Given table, MemorySegment tokens) {
    long rowBytes = o.type().bytes(o.columns());
    return Reference.of(
        "results",
        2,
        Numbers::f32,
        (long) o.tokens() * o.columns(),
        i -> {
          int row = Numbers.i32(tokens, i / o.columns());
          int column = i % o.columns();
          if (row < 0 || row >= o.rows()) {
            return Bounded.exactly(Double.NaN);
          }
          return o.type() == TensorType.F32
              ? table.f32((long) row * o.columns() + column)
              : decoded(o.type(), table.memory(), row * rowBytes, column);
        });
  }

  /** Row {@code row} of a matrix as float32, which is what a product takes it for. */
  static float[] row(TensorType type, MemorySegment matrix, int row, int columns) {
    Decoder decoder = Decoders.scalar(type);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment values = arena.allocate((long) columns * Float.BYTES, Float.BYTES);
      decoder.decode(matrix, row * type.bytes(columns), values, 0, columns);
      return values.toArray(ValueLayout.JAVA_FLOAT);
    }
  }

  private static Bounded decoded(TensorType type, MemorySegment s, long from, int i) {
    return Bounded.rounded(type.quantised() ? ofBlock(type, s, from, i) : plain(type, s, from, i));
  }

  private static double ofBlock(TensorType type, MemorySegment s, long from, int i) {
    BlockFormula formula = new BlockFormula(type);
    long block = from + i / type.blockElements() * (long) type.blockBytes();
    int e = i % type.blockElements();
    double product = (double) formula.scale(s, block, e) * formula.code(s, block, e);
    return formula.hasOffset() ? product + formula.offset(s, block, e) : product;
  }

  private static double plain(TensorType type, MemorySegment s, long from, int i) {
    long at = from + (long) i * type.blockBytes();
    MemorySegment element = s.asSlice(at, type.blockBytes());
    return switch (type) {
      case F64 -> Numbers.f64(element, 0);
      case I32 -> Numbers.i32(element, 0);
      case U32 -> Integer.toUnsignedLong(Numbers.i32(element, 0));
      case I64 -> Numbers.i64(element, 0);
      case U64 -> unsigned(Numbers.i64(element, 0));
      default -> row(type, element, 0, 1)[0];
    };
  }

  private static double unsigned(long x) {
    return x >= 0 ? x : x + 0x1p64;
  }
}
