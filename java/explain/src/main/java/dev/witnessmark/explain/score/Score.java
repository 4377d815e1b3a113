package dev.witnessmark.explain.score;

import dev.witnessmark.explain.algebra.Basis;

/**
 * How much of a target lies within a subspace.
 *
 * @param energy its share of the energy, 0 to 1
 * @param concentration that over {@code rank / dimensions}: 1 for chance, at most dimensions / rank
 * @param z how many standard deviations of random subspaces it is above 1
 * @param oracleShare its energy over that of the best subspace of the same rank
 */
public record Score(double energy, double concentration, double z, double oracleShare) {

  /** There is nothing to hold the subspace against, or no subspace. */
  public static final Score NONE = new Score(Double.NaN, Double.NaN, Double.NaN, Double.NaN);

  /** Nothing of the target lies in a subspace of no dimension. */
  public static final Score ZERO = new Score(0, 0, 0, 0);

  /**
   * Scores a basis.
   *
   * @param nulls what random subspaces reach
   */
  public static Score of(Basis basis, Target target, Nulls nulls) {
    double energy = target.matrix().within(basis);
    double concentration = energy * target.ambient() / basis.rank();
    Null chance = nulls.of(target, basis.rank());
    double best = target.oracle(basis.rank());
    return new Score(
        energy,
        concentration,
        target.isEmpty() ? 0 : chance.deviations(concentration, nulls.expected(chance)),
        best == 0 ? Double.NaN : energy / best);
  }
}
