package dev.witnessmark.compare.diagnose;

/**
 * √Σx² in float64, for any finite x: those whose squares could leave its range are made smaller
 * first, by a power of two, and added up by themselves (Blue, ACM TOMS 4(1), 1978, without his sum
 * of small numbers: squares below 2⁻¹⁰⁷⁴ count as nothing).
 */
final class Norm {

  /** Up to this 2⁶⁴ squares can be added. */
  static final double LARGE = 0x1p480;

  /** What larger numbers are multiplied by. */
  static final double SMALLER = 0x1p-600;

  private double squares;
  private double largeSquares;

  void add(double x) {
    if (Math.abs(x) > LARGE) {
      double smaller = x * SMALLER;
      largeSquares += smaller * smaller;
    } else {
      squares += x * x;
    }
  }

  /** Infinite only if the norm itself leaves the range; NaN if a number was. */
  double value() {
    return largeSquares == 0
        ? Math.sqrt(squares)
        : Math.sqrt(largeSquares + squares * SMALLER * SMALLER) / SMALLER;
  }
}
