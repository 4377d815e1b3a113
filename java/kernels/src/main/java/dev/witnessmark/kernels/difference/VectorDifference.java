package dev.witnessmark.kernels.difference;

import static dev.witnessmark.kernels.difference.MagnitudeHistogram.CARRY;
import static dev.witnessmark.kernels.difference.MagnitudeHistogram.MANTISSA_BITS;

import dev.witnessmark.kernels.LaneSum;
import dev.witnessmark.kernels.VectorWidth;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Objects;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link DifferenceKernel} on the Vector API.
 *
 * <p>A 512-bit vector of floats is all sixteen lanes; narrower ones take a group of neighbouring
 * lanes per pass over the segment, which stays in the first-level cache, so that one loop with ten
 * accumulators serves every width. Elements beyond the last sixteen go pair by pair.
 *
 * <p>The vector loop does not look for values that are not finite: Σa² and Σb² of finite floats
 * cannot overflow a double, so they tell afterwards, and such a segment is done again pair by pair.
 *
 * <p>Each loop is one flat method on species that are compile-time constants: that is what keeps
 * vectors out of the heap.
 */
final class VectorDifference implements DifferenceKernel {

  static final VectorDifference INSTANCE = new VectorDifference();

  private static final ByteOrder NATIVE = ByteOrder.nativeOrder();
  private static final VectorShape SHAPE = VectorShape.forBitSize(VectorWidth.bits());
  private static final VectorSpecies<Float> FLOATS = VectorSpecies.of(float.class, SHAPE);
  private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, SHAPE);
  private static final VectorSpecies<Double> DOUBLES = VectorSpecies.of(double.class, SHAPE);
  private static final VectorSpecies<Byte> BYTES = VectorSpecies.of(byte.class, SHAPE);

  /** As many floats as a vector holds doubles. */
  private static final VectorSpecies<Float> HALF_FLOATS =
      VectorSpecies.of(float.class, VectorShape.forBitSize(VectorWidth.bits() / 2));

  /** Holds one byte per float lane; at 128 bits its upper half is unused. */
  private static final VectorSpecies<Byte> BINS =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, VectorWidth.bits() / 4)));

  /** Float lanes of one vector: how many of the sixteen lanes one pass takes. */
  private static final int GROUP = FLOATS.length();

  private static final int HALF = DOUBLES.length();

  /** So many bins are counted by comparing all bytes with each; rarer ones go one by one. */
  private static final int COMPARED_BINS = 24;

  private static final int FEW = 48;

  private VectorDifference() {}

  @Override
  public String implementation() {
    return "vector-" + VectorWidth.bits();
  }

  @Override
  public void reduce(
      MemorySegment a, long aAt, MemorySegment b, long bAt, int elements, DifferenceSums sums) {
    Objects.checkFromToIndex(0, elements, SEGMENT);
    sums.begin();
    int whole = elements & -LaneSum.COUNT;
    for (int lane = 0; lane < LaneSum.COUNT; lane += GROUP) {
      reduceLanes(a, aAt, b, bAt, lane, whole, sums);
    }
    if (sums.finite()) {
      countBins(a, aAt, b, bAt, whole, sums);
    } else {
      sums.begin();
      whole = 0;
    }
    ScalarDifference.take(a, aAt, b, bAt, whole, elements, sums);
    sums.end(elements);
  }

  private static void reduceLanes(
      MemorySegment a,
      long aAt,
      MemorySegment b,
      long bAt,
      int lane,
      int elements,
      DifferenceSums sums) {
    DoubleVector deltaLow = DoubleVector.zero(DOUBLES);
    DoubleVector deltaHigh = DoubleVector.zero(DOUBLES);
    DoubleVector deltaSquaredLow = DoubleVector.zero(DOUBLES);
    DoubleVector deltaSquaredHigh = DoubleVector.zero(DOUBLES);
    DoubleVector aSquaredLow = DoubleVector.zero(DOUBLES);
    DoubleVector aSquaredHigh = DoubleVector.zero(DOUBLES);
    DoubleVector bSquaredLow = DoubleVector.zero(DOUBLES);
    DoubleVector bSquaredHigh = DoubleVector.zero(DOUBLES);
    DoubleVector productLow = DoubleVector.zero(DOUBLES);
    DoubleVector productHigh = DoubleVector.zero(DOUBLES);
    IntVector largest = IntVector.zero(INTS);
    byte[] bins = sums.bins;
    int bin = lane * (elements / LaneSum.COUNT);
    for (int i = lane; i < elements; i += LaneSum.COUNT) {
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, a, aAt + 4L * i, NATIVE);
      FloatVector y = FloatVector.fromMemorySegment(FLOATS, b, bAt + 4L * i, NATIVE);
      DoubleVector xLow = widened(a, aAt, i);
      DoubleVector xHigh = widened(a, aAt, i + HALF);
      DoubleVector yLow = widened(b, bAt, i);
      DoubleVector yHigh = widened(b, bAt, i + HALF);
      DoubleVector low = xLow.sub(yLow);
      DoubleVector high = xHigh.sub(yHigh);
      deltaLow = deltaLow.add(low);
      deltaHigh = deltaHigh.add(high);
      deltaSquaredLow = low.fma(low, deltaSquaredLow);
      deltaSquaredHigh = high.fma(high, deltaSquaredHigh);
      aSquaredLow = xLow.fma(xLow, aSquaredLow);
      aSquaredHigh = xHigh.fma(xHigh, aSquaredHigh);
      bSquaredLow = yLow.fma(yLow, bSquaredLow);
      bSquaredHigh = yHigh.fma(yHigh, bSquaredHigh);
      productLow = xLow.fma(yLow, productLow);
      productHigh = xHigh.fma(yHigh, productHigh);
      IntVector magnitude = x.sub(y).reinterpretAsInts().and(Integer.MAX_VALUE);
      largest = largest.max(magnitude);
      ((ByteVector)
              magnitude
                  .add(CARRY)
                  .lanewise(VectorOperators.LSHR, MANTISSA_BITS)
                  .convertShape(VectorOperators.I2B, BINS, 0))
          .intoArray(bins, bin);
      bin += GROUP;
    }
    deltaLow.intoArray(sums.deltaLanes.values(), lane);
    deltaHigh.intoArray(sums.deltaLanes.values(), lane + HALF);
    deltaSquaredLow.intoArray(sums.deltaSquaredLanes.values(), lane);
    deltaSquaredHigh.intoArray(sums.deltaSquaredLanes.values(), lane + HALF);
    aSquaredLow.intoArray(sums.aSquaredLanes.values(), lane);
    aSquaredHigh.intoArray(sums.aSquaredLanes.values(), lane + HALF);
    bSquaredLow.intoArray(sums.bSquaredLanes.values(), lane);
    bSquaredHigh.intoArray(sums.bSquaredLanes.values(), lane + HALF);
    productLow.intoArray(sums.productLanes.values(), lane);
    productHigh.intoArray(sums.productLanes.values(), lane + HALF);
    sums.largestBits = Math.max(sums.largestBits, largest.reduceLanes(VectorOperators.MAX));
  }

  /** Adds the bins of the first {@code elements} pairs to the histogram. */
  private static void countBins(
      MemorySegment a, long aAt, MemorySegment b, long bAt, int elements, DifferenceSums sums) {
    MagnitudeHistogram histogram = sums.histogram();
    int largest = MagnitudeHistogram.bin(Float.intBitsToFloat(sums.largestBits));
    long equalBefore = histogram.count(0);
    int bin = Math.max(3, largest);
    int remaining = elements - count(sums.bins, elements, 0, bin, bin - 1, bin - 2, histogram);
    bin -= 3;
    int lowest = Math.max(4, largest - COMPARED_BINS);
    while (remaining > FEW && bin >= lowest) {
      remaining -= count(sums.bins, elements, bin, bin - 1, bin - 2, bin - 3, histogram);
      bin -= 4;
    }
    if (remaining > 0) {
      countUpTo(bin, elements, sums);
    }
    if (histogram.count(0) > equalBefore) {
      sums.countSignedZeros(countSignedZeros(a, aAt, b, bAt, elements));
    }
  }

  /** Adds the pairs of four different bins to the histogram and says how many they are. */
  private static int count(
      byte[] bins,
      int elements,
      int bin0,
      int bin1,
      int bin2,
      int bin3,
      MagnitudeHistogram histogram) {
    byte wanted0 = (byte) bin0;
    byte wanted1 = (byte) bin1;
    byte wanted2 = (byte) bin2;
    byte wanted3 = (byte) bin3;
    int found0 = 0;
    int found1 = 0;
    int found2 = 0;
    int found3 = 0;
    int i = 0;
    for (; i <= elements - BYTES.length(); i += BYTES.length()) {
      ByteVector some = ByteVector.fromArray(BYTES, bins, i);
      found0 += some.compare(VectorOperators.EQ, wanted0).trueCount();
      found1 += some.compare(VectorOperators.EQ, wanted1).trueCount();
      found2 += some.compare(VectorOperators.EQ, wanted2).trueCount();
      found3 += some.compare(VectorOperators.EQ, wanted3).trueCount();
    }
    for (; i < elements; i++) {
      byte bin = bins[i];
      found0 += bin == wanted0 ? 1 : 0;
      found1 += bin == wanted1 ? 1 : 0;
      found2 += bin == wanted2 ? 1 : 0;
      found3 += bin == wanted3 ? 1 : 0;
    }
    histogram.add(bin0, found0);
    histogram.add(bin1, found1);
    histogram.add(bin2, found2);
    histogram.add(bin3, found3);
    return found0 + found1 + found2 + found3;
  }

  /** Adds to the histogram, one by one, the pairs of bins 1 to {@code highest}. */
  private static void countUpTo(int highest, int elements, DifferenceSums sums) {
    byte[] bins = sums.bins;
    MagnitudeHistogram histogram = sums.histogram();
    byte bound = (byte) highest;
    int i = 0;
    for (; i <= elements - BYTES.length(); i += BYTES.length()) {
      long rare =
          ByteVector.fromArray(BYTES, bins, i)
              .sub((byte) 1)
              .compare(VectorOperators.ULT, bound)
              .toLong();
      while (rare != 0) {
        histogram.add(Byte.toUnsignedInt(bins[i + Long.numberOfTrailingZeros(rare)]), 1);
        rare &= rare - 1;
      }
    }
    for (; i < elements; i++) {
      int bin = Byte.toUnsignedInt(bins[i]);
      if (bin > 0 && bin <= highest) {
        histogram.add(bin, 1);
      }
    }
  }

  /** The {@code HALF} floats from element {@code i} on. */
  private static DoubleVector widened(MemorySegment values, long at, int i) {
    return (DoubleVector)
        FloatVector.fromMemorySegment(HALF_FLOATS, values, at + 4L * i, NATIVE)
            .convertShape(VectorOperators.F2D, DOUBLES, 0);
  }

  /** Numerically equal pairs of different bits: zeros of different sign. */
  private static int countSignedZeros(
      MemorySegment a, long aAt, MemorySegment b, long bAt, int elements) {
    int found = 0;
    for (int i = 0; i < elements; i += GROUP) {
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, a, aAt + 4L * i, NATIVE);
      FloatVector y = FloatVector.fromMemorySegment(FLOATS, b, bAt + 4L * i, NATIVE);
      found +=
          x.reinterpretAsInts()
              .lanewise(VectorOperators.XOR, y.reinterpretAsInts())
              .lanewise(VectorOperators.OR, x.sub(y).reinterpretAsInts())
              .compare(VectorOperators.EQ, Integer.MIN_VALUE)
              .trueCount();
    }
    return found;
  }

  @Override
  public void offer(
      MemorySegment a,
      long aAt,
      MemorySegment b,
      long bAt,
      int elements,
      long firstIndex,
      TopDifferences top) {
    Objects.checkFromToIndex(0, elements, SEGMENT);
    int i = 0;
    // Magnitudes as integers are in the same order, and NaN is above them all.
    long threshold = Double.doubleToRawLongBits(top.threshold(firstIndex));
    for (; i <= elements - GROUP; i += GROUP) {
      LongVector low = widened(a, aAt, i).sub(widened(b, bAt, i)).abs().reinterpretAsLongs();
      LongVector high =
          widened(a, aAt, i + HALF).sub(widened(b, bAt, i + HALF)).abs().reinterpretAsLongs();
      if (low.max(high).reduceLanes(VectorOperators.MAX) >= threshold) {
        ScalarDifference.offer(a, aAt, b, bAt, i, i + GROUP, firstIndex, top);
        threshold = Double.doubleToRawLongBits(top.threshold(firstIndex));
      }
    }
    ScalarDifference.offer(a, aAt, b, bAt, i, elements, firstIndex, top);
  }

  @Override
  public void judge(
      MemorySegment a,
      long aAt,
      MemorySegment b,
      long bAt,
      MemorySegment boundsA,
      long boundsAAt,
      MemorySegment boundsB,
      long boundsBAt,
      int elements,
      long firstIndex,
      FloorSums sums) {
    Objects.checkFromToIndex(0, elements, SEGMENT);
    sums.begin();
    int whole = elements & -LaneSum.COUNT;
    for (int lane = 0; lane < LaneSum.COUNT; lane += GROUP) {
      judgeLanes(a, aAt, b, bAt, boundsA, boundsAAt, boundsB, boundsBAt, lane, whole, sums);
    }
    if (!(sums.segmentRatio() < Float.POSITIVE_INFINITY)) {
      sums.begin();
      whole = 0;
    } else if (sums.isRecord(sums.segmentRatio(), firstIndex)) {
      ScalarDifference.takeRatios(
          a, aAt, b, bAt, boundsA, boundsAAt, boundsB, boundsBAt, whole, firstIndex, sums);
    }
    ScalarDifference.judge(
        a, aAt, b, bAt, boundsA, boundsAAt, boundsB, boundsBAt, whole, elements, firstIndex, sums);
    sums.end();
  }

  private static void judgeLanes(
      MemorySegment a,
      long aAt,
      MemorySegment b,
      long bAt,
      MemorySegment boundsA,
      long boundsAAt,
      MemorySegment boundsB,
      long boundsBAt,
      int lane,
      int elements,
      FloorSums sums) {
    DoubleVector withinLow = DoubleVector.zero(DOUBLES);
    DoubleVector withinHigh = DoubleVector.zero(DOUBLES);
    IntVector largest = IntVector.broadcast(INTS, Integer.MIN_VALUE);
    int differing = 0;
    int within = 0;
    for (int i = lane; i < elements; i += LaneSum.COUNT) {
      long at = 4L * i;
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, a, aAt + at, NATIVE);
      FloatVector y = FloatVector.fromMemorySegment(FLOATS, b, bAt + at, NATIVE);
      FloatVector allowed =
          FloatVector.fromMemorySegment(FLOATS, boundsA, boundsAAt + at, NATIVE)
              .add(FloatVector.fromMemorySegment(FLOATS, boundsB, boundsBAt + at, NATIVE));
      FloatVector magnitude = x.sub(y).abs();
      VectorMask<Float> differs = magnitude.compare(VectorOperators.NE, 0);
      VectorMask<Float> inside = magnitude.compare(VectorOperators.LE, allowed).and(differs);
      differing += differs.trueCount();
      within += inside.trueCount();
      IntVector ratio =
          magnitude
              .div(allowed)
              .reinterpretAsInts()
              .lanewise(VectorOperators.XOR, Integer.MIN_VALUE);
      largest =
          largest.max(
              IntVector.broadcast(INTS, Integer.MIN_VALUE).blend(ratio, differs.cast(INTS)));
      FloatVector xInside = FloatVector.zero(FLOATS).blend(x, inside);
      FloatVector yInside = FloatVector.zero(FLOATS).blend(y, inside);
      DoubleVector low =
          ((DoubleVector) xInside.convertShape(VectorOperators.F2D, DOUBLES, 0))
              .sub((DoubleVector) yInside.convertShape(VectorOperators.F2D, DOUBLES, 0));
      DoubleVector high =
          ((DoubleVector) xInside.convertShape(VectorOperators.F2D, DOUBLES, 1))
              .sub((DoubleVector) yInside.convertShape(VectorOperators.F2D, DOUBLES, 1));
      withinLow = low.fma(low, withinLow);
      withinHigh = high.fma(high, withinHigh);
    }
    withinLow.intoArray(sums.withinLanes.values(), lane);
    withinHigh.intoArray(sums.withinLanes.values(), lane + HALF);
    sums.takeLanes(differing, within, largest.reduceLanes(VectorOperators.MAX) ^ Integer.MIN_VALUE);
  }
}
