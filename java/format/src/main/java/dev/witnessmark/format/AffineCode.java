package dev.witnessmark.format;

import java.util.Arrays;

/**
 * Integer storage with scale and zero point, as ONNX has it: value = (code − zeroPoint) · scale.
 *
 * @param scales one for the whole tensor, or one per index of {@code axis}
 * @param zeroPoints as many as {@code scales}
 * @param axis the dimension that the scales belong to; unused for a single scale
 */
public record AffineCode(float[] scales, int[] zeroPoints, int axis) {

  public AffineCode {
    if (scales.length == 0 || scales.length != zeroPoints.length) {
      throw new IllegalArgumentException(
          scales.length + " scales, " + zeroPoints.length + " zero points");
    }
    scales = scales.clone();
    zeroPoints = zeroPoints.clone();
  }

  /** How many scales there are. */
  public int groups() {
    return scales.length;
  }

  /** The scale of group {@code group}. */
  public float scale(int group) {
    return scales[group];
  }

  /** The zero point of group {@code group}. */
  public int zeroPoint(int group) {
    return zeroPoints[group];
  }

  @Override
  public float[] scales() {
    return scales.clone();
  }

  @Override
  public int[] zeroPoints() {
    return zeroPoints.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AffineCode that
        && Arrays.equals(scales, that.scales)
        && Arrays.equals(zeroPoints, that.zeroPoints)
        && axis == that.axis;
  }

  @Override
  public int hashCode() {
    return 31 * (31 * Arrays.hashCode(scales) + Arrays.hashCode(zeroPoints)) + axis;
  }

  @Override
  public String toString() {
    return scales.length == 1
        ? "(code - %d) * %s".formatted(zeroPoints[0], scales[0])
        : "%d scales along axis %d".formatted(scales.length, axis);
  }
}
