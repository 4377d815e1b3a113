package dev.witnessmark.kernels.host;

import dev.witnessmark.kernels.decode.Lanes;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * A piece of a row on its way to terms, scale · isum + offset · osum for each block, which are
 * added to eight lanes. All of it stays in the first-level cache.
 *
 * <p>Loops over several memories index them by something that is not the loop's variable times a
 * constant, but for example by twice its half. Where it is, C2 of JDK 25 splits the loop in two for
 * its range checks, guards the inner one by a predicate that fails, and compiles it again and
 * again.
 */
final class Q8Piece {

  /** Most blocks of a piece. */
  static final int BLOCKS = 128;

  /** Lanes that terms are added to. */
  static final int LANES = 8;

  /** Bytes of a row's lanes, and where the offsets' lanes of fast sums begin. */
  static final int LANE_BYTES = 128;

  static final int OFFSET_LANES = 64;

  /** Integers of a block before they are summed. */
  static final int PARTIALS = 16;

  /** What may be read or written beyond the last block, in bytes. */
  static final int EXCESS = 128;

  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final VectorSpecies<Integer> INTS = Lanes.INTS;
  private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

  /** Lanes 0, 2, 4 … of two vectors one after the other. */
  static final IntVector EVEN = IntVector.zero(INTS).addIndex(2);

  static final IntVector ODD = EVEN.add(1);

  /** [blocks] float32: factors of the sums. */
  final MemorySegment scales = memory(Float.BYTES);

  final MemorySegment offsets = memory(Float.BYTES);

  /** [blocks, {@link #PARTIALS}] int32 whose sums are the integer products. */
  final MemorySegment partials = memory(PARTIALS * Integer.BYTES);

  /** [blocks, 4] int32 whose sums are what offsets are multiplied with. */
  final MemorySegment offsetQuarters = memory(4 * Integer.BYTES);

  /** [blocks] int32: what offsets are multiplied with. */
  final MemorySegment offsetSums = memory(Integer.BYTES);

  /** [blocks, 16] bytes. */
  final MemorySegment headers = memory(16);

  /** [blocks, 16] bytes: integer scales, of types that have them, packed from the left. */
  final MemorySegment scaleCodes = memory(16);

  /** [2, {@link #BLOCKS}, 4] bytes: integer minima. */
  final MemorySegment minima = memory(8);

  private final MemorySegment quarters = memory(4 * Integer.BYTES);
  private final MemorySegment terms = memory(Float.BYTES);
  private final MemorySegment sums = memory(Integer.BYTES);

  private static MemorySegment memory(int bytesPerBlock) {
    return Scratch.allocate((long) bytesPerBlock * BLOCKS + EXCESS);
  }

  /** Sets the integers of some blocks to 0, for formats that write them in several passes. */
  void clearPartials(int first, int blocks) {
    clear(partials, (long) Integer.BYTES * PARTIALS * first, PARTIALS * blocks);
  }

  private static void clear(MemorySegment ints, long at, int count) {
    for (int i = 0; i < count; i += INTS.length()) {
      IntVector.zero(INTS).intoMemorySegment(ints, at + 4L * i, NATIVE);
    }
  }

  /** Makes the terms harmless that follow {@code blocks} blocks of every row up to the stride. */
  void pad(int rows, int blocks, int stride) {
    for (int row = 0; row < rows; row++) {
      for (int block = blocks; block < stride; block++) {
        Values.setF32(scales, (long) row * stride + block, 0);
        Values.setF32(offsets, (long) row * stride + block, 0);
      }
    }
  }

  /**
   * Adds the terms of some rows to their lanes.
   *
   * @param stride blocks from one row to the next, a multiple of {@link #LANES}; the scales of
   *     those that do not exist are zero
   * @param activationScales [rows, stride] float32 from byte {@code at}
   * @param lanes [rows, 32] float32 from byte {@code lanesAt}, of which the first eight are used
   */
  void addTerms(
      boolean withOffsets,
      int rows,
      int stride,
      MemorySegment activationScales,
      long at,
      MemorySegment lanes,
      long lanesAt) {
    int blocks = rows * stride;
    quarter(partials, 4 * blocks, quarters);
    quarter(quarters, blocks, sums);
    if (withOffsets) {
      quarter(offsetQuarters, blocks, offsetSums);
      scale(blocks, offsets, activationScales, at, offsetSums, terms);
      addScale(blocks, scales, activationScales, at, sums, terms);
    } else {
      scale(blocks, scales, activationScales, at, sums, terms);
    }
    for (int lane = 0; lane < LANES; lane += FLOATS.length()) {
      add(rows, stride, terms, 4L * lane, lanes, lanesAt + 4L * lane);
    }
  }

  /**
   * What {@link #addTerms} does, in another order: every one of the sixteen integers of a block is
   * scaled by itself and added to its own lane by fma, and the offsets' terms are added to eight
   * lanes more. The integers are below 2²⁴, so that floats hold them.
   *
   * <p>The result is within (blocks + 8)·2⁻²⁴·Σ|terms| of the exact one, where the terms are the
   * products of single elements and those with offsets: one rounding of the scale, one for each
   * block in a lane, five in the tree, and room for those of the second order.
   */
  void addFast(
      boolean withOffsets,
      int rows,
      int stride,
      MemorySegment activationScales,
      long at,
      MemorySegment lanes,
      long lanesAt) {
    int blocks = rows * stride;
    multiply(blocks, scales, activationScales, at, terms);
    for (int lane = 0; lane < PARTIALS; lane += FLOATS.length()) {
      addScaled(rows, stride, partials, 4L * lane, terms, lanes, lanesAt + 4L * lane);
    }
    if (withOffsets) {
      quarter(offsetQuarters, blocks, offsetSums);
      scale(blocks, offsets, activationScales, at, offsetSums, terms);
      for (int lane = 0; lane < LANES; lane += FLOATS.length()) {
        add(rows, stride, terms, 4L * lane, lanes, lanesAt + OFFSET_LANES + 4L * lane);
      }
    }
  }

  private static void multiply(
      int blocks,
      MemorySegment scales,
      MemorySegment activationScales,
      long at,
      MemorySegment products) {
    for (int k = 0; k < blocks; k += FLOATS.length()) {
      int i = k & -FLOATS.length();
      FloatVector.fromMemorySegment(FLOATS, scales, 4L * i, NATIVE)
          .mul(FloatVector.fromMemorySegment(FLOATS, activationScales, at + 4L * i, NATIVE))
          .intoMemorySegment(products, 4L * i, NATIVE);
    }
  }

  private static void addScaled(
      int rows,
      int stride,
      MemorySegment partials,
      long from,
      MemorySegment factors,
      MemorySegment lanes,
      long lanesAt) {
    for (int row = 0; row < rows; row++) {
      long lane = lanesAt + (long) LANE_BYTES * row;
      FloatVector running = FloatVector.fromMemorySegment(FLOATS, lanes, lane, NATIVE);
      for (int i = row * stride; i < (row + 1) * stride; i++) {
        running =
            ((FloatVector)
                    IntVector.fromMemorySegment(INTS, partials, from + 64L * i, NATIVE)
                        .convertShape(VectorOperators.I2F, FLOATS, 0))
                .fma(FloatVector.broadcast(FLOATS, Values.f32(factors, i)), running);
      }
      running.intoMemorySegment(lanes, lane, NATIVE);
    }
  }

  /** {@code to[i] = from[4i] + from[4i + 1] + from[4i + 2] + from[4i + 3]}. */
  static void quarter(MemorySegment from, int count, MemorySegment to) {
    int step = INTS.vectorByteSize();
    for (int k = 0; k < Integer.BYTES * count; k += step) {
      int i = k & -step;
      IntVector a = IntVector.fromMemorySegment(INTS, from, 4L * i, NATIVE);
      IntVector b = IntVector.fromMemorySegment(INTS, from, 4L * i + step, NATIVE);
      IntVector c = IntVector.fromMemorySegment(INTS, from, 4L * i + 2L * step, NATIVE);
      IntVector d = IntVector.fromMemorySegment(INTS, from, 4L * i + 3L * step, NATIVE);
      IntVector ab = EVEN.selectFrom(a, b).add(ODD.selectFrom(a, b));
      IntVector cd = EVEN.selectFrom(c, d).add(ODD.selectFrom(c, d));
      EVEN.selectFrom(ab, cd).add(ODD.selectFrom(ab, cd)).intoMemorySegment(to, i, NATIVE);
    }
  }

  private static void scale(
      int blocks,
      MemorySegment scales,
      MemorySegment activationScales,
      long at,
      MemorySegment sums,
      MemorySegment terms) {
    for (int k = 0; k < blocks; k += FLOATS.length()) {
      int i = k & -FLOATS.length();
      FloatVector u =
          FloatVector.fromMemorySegment(FLOATS, scales, 4L * i, NATIVE)
              .mul(FloatVector.fromMemorySegment(FLOATS, activationScales, at + 4L * i, NATIVE));
      ((FloatVector)
              IntVector.fromMemorySegment(INTS, sums, 4L * i, NATIVE)
                  .convertShape(VectorOperators.I2F, FLOATS, 0))
          .mul(u)
          .intoMemorySegment(terms, 4L * i, NATIVE);
    }
  }

  /** {@code terms[i] = fma(sums[i], scales[i] · activationScales[i], terms[i])}. */
  private static void addScale(
      int blocks,
      MemorySegment scales,
      MemorySegment activationScales,
      long at,
      MemorySegment sums,
      MemorySegment terms) {
    for (int k = 0; k < blocks; k += FLOATS.length()) {
      int i = k & -FLOATS.length();
      FloatVector u =
          FloatVector.fromMemorySegment(FLOATS, scales, 4L * i, NATIVE)
              .mul(FloatVector.fromMemorySegment(FLOATS, activationScales, at + 4L * i, NATIVE));
      ((FloatVector)
              IntVector.fromMemorySegment(INTS, sums, 4L * i, NATIVE)
                  .convertShape(VectorOperators.I2F, FLOATS, 0))
          .fma(u, FloatVector.fromMemorySegment(FLOATS, terms, 4L * i, NATIVE))
          .intoMemorySegment(terms, 4L * i, NATIVE);
    }
  }

  private static void add(
      int rows, int stride, MemorySegment terms, long from, MemorySegment lanes, long lanesAt) {
    for (int row = 0; row < rows; row++) {
      long lane = lanesAt + (long) LANE_BYTES * row;
      FloatVector running = FloatVector.fromMemorySegment(FLOATS, lanes, lane, NATIVE);
      for (int i = row * stride; i < (row + 1) * stride; i += LANES) {
        running = running.add(FloatVector.fromMemorySegment(FLOATS, terms, from + 4L * i, NATIVE));
      }
      running.intoMemorySegment(lanes, lane, NATIVE);
    }
  }
}
