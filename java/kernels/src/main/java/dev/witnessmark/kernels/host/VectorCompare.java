package dev.witnessmark.kernels.host;

import dev.witnessmark.kernels.decode.Lanes;
import dev.witnessmark.kernels.difference.DifferenceKernel;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The comparator's pass with the vector reduction, and vectors that look for the largest. */
final class VectorCompare extends SegmentedCompare {

  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;

  VectorCompare() {
    super(DifferenceKernel.best());
  }

  @Override
  int indexOf(float largest, MemorySegment a, MemorySegment b, long at, int from, int elements) {
    int i = from;
    for (; i <= elements - FLOATS.length(); i += FLOATS.length()) {
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, a, at + 4L * i, LITTLE);
      FloatVector y = FloatVector.fromMemorySegment(FLOATS, b, at + 4L * i, LITTLE);
      long found =
          x.sub(y).abs().compare(VectorOperators.EQ, largest).toLong()
              & x.abs().compare(VectorOperators.LE, Float.MAX_VALUE).toLong()
              & y.abs().compare(VectorOperators.LE, Float.MAX_VALUE).toLong();
      if (found != 0) {
        return i + Long.numberOfTrailingZeros(found);
      }
    }
    return super.indexOf(largest, a, b, at, i, elements);
  }
}
