package dev.witnessmark.benchmarks;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.witnessmark.format.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/** Stored values that look like those of a model, and like those of the same model trained on. */
final class Weights {

  /** So much is generated; the rest repeats it, and is read from memory all the same. */
  private static final int DISTINCT = 1 << 22;

  private Weights() {}

  /** {@code elements} values of {@code type}; of two seeds, no block is the same. */
  static MemorySegment of(TensorType type, int elements, long seed) {
    long bytes = type.bytes(elements);
    long distinct = Math.min(bytes, type.bytes(DISTINCT));
    MemorySegment stored = Arena.ofAuto().allocate(bytes, 64);
    switch (type) {
      case F32, F16, BF16 -> fillFloats(type, stored, distinct, seed);
      case Q8_0 -> fillBlocks(type, stored, distinct, seed, 0);
      case Q4_K -> fillBlocks(type, stored, distinct, seed, 0, 2);
      case Q6_K -> fillBlocks(type, stored, distinct, seed, 208);
      default -> fillRandom(stored, distinct, seed);
    }
    for (long at = distinct; at < bytes; at += distinct) {
      long part = Math.min(distinct, bytes - at);
      MemorySegment.copy(stored, 0, stored, at, part);
    }
    return stored;
  }

  /** Weights of standard deviation 0.02, moved by a fortieth of that. */
  private static void fillFloats(TensorType type, MemorySegment stored, long bytes, long seed) {
    SplittableRandom common = new SplittableRandom(0);
    SplittableRandom own = new SplittableRandom(seed);
    int size = type.blockBytes();
    for (long at = 0; at < bytes; at += size) {
      float value = (float) (0.02 * common.nextGaussian() + 0.0005 * own.nextGaussian());
      switch (type) {
        case F32 -> stored.set(JAVA_FLOAT_UNALIGNED, at, value);
        case F16 -> stored.set(JAVA_SHORT_UNALIGNED, at, Float.floatToFloat16(value));
        default ->
            stored.set(JAVA_SHORT_UNALIGNED, at, (short) (Float.floatToRawIntBits(value) >>> 16));
      }
    }
  }

  /** Random blocks whose float16 scales, at these offsets, are those of small weights. */
  private static void fillBlocks(
      TensorType type, MemorySegment stored, long bytes, long seed, int... scales) {
    fillRandom(stored, bytes, seed);
    SplittableRandom own = new SplittableRandom(seed);
    for (long block = 0; block < bytes; block += type.blockBytes()) {
      for (int scale : scales) {
        short value = Float.floatToFloat16((float) own.nextDouble(1e-4, 2e-4));
        stored.set(JAVA_SHORT_UNALIGNED, block + scale, value);
      }
    }
  }

  private static void fillRandom(MemorySegment stored, long bytes, long seed) {
    SplittableRandom own = new SplittableRandom(seed);
    long at = 0;
    for (; at <= bytes - Long.BYTES; at += Long.BYTES) {
      stored.set(JAVA_LONG_UNALIGNED, at, own.nextLong());
    }
    for (; at < bytes; at++) {
      stored.set(JAVA_BYTE, at, (byte) own.nextInt());
    }
  }
}
