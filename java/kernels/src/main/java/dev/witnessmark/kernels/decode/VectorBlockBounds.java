package dev.witnessmark.kernels.decode;

import dev.witnessmark.format.TensorType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The bounds of {@link Rounding} for block types on the Vector API: what is the same in a group of
 * 16 is prepared once per group, then one kernel, the same for all types, goes through the codes.
 */
final class VectorBlockBounds {

  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final VectorSpecies<Byte> BYTES = Lanes.BYTES;
  private static final ByteOrder NATIVE = ByteOrder.nativeOrder();
  private static final float K = Rounding.SLACK;

  private final TensorType type;
  private final boolean hasOffsets;
  private final float centre;
  private final float reach;

  /** bound = (code at an end ? atEnd : inside) + |code| · perCode, by group of 16. */
  private final float[] inside = new float[Unpacked.GROUPS];

  private final float[] atEnd = new float[Unpacked.GROUPS];
  private final float[] perCode = new float[Unpacked.GROUPS];

  private final float[] blockScaleErrors = new float[Unpacked.BLOCKS];
  private final float[] blockOffsetErrors = new float[Unpacked.BLOCKS];
  private final float[] blockMargins = new float[Unpacked.BLOCKS];

  VectorBlockBounds(TensorType type, boolean hasOffsets) {
    this.type = type;
    this.hasOffsets = hasOffsets;
    switch (Rounding.steps(type)) {
      case F16_SCALE, F32_SCALE, CODED_SCALE -> {
        this.centre = (Rounding.lowest(type) + Rounding.highest(type)) / 2;
        this.reach = (Rounding.highest(type) - Rounding.lowest(type)) / 2;
      }
      case TABLE -> {
        // The codes are gaps: those of the ends are three times a gap and larger than any other.
        this.centre = 0;
        this.reach = Codebooks.smallestEndGap(type);
      }
      default -> throw new IllegalArgumentException("no bound can be derived for " + type);
    }
  }

  /** Writes the bounds of all elements of {@code groups} groups at byte {@code at}. */
  void write(Unpacked unpacked, int groups, MemorySegment bounds, long at) {
    switch (Rounding.steps(type)) {
      case F16_SCALE, F32_SCALE -> prepareRoundedScales(unpacked, groups);
      case CODED_SCALE -> prepareCodedScales(unpacked, groups);
      case TABLE -> prepareTable(unpacked, groups);
      case LATTICE -> throw new AssertionError(type);
    }
    if (Rounding.steps(type) == Rounding.Steps.CODED_SCALE) {
      choose(unpacked.codes, centre, reach, inside, atEnd, groups, bounds, at);
    } else {
      choose(unpacked.codes, centre, reach, inside, atEnd, perCode, groups, bounds, at);
    }
  }

  private void prepareRoundedScales(Unpacked unpacked, int groups) {
    boolean rounded = Rounding.steps(type) == Rounding.Steps.F16_SCALE;
    for (int group = 0; group < groups; group++) {
      float scale = Math.abs(unpacked.scales[group]);
      float error = rounded ? Rounding.ofF16(scale) : 0;
      float step = scale + error;
      inside[group] = 0.5f * step * K;
      atEnd[group] = 1.5f * step * K;
      perCode[group] = error * K;
    }
    if (hasOffsets) {
      for (int group = 0; group < groups; group++) {
        float offset = Math.abs(unpacked.offsets[group]);
        float error = Rounding.ofF16(offset) + offset * Rounding.MINIMUM_SLACK;
        inside[group] += error;
        atEnd[group] += error;
      }
    }
  }

  private void prepareCodedScales(Unpacked unpacked, int groups) {
    float largest = Rounding.largestMagnitude(type);
    float scaleCodeError = Rounding.scaleCodeError(type);
    int blocks = groups / Unpacked.GROUP;
    for (int block = 0; block < blocks; block++) {
      float d = Math.abs(unpacked.blockScales[block]);
      blockScaleErrors[block] = Rounding.ofF16(d);
      blockMargins[block] = largest * (scaleCodeError * (d + Rounding.ofF16(d)));
    }
    if (hasOffsets) {
      for (int block = 0; block < blocks; block++) {
        float dmin = Math.abs(unpacked.blockOffsets[block]);
        blockOffsetErrors[block] = Rounding.ofF16(dmin);
        blockMargins[block] += 0.5f * (dmin + Rounding.ofF16(dmin));
      }
      codedScalesAndOffsets(
          unpacked,
          largest,
          blockScaleErrors,
          blockOffsetErrors,
          blockMargins,
          groups,
          inside,
          atEnd);
    } else {
      codedScales(unpacked, largest, blockScaleErrors, blockMargins, groups, inside, atEnd);
    }
  }

  private static void codedScales(
      Unpacked unpacked,
      float largest,
      float[] scaleErrors,
      float[] margins,
      int groups,
      float[] inside,
      float[] atEnd) {
    for (int i = 0; i < groups; i += FLOATS.length()) {
      int block = i >>> Unpacked.LOG_GROUP;
      FloatVector step = FloatVector.fromArray(FLOATS, unpacked.scales, i).abs();
      FloatVector end =
          ((FloatVector)
                  ByteVector.fromArray(BYTES, unpacked.scaleCodes, i)
                      .convertShape(VectorOperators.B2F, FLOATS, 0))
              .abs()
              .mul(scaleErrors[block])
              .mul(largest)
              .add(margins[block])
              .add(step.mul(1.5f))
              .mul(K);
      end.intoArray(atEnd, i);
      step.mul(0.5f).mul(K).blend(end, step.compare(VectorOperators.EQ, 0)).intoArray(inside, i);
    }
  }

  private static void codedScalesAndOffsets(
      Unpacked unpacked,
      float largest,
      float[] scaleErrors,
      float[] offsetErrors,
      float[] margins,
      int groups,
      float[] inside,
      float[] atEnd) {
    for (int i = 0; i < groups; i += FLOATS.length()) {
      int block = i >>> Unpacked.LOG_GROUP;
      FloatVector step = FloatVector.fromArray(FLOATS, unpacked.scales, i).abs();
      FloatVector slack =
          FloatVector.fromArray(FLOATS, unpacked.offsets, i).abs().mul(Rounding.MINIMUM_SLACK);
      FloatVector end =
          ((FloatVector)
                  ByteVector.fromArray(BYTES, unpacked.scaleCodes, i)
                      .convertShape(VectorOperators.B2F, FLOATS, 0))
              .mul(scaleErrors[block])
              .mul(largest)
              .add(
                  ((FloatVector)
                          ByteVector.fromArray(BYTES, unpacked.offsetCodes, i)
                              .convertShape(VectorOperators.B2F, FLOATS, 0))
                      .mul(offsetErrors[block]))
              .add(margins[block])
              .add(step.mul(1.5f))
              .mul(K)
              .add(slack);
      end.intoArray(atEnd, i);
      step.mul(0.5f)
          .mul(K)
          .add(slack)
          .blend(end, step.compare(VectorOperators.EQ, 0))
          .intoArray(inside, i);
    }
  }

  private void prepareTable(Unpacked unpacked, int groups) {
    float largest = Rounding.largestMagnitude(type);
    for (int group = 0; group < groups; group++) {
      float scale = Math.abs(unpacked.scales[group]);
      float error = 0;
      float margin = 0;
      switch (type) {
        case IQ4_NL -> error = Rounding.ofF16(scale);
        case IQ4_XS -> {
          float d = Math.abs(unpacked.blockScales[group >>> Unpacked.LOG_GROUP]);
          error = Math.abs(unpacked.scaleCodes[group]) * Rounding.ofF16(d);
          margin = d + Rounding.ofF16(d);
        }
        case NVFP4 -> {
          if (scale == 0) {
            margin = Rounding.NVFP4_LOST_SCALE;
          } else if (scale >= Rounding.NVFP4_LARGEST_SCALE) {
            margin = Float.POSITIVE_INFINITY;
          }
        }
        default -> {}
      }
      atEnd[group] = largest * (error + margin) * K;
      inside[group] = scale == 0 ? atEnd[group] : largest * error * K;
      perCode[group] = 0.5f * (scale + error) * K;
    }
  }

  /** The kernel for types whose bound does not depend on the code inside the range. */
  private static void choose(
      MemorySegment codes,
      float centre,
      float reach,
      float[] inside,
      float[] atEnd,
      int groups,
      MemorySegment bounds,
      long at) {
    for (int i = 0; i < Unpacked.GROUP * groups; i += FLOATS.length()) {
      int group = i >>> Unpacked.LOG_GROUP;
      FloatVector.broadcast(FLOATS, inside[group])
          .blend(
              atEnd[group],
              ((FloatVector)
                      ByteVector.fromMemorySegment(BYTES, codes, i, NATIVE)
                          .convertShape(VectorOperators.B2F, FLOATS, 0))
                  .sub(centre)
                  .abs()
                  .compare(VectorOperators.GE, reach))
          .intoMemorySegment(bounds, at + 4L * i, NATIVE);
    }
  }

  private static void choose(
      MemorySegment codes,
      float centre,
      float reach,
      float[] inside,
      float[] atEnd,
      float[] perCode,
      int groups,
      MemorySegment bounds,
      long at) {
    for (int i = 0; i < Unpacked.GROUP * groups; i += FLOATS.length()) {
      int group = i >>> Unpacked.LOG_GROUP;
      FloatVector code =
          ((FloatVector)
              ByteVector.fromMemorySegment(BYTES, codes, i, NATIVE)
                  .convertShape(VectorOperators.B2F, FLOATS, 0));
      FloatVector.broadcast(FLOATS, inside[group])
          .blend(atEnd[group], code.sub(centre).abs().compare(VectorOperators.GE, reach))
          .add(code.abs().mul(perCode[group]))
          .intoMemorySegment(bounds, at + 4L * i, NATIVE);
    }
  }
}
