package dev.witnessmark.parity.budget;

/**
 * What the values of a stage really are, and how far computed ones may be from them.
 *
 * @param values the real ones, row by row
 * @param budgets one for each; infinite where none can be derived
 */
public record Bounds(double[] values, double[] budgets) {

  /**
   * As numbers of {@code precision} may be off.
   *
   * @param fromRounded what is known where the inputs, too, were rounded when they were stored
   */
  public Bounds in(Precision precision, Bounds fromRounded) {
    double[] loosened = new double[budgets.length];
    for (int i = 0; i < loosened.length; i++) {
      double ofInputs = fromRounded.budgets[i] - budgets[i];
      loosened[i] =
          budgets[i] == Double.POSITIVE_INFINITY
              ? Double.POSITIVE_INFINITY
              : precision.budget(budgets[i], values[i]) + ofInputs;
    }
    return new Bounds(values, loosened);
  }

  /**
   * Holds computed values against them. A value that has no budget must be the real one: what
   * cannot be judged does not pass.
   *
   * @param basis where the budgets come from
   */
  public BudgetUse use(double[] computed, String basis) {
    double used = 0;
    long at = -1;
    long unlimited = 0;
    for (int i = 0; i < computed.length; i++) {
      double share = share(computed[i], values[i], budgets[i]);
      if (budgets[i] == Double.POSITIVE_INFINITY && share > 0) {
        unlimited++;
      }
      if (share > used) {
        used = share;
        at = i;
      }
    }
    return new BudgetUse(used, at, unlimited, basis);
  }

  private static double share(double computed, double value, double budget) {
    if (computed == value || (Double.isNaN(computed) && Double.isNaN(value))) {
      return 0;
    }
    double share = Math.abs(computed - value) / budget;
    boolean judged = budget < Double.POSITIVE_INFINITY && !Double.isNaN(share);
    return judged ? share : Double.POSITIVE_INFINITY;
  }
}
