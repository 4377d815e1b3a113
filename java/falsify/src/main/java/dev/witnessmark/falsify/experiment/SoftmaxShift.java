package dev.witnessmark.falsify.experiment;

import static dev.witnessmark.falsify.Reference.published;

import dev.witnessmark.falsify.Claim;
import dev.witnessmark.falsify.Experiment;
import dev.witnessmark.falsify.Hypothesis;
import dev.witnessmark.falsify.Outcome;
import dev.witnessmark.falsify.Quantity;
import dev.witnessmark.falsify.Trial;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * 011: whether softmax amplifies an error of one logit.
 *
 * @param as published
 * @param hundredfold the error a hundred times as large
 * @param tied the next logit as large as the one that is off
 */
record SoftmaxShift(Shift as, Shift hundredfold, Shift tied) {

  private static final float[] LOGITS = {-1.5f, 0.5f, -0.8f, 10, 1.2f, -0.3f, 0.7f};
  private static final int SHIFTED = 3;
  private static final float ERROR = 0.00077f;

  /**
   * An error of one logit and what becomes of it.
   *
   * @param in Δ / Σ|logit|
   * @param out Σ|Δp| / Σp
   * @param outInDouble the same with softmax in float64
   */
  record Shift(double in, double out, double outInDouble) {

    static Shift of(float[] logits, float error) {
      float[] shifted = shifted(logits, error);
      double sum = 0;
      for (float logit : logits) {
        sum += Math.abs(logit);
      }
      float[] p = softmax(logits);
      float[] q = softmax(shifted);
      double[] exact = softmaxInDouble(logits);
      double[] exactShifted = softmaxInDouble(shifted);
      double out = 0;
      double total = 0;
      double outInDouble = 0;
      for (int i = 0; i < p.length; i++) {
        out += Math.abs(p[i] - q[i]);
        total += p[i];
        outInDouble += Math.abs(exact[i] - exactShifted[i]);
      }
      return new Shift(
          (double) (shifted[SHIFTED] - logits[SHIFTED]) / sum, out / total, outInDouble);
    }

    double ratio() {
      return out / in;
    }
  }

  static Experiment<SoftmaxShift> experiment() {
    return new Experiment<>(
        "011",
        "softmax (A2)",
        "Does softmax amplify an error of a logit?",
        "logits −1.5, 0.5, −0.8, 10, 1.2, −0.3, 0.7; the fourth 0.077 % larger; change in: Δ/Σ|l|, "
            + "change out: Σ|Δp|/Σp",
        SoftmaxShift::run,
        List.of(
            Quantity.decimal("change in, %", published("0.051333"), r -> 100 * r.as.in()),
            Quantity.decimal("change out, %", published("0.000578"), r -> 100 * r.as.out()),
            Quantity.decimal("out/in", published("0.0113"), r -> r.as.ratio()),
            Quantity.added(
                "change out with softmax in float64, %", 6, r -> 100 * r.as.outInDouble()),
            Quantity.added("out/in with a hundred times the error", 4, r -> r.hundredfold.ratio()),
            Quantity.added("out/in with another logit of 10", 4, r -> r.tied.ratio())),
        List.of(
            new Claim<>(
                new Hypothesis(
                    "softmax amplifies an error of a logit",
                    "out/in",
                    Hypothesis.Bound.AT_LEAST,
                    WeightScale.AMPLIFIES,
                    WeightScale.AMPLIFIES_BASIS),
                r -> r.as.ratio(),
                new Claim.ControlReading<>(
                    "an error a hundred times as large", r -> r.hundredfold.ratio()),
                Outcome.REJECTED,
                Outcome.NOT_SHOWN,
                "Vacuous: one logit leads by 8.8 and has 0.9996 of the probability, so softmax is "
                    + "flat there and no error could show."),
            new Claim<>(
                new Hypothesis(
                    "softmax amplifies where two logits are close",
                    "out/in with another logit of 10",
                    Hypothesis.Bound.AT_LEAST,
                    WeightScale.AMPLIFIES,
                    WeightScale.AMPLIFIES_BASIS),
                r -> r.tied.ratio(),
                new Claim.ControlReading<>(
                    "the logits of the experiment, where one leads by 8.8", r -> r.as.ratio()),
                null,
                Outcome.CONFIRMED,
                "What was called rejected is there where it matters: near ties.")),
        List.of(
            new Trial(
                "both rows and a tie by softmax",
                null,
                kernels ->
                    kernels.softmax(
                        LOGITS.length, joined(LOGITS, shifted(LOGITS, ERROR), tiedLogits())))),
        List.of(
            "That attention does not amplify: only a saturated row was tried.",
            "A size of the effect: change in is measured by Σ|l|, which softmax does not depend on; "
                + "add 100 to every logit and nothing but that divisor changes.",
            "The last digit of change out: a hundredth of it is float32 rounding, see float64."));
  }

  private static SoftmaxShift run() {
    return new SoftmaxShift(
        Shift.of(LOGITS, ERROR), Shift.of(LOGITS, 100 * ERROR), Shift.of(tiedLogits(), ERROR));
  }

  private static float[] tiedLogits() {
    float[] tied = LOGITS.clone();
    tied[SHIFTED + 1] = tied[SHIFTED];
    return tied;
  }

  private static float[] shifted(float[] logits, float error) {
    float[] shifted = logits.clone();
    shifted[SHIFTED] += error * logits[SHIFTED];
    return shifted;
  }

  /** exp(l − max) / Σ, summed from left to right in float32. */
  private static float[] softmax(float[] logits) {
    float largest = Float.NEGATIVE_INFINITY;
    for (float logit : logits) {
      largest = Math.max(largest, logit);
    }
    float[] p = new float[logits.length];
    float sum = 0;
    for (int i = 0; i < p.length; i++) {
      p[i] = (float) StrictMath.exp(logits[i] - largest);
      sum += p[i];
    }
    for (int i = 0; i < p.length; i++) {
      p[i] /= sum;
    }
    return p;
  }

  private static double[] softmaxInDouble(float[] logits) {
    double[] powers = IntStream.range(0, logits.length).mapToDouble(i -> logits[i]).toArray();
    double largest = Arrays.stream(powers).max().orElseThrow();
    double[] p = Arrays.stream(powers).map(logit -> StrictMath.exp(logit - largest)).toArray();
    double sum = Arrays.stream(p).sum();
    return Arrays.stream(p).map(power -> power / sum).toArray();
  }

  private static float[] joined(float[]... rows) {
    float[] joined = new float[rows.length * LOGITS.length];
    for (int row = 0; row < rows.length; row++) {
      System.arraycopy(rows[row], 0, joined, row * LOGITS.length, LOGITS.length);
    }
    return joined;
  }
}
