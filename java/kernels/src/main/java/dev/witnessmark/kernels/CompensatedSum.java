package dev.witnessmark.kernels;

/**
 * A running sum of doubles that keeps what each addition rounds away (Neumaier's compensated
 * summation, with the exact rounding error of every addition added to a second double).
 *
 * <p>After n additions of finite x the result is off by at most 2⁻⁵³·|Σx| + (n·2⁻⁵³)²·Σ|x|: for a
 * billion additions that is 1e-16 of the sum and 1.3e-14 of the sum of magnitudes, whatever the
 * signs. The order of the additions decides the bits of the result, nothing else does. A sum that
 * left the range of doubles stays infinite or NaN.
 */
public final class CompensatedSum {

  private double sum;
  private double lost;

  /** Adds one value. */
  public void add(double value) {
    double next = sum + value;
    double fromValue = next - sum;
    double error = (sum - (next - fromValue)) + (value - fromValue);
    sum = next;
    lost += error;
  }

  /** Adds another running sum, as the values that follow those of this one. */
  public void add(CompensatedSum other) {
    add(other.sum);
    lost += other.lost;
  }

  /** The sum, rounded to one double. */
  public double value() {
    return Double.isFinite(sum) ? sum + lost : sum;
  }

  /** Back to zero. */
  public void clear() {
    sum = 0;
    lost = 0;
  }
}
