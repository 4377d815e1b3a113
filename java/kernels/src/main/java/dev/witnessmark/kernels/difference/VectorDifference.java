package dev.witnessmark.kernels.difference;

import static dev.witnessmark.kernels.difference.MagnitudeHistogram.CARRY;
import static dev.witnessmark.kernels.difference.MagnitudeHistogram.MANTISSA_BITS;

import dev.witnessmark.kernels.Lanes;
import dev.witnessmark.kernels.VectorWidth;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Objects;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
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
    int whole = elements & -Lanes.COUNT;
    for (int lane = 0; lane < Lanes.COUNT; lane += GROUP) {
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
    int bin = lane * (elements / Lanes.COUNT);
    for (int i = lane; i < elements; i += Lanes.COUNT) {
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, a, aAt + 4L * i, NATIVE);
      FloatVector y = FloatVector.fromMemorySegment(FLOATS, b, bAt + 4L * i, NATIVE);
      DoubleVector xLow = (DoubleVector) x.convertShape(VectorOperators.F2D, DOUBLES, 0);
      DoubleVector xHigh = (DoubleVector) x.convertShape(VectorOperators.F2D, DOUBLES, 1);
      DoubleVector yLow = (DoubleVector) y.convertShape(VectorOperators.F2D, DOUBLES, 0);
      DoubleVector yHigh = (DoubleVector) y.convertShape(VectorOperators.F2D, DOUBLES, 1);
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
    int largest = MagnitudeHistogram.bin(Float.intBitsToFloat(sums.largestBits));
    int remaining = elements;
    int equal = count(sums.bins, elements, 0);
    if (equal > 0) {
      sums.histogram().add(0, equal);
      sums.countSignedZeros(countSignedZeros(a, aAt, b, bAt, elements));
      remaining -= equal;
    }
    int lowest = Math.max(0, largest - COMPARED_BINS);
    int bin = largest;
    while (remaining > FEW && bin > lowest) {
      int pairs = count(sums.bins, elements, bin);
      sums.histogram().add(bin, pairs);
      remaining -= pairs;
      bin--;
    }
    if (remaining > 0) {
      countUpTo(bin, elements, sums);
    }
  }

  private static int count(byte[] bins, int elements, int bin) {
    byte wanted = (byte) bin;
    int found = 0;
    int i = 0;
    for (; i <= elements - BYTES.length(); i += BYTES.length()) {
      found += ByteVector.fromArray(BYTES, bins, i).compare(VectorOperators.EQ, wanted).trueCount();
    }
    for (; i < elements; i++) {
      if (bins[i] == wanted) {
        found++;
      }
    }
    return found;
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
    double threshold = top.threshold(firstIndex);
    for (; i <= elements - GROUP; i += GROUP) {
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, a, aAt + 4L * i, NATIVE);
      FloatVector y = FloatVector.fromMemorySegment(FLOATS, b, bAt + 4L * i, NATIVE);
      DoubleVector xLow = (DoubleVector) x.convertShape(VectorOperators.F2D, DOUBLES, 0);
      DoubleVector xHigh = (DoubleVector) x.convertShape(VectorOperators.F2D, DOUBLES, 1);
      DoubleVector yLow = (DoubleVector) y.convertShape(VectorOperators.F2D, DOUBLES, 0);
      DoubleVector yHigh = (DoubleVector) y.convertShape(VectorOperators.F2D, DOUBLES, 1);
      if (xLow.sub(yLow)
          .abs()
          .compare(VectorOperators.GE, threshold)
          .or(xHigh.sub(yHigh).abs().compare(VectorOperators.GE, threshold))
          .anyTrue()) {
        ScalarDifference.offer(a, aAt, b, bAt, i, i + GROUP, firstIndex, top);
        threshold = top.threshold(firstIndex);
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
    int whole = elements & -Lanes.COUNT;
    for (int lane = 0; lane < Lanes.COUNT; lane += GROUP) {
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
    for (int i = lane; i < elements; i += Lanes.COUNT) {
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
