package dev.witnessmark.kernels.projection;

import dev.witnessmark.kernels.operation.Base17;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** {@link ProjectionKernel} element by element. */
final class ScalarProjection implements ProjectionKernel {

  static final ScalarProjection INSTANCE = new ScalarProjection();

  private ScalarProjection() {}

  @Override
  public String implementation() {
    return "scalar";
  }

  @Override
  public void add(MemorySegment values, long at, int elements, ProjectionSums sums) {
    int done = 0;
    while (done < elements) {
      int column = sums.column();
      int left = Math.min(Base17.DIMENSIONS - column, elements - done);
      if (sums.octavesToSkip() == 0) {
        for (int i = 0; i < left; i++) {
          sums.sums[column + i] +=
              values.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at + 4L * (done + i));
        }
      }
      sums.advance(left);
      done += left;
    }
  }
}
