package dev.witnessmark.explain.score;

import dev.witnessmark.explain.algebra.Basis;
import dev.witnessmark.explain.algebra.DenseMatrix;
import dev.witnessmark.explain.algebra.GramSchmidt;
import java.util.SplittableRandom;

/**
 * How concentrated a target is in random subspaces of one rank.
 *
 * @param mean of the concentration
 * @param deviation its standard deviation
 */
public record Null(double mean, double deviation) {

  /** How it is found. */
  public sealed interface Mode {

    /** From a formula: no draws, no error. */
    record Exact() implements Mode {}

    /**
     * From draws, as published; a deviation from 120 draws is good to some 10 %.
     *
     * @param draws random subspaces
     * @param seed of their generator
     */
    record Sampled(int draws, long seed) implements Mode {
      public Sampled {
        if (draws < 2) {
          throw new IllegalArgumentException(draws + " draws have no deviation");
        }
      }
    }
  }

  /**
   * The exact one. For the projector P on a uniformly random subspace of r of d dimensions, {@code
   * E tr(PS) = (r/d)·tr S} and {@code Var tr(PS) = 2r(d−r) / (d(d−1)(d+2)) · (tr S² − (tr S)²/d)};
   * the concentration is d/r times that.
   */
  public static Null exact(Target target, int rank) {
    double d = target.ambient();
    double trace = target.matrix().trace();
    double spread = Math.max(0, target.squaredNorm() - trace * trace / d);
    double variance = 2.0 * rank * (d - rank) / (d * (d - 1) * (d + 2)) * spread;
    return new Null(trace, d / rank * Math.sqrt(variance));
  }

  /**
   * One from draws: bases of Gaussian directions, those of {@code removed} taken off.
   *
   * @param seed of the generator; the same draws for the same seed everywhere
   */
  public static Null sampled(Target target, int rank, Basis removed, int draws, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] concentrations = new double[draws];
    double sum = 0;
    for (int i = 0; i < draws; i++) {
      double[] gaussian = new double[rank * removed.dimension()];
      for (int j = 0; j < gaussian.length; j++) {
        gaussian[j] = random.nextGaussian();
      }
      Basis basis =
          GramSchmidt.of(removed.takenOff(new DenseMatrix(rank, removed.dimension(), gaussian)));
      concentrations[i] = target.matrix().within(basis) * target.ambient() / rank;
      sum += concentrations[i];
    }
    double mean = sum / draws;
    double squares = 0;
    for (double concentration : concentrations) {
      squares += (concentration - mean) * (concentration - mean);
    }
    return new Null(mean, Math.sqrt(squares / (draws - 1)));
  }

  /** How many deviations {@code concentration} is above chance; 0 where nothing deviates. */
  double deviations(double concentration, double expected) {
    return deviation == 0 ? 0 : (concentration - expected) / (deviation + Target.FLOOR);
  }
}
