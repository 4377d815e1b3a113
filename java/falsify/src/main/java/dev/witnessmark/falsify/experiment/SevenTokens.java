package dev.witnessmark.falsify.experiment;

import static dev.witnessmark.falsify.Reference.published;
import static dev.witnessmark.falsify.Reference.recomputed;

import dev.witnessmark.falsify.Claim;
import dev.witnessmark.falsify.Experiment;
import dev.witnessmark.falsify.Hypothesis;
import dev.witnessmark.falsify.Kernels;
import dev.witnessmark.falsify.Outcome;
import dev.witnessmark.falsify.Quantity;
import dev.witnessmark.falsify.Trial;
import dev.witnessmark.falsify.path.Chain;
import dev.witnessmark.falsify.path.Distance;
import dev.witnessmark.falsify.path.FusedKernel;
import dev.witnessmark.falsify.path.Q4kMatrix;
import dev.witnessmark.falsify.path.Synthetic;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.verdict.CouldNotCompare;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * 013: the chain of 009 for seven tokens.
 *
 * @param a path A's last vector of each token
 * @param b path B's
 */
record SevenTokens(List<float[]> a, List<float[]> b) {

  private static final int TOKENS = 7;

  static Experiment<SevenTokens> experiment() {
    return new Experiment<>(
        "013",
        "seven tokens (A4)",
        "Do several tokens amplify the difference?",
        "the five products of 009 for tokens t = 0 … 6, x = 0.05·(i − 128) + 0.01·(i mod 7 + t); "
            + "relative difference of each; standard deviation of each element over the tokens, "
            + "mean over the elements",
        SevenTokens::run,
        List.of(
            Quantity.series(
                "relative difference of tokens 0 … 6, %",
                published("0.439143 0.246297 0.020914 0.028250 0.023573 0.024674 0.020246"),
                SevenTokens::percents),
            Quantity.decimal("mean, %", published("0.114728"), r -> 100 * r.mean()),
            Quantity.decimal(
                "mean over that of token 0", published("0.2613"), r -> r.mean() / r.relative(0)),
            Quantity.added("mean over that of token 6", 4, r -> r.mean() / r.relative(TOKENS - 1)),
            Quantity.decimal(
                "standard deviation over tokens, A", published("0.033416"), r -> deviation(r.a)),
            Quantity.decimal(
                "standard deviation over tokens, B", published("0.032228"), r -> deviation(r.b)),
            Quantity.decimal(
                "how far A's is from B's, %", published("3.69"), r -> 100 * r.deviationApart()),
            Quantity.decimal(
                "that as a multiple of 0.077 %",
                recomputed("48"), r -> 100 * r.deviationApart() / 0.077),
            Quantity.added(
                "that as a multiple of the mean relative difference",
                1,
                r -> r.deviationApart() / r.mean()),
            Quantity.added(
                "the two apart, in values of root mean square one, %",
                4, r -> 100 * r.deviationDifference())),
        List.of(
            new Claim<>(
                new Hypothesis(
                    "several tokens amplify the difference",
                    "mean relative difference over that of token 0",
                    Hypothesis.Bound.AT_LEAST,
                    WeightScale.AMPLIFIES,
                    WeightScale.AMPLIFIES_BASIS),
                r -> r.mean() / r.relative(0),
                null,
                Outcome.REJECTED,
                Outcome.NOT_SHOWN,
                "Vacuous: tokens never meet in this chain, so seven are seven times one and there "
                    + "is nothing to take away. Over token 6 the same mean is 5.7."),
            new Claim<>(
                new Hypothesis(
                    "the “50 times” is the small divisor: tokens lie close together",
                    "how far the standard deviations are apart, in values of root mean square one, "
                        + "over the mean relative difference",
                    Hypothesis.Bound.AT_MOST,
                    WeightScale.AMPLIFIES,
                    WeightScale.AMPLIFIES_BASIS),
                r -> r.deviationDifference() / r.mean(),
                new Claim.ControlReading<>(
                    "divided by the standard deviation itself, as published",
                    r -> r.deviationApart() / r.mean()),
                null,
                Outcome.CONFIRMED,
                "The difference is as large as that of any token; what it was divided by is 3 % of "
                    + "the values.")),
        List.of(
            new Trial(
                "five steps of seven tokens by matvec_f32 Q4_K and rms_norm",
                null,
                kernels -> batch(kernels, false)),
            new Trial(
                "five steps of seven tokens by quantise Q8_K, matvec_q8 Q4_K and rms_norm",
                null,
                kernels -> batch(kernels, true))),
        List.of(
            "Anything about batches: every token goes its own way, without attention.",
            "That token 0 is typical: of the seven its input is nearest to a right angle with the "
                + "direction that the matrices pull into, so five steps catch it turning (009).",
            "A factor of 50: it is 3.69 % of one quantity over 0.077 % of another."));
  }

  private static SevenTokens run() {
    List<Q4kMatrix> matrices =
        IntStream.range(0, FiveProducts.PUBLISHED_STEPS).mapToObj(Synthetic::matrix).toList();
    return new SevenTokens(
        last((step, x) -> matrices.get(step).dequantised(x)),
        last((step, x) -> matrices.get(step).fused(x, FusedKernel.LANES)));
  }

  private static List<float[]> last(Chain.Product product) {
    return IntStream.range(0, TOKENS)
        .mapToObj(token ->
            Chain.run(Synthetic.activations(token), FiveProducts.PUBLISHED_STEPS, product)
                .getLast())
        .toList();
  }

  private double relative(int token) {
    return Distance.of(a.get(token), b.get(token)).relative();
  }

  private double[] percents() {
    return IntStream.range(0, TOKENS).mapToDouble(token -> 100 * relative(token)).toArray();
  }

  private double mean() {
    return IntStream.range(0, TOKENS).mapToDouble(this::relative).average().orElseThrow();
  }

  private double deviationDifference() {
    return Math.abs(deviation(a) - deviation(b));
  }

  private double deviationApart() {
    return deviationDifference() / deviation(b);
  }

  /** Standard deviation over the tokens, of each element; mean over the elements. */
  private static double deviation(List<float[]> tokens) {
    double sum = 0;
    int width = tokens.getFirst().length;
    for (int i = 0; i < width; i++) {
      int element = i;
      double[] values = tokens.stream().mapToDouble(token -> token[element]).toArray();
      double mean = Arrays.stream(values).average().orElseThrow();
      double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
      sum += Math.sqrt(squares / values.length);
    }
    return sum / width;
  }

  private static float[] batch(Kernels kernels, boolean fused) throws CouldNotCompare {
    int width = Q4kMatrix.ROWS;
    float[] x = new float[TOKENS * width];
    for (int token = 0; token < TOKENS; token++) {
      System.arraycopy(Synthetic.activations(token), 0, x, token * width, width);
    }
    for (int step = 0; step < FiveProducts.PUBLISHED_STEPS; step++) {
      byte[] weights = Synthetic.matrix(step).stored();
      float[] product =
          fused
              ? kernels.q8(TensorType.Q4_K, width, width, weights, x)
              : kernels.f32(TensorType.Q4_K, width, width, weights, x);
      x = kernels.normalised(width, product, 0);
    }
    return x;
  }
}
