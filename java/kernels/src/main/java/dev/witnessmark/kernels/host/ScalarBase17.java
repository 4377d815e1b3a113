package dev.witnessmark.kernels.host;

import dev.witnessmark.kernels.operation.Base17;
import java.lang.foreign.MemorySegment;

/** Row fingerprints, one dimension at a time. */
final class ScalarBase17 {

  private ScalarBase17() {}

  static void run(Base17 o, MemorySegment rows, MemorySegment fingerprints) {
    for (int row = 0; row < o.rows(); row++) {
      for (int b = 0; b < Base17.DIMENSIONS; b++) {
        int column = Base17.GOLDEN_STEP * b % Base17.DIMENSIONS;
        double sum = 0;
        int count = 0;
        for (long octave = 0; octave < o.octaves(); octave += o.stride()) {
          long i = octave * Base17.DIMENSIONS + column;
          if (i < o.columns()) {
            sum += element(o, rows, (long) row * o.columns() + i);
            count++;
          }
        }
        Values.setI16(fingerprints, (long) row * Base17.DIMENSIONS + b, Base17.number(sum, count));
      }
    }
  }

  /** Element {@code i} of all rows. */
  private static double element(Base17 o, MemorySegment rows, long i) {
    return switch (o.type()) {
      case F16 -> Values.f16(rows, i);
      case BF16 -> Values.bf16(rows, i);
      default -> Values.f32(rows, i);
    };
  }
}
