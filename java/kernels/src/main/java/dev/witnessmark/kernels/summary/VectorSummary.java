package dev.witnessmark.kernels.summary;

import dev.witnessmark.kernels.LaneSum;
import dev.witnessmark.kernels.VectorWidth;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Objects;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link SummaryKernel} on the Vector API. Narrow vectors take a group of the sixteen lanes per
 * pass; a segment whose Σx² is not finite holds a NaN or an infinity and is done again value by
 * value; the elements beyond the last sixteen always are.
 */
final class VectorSummary implements SummaryKernel {

  static final VectorSummary INSTANCE = new VectorSummary();

  private static final ByteOrder NATIVE = ByteOrder.nativeOrder();
  private static final VectorShape SHAPE = VectorShape.forBitSize(VectorWidth.bits());
  private static final VectorSpecies<Float> FLOATS = VectorSpecies.of(float.class, SHAPE);
  private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, SHAPE);
  private static final VectorSpecies<Double> DOUBLES = VectorSpecies.of(double.class, SHAPE);
  private static final int GROUP = FLOATS.length();
  private static final int HALF = DOUBLES.length();

  private VectorSummary() {}

  @Override
  public String implementation() {
    return "vector-" + VectorWidth.bits();
  }

  @Override
  public void summarise(MemorySegment values, long at, int elements, SummarySums sums) {
    Objects.checkFromToIndex(0, elements, SEGMENT);
    sums.begin();
    int whole = elements & -LaneSum.COUNT;
    for (int lane = 0; lane < LaneSum.COUNT; lane += GROUP) {
      addLanes(values, at, lane, whole, sums);
    }
    if (!Double.isFinite(sums.squareLanes.total())) {
      sums.begin();
      whole = 0;
    }
    if (whole > 0) {
      takeRange(values, at, whole, sums);
    }
    ScalarSummary.take(values, at, whole, elements, sums);
    sums.end(elements);
  }

  private static void addLanes(
      MemorySegment values, long at, int lane, int elements, SummarySums sums) {
    DoubleVector sumLow = DoubleVector.zero(DOUBLES);
    DoubleVector sumHigh = DoubleVector.zero(DOUBLES);
    DoubleVector squareLow = DoubleVector.zero(DOUBLES);
    DoubleVector squareHigh = DoubleVector.zero(DOUBLES);
    for (int i = lane; i < elements; i += LaneSum.COUNT) {
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, values, at + 4L * i, NATIVE);
      DoubleVector low = (DoubleVector) x.convertShape(VectorOperators.F2D, DOUBLES, 0);
      DoubleVector high = (DoubleVector) x.convertShape(VectorOperators.F2D, DOUBLES, 1);
      sumLow = sumLow.add(low);
      sumHigh = sumHigh.add(high);
      squareLow = low.fma(low, squareLow);
      squareHigh = high.fma(high, squareHigh);
    }
    sumLow.intoArray(sums.sumLanes.values(), lane);
    sumHigh.intoArray(sums.sumLanes.values(), lane + HALF);
    squareLow.intoArray(sums.squareLanes.values(), lane);
    squareHigh.intoArray(sums.squareLanes.values(), lane + HALF);
  }

  /** Takes range and zeros of {@code elements} finite values, at least one vector of them. */
  private static void takeRange(MemorySegment values, long at, int elements, SummarySums sums) {
    IntVector smallest = IntVector.broadcast(INTS, Integer.MAX_VALUE);
    IntVector largest = IntVector.broadcast(INTS, Integer.MIN_VALUE);
    int zeros = 0;
    for (int i = 0; i < elements; i += GROUP) {
      IntVector bits = IntVector.fromMemorySegment(INTS, values, at + 4L * i, NATIVE);
      zeros += bits.and(Integer.MAX_VALUE).compare(VectorOperators.EQ, 0).trueCount();
      IntVector rank =
          bits.lanewise(
              VectorOperators.XOR,
              bits.lanewise(VectorOperators.ASHR, Integer.SIZE - 1).and(Integer.MAX_VALUE));
      smallest = smallest.min(rank);
      largest = largest.max(rank);
    }
    sums.takeRange(
        ofRank(smallest.reduceLanes(VectorOperators.MIN)),
        ofRank(largest.reduceLanes(VectorOperators.MAX)),
        zeros);
  }

  /**
   * The float whose bits, with all but the sign inverted where the sign is set, are {@code rank}:
   * such integers are in the order of their floats.
   */
  private static float ofRank(int rank) {
    return Float.intBitsToFloat(rank ^ ((rank >> (Integer.SIZE - 1)) & Integer.MAX_VALUE));
  }
}
