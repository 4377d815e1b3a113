package dev.witnessmark.kernels.difference;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;

/** Inputs and observations that the tests of this package share. */
final class Kernels {

  /** Lengths around one vector of every width, and a whole segment. */
  static final int[] LENGTHS = {
    0, 1, 2, 3, 7, 8, 13, 15, 16, 17, 31, 32, 33, 63, 64, 65, 79, 80, 207, 1000, 2046, 4095, 4096
  };

  private static final float[] SPECIALS = {
    0f,
    -0f,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    Float.MIN_NORMAL,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    1e-30f,
    1e30f,
    -1e30f,
    1f,
    Math.nextUp(1f)
  };

  private static final int[] NON_FINITE = {
    0x7f800000, 0xff800000, 0x7fc00000, 0xffc00000, 0x7fc12345, 0x7f800001
  };

  private Kernels() {}

  static DifferenceSums reduce(DifferenceKernel kernel, MemorySegment a, MemorySegment b) {
    DifferenceSums sums = new DifferenceSums();
    kernel.reduce(a, 0, b, 0, (int) (a.byteSize() / Float.BYTES), sums);
    return sums;
  }

  static float[] fill(int elements, IntToDoubleFunction value) {
    float[] values = new float[elements];
    for (int i = 0; i < elements; i++) {
      values[i] = (float) value.applyAsDouble(i);
    }
    return values;
  }

  /**
   * Two sequences that are related as two checkpoints are, with equal pairs, pairs of special
   * values, and NaN and infinities of which {@code nonFinite} in a thousand pairs have some.
   */
  static void fillRelated(
      SplittableRandom random,
      MemorySegment a,
      MemorySegment b,
      long at,
      int elements,
      int nonFinite) {
    float scale = (float) Math.pow(10, random.nextInt(-20, 20));
    float change = scale * (float) Math.pow(2, -random.nextInt(0, 40));
    for (int i = 0; i < elements; i++) {
      float x = (float) random.nextGaussian() * scale;
      float y = x + (float) random.nextGaussian() * change;
      int x0 = Float.floatToRawIntBits(x);
      int y0 = Float.floatToRawIntBits(y);
      int kind = random.nextInt(1000);
      if (kind < nonFinite) {
        x0 = random.nextInt(3) == 0 ? x0 : NON_FINITE[random.nextInt(NON_FINITE.length)];
        y0 = random.nextInt(3) == 0 ? y0 : NON_FINITE[random.nextInt(NON_FINITE.length)];
      } else if (kind < 250) {
        x0 = Float.floatToRawIntBits(SPECIALS[random.nextInt(SPECIALS.length)]);
        y0 = Float.floatToRawIntBits(SPECIALS[random.nextInt(SPECIALS.length)]);
      } else if (kind < 400) {
        y0 = x0;
      }
      a.set(JAVA_INT_UNALIGNED, at + 4L * i, x0);
      b.set(JAVA_INT_UNALIGNED, at + 4L * i, y0);
    }
  }

  /** Everything that can be seen of {@code sums}, bit by bit. */
  static List<Long> bits(DifferenceSums sums) {
    List<Long> bits = new ArrayList<>();
    for (double sum :
        new double[] {
          sums.segmentDelta(),
          sums.segmentDeltaSquared(),
          sums.segmentASquared(),
          sums.segmentBSquared(),
          sums.segmentProduct(),
          sums.segmentLargest(),
          sums.delta(),
          sums.deltaSquared(),
          sums.aSquared(),
          sums.bSquared(),
          sums.product()
        }) {
      bits.add(Double.doubleToRawLongBits(sum));
    }
    bits.addAll(totals(sums));
    return bits;
  }

  private static List<Long> totals(DifferenceSums sums) {
    NonFinitePairs nonFinite = sums.nonFinite();
    List<Long> totals =
        new ArrayList<>(
            List.of(
                sums.pairs(),
                sums.finitePairs(),
                sums.equal(),
                sums.signedZeros(),
                sums.outOfRange()));
    totals.addAll(
        List.of(
            nonFinite.nanSame(),
            nonFinite.nanDifferent(),
            nonFinite.nanOnlyA(),
            nonFinite.nanOnlyB(),
            nonFinite.infinitySame(),
            nonFinite.infinityOpposite(),
            nonFinite.infinityOnlyA(),
            nonFinite.infinityOnlyB()));
    for (long count : sums.histogram().toArray()) {
      totals.add(count);
    }
    return totals;
  }

  /** Everything that can be seen of {@code sums}, bit by bit. */
  static List<Long> bits(FloorSums sums) {
    return List.of(
        sums.differing(),
        sums.within(),
        sums.beyond(),
        Double.doubleToRawLongBits(sums.deltaSquaredWithin()),
        Double.doubleToRawLongBits(sums.segmentDeltaSquaredWithin()),
        Double.doubleToRawLongBits(sums.largestRatio()),
        sums.largestRatioIndex());
  }
}
