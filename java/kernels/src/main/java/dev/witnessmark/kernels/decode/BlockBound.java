package dev.witnessmark.kernels.decode;

import dev.witnessmark.format.TensorType;
import java.lang.foreign.MemorySegment;

/**
 * The bounds of {@link Rounding} for block types, one element at a time.
 *
 * @param formula the format
 */
record BlockBound(BlockFormula formula) {

  private static final float K = Rounding.SLACK;

  /** The bound of element e of the block at byte b. */
  float of(MemorySegment s, long b, int e) {
    return switch (Rounding.steps(formula.type())) {
      case F16_SCALE -> {
        float scale = Math.abs(formula.scale(s, b, e));
        yield roundedScale(s, b, e, scale, Rounding.ofF16(scale));
      }
      case F32_SCALE -> roundedScale(s, b, e, Math.abs(formula.scale(s, b, e)), 0);
      case CODED_SCALE -> codedScale(s, b, e);
      case TABLE -> table(s, b, e);
      case LATTICE -> throw new AssertionError(formula);
    };
  }

  private float roundedScale(MemorySegment s, long b, int e, float scale, float error) {
    float step = scale + error;
    float bound = isEnd(s, b, e) ? 1.5f * step * K : 0.5f * step * K;
    if (formula.hasOffset()) {
      float minimum = Math.abs(formula.offset(s, b, e));
      bound += Rounding.ofF16(minimum) + minimum * Rounding.MINIMUM_SLACK;
    }
    return bound + Math.abs(formula.code(s, b, e)) * (error * K);
  }

  private float codedScale(MemorySegment s, long b, int e) {
    TensorType type = formula.type();
    float largest = Rounding.largestMagnitude(type);
    float step = Math.abs(formula.scale(s, b, e));
    float d = Math.abs(formula.blockScale(s, b));
    float scaleMargin = largest * (Rounding.scaleCodeError(type) * (d + Rounding.ofF16(d)));
    float scaleError = largest * (Math.abs(formula.scaleCode(s, b, e)) * Rounding.ofF16(d));
    float blockMargin = scaleMargin;
    float error = scaleError;
    float minimumSlack = 0;
    if (formula.hasOffset()) {
      float dmin = Math.abs(formula.blockMinimum(s, b));
      blockMargin = scaleMargin + 0.5f * (dmin + Rounding.ofF16(dmin));
      error = scaleError + formula.minimumCode(s, b, e) * Rounding.ofF16(dmin);
      minimumSlack = Math.abs(formula.offset(s, b, e)) * Rounding.MINIMUM_SLACK;
    }
    return isEnd(s, b, e) || step == 0
        ? (1.5f * step + (error + blockMargin)) * K + minimumSlack
        : 0.5f * step * K + minimumSlack;
  }

  private float table(MemorySegment s, long b, int e) {
    TensorType type = formula.type();
    float scale = Math.abs(formula.scale(s, b, e));
    float error =
        switch (type) {
          case IQ4_NL -> Rounding.ofF16(scale);
          case IQ4_XS ->
              Math.abs(formula.scaleCode(s, b, e))
                  * Rounding.ofF16(Math.abs(formula.blockScale(s, b)));
          default -> 0;
        };
    float margin =
        switch (type) {
          case IQ4_XS -> {
            float d = Math.abs(formula.blockScale(s, b));
            yield d + Rounding.ofF16(d);
          }
          case NVFP4 ->
              scale == 0
                  ? Rounding.NVFP4_LOST_SCALE
                  : scale >= Rounding.NVFP4_LARGEST_SCALE ? Float.POSITIVE_INFINITY : 0;
          default -> 0;
        };
    int index = formula.tableIndex(s, b, e);
    int gap =
        switch (type) {
          case IQ4_NL -> Codebooks.IQ4_NL_GAPS[index];
          case IQ4_XS -> gapOfIq4(index);
          default -> gapOfFp4(index & 7);
        };
    boolean end =
        switch (type) {
          case IQ4_NL, IQ4_XS -> index == 0 || index == 15;
          default -> (index & 7) == 7;
        };
    float far = Rounding.largestMagnitude(type) * (end || scale == 0 ? error + margin : error);
    return far * K + gap * (0.5f * (scale + error) * K);
  }

  /** The larger gap beside value {@code index} of the ascending table, three times at its ends. */
  private static int gapOfIq4(int index) {
    byte[] values = Codebooks.IQ4;
    if (index == 0) {
      return 3 * (values[1] - values[0]);
    }
    int below = values[index] - values[index - 1];
    return index == 15 ? 3 * below : Math.max(below, values[index + 1] - values[index]);
  }

  /** The same for one of the eight ascending magnitudes; both zeros lie between -1 and 1. */
  private static int gapOfFp4(int magnitude) {
    byte[] values = Codebooks.FP4;
    if (magnitude == 0) {
      return values[1];
    }
    int below = values[magnitude] - values[magnitude - 1];
    return magnitude == 7 ? 3 * below : Math.max(below, values[magnitude + 1] - values[magnitude]);
  }

  private boolean isEnd(MemorySegment s, long b, int e) {
    int code = formula.code(s, b, e);
    return code == Rounding.lowest(formula.type()) || code == Rounding.highest(formula.type());
  }
}
