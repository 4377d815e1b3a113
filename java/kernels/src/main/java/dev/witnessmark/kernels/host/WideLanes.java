package dev.witnessmark.kernels.host;

import dev.witnessmark.kernels.decode.Lanes;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The 256 running lanes of dot256 and sum256, in memory between stretches of a row. A stretch
 * begins at a multiple of 256 elements and, unless it is the last, ends at one.
 */
final class WideLanes {

  static final int COUNT = 256;

  static final long BYTES = COUNT * Float.BYTES;

  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;

  /** Accumulators of one pass: enough to hide the latency of an addition, in half the registers. */
  private static final int VECTORS = 8;

  private WideLanes() {}

  /** Adds a[i]·b[i] to lane i mod 256 for i in ascending order. */
  static void addProducts(
      MemorySegment a,
      long aAt,
      MemorySegment b,
      long bAt,
      int elements,
      MemorySegment lanes,
      long lanesAt) {
    int whole = elements & -COUNT;
    if (whole > 0) {
      for (int lane = 0; lane < COUNT; lane += VECTORS * FLOATS.length()) {
        long shift = (long) Float.BYTES * lane;
        addWholeProducts(a, aAt + shift, b, bAt + shift, whole, lanes, lanesAt + shift);
      }
    }
    long done = (long) Float.BYTES * whole;
    addRemainingProducts(a, aAt + done, b, bAt + done, elements - whole, lanes, lanesAt);
  }

  private static void addWholeProducts(
      MemorySegment a,
      long aAt,
      MemorySegment b,
      long bAt,
      int elements,
      MemorySegment lanes,
      long at) {
    long v = FLOATS.vectorByteSize();
    FloatVector sum0 = FloatVector.fromMemorySegment(FLOATS, lanes, at, LITTLE);
    FloatVector sum1 = FloatVector.fromMemorySegment(FLOATS, lanes, at + v, LITTLE);
    FloatVector sum2 = FloatVector.fromMemorySegment(FLOATS, lanes, at + 2 * v, LITTLE);
    FloatVector sum3 = FloatVector.fromMemorySegment(FLOATS, lanes, at + 3 * v, LITTLE);
    FloatVector sum4 = FloatVector.fromMemorySegment(FLOATS, lanes, at + 4 * v, LITTLE);
    FloatVector sum5 = FloatVector.fromMemorySegment(FLOATS, lanes, at + 5 * v, LITTLE);
    FloatVector sum6 = FloatVector.fromMemorySegment(FLOATS, lanes, at + 6 * v, LITTLE);
    FloatVector sum7 = FloatVector.fromMemorySegment(FLOATS, lanes, at + 7 * v, LITTLE);
    for (int i = 0; i < elements; i += COUNT) {
      long x = aAt + 4L * i;
      long y = bAt + 4L * i;
      sum0 =
          FloatVector.fromMemorySegment(FLOATS, a, x, LITTLE)
              .fma(FloatVector.fromMemorySegment(FLOATS, b, y, LITTLE), sum0);
      sum1 =
          FloatVector.fromMemorySegment(FLOATS, a, x + v, LITTLE)
              .fma(FloatVector.fromMemorySegment(FLOATS, b, y + v, LITTLE), sum1);
      sum2 =
          FloatVector.fromMemorySegment(FLOATS, a, x + 2 * v, LITTLE)
              .fma(FloatVector.fromMemorySegment(FLOATS, b, y + 2 * v, LITTLE), sum2);
      sum3 =
          FloatVector.fromMemorySegment(FLOATS, a, x + 3 * v, LITTLE)
              .fma(FloatVector.fromMemorySegment(FLOATS, b, y + 3 * v, LITTLE), sum3);
      sum4 =
          FloatVector.fromMemorySegment(FLOATS, a, x + 4 * v, LITTLE)
              .fma(FloatVector.fromMemorySegment(FLOATS, b, y + 4 * v, LITTLE), sum4);
      sum5 =
          FloatVector.fromMemorySegment(FLOATS, a, x + 5 * v, LITTLE)
              .fma(FloatVector.fromMemorySegment(FLOATS, b, y + 5 * v, LITTLE), sum5);
      sum6 =
          FloatVector.fromMemorySegment(FLOATS, a, x + 6 * v, LITTLE)
              .fma(FloatVector.fromMemorySegment(FLOATS, b, y + 6 * v, LITTLE), sum6);
      sum7 =
          FloatVector.fromMemorySegment(FLOATS, a, x + 7 * v, LITTLE)
              .fma(FloatVector.fromMemorySegment(FLOATS, b, y + 7 * v, LITTLE), sum7);
    }
    sum0.intoMemorySegment(lanes, at, LITTLE);
    sum1.intoMemorySegment(lanes, at + v, LITTLE);
    sum2.intoMemorySegment(lanes, at + 2 * v, LITTLE);
    sum3.intoMemorySegment(lanes, at + 3 * v, LITTLE);
    sum4.intoMemorySegment(lanes, at + 4 * v, LITTLE);
    sum5.intoMemorySegment(lanes, at + 5 * v, LITTLE);
    sum6.intoMemorySegment(lanes, at + 6 * v, LITTLE);
    sum7.intoMemorySegment(lanes, at + 7 * v, LITTLE);
  }

  /** Fewer than 256 products: every lane takes one at most. */
  private static void addRemainingProducts(
      MemorySegment a,
      long aAt,
      MemorySegment b,
      long bAt,
      int elements,
      MemorySegment lanes,
      long lanesAt) {
    int whole = FLOATS.loopBound(elements);
    for (int i = 0; i < whole; i += FLOATS.length()) {
      FloatVector.fromMemorySegment(FLOATS, a, aAt + 4L * i, LITTLE)
          .fma(
              FloatVector.fromMemorySegment(FLOATS, b, bAt + 4L * i, LITTLE),
              FloatVector.fromMemorySegment(FLOATS, lanes, lanesAt + 4L * i, LITTLE))
          .intoMemorySegment(lanes, lanesAt + 4L * i, LITTLE);
    }
    for (int i = whole; i < elements; i++) {
      float sum =
          Math.fma(
              Values.f32At(a, aAt + 4L * i),
              Values.f32At(b, bAt + 4L * i),
              Values.f32At(lanes, lanesAt + 4L * i));
      Values.setF32At(lanes, lanesAt + 4L * i, sum);
    }
  }

  /** Adds t[i] to lane i mod 256 for i in ascending order, all of a row at once. */
  static void add(MemorySegment terms, long at, int elements, MemorySegment lanes, long lanesAt) {
    int i = 0;
    for (; i < elements - COUNT; i += COUNT) {
      addUpTo(COUNT, terms, at + 4L * i, lanes, lanesAt);
    }
    addUpTo(elements - i, terms, at + 4L * i, lanes, lanesAt);
  }

  private static void addUpTo(
      int elements, MemorySegment terms, long at, MemorySegment lanes, long lanesAt) {
    int whole = FLOATS.loopBound(elements);
    for (int i = 0; i < whole; i += FLOATS.length()) {
      FloatVector.fromMemorySegment(FLOATS, lanes, lanesAt + 4L * i, LITTLE)
          .add(FloatVector.fromMemorySegment(FLOATS, terms, at + 4L * i, LITTLE))
          .intoMemorySegment(lanes, lanesAt + 4L * i, LITTLE);
    }
    for (int i = whole; i < elements; i++) {
      float sum = Values.f32At(lanes, lanesAt + 4L * i) + Values.f32At(terms, at + 4L * i);
      Values.setF32At(lanes, lanesAt + 4L * i, sum);
    }
  }

  /** Adds lanes l and l + s for l &lt; s, s = 128 … 1. The lanes are used up. */
  static float total(MemorySegment lanes, long at) {
    int s = COUNT / 2;
    for (; s >= FLOATS.length(); s /= 2) {
      fold(lanes, at, s);
    }
    for (; s > 0; s /= 2) {
      for (int l = 0; l < s; l++) {
        float sum = Values.f32At(lanes, at + 4L * l) + Values.f32At(lanes, at + 4L * (l + s));
        Values.setF32At(lanes, at + 4L * l, sum);
      }
    }
    return Values.f32At(lanes, at);
  }

  private static void fold(MemorySegment lanes, long at, int s) {
    for (int l = 0; l < s; l += FLOATS.length()) {
      FloatVector.fromMemorySegment(FLOATS, lanes, at + 4L * l, LITTLE)
          .add(FloatVector.fromMemorySegment(FLOATS, lanes, at + 4L * (l + s), LITTLE))
          .intoMemorySegment(lanes, at + 4L * l, LITTLE);
    }
  }
}
