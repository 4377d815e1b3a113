package dev.witnessmark.falsify.model;

import dev.witnessmark.format.TensorType;

/** Adds up what {@link MatrixNoise} says of a matrix. */
final class NoiseSums {

  private final TensorType type;
  private long results;
  private double squares;
  private double errors;
  private double variances;
  private double scores;
  private long scored;
  private double largest;
  private long beyondThree;
  private double brokenScores;
  private long rows;
  private long crushedRows;

  NoiseSums(TensorType type) {
    this.type = type;
  }

  /**
   * One result.
   *
   * @param f32 on the one path
   * @param q8 on the other
   * @param broken by the broken kernel
   * @param variance σ²; where it is 0, all weights or activations are, and there is nothing to
   *     score
   */
  void add(float f32, float q8, float broken, double variance) {
    double error = (double) q8 - f32;
    results++;
    squares += (double) f32 * f32;
    errors += error * error;
    variances += variance;
    if (variance > 0) {
      double score = error * error / variance;
      double brokenError = (double) broken - f32;
      scored++;
      scores += score;
      brokenScores += brokenError * brokenError / variance;
      largest = Math.max(largest, score);
      beyondThree += score > ModelResult.MOST_Z * ModelResult.MOST_Z ? 1 : 0;
    } else if (error != 0) {
      largest = Double.POSITIVE_INFINITY;
      scores = Double.POSITIVE_INFINITY;
      beyondThree++;
    }
  }

  /** One vector of activations. */
  void addRow(boolean crushed) {
    rows++;
    crushedRows += crushed ? 1 : 0;
  }

  MatrixNoise of(String name) {
    return new MatrixNoise(
        name,
        type,
        results,
        Math.sqrt(errors / squares),
        Math.sqrt(errors / results),
        Math.sqrt(variances / results),
        Math.sqrt(scores / Math.max(1, scored)),
        Math.sqrt(largest),
        beyondThree,
        Math.sqrt(brokenScores / Math.max(1, scored)),
        rows,
        crushedRows);
  }
}
