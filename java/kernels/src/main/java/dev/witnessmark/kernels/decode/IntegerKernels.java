package dev.witnessmark.kernels.decode;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Integers to the nearest float32, a vector at a time; {@link VectorPlainDecoder.Kernel}. */
final class IntegerKernels {

  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final VectorSpecies<Integer> INTS = Lanes.INTS;
  private static final VectorSpecies<Short> SHORTS = Lanes.SHORTS;
  private static final VectorSpecies<Byte> BYTES = Lanes.BYTES;
  private static final VectorSpecies<Long> LONGS = Lanes.LONGS;
  private static final VectorSpecies<Float> HALF_FLOATS = Lanes.HALF_FLOATS;
  private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
  private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

  private static final long LOW_HALF = 0xffff_ffffL;

  /** Bits below the 53 that a double holds of a long. */
  private static final long BELOW_DOUBLE = (1L << 11) - 1;

  private static final double TWO_52 = 0x1p52;
  private static final double TWO_84 = 0x1p84;

  private IntegerKernels() {}

  static int i8(MemorySegment stored, long at, MemorySegment values, long valuesAt, int elements) {
    int i = 0;
    for (; i <= elements - BYTES.length(); i += FLOATS.length()) {
      ByteVector bytes = ByteVector.fromMemorySegment(BYTES, stored, at + i, LITTLE);
      ((FloatVector) bytes.convertShape(VectorOperators.B2F, FLOATS, 0))
          .intoMemorySegment(values, valuesAt + 4L * i, NATIVE);
    }
    return i;
  }

  static int u8(MemorySegment stored, long at, MemorySegment values, long valuesAt, int elements) {
    int i = 0;
    for (; i <= elements - BYTES.length(); i += FLOATS.length()) {
      ByteVector bytes = ByteVector.fromMemorySegment(BYTES, stored, at + i, LITTLE);
      floats((IntVector) bytes.convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0))
          .intoMemorySegment(values, valuesAt + 4L * i, NATIVE);
    }
    return i;
  }

  /** Every byte but 0 is true, and true is 1. */
  static int bool(
      MemorySegment stored, long at, MemorySegment values, long valuesAt, int elements) {
    int i = 0;
    for (; i <= elements - BYTES.length(); i += FLOATS.length()) {
      ByteVector bytes = ByteVector.fromMemorySegment(BYTES, stored, at + i, LITTLE);
      floats(((IntVector) bytes.convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0)).min(1))
          .intoMemorySegment(values, valuesAt + 4L * i, NATIVE);
    }
    return i;
  }

  static int i16(MemorySegment stored, long at, MemorySegment values, long valuesAt, int elements) {
    int whole = FLOATS.loopBound(elements);
    for (int i = 0; i < whole; i += FLOATS.length()) {
      ShortVector shorts = ShortVector.fromMemorySegment(SHORTS, stored, at + 2L * i, LITTLE);
      floats((IntVector) shorts.convertShape(VectorOperators.S2I, INTS, 0))
          .intoMemorySegment(values, valuesAt + 4L * i, NATIVE);
    }
    return whole;
  }

  static int u16(MemorySegment stored, long at, MemorySegment values, long valuesAt, int elements) {
    int whole = FLOATS.loopBound(elements);
    for (int i = 0; i < whole; i += FLOATS.length()) {
      ShortVector shorts = ShortVector.fromMemorySegment(SHORTS, stored, at + 2L * i, LITTLE);
      floats((IntVector) shorts.convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0))
          .intoMemorySegment(values, valuesAt + 4L * i, NATIVE);
    }
    return whole;
  }

  static int i32(MemorySegment stored, long at, MemorySegment values, long valuesAt, int elements) {
    int whole = FLOATS.loopBound(elements);
    for (int i = 0; i < whole; i += FLOATS.length()) {
      floats(IntVector.fromMemorySegment(INTS, stored, at + 4L * i, LITTLE))
          .intoMemorySegment(values, valuesAt + 4L * i, NATIVE);
    }
    return whole;
  }

  /** Both halves convert exactly, so their sum is the only rounding. */
  static int u32(MemorySegment stored, long at, MemorySegment values, long valuesAt, int elements) {
    int whole = FLOATS.loopBound(elements);
    for (int i = 0; i < whole; i += FLOATS.length()) {
      IntVector ints = IntVector.fromMemorySegment(INTS, stored, at + 4L * i, LITTLE);
      floats(ints.lanewise(VectorOperators.LSHR, 16))
          .mul(0x1p16f)
          .add(floats(ints.and(0xffff)))
          .intoMemorySegment(values, valuesAt + 4L * i, NATIVE);
    }
    return whole;
  }

  static int i64(MemorySegment stored, long at, MemorySegment values, long valuesAt, int elements) {
    int whole = LONGS.loopBound(elements);
    for (int i = 0; i < whole; i += LONGS.length()) {
      LongVector longs = LongVector.fromMemorySegment(LONGS, stored, at + 8L * i, LITTLE);
      LongVector negative = longs.lanewise(VectorOperators.LSHR, 63).neg();
      DoubleVector magnitude = doubles(longs.lanewise(VectorOperators.XOR, negative).sub(negative));
      DoubleVector signed =
          magnitude.reinterpretAsLongs().or(longs.and(Long.MIN_VALUE)).reinterpretAsDoubles();
      ((FloatVector) signed.convertShape(VectorOperators.D2F, HALF_FLOATS, 0))
          .intoMemorySegment(values, valuesAt + 4L * i, NATIVE);
    }
    return whole;
  }

  static int u64(MemorySegment stored, long at, MemorySegment values, long valuesAt, int elements) {
    int whole = LONGS.loopBound(elements);
    for (int i = 0; i < whole; i += LONGS.length()) {
      LongVector longs = LongVector.fromMemorySegment(LONGS, stored, at + 8L * i, LITTLE);
      ((FloatVector) doubles(longs).convertShape(VectorOperators.D2F, HALF_FLOATS, 0))
          .intoMemorySegment(values, valuesAt + 4L * i, NATIVE);
    }
    return whole;
  }

  private static FloatVector floats(IntVector ints) {
    return (FloatVector) ints.convertShape(VectorOperators.I2F, FLOATS, 0);
  }

  /**
   * Unsigned longs as doubles that round to the same float: exact below 2^53; above, the bits that
   * a double may lose are replaced by one that says whether any was set, far below a float's.
   */
  private static DoubleVector doubles(LongVector longs) {
    LongVector rounded =
        longs
            .and(BELOW_DOUBLE)
            .add(BELOW_DOUBLE)
            .and(BELOW_DOUBLE + 1)
            .or(longs)
            .and(~BELOW_DOUBLE);
    // No comparison: there are no masks of two lanes. All ones where one of the top bits is set.
    LongVector large =
        longs
            .lanewise(VectorOperators.LSHR, 53)
            .add(BELOW_DOUBLE)
            .lanewise(VectorOperators.LSHR, 11)
            .neg();
    LongVector exact = longs.lanewise(VectorOperators.BITWISE_BLEND, rounded, large);
    // Each half sits in the mantissa of a power of two that is subtracted; nothing rounds.
    DoubleVector low =
        exact.and(LOW_HALF).or(Double.doubleToRawLongBits(TWO_52)).reinterpretAsDoubles();
    DoubleVector high =
        exact
            .lanewise(VectorOperators.LSHR, 32)
            .or(Double.doubleToRawLongBits(TWO_84))
            .reinterpretAsDoubles();
    return high.sub(TWO_84).add(low.sub(TWO_52));
  }
}
