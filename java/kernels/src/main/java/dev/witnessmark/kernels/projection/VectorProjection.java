package dev.witnessmark.kernels.projection;

import dev.witnessmark.kernels.VectorWidth;
import dev.witnessmark.kernels.decode.Lanes;
import dev.witnessmark.kernels.operation.Base17;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link ProjectionKernel} on the Vector API: whole octaves, sixteen columns in vectors and the
 * last one beside them. Narrow vectors take some of the columns per pass. What is cut off an octave
 * at either end is added element by element.
 */
final class VectorProjection implements ProjectionKernel {

  static final VectorProjection INSTANCE = new VectorProjection();

  private static final ByteOrder NATIVE = ByteOrder.nativeOrder();
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final VectorSpecies<Double> DOUBLES =
      VectorSpecies.of(double.class, VectorShape.forBitSize(VectorWidth.bits()));

  /** The column that no vector has. */
  private static final int LAST = Base17.DIMENSIONS - 1;

  private static final long OCTAVE_BYTES = (long) Float.BYTES * Base17.DIMENSIONS;

  private VectorProjection() {}

  @Override
  public String implementation() {
    return "vector-" + VectorWidth.bits();
  }

  @Override
  public void add(MemorySegment values, long at, int elements, ProjectionSums sums) {
    int column = sums.column();
    int head = column == 0 ? 0 : Math.min(elements, Base17.DIMENSIONS - column);
    if (head > 0) {
      ScalarProjection.INSTANCE.add(values, at, head, sums);
    }
    int octaves = (elements - head) / Base17.DIMENSIONS;
    int rest = (elements - head) % Base17.DIMENSIONS;
    int skipped = sums.octavesToSkip();
    int stride = sums.stride();
    int visited = stride == 1 ? octaves : Math.max(0, Math.ceilDiv(octaves - skipped, stride));
    boolean restVisited = rest > 0 && skipped + visited * stride == octaves;
    long first = at + (long) Float.BYTES * head + OCTAVE_BYTES * skipped;
    for (int lane = 0; lane < LAST; lane += FLOATS.length()) {
      addLanes(
          values, first, OCTAVE_BYTES * stride, visited, restVisited ? rest : 0, lane, sums.sums);
    }
    sums.advance(elements - head);
  }

  /**
   * Adds the columns of one vector of floats from {@code lane} on, of {@code octaves} octaves and
   * of {@code rest} columns after them. The last column is added in every pass, where it costs
   * nothing, and kept in the first. Adding +0 where there is no column changes no sum: none is −0.
   */
  private static void addLanes(
      MemorySegment values, long first, long step, int octaves, int rest, int lane, double[] sums) {
    int half = lane + DOUBLES.length();
    DoubleVector low = DoubleVector.fromArray(DOUBLES, sums, lane);
    DoubleVector high = DoubleVector.fromArray(DOUBLES, sums, half);
    double last = sums[LAST];
    long at = first;
    for (int octave = 0; octave < octaves; octave++) {
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, values, at + 4L * lane, NATIVE);
      low = low.add(x.convertShape(VectorOperators.F2D, DOUBLES, 0));
      high = high.add(x.convertShape(VectorOperators.F2D, DOUBLES, 1));
      last += values.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at + 4L * LAST);
      at += step;
    }
    if (rest > lane) {
      FloatVector x =
          FloatVector.fromMemorySegment(
              FLOATS, values, at + 4L * lane, NATIVE, FLOATS.indexInRange(lane, rest));
      low = low.add(x.convertShape(VectorOperators.F2D, DOUBLES, 0));
      high = high.add(x.convertShape(VectorOperators.F2D, DOUBLES, 1));
    }
    low.intoArray(sums, lane);
    high.intoArray(sums, half);
    if (lane == 0) {
      sums[LAST] = last;
    }
  }
}
