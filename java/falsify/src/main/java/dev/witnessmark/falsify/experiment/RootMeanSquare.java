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
import dev.witnessmark.falsify.path.Synthetic;
import java.util.Arrays;
import java.util.List;

/**
 * 015: whether RMSNorm amplifies an error.
 *
 * @param spread the error on every element
 * @param single the error on one element
 * @param gained the error on one element that has a gain
 */
record RootMeanSquare(Change spread, Change single, Change gained) {

  private static final float ERROR = 0.00077f;
  private static final float EPSILON = 1e-6f;
  private static final float GAIN = 100;

  /** An element of average size, where an error of one element is put. */
  private static final int ELEMENT = 60;

  /**
   * Relative difference before and after.
   *
   * @param in before
   * @param out after
   */
  record Change(double in, double out) {

    static Change of(float[] x, float[] y, float[] gains) {
      return new Change(
          Distance.of(x, y).relative(),
          Distance.of(normalised(x, gains), normalised(y, gains)).relative());
    }

    double ratio() {
      return out / in;
    }
  }

  static Experiment<RootMeanSquare> experiment() {
    return new Experiment<>(
        "015",
        "RMSNorm (A6)",
        "Does RMSNorm amplify the difference?",
        "x of 008; y = x ± 0.00077·|x|, plus where (13·i + 7) mod 17 is below 8; both normalised "
            + "with ε = 10⁻⁶ and no gain; relative difference before and after",
        RootMeanSquare::run,
        List.of(
            Quantity.decimal("out/in", published("1.0000"), r -> r.spread.ratio()),
            Quantity.added("change in, %", 6, r -> 100 * r.spread.in()),
            Quantity.added("change out, %", 6, r -> 100 * r.spread.out()),
            Quantity.added("out/in with the error on one element", 4, r -> r.single.ratio()),
            Quantity.added(
                "out/in with the error on one element with a gain of 100",
                4,
                r -> r.gained.ratio())),
        List.of(
            new Claim<>(
                new Hypothesis(
                    "RMSNorm amplifies the difference",
                    "out/in",
                    Hypothesis.Bound.AT_LEAST,
                    WeightScale.AMPLIFIES,
                    WeightScale.AMPLIFIES_BASIS),
                r -> r.spread.ratio(),
                new Claim.ControlReading<>(
                    "all of the error on one element", r -> r.single.ratio()),
                Outcome.REJECTED,
                Outcome.NOT_SHOWN,
                "Vacuous: without a gain, normalising multiplies all elements by one number, which "
                    + "no relative difference can notice."),
            new Claim<>(
                new Hypothesis(
                    "RMSNorm amplifies the error of an element that has a large gain",
                    "out/in with a gain of 100 on the element that is off",
                    Hypothesis.Bound.AT_LEAST,
                    WeightScale.AMPLIFIES,
                    WeightScale.AMPLIFIES_BASIS),
                r -> r.gained.ratio(),
                new Claim.ControlReading<>("the same without a gain", r -> r.single.ratio()),
                null,
                Outcome.CONFIRMED,
                "Real models have such gains; the experiment had none.")),
        List.of(
            new Trial(
                "both vectors by rms_norm",
                null,
                kernels -> kernels.normalised(256, both(), EPSILON))),
        List.of("That norms are harmless: the part that could do harm was left out."));
  }

  private static RootMeanSquare run() {
    float[] x = Synthetic.activations(0);
    float[] ones = new float[x.length];
    Arrays.fill(ones, 1);
    float[] gains = ones.clone();
    gains[ELEMENT] = GAIN;
    float[] single = x.clone();
    single[ELEMENT] += ERROR * Math.abs(x[ELEMENT]);
    return new RootMeanSquare(
        Change.of(x, disturbed(x), ones), Change.of(x, single, ones), Change.of(x, single, gains));
  }

  private static float[] disturbed(float[] x) {
    float[] y = new float[x.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = x[i] + Signs.of(i) * (ERROR * Math.abs(x[i]));
    }
    return y;
  }

  /** x / √(Σx²/n + ε) · gain, summed from left to right in float32. */
  private static float[] normalised(float[] x, float[] gains) {
    float root = (float) Math.sqrt(Dot.sequential(x, x) / x.length + EPSILON);
    float[] y = new float[x.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = x[i] / root * gains[i];
    }
    return y;
  }

  private static float[] both() {
    float[] x = Synthetic.activations(0);
    float[] both = Arrays.copyOf(x, 2 * x.length);
    System.arraycopy(disturbed(x), 0, both, x.length, x.length);
    return both;
  }
}
