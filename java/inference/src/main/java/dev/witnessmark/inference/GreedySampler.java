package dev.witnessmark.inference;

import dev.witnessmark.verdict.CouldNotCompare;

/** The largest logit; of equal ones the first. */
final class GreedySampler implements Sampler {

  @Override
  public int next(float[] logits) throws CouldNotCompare {
    return largest(logits);
  }

  /**
   * Index of the largest; of equal ones, and of zeros of both signs, the first.
   *
   * @throws CouldNotCompare if there is none, or one is NaN
   */
  static int largest(float[] logits) throws CouldNotCompare {
    if (logits.length == 0) {
      throw new CouldNotCompare("there are no logits to choose a token from");
    }
    int best = 0;
    for (int i = 0; i < logits.length; i++) {
      if (Float.isNaN(logits[i])) {
        throw new CouldNotCompare(
            "logit %d of %d is NaN, so no token can be chosen".formatted(i, logits.length));
      }
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    return best;
  }
}
