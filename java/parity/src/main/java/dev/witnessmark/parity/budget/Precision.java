package dev.witnessmark.parity.budget;

import dev.witnessmark.format.TensorType;
import java.util.Locale;

/** The numbers that a side computes with which does not say that it follows the contract. */
public enum Precision {
  F32(0x1p-24, 0x1p-150),
  F16(0x1p-11, 0x1p-25),
  BF16(0x1p-8, 0x1p-134);

  private final double unit;
  private final double halfSubnormal;

  Precision(double unit, double halfSubnormal) {
    this.unit = unit;
    this.halfSubnormal = halfSubnormal;
  }

  /** The name in results and on the command line. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Unit roundoff. */
  double unit() {
    return unit;
  }

  /** What a tensor stored as {@code type} was computed in, if nothing else is known. */
  public static Precision of(TensorType type) {
    return switch (type) {
      case F16 -> F16;
      case BF16 -> BF16;
      default -> F32;
    };
  }

  /**
   * A budget of float32 for these numbers: bounds of rounding errors are proportional to the unit
   * roundoff, and a value is rounded once more when it is stored.
   */
  double budget(double ofFloat32, double value) {
    return ofFloat32 * (unit / F32.unit) + unit * Math.abs(value) + halfSubnormal;
  }
}
