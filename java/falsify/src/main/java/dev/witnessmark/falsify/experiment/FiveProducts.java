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
import dev.witnessmark.falsify.path.Checksum;
import dev.witnessmark.falsify.path.Distance;
import dev.witnessmark.falsify.path.FusedKernel;
import dev.witnessmark.falsify.path.Q4kMatrix;
import dev.witnessmark.falsify.path.RandomWeights;
import dev.witnessmark.falsify.path.SingularValues;
import dev.witnessmark.falsify.path.Synthetic;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.verdict.CouldNotCompare;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * 009: five products in a row, continued to twenty, and controls.
 *
 * @param a path A's vectors after each step
 * @param b path B's, by every kernel
 * @param compounding relative differences after each step where an error does compound
 * @param random mean relative differences after each step over random weights
 * @param ratio of the two largest singular values of the first matrix
 * @param alignments |cosine| of path A's vector and the direction that the next matrix stretches
 *     most, before each of the first steps
 */
record FiveProducts(
    List<float[]> a,
    Map<FusedKernel, List<float[]>> b,
    List<Double> compounding,
    List<Double> random,
    double ratio,
    List<Double> alignments) {

  /** How far the published chain went. */
  static final int PUBLISHED_STEPS = 5;

  private static final int STEPS = 20;
  private static final int SEEDS = 20;
  private static final int TURNING_STEPS = 8;
  private static final float COMPOUNDING = 1.001f;

  static Experiment<FiveProducts> experiment() {
    return new Experiment<>(
        "009",
        "five products in a row",
        "Does the difference compound with depth?",
        "five matrices of 256 rows, row r of matrix t the block of 007 with every packed scale "
            + "byte r + 11·t and every code byte 3·r + 19·t larger; x of 008; after each product "
            + "x = y / √(Σy²/256) in float32; each path goes its own way; continued to 20 here",
        FiveProducts::run,
        List.of(
            Quantity.series(
                "relative difference after 1 … 5 products, %",
                recomputed("0.065441 0.194252 0.487127 1.343577 0.439143"),
                r -> r.series(d -> 100 * d.relative())),
            Quantity.series(
                "cosine after 1 … 5",
                recomputed("0.999999786 0.999998113 0.999988135 0.999909740 0.999990358"),
                r -> r.series(Distance::cosine)),
            Quantity.series(
                "largest difference after 1 … 5",
                recomputed("0.002310 0.004979 0.009810 0.037217 0.012296"),
                r -> r.series(Distance::largest)),
            Quantity.checksums(
                "CRC-32 of A after 1 … 5",
                recomputed("ad4945c1 6872e82e 1c1d365c a1e5d9fd 83d6f3c9"),
                r -> checksums(r.a)),
            Quantity.checksums(
                "CRC-32 of B after 1 … 5, eight lanes",
                recomputed("9ce96610 043766b9 ba92fd42 61f0704e 2bebc8db"),
                r -> checksums(r.fused(FusedKernel.LANES))),
            Quantity.checksums(
                "CRC-32 of B after 1 … 5, whole sums",
                recomputed("96c5308f f809d67e e9ad92e3 b46db40d e591c282"),
                r -> checksums(r.fused(FusedKernel.WHOLE))),
            Quantity.bits(
                "A after 5, first four",
                recomputed("3ef69456 3f08069e 3ec1c819 3e9ded6a"),
                r -> firstFour(r.a)),
            Quantity.bits(
                "B after 5, first four, eight lanes",
                recomputed("3efbb42f 3f0a770c 3ec813c8 3ea30cfa"),
                r -> firstFour(r.fused(FusedKernel.LANES))),
            Quantity.bits(
                "B after 5, first four, whole sums",
                recomputed("3efbb432 3f0a770d 3ec813c9 3ea30cfa"),
                r -> firstFour(r.fused(FusedKernel.WHOLE))),
            Quantity.decimal("‖A − B‖ after 5", published("0.070263"), r -> r.last().length()),
            Quantity.decimal("‖A‖ after 5", published("15.999995"), r -> r.last().reference()),
            Quantity.bits(
                "‖A − B‖, ‖A‖ and their ratio, bits",
                recomputed("3d8fe602 417ffffb 3b8fe605"),
                r -> new float[] {r.last().length(), r.last().reference(), r.last().relative()}),
            Quantity.series(
                "‖A − B‖ after 5 with eight lanes, whole sums, pairs",
                published("0.070263 0.070263 0.070263"),
                FiveProducts::lengthsOfEveryOrder),
            Quantity.decimal(
                "relative difference after 5, %", published("0.4391"), r -> 100 * r.relative(5)),
            Quantity.decimal(
                "growth, over the 0.077 % of 008",
                published("5.70"), r -> 100 * r.relative(5) / 0.077),
            Quantity.decimal(
                "growth, over the chain's own first step",
                recomputed("6.7"),
                r -> r.relative(5) / r.relative(1)),
            Quantity.addedSeries("relative difference after 1 … 20, %", 4, r -> r.depthCurve()),
            Quantity.addedSeries(
                "the same with random weights, mean of 20 draws, %",
                2, r -> r.random.stream().mapToDouble(value -> 100 * value).toArray()),
            Quantity.decimal("σ₁/σ₂ of the first matrix", recomputed("3.2"), FiveProducts::ratio),
            Quantity.addedSeries(
                "|cosine| of A with the direction that the next matrix stretches most, before "
                    + "steps 1 … 8",
                3,
                r -> r.alignments.stream().mapToDouble(value -> value).toArray())),
        List.of(
            new Claim<>(
                new Hypothesis(
                    "the difference grows more than linearly with depth",
                    "least of (difference after n) / (n · difference after 1), n = 2 … 20",
                    Hypothesis.Bound.AT_LEAST,
                    1,
                    "what more than linear means"),
                r -> leastGrowth(r.relatives()),
                new Claim.ControlReading<>(
                    "an error that does compound: every product 0.1 % too large, both divided by "
                        + "the length of A",
                    r -> leastGrowth(r.compounding)),
                Outcome.CONFIRMED,
                Outcome.REJECTED,
                "The curve rises until four, falls at five, and stays below its first value from "
                    + "six on."),
            new Claim<>(
                new Hypothesis(
                    "it falls because the matrices pull every vector into one direction",
                    "difference after 20 / difference after 1",
                    Hypothesis.Bound.AT_MOST,
                    1 / (1 - 1 / 3.2),
                    "what is left if every step keeps σ₂/σ₁ = 1/3.2 of what was there, summed up"),
                r -> r.relative(STEPS) / r.relative(1),
                new Claim.ControlReading<>(
                    "random weights without a mean, which have no such direction",
                    r -> r.random.getLast() / r.random.getFirst()),
                null,
                Outcome.CONFIRMED,
                "A power iteration: the curve rises while the vector turns into that direction and "
                    + "falls once it is there. With random weights it keeps rising, less than "
                    + "linearly."),
            new Claim<>(
                new Hypothesis(
                    "rounding of activations makes the difference (the assertion that was "
                        + "published)",
                    "relative difference after 5",
                    Hypothesis.Bound.AT_LEAST,
                    0.0007,
                    "the bound of the published test"),
                r -> r.relative(5),
                new Claim.ControlReading<>(
                    "the kernel that pairs scales wrongly",
                    r -> r.distance(FusedKernel.MISPAIRED, 5).relative()),
                Outcome.CONFIRMED,
                Outcome.NOT_SHOWN,
                "Vacuous: a broken kernel is further off and passes too.")),
        List.of(
            new Trial(
                "twenty steps by matvec_f32 Q4_K and rms_norm",
                null,
                kernels -> chain(kernels, Kernels::f32)),
            new Trial(
                "twenty steps by quantise Q8_K, matvec_q8 Q4_K and rms_norm",
                null,
                kernels -> chain(kernels, Kernels::q8))),
        List.of(
            "Growth of 5.70: the 0.077 % it is measured by is one scalar of another experiment. The "
                + "chain's own first step is 0.0654 %, which makes 6.7; after 20 steps it is below "
                + "one.",
            "Compounding: the last point of a curve is not the curve.",
            "Anything on a transformer: these matrices have σ₁/σ₂ = 3.2 and no residual, no "
                + "nonlinearity and no gain stands between them."));
  }

  private static FiveProducts run() {
    List<Q4kMatrix> matrices = IntStream.range(0, STEPS).mapToObj(Synthetic::matrix).toList();
    float[] x = Synthetic.activations(0);
    Map<FusedKernel, List<float[]>> b = new EnumMap<>(FusedKernel.class);
    for (FusedKernel kernel : FusedKernel.values()) {
      b.put(kernel, Chain.run(x, STEPS, (step, y) -> matrices.get(step).fused(y, kernel)));
    }
    List<float[]> a = Chain.run(x, STEPS, (step, y) -> matrices.get(step).dequantised(y));
    List<Double> alignments = new ArrayList<>();
    for (int step = 0; step < TURNING_STEPS; step++) {
      alignments.add(
          SingularValues.of(matrices.get(step)).alignment(step == 0 ? x : a.get(step - 1)));
    }
    return new FiveProducts(
        a,
        b,
        compounding(matrices, x),
        random(x),
        SingularValues.of(matrices.getFirst()).ratio(),
        alignments);
  }

  private static List<Double> compounding(List<Q4kMatrix> matrices, float[] x) {
    List<Double> relative = new ArrayList<>();
    float[] a = x;
    float[] b = x;
    for (Q4kMatrix matrix : matrices) {
      float[] product = matrix.dequantised(a);
      float norm = Chain.norm(product);
      a = Chain.divided(product, norm);
      b = Chain.divided(matrix.dequantised(b), norm / COMPOUNDING);
      relative.add((double) Distance.of(a, b).relative());
    }
    return relative;
  }

  private static List<Double> random(float[] x) {
    double[] sum = new double[STEPS];
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      List<Q4kMatrix> matrices =
          IntStream.range(0, STEPS).mapToObj(step -> RandomWeights.matrix(random)).toList();
      List<float[]> a = Chain.run(x, STEPS, (step, y) -> matrices.get(step).dequantised(y));
      List<float[]> b =
          Chain.run(x, STEPS, (step, y) -> matrices.get(step).fused(y, FusedKernel.WHOLE));
      for (int step = 0; step < STEPS; step++) {
        sum[step] += Distance.of(a.get(step), b.get(step)).relative();
      }
    }
    return Arrays.stream(sum).mapToObj(total -> total / SEEDS).toList();
  }

  private List<float[]> fused(FusedKernel kernel) {
    return Objects.requireNonNull(b.get(kernel));
  }

  private Distance distance(FusedKernel kernel, int steps) {
    return Distance.of(a.get(steps - 1), fused(kernel).get(steps - 1));
  }

  private Distance last() {
    return distance(FusedKernel.LANES, PUBLISHED_STEPS);
  }

  private double relative(int steps) {
    return distance(FusedKernel.LANES, steps).relative();
  }

  private List<Double> relatives() {
    return IntStream.rangeClosed(1, STEPS).mapToObj(this::relative).toList();
  }

  private double[] depthCurve() {
    return relatives().stream().mapToDouble(value -> 100 * value).toArray();
  }

  private double[] series(ToDoubleFunction<Distance> value) {
    return IntStream.rangeClosed(1, PUBLISHED_STEPS)
        .mapToDouble(steps -> value.applyAsDouble(distance(FusedKernel.LANES, steps)))
        .toArray();
  }

  private double[] lengthsOfEveryOrder() {
    return new double[] {
      distance(FusedKernel.LANES, PUBLISHED_STEPS).length(),
      distance(FusedKernel.WHOLE, PUBLISHED_STEPS).length(),
      distance(FusedKernel.PAIRS, PUBLISHED_STEPS).length()
    };
  }

  private static double leastGrowth(List<Double> relative) {
    double least = Double.POSITIVE_INFINITY;
    for (int n = 2; n <= relative.size(); n++) {
      least = Math.min(least, relative.get(n - 1) / (n * relative.getFirst()));
    }
    return least;
  }

  private static int[] checksums(List<float[]> after) {
    return after.stream().limit(PUBLISHED_STEPS).mapToInt(Checksum::of).toArray();
  }

  private static float[] firstFour(List<float[]> after) {
    return Arrays.copyOf(after.get(PUBLISHED_STEPS - 1), 4);
  }

  /** A product by the program's own kernels. */
  private interface Product {
    float[] of(Kernels kernels, TensorType type, int rows, int columns, byte[] weights, float[] x)
        throws CouldNotCompare;
  }

  /** All vectors of the chain, one after the other. */
  private static float[] chain(Kernels kernels, Product product) throws CouldNotCompare {
    int width = Q4kMatrix.ROWS;
    float[] all = new float[STEPS * width];
    float[] x = Synthetic.activations(0);
    for (int step = 0; step < STEPS; step++) {
      byte[] weights = Synthetic.matrix(step).stored();
      x =
          kernels.normalised(
              width, product.of(kernels, TensorType.Q4_K, width, width, weights, x), 0);
      System.arraycopy(x, 0, all, step * width, width);
    }
    return all;
  }
}
