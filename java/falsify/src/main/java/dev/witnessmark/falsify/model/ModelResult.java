package dev.witnessmark.falsify.model;

import dev.witnessmark.falsify.Control;
import dev.witnessmark.falsify.Finding;
import dev.witnessmark.falsify.Hypothesis;
import dev.witnessmark.falsify.Outcome;
import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.RunRecord;
import dev.witnessmark.verdict.Verdict;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Both paths through a real model.
 *
 * @param model as the user named it
 * @param architecture what it is
 * @param tokens the prompt's token ids
 * @param matrices those with an integer product, in the order of their use
 * @param others how many matrices have none and take the {@code f32} path on both
 * @param layers the depth curve
 * @param device which kernels computed
 * @param contract version of the numerics contract that they follow
 * @param run what was asked, what ran, and why
 */
public record ModelResult(
    String model,
    String architecture,
    List<Integer> tokens,
    List<MatrixNoise> matrices,
    int others,
    List<LayerDifference> layers,
    String device,
    int contract,
    RunRecord run) {

  /** One normal draw in 370 is further out. */
  public static final double MOST_Z = 3;

  private static final Hypothesis ROUNDING =
      new Hypothesis(
          "the paths differ by no more than rounding of activations explains",
          "largest z of a matrix, root mean square over its results",
          Hypothesis.Bound.AT_MOST,
          MOST_Z,
          "one normal draw in 370 is further out");

  private static final Hypothesis ADDING =
      new Hypothesis(
          "differences of layers add up and do not compound",
          "difference after the last layer over the sum of every layer's own",
          Hypothesis.Bound.AT_MOST,
          1,
          "what layers that pass on differences as they are could add up to");

  public ModelResult {
    tokens = List.copyOf(tokens);
    matrices = List.copyOf(matrices);
    layers = List.copyOf(layers);
  }

  /** What follows, each with its control. */
  public List<Finding> findings() {
    return List.of(
        Finding.of(
            ROUNDING,
            largest(MatrixNoise::z),
            new Control(
                "a kernel that skips sixteen activations of every block",
                largest(MatrixNoise::brokenZ))),
        Finding.of(
            ADDING,
            overSum(LayerDifference::whole),
            new Control(
                "the difference made twice as large after every layer",
                overSum(LayerDifference::doubled))));
  }

  private double largest(ToDoubleFunction<MatrixNoise> value) {
    return matrices.stream().mapToDouble(value).max().orElseThrow();
  }

  private double overSum(ToDoubleFunction<LayerDifference> difference) {
    return difference.applyAsDouble(layers.getLast())
        / layers.stream().mapToDouble(LayerDifference::own).sum();
  }

  /**
   * The difference after the last layer over the root of the sum of squares of every layer's own: 1
   * if they are independent draws.
   */
  public double overIndependent() {
    double squares = layers.stream().mapToDouble(layer -> layer.own() * layer.own()).sum();
    return layers.getLast().whole() / Math.sqrt(squares);
  }

  /** {@code explained}, or {@code differs} with the matrices that rounding does not explain. */
  public Verdict verdict() {
    List<String> unexplained =
        matrices.stream()
            .filter(matrix -> !(matrix.z() <= MOST_Z))
            .map(matrix ->
                "%s: z %.1f, more than rounding of activations explains"
                    .formatted(matrix.name(), matrix.z()))
            .toList();
    if (findings().getFirst().outcome() == Outcome.CONFIRMED) {
      long seeing = matrices.stream().filter(MatrixNoise::sees).count();
      return new Verdict(
          "explained",
          ExitCode.SAME,
          List.of(
              "path q8 differs from f32 by no more than rounding of activations explains, in all of "
                  + "%d matrices".formatted(matrices.size()),
              "a broken kernel would have stood out in %d of them".formatted(seeing)));
    }
    return unexplained.isEmpty()
        ? new Verdict(
            "could-not-compare",
            ExitCode.COULD_NOT_COMPARE,
            List.of("no matrix would have shown a broken kernel, so nothing is explained"))
        : new Verdict("differs", ExitCode.DIFFERS, unexplained);
  }
}
