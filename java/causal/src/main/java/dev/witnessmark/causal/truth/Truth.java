package dev.witnessmark.causal.truth;

import java.util.OptionalDouble;

/**
 * A truth value of non-axiomatic reasoning (NARS), with an evidential horizon of 1. All arithmetic
 * is in 32-bit floats, one operation after the other as written, nothing fused, so that values have
 * equal bits everywhere.
 *
 * @param frequency share of the evidence that is positive, 0 to 1
 * @param confidence how much of all evidence to come it is, 0 to {@link #HIGHEST_CONFIDENCE}
 */
public record Truth(float frequency, float confidence) {

  /** No evidence is final. */
  public static final float HIGHEST_CONFIDENCE = 0.9999f;

  /** The most that evidence counted in rows, and {@link #revisedByDiff}, may claim. */
  public static final float HIGHEST_CONFIDENCE_OF_DIFF = 0.99f;

  /** No evidence at all. */
  public static final Truth IGNORANCE = new Truth(0.5f, 0);

  private static final float SMALL = 1e-9f;
  private static final float MOST_EVIDENCE = 1e6f;

  /** 2⁻²³, the distance of floats at 1. */
  private static final float EPSILON = Math.ulp(1f);

  private static final float CONTRADICTING_DISTANCE = 0.5f;
  private static final float CONFIDENT = 0.5f;
  private static final float NEGATION = 0.9f;
  private static final float DEPENDENCY = 0.5f;

  public Truth {
    if (!(frequency >= 0
        && frequency <= 1
        && confidence >= 0
        && confidence <= HIGHEST_CONFIDENCE)) {
      throw new IllegalArgumentException("frequency " + frequency + ", confidence " + confidence);
    }
  }

  /** The truth of two numbers, clamped to their ranges. */
  public static Truth of(float frequency, float confidence) {
    return new Truth(Math.clamp(frequency, 0f, 1f), Math.clamp(confidence, 0f, HIGHEST_CONFIDENCE));
  }

  /** What {@code counted} of {@code total} cases say: {@code f = counted/total}. */
  public static Truth ofShare(long counted, long total) {
    float frequency = total == 0 ? 0 : (float) ((double) counted / (double) total);
    return new Truth(frequency, confidenceOf(total));
  }

  /** Confidence of {@code cases} cases: {@code min(1 − 1/(1 + cases), 0.99)}. */
  public static float confidenceOf(long cases) {
    return Math.min(1f - 1f / (1f + (float) cases), HIGHEST_CONFIDENCE_OF_DIFF);
  }

  /** The evidence behind this. */
  public Evidence evidence() {
    float doubt = 1 - confidence;
    if (doubt <= SMALL) {
      return new Evidence(frequency * MOST_EVIDENCE, (1 - frequency) * MOST_EVIDENCE);
    }
    float weight = confidence / doubt;
    return new Evidence(frequency * weight, (1 - frequency) * weight);
  }

  /** What to expect: {@code c·(f − ½) + ½}. */
  public float expectation() {
    return confidence * (frequency - 0.5f) + 0.5f;
  }

  /** Whether more is expected than not. */
  public boolean positive() {
    return expectation() > 0.5f;
  }

  /** Whether the confidence is above one half. */
  public boolean confident() {
    return confidence > CONFIDENT;
  }

  /** Both bodies of evidence together. */
  public Truth revised(Truth other) {
    return evidence().plus(other.evidence()).truth();
  }

  /**
   * The revision that diffs use: weights {@code c / ((1 − c) + 2⁻²³)}, confidence at most 0.99.
   * Once confidences reach that cap, each step is a plain average of what was and what is new, so
   * the order of diffs matters.
   */
  public Truth revisedByDiff(Truth other) {
    float weight = confidence / (1 - confidence + EPSILON);
    float otherWeight = other.confidence / (1 - other.confidence + EPSILON);
    float total = weight + otherWeight;
    if (total < EPSILON) {
      return IGNORANCE;
    }
    float revised = (weight * frequency + otherWeight * other.frequency) / total;
    return new Truth(
        Math.clamp(revised, 0f, 1f),
        Math.clamp(total / (total + 1), 0f, HIGHEST_CONFIDENCE_OF_DIFF));
  }

  /** From {@code a → b} (this) and {@code b → c}: {@code a → c}. */
  public Truth deduction(Truth other) {
    return of(
        frequency * other.frequency, frequency * other.frequency * confidence * other.confidence);
  }

  /** From {@code a → b} (this) and {@code c → b}: {@code a → c}. */
  public Truth abduction(Truth other) {
    return of(frequency, weak(other.frequency * confidence * other.confidence));
  }

  /** From {@code b → a} (this) and {@code b → c}: {@code a → c}. */
  public Truth induction(Truth other) {
    return of(other.frequency, weak(frequency * confidence * other.confidence));
  }

  /** How alike two things are that share something. */
  public Truth comparison(Truth other) {
    float product = frequency * other.frequency;
    float either = frequency + other.frequency - product;
    return of(
        either <= SMALL ? 0 : product / either, weak(product * confidence * other.confidence));
  }

  /** From {@code a → b} (this) and {@code b ↔ c}: {@code a → c}. */
  public Truth analogy(Truth other) {
    return of(frequency * other.frequency, confidence * other.confidence * other.frequency);
  }

  /** From {@code a ↔ b} and {@code b ↔ c}: {@code a ↔ c}. */
  public Truth resemblance(Truth other) {
    float product = frequency * other.frequency;
    return of(product, confidence * other.confidence * (frequency + other.frequency - product));
  }

  private static float weak(float weight) {
    return weight / (weight + 1);
  }

  /** {@code c₁·c₂·|f₁ − f₂|} if both are confident and frequencies are further apart than ½. */
  public OptionalDouble contradiction(Truth other) {
    float apart = Math.abs(frequency - other.frequency);
    return confident() && other.confident() && apart > CONTRADICTING_DISTANCE
        ? OptionalDouble.of(confidence * other.confidence * apart)
        : OptionalDouble.empty();
  }

  /** The opposite claim: {@code (1 − f, 0.9·c)}. */
  public Truth negation() {
    return of(1 - frequency, confidence * NEGATION);
  }

  /** Whether more is expected of this than of its {@link #negation}. */
  public boolean survivesNegation() {
    return expectation() > negation().expectation();
  }

  /** This if its grounds were half as good: {@code (f, c/2)}. */
  public Truth dependency() {
    return of(frequency, confidence * DEPENDENCY);
  }

  /** Whether it is confident enough to be worth doubting its grounds. */
  public boolean survivesDependency() {
    return confident();
  }
}
