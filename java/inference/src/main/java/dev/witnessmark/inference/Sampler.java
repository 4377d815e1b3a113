package dev.witnessmark.inference;

import dev.witnessmark.verdict.CouldNotCompare;

/** Chooses the next token from logits. */
public interface Sampler {

  /**
   * The id of the next token.
   *
   * @param logits one for each row of the head
   * @throws CouldNotCompare if one is NaN, or no token can be chosen
   */
  int next(float[] logits) throws CouldNotCompare;

  /** Always the largest logit, and of equal ones the first. */
  static Sampler greedy() {
    return new GreedySampler();
  }

  /**
   * Draws at random. Equal logits, settings and seed give equal tokens on every machine.
   *
   * @param seed of the sequence of random numbers, which goes on from token to token
   */
  static Sampler seeded(Sampling sampling, long seed) {
    return new SeededSampler(sampling, seed);
  }
}
