package dev.witnessmark.compare.stream;

/** Relative change from squared norms. */
final class RowNorms {

  private RowNorms() {}

  /** ‖Δ‖ / ‖A‖; infinite where A is zero and Δ is not, 0 where both are. */
  static double relative(double deltaSquared, double aSquared) {
    if (deltaSquared == 0) {
      return 0;
    }
    return Math.sqrt(deltaSquared) / Math.sqrt(aSquared);
  }
}
