package dev.witnessmark.kernels.conformance;

import dev.witnessmark.format.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.random.RandomGenerator;

/**
 * Stored values of a type: every bit of the codes is random, the scales follow the pattern.
 *
 * @param type how they are stored
 */
record StoredNumbers(TensorType type, Pattern pattern, RandomGenerator random) {

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Every how many numbers one is special in the patterns that mix. */
  private static final int RARE = 97;

  /** Blocks from this one on repeat those before: so many only serve to take time. */
  private static final long MOST_DISTINCT = 1 << 21;

  /** Fills {@code memory}, whole blocks. */
  void fill(MemorySegment memory) {
    byte[] bytes = new byte[type.blockBytes()];
    long distinct = Math.min(memory.byteSize() / type.blockBytes(), MOST_DISTINCT);
    for (long block = 0; block < distinct; block++) {
      MemorySegment at = memory.asSlice(block * type.blockBytes(), type.blockBytes());
      random.nextBytes(bytes);
      at.copyFrom(MemorySegment.ofArray(bytes));
      scales(at, block);
    }
    long filled = distinct * type.blockBytes();
    for (long at = filled; at < memory.byteSize(); at += filled) {
      long bytesMore = Math.min(filled, memory.byteSize() - at);
      MemorySegment.copy(memory, 0, memory, at, bytesMore);
    }
  }

  /** The fields of a block that are numbers themselves. */
  private void scales(MemorySegment block, long i) {
    switch (type) {
      case F32 -> block.set(INT, 0, Float.floatToRawIntBits(number(i)));
      case F16 -> half(block, 0, i);
      case BF16 -> block.set(SHORT, 0, (short) (Float.floatToRawIntBits(number(i)) >>> 16));
      case F64 -> block.set(LONG, 0, Double.doubleToRawLongBits(number(i)));
      case Q4_0, Q5_0, Q8_0, IQ4_NL, Q1_0, Q2_0 -> half(block, 0, i);
      case IQ2_XXS, IQ2_XS, IQ2_S, IQ3_XXS, IQ3_S, IQ1_S, IQ4_XS -> half(block, 0, i);
      case Q4_1, Q5_1, Q8_1, Q4_K, Q5_K -> {
        half(block, 0, i);
        half(block, 2, i + 1);
      }
      case Q2_K -> {
        half(block, 80, i);
        half(block, 82, i + 1);
      }
      case Q3_K -> half(block, 108, i);
      case Q6_K -> half(block, 208, i);
      case Q8_K -> block.set(INT, 0, Float.floatToRawIntBits(number(i)));
      case TQ1_0 -> half(block, 52, i);
      case TQ2_0 -> half(block, 64, i);
      case MXFP4 -> block.set(ValueLayout.JAVA_BYTE, 0, (byte) exponent(i));
      case IQ1_M -> topNibbles(block, Float.floatToFloat16(scale(i)));
      case NVFP4, F8_E4M3, F8_E5M2, I8, I16, I32, I64, U8, U16, U32, U64, BOOL -> {
        // every byte is a number of the type
      }
    }
  }

  private void half(MemorySegment block, long at, long i) {
    block.set(SHORT, at, Float.floatToFloat16(scale(i)));
  }

  /** The float16 of IQ1_M lies in the top nibbles of four words. */
  private static void topNibbles(MemorySegment block, short half) {
    for (int k = 0; k < 4; k++) {
      long at = 48 + 2L * k;
      int word = (block.get(SHORT, at) & 0x0fff) | ((half >> (4 * k)) & 15) << 12;
      block.set(SHORT, at, (short) word);
    }
  }

  private int exponent(long i) {
    return switch (pattern) {
      case SUBNORMAL -> random.nextInt(3);
      case HUGE -> 250;
      case NON_FINITE -> rare(i) ? 255 : 120;
      default -> 118 + random.nextInt(8);
    };
  }

  /** A float32 that follows the pattern. */
  private float number(long i) {
    return switch (pattern) {
      case RANDOM -> (float) random.nextGaussian();
      case SUBNORMAL -> Float.intBitsToFloat(sign() | random.nextInt(1 << 24));
      case HUGE -> Math.copySign(Float.MAX_VALUE * random.nextFloat(), sign());
      case CANCELLING -> cancelling(i, random.nextFloat());
      case SIGNED_ZEROS -> rare(i) ? 1 : Float.intBitsToFloat(sign());
      case TIES -> random.nextInt(-254, 255) * 0.5f;
      case NON_FINITE -> rare(i) ? nonFinite() : (float) random.nextGaussian();
    };
  }

  /** A number that a float16 can hold, of the size of a block's scale. */
  private float scale(long i) {
    return switch (pattern) {
      case RANDOM -> random.nextFloat(-1, 1) / 16;
      case SUBNORMAL -> Float.float16ToFloat((short) (sign() >>> 16 | random.nextInt(1 << 10)));
      case HUGE -> Math.copySign(65504 * random.nextFloat(0.5f, 1), sign());
      case CANCELLING -> cancelling(i, 1 / 16f);
      case SIGNED_ZEROS -> rare(i) ? 1 : Float.intBitsToFloat(sign());
      case TIES -> Math.scalb(1f, random.nextInt(-4, 4));
      case NON_FINITE -> rare(i) ? nonFinite() : random.nextFloat(-1, 1) / 16;
    };
  }

  /** Large numbers that nearly cancel their neighbours, with small ones between them. */
  private static float cancelling(long i, float small) {
    return switch ((int) (i % 4)) {
      case 0 -> 1024 + small;
      case 2 -> -1024 + small;
      default -> small;
    };
  }

  private static boolean rare(long i) {
    return i % RARE == RARE / 2;
  }

  private int sign() {
    return random.nextInt() & Integer.MIN_VALUE;
  }

  private float nonFinite() {
    return switch (random.nextInt(3)) {
      case 0 -> Float.NaN;
      case 1 -> Float.POSITIVE_INFINITY;
      default -> Float.NEGATIVE_INFINITY;
    };
  }
}
