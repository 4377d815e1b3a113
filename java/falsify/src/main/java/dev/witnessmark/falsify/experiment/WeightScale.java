package dev.witnessmark.falsify.experiment;

import static dev.witnessmark.falsify.Reference.published;
import static dev.witnessmark.falsify.Reference.recomputed;

import dev.witnessmark.falsify.Claim;
import dev.witnessmark.falsify.Experiment;
import dev.witnessmark.falsify.Hypothesis;
import dev.witnessmark.falsify.Outcome;
import dev.witnessmark.falsify.Quantity;
import dev.witnessmark.falsify.Trial;
import dev.witnessmark.falsify.path.Dot;
import dev.witnessmark.falsify.path.FusedKernel;
import dev.witnessmark.falsify.path.Q4kBlock;
import dev.witnessmark.falsify.path.Q8Activations;
import dev.witnessmark.falsify.path.Synthetic;
import dev.witnessmark.format.TensorType;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * 010: whether larger weights amplify the difference.
 *
 * @param sweep the scales that were tried
 * @param powers powers of two, which round nothing
 * @param meant the scale that one label promised
 */
record WeightScale(List<Scaled> sweep, List<Scaled> powers, Scaled meant) {

  /** Float16 scales labelled 0.001, 0.01, 0.05, 0.1, 0.5, 1 and 10. */
  private static final short[] SCALES = {0x1410, 0x211f, 0x2933, 0x2e66, 0x3800, 0x3c00, 0x4900};

  /** Float16 0.05. */
  private static final short A_TWENTIETH = 0x2a66;

  /** Float16 2⁻¹⁰ … 2³. */
  private static final short[] POWERS = powersOfTwo();

  /**
   * Both paths with one scale.
   *
   * @param d the scale
   * @param a path A
   * @param b path B
   */
  record Scaled(float d, float a, float b) {

    static Scaled of(short d) {
      Q4kBlock block = new Q4kBlock(Synthetic.block(d, (short) 0, 0, 0), 0);
      float[] x = Synthetic.activations(0);
      return new Scaled(
          block.d(),
          Dot.sequential(block.weights(), x),
          FusedKernel.LANES.dot(block, Q8Activations.of(x)));
    }

    double relative() {
      return Math.abs(a - b) / Math.abs(a);
    }
  }

  static Experiment<WeightScale> experiment() {
    return new Experiment<>(
        "010",
        "the scale of the weights (A3)",
        "Do larger weights amplify the difference?",
        "the block of 008 without minima, d labelled 0.001, 0.01, 0.05, 0.1, 0.5, 1, 10; "
            + "|A − B|/|A| for each",
        WeightScale::run,
        List.of(
            Quantity.series(
                "d as stored",
                recomputed("0.000991821 0.010002136 0.040618896 0.099975586 0.5 1 10"),
                r -> r.series(Scaled::d)),
            Quantity.series(
                "path A",
                published(
                    "-15.4086 -155.3903 -631.0431 -1553.1897 -7767.8516 -15535.7031 -155356.9688"),
                r -> r.series(Scaled::a)),
            Quantity.series(
                "path B",
                published(
                    "-15.4228 -155.5331 -631.6232 -1554.6189 -7774.9927 -15549.9854 -155499.8438"),
                r -> r.series(Scaled::b)),
            Quantity.series(
                "|A − B|/|A|, %",
                published("0.091873 0.091873 0.091924 0.092017 0.091932 0.091932 0.091966"),
                r -> r.series(scaled -> 100 * scaled.relative())),
            Quantity.decimal("largest/smallest of these", published("1.00"), r -> spread(r.sweep)),
            Quantity.added(
                "|A − B|/|A| with the d = 0.05 that the third label promised, %",
                6, r -> 100 * r.meant.relative()),
            Quantity.added("largest/smallest with d = 2⁻¹⁰ … 2³", 2, r -> spread(r.powers))),
        List.of(
            new Claim<>(
                new Hypothesis(
                    "larger weights amplify the difference",
                    "largest/smallest relative difference over all scales",
                    Hypothesis.Bound.AT_LEAST,
                    AMPLIFIES,
                    AMPLIFIES_BASIS),
                r -> spread(r.sweep),
                new Claim.ControlReading<>(
                    "powers of two as scales, which round nothing", r -> spread(r.powers)),
                Outcome.REJECTED,
                Outcome.NOT_SHOWN,
                "Vacuous: both paths are linear in d, so d cancels. What is left is how float16 "
                    + "and float32 round; with powers of two not even that.")),
        List.of(
            new Trial(
                "seven scales, path f32 by matvec_f32 Q4_K",
                null,
                kernels ->
                    kernels.f32(
                        TensorType.Q4_K, SCALES.length, 256, rows(), Synthetic.activations(0))),
            new Trial(
                "seven scales, path q8 by quantise Q8_K and matvec_q8 Q4_K",
                null,
                kernels ->
                    kernels.q8(
                        TensorType.Q4_K, SCALES.length, 256, rows(), Synthetic.activations(0)))),
        List.of(
            "That the size of weights does not matter: it could not have come out otherwise.",
            "Anything at d = 0.05: the bytes labelled so are 0.0406."));
  }

  /** What counted as amplification in 010 … 015. */
  static final double AMPLIFIES = 1.5;

  static final String AMPLIFIES_BASIS = "up to 1.5 was called rejected, above 5 confirmed";

  private static WeightScale run() {
    return new WeightScale(scaled(SCALES), scaled(POWERS), Scaled.of(A_TWENTIETH));
  }

  private static List<Scaled> scaled(short[] scales) {
    return IntStream.range(0, scales.length).mapToObj(i -> Scaled.of(scales[i])).toList();
  }

  private static short[] powersOfTwo() {
    short[] powers = new short[14];
    for (int i = 0; i < powers.length; i++) {
      powers[i] = Float.floatToFloat16((float) Math.scalb(1.0, i - 10));
    }
    return powers;
  }

  private static byte[] rows() {
    byte[] rows = new byte[SCALES.length * Q4kBlock.BYTES];
    for (int row = 0; row < SCALES.length; row++) {
      System.arraycopy(
          Synthetic.block(SCALES[row], (short) 0, 0, 0),
          0,
          rows,
          row * Q4kBlock.BYTES,
          Q4kBlock.BYTES);
    }
    return rows;
  }

  private double[] series(ToDoubleFunction<Scaled> value) {
    return sweep.stream().mapToDouble(value).toArray();
  }

  private static double spread(List<Scaled> scaled) {
    double largest = scaled.stream().mapToDouble(Scaled::relative).max().orElseThrow();
    return largest / scaled.stream().mapToDouble(Scaled::relative).min().orElseThrow();
  }
}
