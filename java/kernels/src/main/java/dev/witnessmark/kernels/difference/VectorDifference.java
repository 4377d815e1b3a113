package dev.witnessmark.kernels.difference;

import static dev.witnessmark.kernels.difference.MagnitudeHistogram.CARRY;
import static dev.witnessmark.kernels.difference.MagnitudeHistogram.MANTISSA_BITS;

import dev.witnessmark.kernels.LaneSum;
import dev.witnessmark.kernels.VectorWidth;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
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
 * vectors out of the heap. No vector is reinterpreted: until it is compiled, that goes through a
 * heap segment, and from then on all accesses of the process to segments are fenced. Floats are
 * read as integers through native memory instead.
 */
final class VectorDifference implements DifferenceKernel {

  static final VectorDifference INSTANCE = new VectorDifference();

  private static final ByteOrder NATIVE = ByteOrder.nativeOrder();
  private static final VectorShape SHAPE = VectorShape.forBitSize(VectorWidth.bits());
  private static final VectorSpecies<Float> FLOATS = VectorSpecies.of(float.class, SHAPE);
  private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, SHAPE);
  private static final VectorSpecies<Double> DOUBLES = VectorSpecies.of(double.class, SHAPE);
  private static final VectorSpecies<Short> SHORTS = VectorSpecies.of(short.class, SHAPE);
  private static final VectorSpecies<Byte> BYTES = VectorSpecies.of(byte.class, SHAPE);

  /** As many floats as a vector holds doubles. */
  private static final VectorSpecies<Float> HALF_FLOATS =
      VectorSpecies.of(float.class, VectorShape.forBitSize(VectorWidth.bits() / 2));

  /** As many bytes as a vector holds shorts. */
  private static final VectorSpecies<Byte> HALF_BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(VectorWidth.bits() / 2));

  /** Holds one byte per float lane; at 128 bits its upper half is unused. */
  private static final VectorSpecies<Byte> BINS =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, VectorWidth.bits() / 4)));

  /** Float lanes of one vector: how many of the sixteen lanes one pass takes. */
  private static final int GROUP = FLOATS.length();

  private static final int HALF = DOUBLES.length();

  /** Bins that one pass over the bytes counts. */
  private static final int RUN = 8;

  /** Largest number in a nibble. */
  private static final int NIBBLE = 15;

  /** Bytes of the nibbles of one pair of bins: a vector for every {@link #NIBBLE} of bins. */
  private static final int NIBBLES =
      Math.ceilDiv(SEGMENT, NIBBLE * BYTES.length()) * BYTES.length();

  /** So many passes are made, as long as more than a few pairs are left for going one by one. */
  private static final int BIN_RUNS = 4;

  private static final int FEW = 8;

  /** Table t has a 1 at index 2t and a 16 at 2t + 1. */
  private static final byte[] TABLES = tables();

  private VectorDifference() {}

  private static byte[] tables() {
    byte[] tables = new byte[RUN / 2 * BYTES.length()];
    for (int table = 0; table < RUN / 2; table++) {
      tables[table * BYTES.length() + 2 * table] = 1;
      tables[table * BYTES.length() + 2 * table + 1] = 16;
    }
    return tables;
  }

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
    MemorySegment xs = a.asSlice(aAt, 4L * elements);
    MemorySegment ys = b.asSlice(bAt, 4L * elements);
    MemorySegment differences = sums.scratch;
    byte[] bins = sums.bins;
    int bin = lane * (elements / LaneSum.COUNT);
    for (int i = lane; i < elements; i += LaneSum.COUNT) {
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, xs, 4L * i, NATIVE);
      FloatVector y = FloatVector.fromMemorySegment(FLOATS, ys, 4L * i, NATIVE);
      DoubleVector xLow = widened(xs, 4L * i);
      DoubleVector xHigh = widened(xs, 4L * HALF + 4L * i);
      DoubleVector yLow = widened(ys, 4L * i);
      DoubleVector yHigh = widened(ys, 4L * HALF + 4L * i);
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
      x.sub(y).intoMemorySegment(differences, 0, NATIVE);
      IntVector magnitude =
          IntVector.fromMemorySegment(INTS, differences, 0, NATIVE).and(Integer.MAX_VALUE);
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
    int equal = countEqual(sums.bins, elements);
    if (equal > 0) {
      histogram.add(0, equal);
      if (hasZero(a, aAt, elements)) {
        sums.countSignedZeros(countSignedZeros(a, aAt, b, bAt, elements));
      }
    }
    int remaining = elements - equal;
    int bin = MagnitudeHistogram.bin(Float.intBitsToFloat(sums.largestBits));
    for (int run = 0; run < BIN_RUNS && remaining > FEW; run++) {
      remaining -= countRun(bin, elements, sums);
      bin -= RUN;
    }
    if (remaining > 0) {
      countUpTo(bin, elements, sums);
    }
  }

  private static int countEqual(byte[] bins, int elements) {
    int equal = 0;
    int i = 0;
    for (; i <= elements - BYTES.length(); i += BYTES.length()) {
      equal += ByteVector.fromArray(BYTES, bins, i).compare(VectorOperators.EQ, 0).trueCount();
    }
    for (; i < elements; i++) {
      equal += bins[i] == 0 ? 1 : 0;
    }
    return equal;
  }

  /**
   * Adds the pairs of the {@link #RUN} bins from {@code highest} downward to the histogram, without
   * bin 0, and says how many they are.
   */
  private static int countRun(int highest, int elements, DifferenceSums sums) {
    int whole = elements & -BYTES.length();
    int at = 0;
    for (int from = 0; from < whole; from += NIBBLE * BYTES.length()) {
      sumNibbles(
          sums.bins,
          from,
          Math.min(whole, from + NIBBLE * BYTES.length()),
          (byte) highest,
          sums.nibbles,
          at);
      at += BYTES.length();
    }
    int found = 0;
    for (int pair = 0; pair < RUN / 2; pair++) {
      splitNibbles(sums.nibbles, pair * NIBBLES, pair * NIBBLES + at, sums.scratch);
      found += add(highest - 2 * pair, sumOfShorts(sums.scratch, 0), sums);
      found +=
          add(highest - 2 * pair - 1, sumOfShorts(sums.scratch, SHORTS.vectorByteSize()), sums);
    }
    for (int i = whole; i < elements; i++) {
      int bin = Byte.toUnsignedInt(sums.bins[i]);
      if (bin <= highest && bin > highest - RUN) {
        found += add(bin, 1, sums);
      }
    }
    return found;
  }

  private static int add(int bin, int pairs, DifferenceSums sums) {
    if (bin <= 0) {
      return 0;
    }
    sums.histogram().add(bin, pairs);
    return pairs;
  }

  /**
   * Counts bins in nibbles: bytes {@code highest} and {@code highest} − 1 in the low and the high
   * nibbles of the vector stored at {@code at}, the next two in the one {@link #NIBBLES} bytes on,
   * and so on. At most {@link #NIBBLE} vectors of bins are taken, so that no nibble overflows.
   */
  private static void sumNibbles(
      byte[] bins, int from, int to, byte highest, byte[] nibbles, int at) {
    ByteVector table0 = ByteVector.fromArray(BYTES, TABLES, 0);
    ByteVector table1 = ByteVector.fromArray(BYTES, TABLES, BYTES.length());
    ByteVector table2 = ByteVector.fromArray(BYTES, TABLES, 2 * BYTES.length());
    ByteVector table3 = ByteVector.fromArray(BYTES, TABLES, 3 * BYTES.length());
    ByteVector sum0 = ByteVector.zero(BYTES);
    ByteVector sum1 = ByteVector.zero(BYTES);
    ByteVector sum2 = ByteVector.zero(BYTES);
    ByteVector sum3 = ByteVector.zero(BYTES);
    for (int i = from; i < to; i += BYTES.length()) {
      ByteVector below =
          ByteVector.broadcast(BYTES, highest)
              .sub(ByteVector.fromArray(BYTES, bins, i))
              .lanewise(VectorOperators.UMIN, (byte) RUN);
      sum0 = sum0.add(below.selectFrom(table0));
      sum1 = sum1.add(below.selectFrom(table1));
      sum2 = sum2.add(below.selectFrom(table2));
      sum3 = sum3.add(below.selectFrom(table3));
    }
    sum0.intoArray(nibbles, at);
    sum1.intoArray(nibbles, at + NIBBLES);
    sum2.intoArray(nibbles, at + 2 * NIBBLES);
    sum3.intoArray(nibbles, at + 3 * NIBBLES);
  }

  /**
   * Adds up all low nibbles and all high ones of one pair of bins, in one vector of shorts each.
   */
  private static void splitNibbles(byte[] nibbles, int from, int to, MemorySegment counts) {
    ShortVector low = ShortVector.zero(SHORTS);
    ShortVector high = ShortVector.zero(SHORTS);
    for (int i = from; i < to; i += HALF_BYTES.length()) {
      ShortVector two =
          (ShortVector)
              ByteVector.fromArray(HALF_BYTES, nibbles, i)
                  .convertShape(VectorOperators.ZERO_EXTEND_B2S, SHORTS, 0);
      low = low.add(two.and((short) NIBBLE));
      high = high.add(two.lanewise(VectorOperators.LSHR, 4));
    }
    low.intoMemorySegment(counts, 0, NATIVE);
    high.intoMemorySegment(counts, SHORTS.vectorByteSize(), NATIVE);
  }

  /** The sum of a vector of shorts, which is below 2¹⁶: sooner done than by the vector unit. */
  private static int sumOfShorts(MemorySegment counts, int at) {
    long four = 0;
    for (int i = 0; i < SHORTS.vectorByteSize(); i += Long.BYTES) {
      four += counts.get(ValueLayout.JAVA_LONG, at + i);
    }
    return (int) ((four * 0x0001_0001_0001_0001L) >>> (Long.SIZE - Short.SIZE));
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

  /** The {@code HALF} floats from byte {@code at} on. */
  private static DoubleVector widened(MemorySegment values, long at) {
    return (DoubleVector)
        FloatVector.fromMemorySegment(HALF_FLOATS, values, at, NATIVE)
            .convertShape(VectorOperators.F2D, DOUBLES, 0);
  }

  /** Both halves at once, for the latency of the minimum; they may overlap. */
  private static boolean hasZero(MemorySegment values, long at, int elements) {
    int half = (elements / 2 + GROUP - 1) & -GROUP;
    MemorySegment first = values.asSlice(at, 4L * half);
    MemorySegment last = values.asSlice(at + 4L * (elements - half), 4L * half);
    IntVector smallest = IntVector.broadcast(INTS, Integer.MAX_VALUE);
    IntVector smallestOfLast = smallest;
    for (int i = 0; i < half; i += GROUP) {
      IntVector x = IntVector.fromMemorySegment(INTS, first, 4L * i, NATIVE);
      IntVector y = IntVector.fromMemorySegment(INTS, last, 4L * i, NATIVE);
      smallest = smallest.min(x.and(Integer.MAX_VALUE));
      smallestOfLast = smallestOfLast.min(y.and(Integer.MAX_VALUE));
    }
    return smallest.min(smallestOfLast).reduceLanes(VectorOperators.MIN) == 0;
  }

  /** Numerically equal pairs of different bits: zeros of different sign. */
  private static int countSignedZeros(
      MemorySegment a, long aAt, MemorySegment b, long bAt, int elements) {
    int found = 0;
    for (int i = 0; i < elements; i += GROUP) {
      IntVector x = IntVector.fromMemorySegment(INTS, a, aAt + 4L * i, NATIVE);
      IntVector y = IntVector.fromMemorySegment(INTS, b, bAt + 4L * i, NATIVE);
      found +=
          x.lanewise(VectorOperators.XOR, y)
              .lanewise(VectorOperators.XOR, Integer.MIN_VALUE)
              .or(x.lanewise(VectorOperators.LSHL, 1))
              .compare(VectorOperators.EQ, 0)
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
      DoubleVector low = widened(a, aAt + 4L * i).sub(widened(b, bAt + 4L * i)).abs();
      DoubleVector high =
          widened(a, aAt + 4L * HALF + 4L * i).sub(widened(b, bAt + 4L * HALF + 4L * i)).abs();
      // A NaN is the largest of all, and not below anything.
      if (!(low.max(high).reduceLanes(VectorOperators.MAX) < threshold)) {
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
    int whole = elements & -LaneSum.COUNT;
    float record = sums.record(firstIndex);
    for (int lane = 0; lane < LaneSum.COUNT; lane += GROUP) {
      judgeLanes(a, aAt, b, bAt, boundsA, boundsAAt, boundsB, boundsBAt, lane, whole, record, sums);
    }
    if (sums.segmentMayHaveRecord()) {
      float ratio = largestRatio(a, aAt, b, bAt, boundsA, boundsAAt, boundsB, boundsBAt, whole);
      if (Float.isNaN(ratio)) {
        sums.begin();
        whole = 0;
      } else if (sums.isRecord(ratio, firstIndex)) {
        ScalarDifference.takeRatios(
            a, aAt, b, bAt, boundsA, boundsAAt, boundsB, boundsBAt, whole, firstIndex, sums);
      }
    }
    ScalarDifference.judge(
        a, aAt, b, bAt, boundsA, boundsAAt, boundsB, boundsBAt, whole, elements, firstIndex, sums);
    sums.end();
  }

  /**
   * Judges some lanes of the segment, without a division: where d − record · e, rounded once, is
   * below 0, the ratio d / e does not round to more than {@code record}. Of pairs that differ, all
   * others, among them those that are not finite and those whose e is negative or NaN, are looked
   * at again.
   */
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
      float record,
      FloorSums sums) {
    MemorySegment xs = a.asSlice(aAt, 4L * elements);
    MemorySegment ys = b.asSlice(bAt, 4L * elements);
    MemorySegment xBounds = boundsA.asSlice(boundsAAt, 4L * elements);
    MemorySegment yBounds = boundsB.asSlice(boundsBAt, 4L * elements);
    DoubleVector withinLow = DoubleVector.zero(DOUBLES);
    DoubleVector withinHigh = DoubleVector.zero(DOUBLES);
    FloatVector minusRecord = FloatVector.broadcast(FLOATS, -record);
    int differing = 0;
    int within = 0;
    long records = 0;
    for (int i = lane; i < elements; i += LaneSum.COUNT) {
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, xs, 4L * i, NATIVE);
      FloatVector y = FloatVector.fromMemorySegment(FLOATS, ys, 4L * i, NATIVE);
      FloatVector allowed =
          FloatVector.fromMemorySegment(FLOATS, xBounds, 4L * i, NATIVE)
              .add(FloatVector.fromMemorySegment(FLOATS, yBounds, 4L * i, NATIVE));
      FloatVector magnitude = x.sub(y).abs();
      VectorMask<Float> differs = magnitude.compare(VectorOperators.NE, 0);
      VectorMask<Float> inside = magnitude.compare(VectorOperators.LE, allowed).and(differs);
      differing += differs.trueCount();
      within += inside.trueCount();
      records |=
          differs
              .andNot(allowed.fma(minusRecord, magnitude).compare(VectorOperators.LT, 0))
              .toLong();
      // Elsewhere x - x. Where that is not 0, the pairs are judged one by one.
      FloatVector yInside = x.blend(y, inside);
      DoubleVector low =
          widened(xs, 4L * i)
              .sub((DoubleVector) yInside.convertShape(VectorOperators.F2D, DOUBLES, 0));
      DoubleVector high =
          widened(xs, 4L * HALF + 4L * i)
              .sub((DoubleVector) yInside.convertShape(VectorOperators.F2D, DOUBLES, 1));
      withinLow = low.fma(low, withinLow);
      withinHigh = high.fma(high, withinHigh);
    }
    withinLow.intoArray(sums.withinLanes.values(), lane);
    withinHigh.intoArray(sums.withinLanes.values(), lane + HALF);
    sums.takeLanes(differing, within, records != 0);
  }

  /**
   * The largest d / e; NaN if a pair that differs is not finite (or d is not) or has an e that is
   * negative or NaN, so that the pairs must be judged one by one.
   */
  private static float largestRatio(
      MemorySegment a,
      long aAt,
      MemorySegment b,
      long bAt,
      MemorySegment boundsA,
      long boundsAAt,
      MemorySegment boundsB,
      long boundsBAt,
      int elements) {
    FloatVector largest = FloatVector.zero(FLOATS);
    long strange = 0;
    for (int i = 0; i < elements; i += GROUP) {
      long at = 4L * i;
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, a, aAt + at, NATIVE);
      FloatVector y = FloatVector.fromMemorySegment(FLOATS, b, bAt + at, NATIVE);
      FloatVector allowed =
          FloatVector.fromMemorySegment(FLOATS, boundsA, boundsAAt + at, NATIVE)
              .add(FloatVector.fromMemorySegment(FLOATS, boundsB, boundsBAt + at, NATIVE));
      FloatVector magnitude = x.sub(y).abs();
      strange |=
          magnitude
              .compare(VectorOperators.NE, 0)
              .andNot(
                  magnitude
                      .compare(VectorOperators.LT, Float.POSITIVE_INFINITY)
                      .and(allowed.compare(VectorOperators.GE, 0)))
              .toLong();
      FloatVector ratio = magnitude.div(allowed);
      // Nothing of nothing is NaN, which is not greater.
      largest = largest.blend(ratio, ratio.compare(VectorOperators.GT, largest));
    }
    return strange == 0 ? largest.reduceLanes(VectorOperators.MAX) : Float.NaN;
  }
}
