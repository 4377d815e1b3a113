package dev.witnessmark.kernels.operation;

import dev.witnessmark.format.TensorType;
import java.util.List;
import java.util.Optional;

/**
 * Fingerprints of rows: each row's mean over seventeen interleaved classes of columns.
 *
 * @param type how the rows are stored: F32, F16 or BF16
 * @param rows number of rows
 * @param columns length of each
 * @param stride every how many octaves of 17 columns one is visited
 */
public record Base17(TensorType type, int rows, int columns, int stride) implements Operation {

  /** Numbers of a fingerprint, and columns of an octave. */
  public static final int DIMENSIONS = 17;

  /** Dimension b looks at column {@code GOLDEN_STEP · b mod DIMENSIONS} of an octave. */
  public static final int GOLDEN_STEP = 11;

  /** What a mean is multiplied by. */
  public static final int SCALE = 256;

  public Base17 {
    Check.oneOf("type", type, List.of(TensorType.F32, TensorType.F16, TensorType.BF16));
    Check.notNegative("rows", rows);
    Check.notNegative("columns", columns);
    Check.positive("stride", stride);
  }

  /**
   * The number of a fingerprint for a class of columns: its mean times {@link #SCALE}, in double,
   * rounded half away from zero and clamped to 16 bits. NaN gives 0, and so does a class without
   * columns.
   *
   * @param sum of the class
   * @param count its columns
   */
  public static short number(double sum, long count) {
    double scaled = sum / count * SCALE;
    double magnitude = Math.abs(scaled);
    if (!(magnitude >= 0.5)) { // NaN too, which 0 / 0 is
      return 0;
    }
    if (magnitude >= -Short.MIN_VALUE) {
      return scaled < 0 ? Short.MIN_VALUE : Short.MAX_VALUE;
    }
    int whole = (int) magnitude;
    int away = magnitude - whole >= 0.5 ? whole + 1 : whole;
    return (short) (scaled < 0 ? -away : Math.min(away, Short.MAX_VALUE));
  }

  /** Octaves of a row, the last one perhaps cut short. */
  public int octaves() {
    return Math.ceilDiv(columns, DIMENSIONS);
  }

  @Override
  public Family family() {
    return Family.BASE17;
  }

  @Override
  public Optional<String> variant() {
    return Optional.of(type.name());
  }

  @Override
  public List<Number> parameters() {
    return List.of(rows, columns, stride);
  }

  @Override
  public List<Operand> operands() {
    return List.of(
        Operand.in("rows", Element.BYTE, type.bytes(Check.elements(rows, columns))),
        Operand.out("fingerprints", Element.INT16, Check.elements(rows, DIMENSIONS)));
  }

  @Override
  public String shape() {
    return type + " " + rows + "×" + columns + " stride=" + stride;
  }

  @Override
  public long arithmeticOperations() {
    return Check.elements(rows, columns) / stride;
  }
}
