package dev.witnessmark.falsify.experiment;

import static dev.witnessmark.falsify.Reference.published;
import static dev.witnessmark.falsify.Reference.recomputed;

import dev.witnessmark.falsify.Claim;
import dev.witnessmark.falsify.Experiment;
import dev.witnessmark.falsify.Hypothesis;
import dev.witnessmark.falsify.Outcome;
import dev.witnessmark.falsify.Quantity;
import dev.witnessmark.falsify.Trial;
import dev.witnessmark.falsify.path.Checksum;
import dev.witnessmark.falsify.path.Q4kBlock;
import dev.witnessmark.falsify.path.Synthetic;
import dev.witnessmark.format.TensorType;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * 007: whether decoders differ.
 *
 * @param stored the block
 * @param weights decoded with every operation rounded
 * @param contracted decoded with an fma
 * @param neighbours decoded as if a byte held the codes of two neighbouring weights
 * @param roughWeights a block with scales that are no powers of two, every operation rounded
 * @param roughContracted that block, decoded with an fma
 */
@SuppressWarnings("ArrayRecordComponent") // Read here; never compared.
record Dequantisation(
    byte[] stored,
    float[] weights,
    float[] contracted,
    float[] neighbours,
    float[] roughWeights,
    float[] roughContracted) {

  /** Float16 0.1. */
  private static final short A_TENTH = 0x2e66;

  /** Float16 0.3. */
  private static final short THREE_TENTHS = 0x34cd;

  static Experiment<Dequantisation> experiment() {
    return new Experiment<>(
        "007",
        "dequantisation",
        "Do two decoders of the same block differ?",
        "a Q4_K block: d = 1, dmin = −1/4, packed scales and minima (7·i + 3) mod 256, codes "
            + "(13·i + 17) mod 256; w = (d·scale)·code − dmin·minimum, every operation rounded",
        Dequantisation::run,
        List.of(
            Quantity.checksum(
                "CRC-32 of the block", recomputed("7dbc0f73"), r -> Checksum.of(r.stored)),
            Quantity.integers(
                "scales",
                recomputed("3 10 17 24 11 2 9 0"),
                r -> eight(new Q4kBlock(r.stored, 0)::scale)),
            Quantity.integers(
                "minima",
                recomputed("31 38 45 52 3 4 4 5"),
                r -> eight(new Q4kBlock(r.stored, 0)::minimum)),
            Quantity.float32("w[0]", published("10.75 412c0000"), r -> r.weights[0]),
            Quantity.float32("w[255]", published("1.25 3fa00000"), r -> r.weights[255]),
            Quantity.checksum(
                "CRC-32 of the weights", recomputed("8ad26aed"), r -> Checksum.of(r.weights)),
            Quantity.decimal("‖w‖", recomputed("1823.32"), r -> TwoPaths.norm(r.weights))),
        List.of(
            new Claim<>(
                new Hypothesis(
                    "decoders of Q4_K round differently",
                    "weights that one fma for the last product and the subtraction changes",
                    Hypothesis.Bound.AT_LEAST,
                    1,
                    "one weight is enough"),
                r -> differing(r.weights, r.contracted),
                new Claim.ControlReading<>(
                    "d = 0.1 and dmin = 0.3 in place of 1 and −1/4",
                    r -> differing(r.roughWeights, r.roughContracted)),
                Outcome.REJECTED,
                Outcome.NOT_SHOWN,
                "Vacuous for every block: 11 bits of d, 6 of a scale and 4 of a code fit into the "
                    + "24 of a float32, so products are exact and only the subtraction rounds."),
            new Claim<>(
                new Hypothesis(
                    "this block shows a decoder that takes the codes in a wrong order",
                    "weights that differ where a byte's two codes go to neighbouring weights",
                    Hypothesis.Bound.AT_LEAST,
                    1,
                    "one weight is enough"),
                r -> differing(r.weights, r.neighbours),
                new Claim.ControlReading<>(
                    "a decoder whose only fault is an fma",
                    r -> differing(r.weights, r.contracted)),
                null,
                Outcome.CONFIRMED,
                "What the comparison can find is a wrong layout.")),
        List.of(
            new Trial(
                "the weights by dequantise",
                recomputed("8ad26aed"),
                kernels -> kernels.dequantised(TensorType.Q4_K, Synthetic.block())),
            new Trial(
                "the weights with d = 0.1, dmin = 0.3 by dequantise",
                null,
                kernels -> kernels.dequantised(TensorType.Q4_K, rough()))),
        List.of(
            "That decoders round alike: in Q4_K they can hardly do otherwise.",
            "That other types decode alike: it is one block of one type."));
  }

  private static Dequantisation run() {
    Q4kBlock block = new Q4kBlock(Synthetic.block(), 0);
    Q4kBlock rough = new Q4kBlock(rough(), 0);
    return new Dequantisation(
        Synthetic.block(),
        block.weights(),
        block.contractedWeights(),
        block.neighbourWeights(),
        rough.weights(),
        rough.contractedWeights());
  }

  private static byte[] rough() {
    return Synthetic.block(A_TENTH, THREE_TENTHS, 0, 0);
  }

  private static int differing(float[] a, float[] b) {
    int differing = 0;
    for (int i = 0; i < a.length; i++) {
      differing += Float.floatToRawIntBits(a[i]) == Float.floatToRawIntBits(b[i]) ? 0 : 1;
    }
    return differing;
  }

  private static int[] eight(IntUnaryOperator value) {
    return IntStream.range(0, 8).map(value).toArray();
  }
}
