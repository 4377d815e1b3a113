package dev.witnessmark.kernels.host;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.decode.Lanes;
import dev.witnessmark.kernels.operation.QuantiseActivations;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Rounding of activations, as {@link ScalarQuantisation} does it. */
final class VectorQuantisation {

  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final VectorSpecies<Integer> INTS = Lanes.INTS;
  private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;

  /** Added and subtracted again, it rounds a number below 2²² to the nearest even integer. */
  private static final float ROUND = 0x1.8p23f;

  private static final int Q8_0_CODES = 2;

  /** The codes of a block as integers. */
  private final MemorySegment integers =
      Scratch.allocate((long) Integer.BYTES * TensorType.Q8_K.blockElements());

  void quantise(QuantiseActivations o, MemorySegment activations, MemorySegment blocks) {
    TensorType type = o.type();
    long count = (long) o.rows() * (o.columns() / type.blockElements());
    for (long b = 0; b < count; b++) {
      long from = Float.BYTES * b * type.blockElements();
      long to = b * type.blockBytes();
      if (type == TensorType.Q8_K) {
        q8k(activations, from, blocks, to);
      } else {
        q8_0(activations, from, blocks, to);
      }
    }
  }

  private void q8k(MemorySegment x, long at, MemorySegment blocks, long to) {
    float largest = largest(x, at, TensorType.Q8_K.blockElements());
    float inverse = -127 / largest;
    float scale = ScalarQuantisation.scale(largest, inverse);
    Values.setF32At(blocks, to, scale);
    if (largest != 0 && Float.isFinite(inverse) && !Float.isNaN(scale)) {
      roundToEven(x, at, inverse, integers);
    } else {
      integers.fill((byte) 0);
    }
    for (int group = 0; group < Q8K.SUM_COUNT; group++) {
      int sum = 0;
      for (int i = 0; i < 16; i++) {
        int q = Values.i32(integers, 16L * group + i);
        Values.setI8At(blocks, to + Q8K.CODES + 16L * group + i, q);
        sum += q;
      }
      Values.setI16At(blocks, to + Q8K.SUMS + 2L * group, sum);
    }
  }

  private static void roundToEven(MemorySegment x, long at, float factor, MemorySegment codes) {
    for (int i = 0; i < 256; i += FLOATS.length()) {
      FloatVector rounded =
          FloatVector.fromMemorySegment(FLOATS, x, at + 4L * i, LITTLE)
              .mul(factor)
              .add(ROUND)
              .sub(ROUND)
              .min(127);
      ((IntVector) rounded.convertShape(VectorOperators.F2I, INTS, 0))
          .intoMemorySegment(codes, 4L * i, LITTLE);
    }
  }

  private void q8_0(MemorySegment x, long at, MemorySegment blocks, long to) {
    float largest = Math.abs(largest(x, at, TensorType.Q8_0.blockElements()));
    float scale = ScalarQuantisation.smallScale(largest);
    float inverse = scale == 0 ? 0 : 1 / scale;
    Values.setI16At(blocks, to, Float.floatToFloat16(scale));
    if (Float.isFinite(inverse)) {
      roundHalfAway(x, at, inverse, integers);
    } else {
      integers.fill((byte) 0);
    }
    for (int e = 0; e < TensorType.Q8_0.blockElements(); e++) {
      Values.setI8At(blocks, to + Q8_0_CODES + e, Values.i32(integers, e));
    }
  }

  private static void roundHalfAway(MemorySegment x, long at, float factor, MemorySegment codes) {
    for (int i = 0; i < 32; i += FLOATS.length()) {
      FloatVector scaled =
          FloatVector.fromMemorySegment(FLOATS, x, at + 4L * i, LITTLE).mul(factor);
      FloatVector magnitude = scaled.abs();
      IntVector floor = (IntVector) magnitude.convertShape(VectorOperators.F2I, INTS, 0);
      FloatVector rest =
          magnitude.sub((FloatVector) floor.convertShape(VectorOperators.I2F, FLOATS, 0));
      IntVector rounded =
          floor.lanewise(VectorOperators.ADD, 1, rest.compare(VectorOperators.GE, 0.5f).cast(INTS));
      rounded
          .lanewise(VectorOperators.NEG, scaled.compare(VectorOperators.LT, 0).cast(INTS))
          .intoMemorySegment(codes, 4L * i, LITTLE);
    }
  }

  /** The first element of largest magnitude; not finite if any is not. */
  private static float largest(MemorySegment x, long at, int elements) {
    float magnitude = largestMagnitude(x, at, elements);
    if (!Float.isFinite(magnitude)) {
      return magnitude;
    }
    int i = 0;
    while (Math.abs(Values.f32At(x, at + 4L * i)) != magnitude) {
      i++;
    }
    return Values.f32At(x, at + 4L * i);
  }

  private static float largestMagnitude(MemorySegment x, long at, int elements) {
    FloatVector largest = FloatVector.zero(FLOATS);
    for (int i = 0; i < elements; i += FLOATS.length()) {
      largest = largest.max(FloatVector.fromMemorySegment(FLOATS, x, at + 4L * i, LITTLE).abs());
    }
    return largest.reduceLanes(VectorOperators.MAX);
  }
}
