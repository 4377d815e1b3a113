package dev.witnessmark.falsify.experiment;

import static dev.witnessmark.falsify.Reference.published;

import dev.witnessmark.falsify.Claim;
import dev.witnessmark.falsify.Experiment;
import dev.witnessmark.falsify.Hypothesis;
import dev.witnessmark.falsify.Outcome;
import dev.witnessmark.falsify.Quantity;
import dev.witnessmark.falsify.Trial;
import dev.witnessmark.falsify.path.Distance;
import dev.witnessmark.falsify.path.Dot;
import dev.witnessmark.kernels.numerics.RotaryTable;
import java.util.List;

/**
 * 012: whether rotary embedding amplifies an error of a query.
 *
 * @param in ‖Δq‖/‖q‖
 * @param score q·k/8
 * @param scaledScore the same with the query scaled
 * @param far out/in with the query at position 1000
 * @param alternating out/in with errors of either sign
 */
record RotaryPhase(double in, float score, float scaledScore, double far, double alternating) {

  private static final int HEAD_SIZE = 64;
  private static final double THETA = 1e4;
  private static final float ERROR = 0.00077f;

  static Experiment<RotaryPhase> experiment() {
    return new Experiment<>(
        "012",
        "rotary embedding (A1)",
        "Does the rotation amplify an error of the query?",
        "a head of 64, θ = 10⁴, pairs half a head apart; q = 0.05·(i − 32) + 0.02·(i mod 5) at "
            + "position 0, k = 0.04·(i − 32) + 0.015·(i mod 7) at position 1; q scaled by 1.00077; "
            + "score = q·k/8",
        RotaryPhase::run,
        List.of(
            Quantity.decimal("score", published("5.245532"), RotaryPhase::score),
            Quantity.decimal(
                "score of the scaled query", published("5.249570"), RotaryPhase::scaledScore),
            Quantity.decimal("change in, %", published("0.076997"), r -> 100 * r.in),
            Quantity.decimal("change out, %", published("0.076986"), r -> 100 * r.out()),
            Quantity.decimal("out/in", published("0.9999"), RotaryPhase::ratio),
            Quantity.added("out/in with the query at position 1000", 4, RotaryPhase::far),
            Quantity.added("out/in with errors of either sign", 4, RotaryPhase::alternating)),
        List.of(
            new Claim<>(
                new Hypothesis(
                    "the rotation amplifies an error of the query",
                    "out/in",
                    Hypothesis.Bound.AT_LEAST,
                    WeightScale.AMPLIFIES,
                    WeightScale.AMPLIFIES_BASIS),
                RotaryPhase::ratio,
                new Claim.ControlReading<>(
                    "the query at position 1000 in place of 0", RotaryPhase::far),
                Outcome.REJECTED,
                Outcome.NOT_SHOWN,
                "Vacuous twice: at position 0 the rotation is the identity, and a query scaled as a "
                    + "whole scales the score, rotated or not."),
            new Claim<>(
                new Hypothesis(
                    "in and out are equal only because the query is scaled as a whole",
                    "|out/in − 1|",
                    Hypothesis.Bound.AT_MOST,
                    0.01,
                    "float32 leaves 0.0001 here"),
                r -> Math.abs(r.ratio() - 1),
                new Claim.ControlReading<>(
                    "errors of the same size, of either sign as in 015",
                    r -> Math.abs(r.alternating - 1)),
                null,
                Outcome.CONFIRMED,
                "Other errors change the score by other amounts. A rotation keeps lengths; what "
                    + "can amplify is a score that cancels.")),
        List.of(
            new Trial(
                "query and key by rotary, rotated",
                null,
                kernels -> kernels.rotated(HEAD_SIZE, both(), table(0, 1))),
            new Trial(
                "the same at positions 1000 and 1",
                null,
                kernels -> kernels.rotated(HEAD_SIZE, both(), table(1000, 1)))),
        List.of(
            "That rotation is harmless: neither the rotation nor an error that it could turn was "
                + "in the set-up.",
            "A phase error, which the title speaks of: no angle was changed."));
  }

  private static RotaryPhase run() {
    float[] q = query();
    float[] scaled = new float[HEAD_SIZE];
    float[] alternating = new float[HEAD_SIZE];
    for (int i = 0; i < HEAD_SIZE; i++) {
      scaled[i] = q[i] * (1 + ERROR);
      alternating[i] = q[i] + Signs.of(i) * (ERROR * Math.abs(q[i]));
    }
    float score = score(q, 0);
    return new RotaryPhase(
        Distance.of(q, scaled).relative(),
        score,
        score(scaled, 0),
        change(q, scaled, 1000) / Distance.of(q, scaled).relative(),
        change(q, alternating, 0) / Distance.of(q, alternating).relative());
  }

  private double out() {
    return Math.abs(scaledScore - score) / Math.abs(score);
  }

  private double ratio() {
    return out() / in;
  }

  private static double change(float[] q, float[] changed, int position) {
    float score = score(q, position);
    return Math.abs(score(changed, position) - score) / Math.abs(score);
  }

  private static float score(float[] q, int position) {
    return Dot.sequential(rotated(q, position), rotated(key(), 1)) / 8;
  }

  /** (x0·c − x1·s, x0·s + x1·c) for pairs half a head apart, every operation rounded. */
  private static float[] rotated(float[] x, int position) {
    float[] table = RotaryTable.of(new int[] {position}, HEAD_SIZE, THETA);
    float[] rotated = new float[HEAD_SIZE];
    for (int i = 0; i < HEAD_SIZE / 2; i++) {
      float cosine = table[2 * i];
      float sine = table[2 * i + 1];
      float x0 = x[i];
      float x1 = x[i + HEAD_SIZE / 2];
      rotated[i] = x0 * cosine - x1 * sine;
      rotated[i + HEAD_SIZE / 2] = x0 * sine + x1 * cosine;
    }
    return rotated;
  }

  private static float[] table(int queryPosition, int keyPosition) {
    return RotaryTable.of(new int[] {queryPosition, keyPosition}, HEAD_SIZE, THETA);
  }

  private static float[] query() {
    float[] q = new float[HEAD_SIZE];
    for (int i = 0; i < HEAD_SIZE; i++) {
      q[i] = (i - 32) * 0.05f + i % 5 * 0.02f;
    }
    return q;
  }

  private static float[] key() {
    float[] k = new float[HEAD_SIZE];
    for (int i = 0; i < HEAD_SIZE; i++) {
      k[i] = (i - 32) * 0.04f + i % 7 * 0.015f;
    }
    return k;
  }

  private static float[] both() {
    float[] both = new float[2 * HEAD_SIZE];
    System.arraycopy(query(), 0, both, 0, HEAD_SIZE);
    System.arraycopy(key(), 0, both, HEAD_SIZE, HEAD_SIZE);
    return both;
  }
}
