package dev.witnessmark.falsify.experiment;

import static dev.witnessmark.falsify.Reference.published;

import dev.witnessmark.falsify.Claim;
import dev.witnessmark.falsify.Experiment;
import dev.witnessmark.falsify.Hypothesis;
import dev.witnessmark.falsify.Outcome;
import dev.witnessmark.falsify.Quantity;
import dev.witnessmark.falsify.Trial;
import dev.witnessmark.falsify.path.Dot;
import java.util.List;

/**
 * 006: whether vector code and scalar code differ.
 *
 * @param sequential multiplied, then added, from left to right
 * @param lanes eight lanes by fma, then neighbours
 * @param halves the same lanes, then halves
 * @param controlSequential the same where large terms cancel
 * @param controlLanes the same where large terms cancel
 */
record OrderOfAdditions(
    float sequential, float lanes, float halves, float controlSequential, float controlLanes) {

  private static final int LENGTH = 128;

  static Experiment<OrderOfAdditions> experiment() {
    return new Experiment<>(
        "006",
        "vector code against scalar code",
        "Does the order of additions in vector code explain the difference?",
        "128 terms a·b, a = 0.1·(i − 64) + 0.013·(i mod 7), b = 0.05·(0.7·i − 50) + "
            + "0.011·(i mod 11), every operation rounded to float32; added from left to right, and "
            + "in eight lanes by fma",
        OrderOfAdditions::run,
        List.of(
            Quantity.float32(
                "left to right", published("612.4756 44191e70"), OrderOfAdditions::sequential),
            Quantity.float32(
                "eight lanes", published("612.4756 44191e70"), OrderOfAdditions::lanes),
            Quantity.float32("the same lanes in another tree", null, OrderOfAdditions::halves),
            Quantity.float32("control, left to right", null, OrderOfAdditions::controlSequential),
            Quantity.float32("control, eight lanes", null, OrderOfAdditions::controlLanes)),
        List.of(
            new Claim<>(
                new Hypothesis(
                    "the order of additions moves a product as much as the two paths differ",
                    "relative difference of the two orders",
                    Hypothesis.Bound.AT_LEAST,
                    TwoPaths.PUBLISHED_DIFFERENCE,
                    "the difference that 008 found"),
                OrderOfAdditions::difference,
                new Claim.ControlReading<>(
                    "a pair of terms, ±2²⁴ times the first, is put at both ends",
                    OrderOfAdditions::controlDifference),
                Outcome.REJECTED,
                Outcome.REJECTED,
                "The order is not the cause here. It can be where large terms cancel.")),
        List.of(
            new Trial(
                "the product by matvec_f32", null, kernels -> kernels.f32(1, LENGTH, a(), b())),
            new Trial(
                "companion 128 → 512, four vectors, by matvec_f32",
                null,
                kernels ->
                    kernels.f32(
                        512,
                        LENGTH,
                        companion(512 * LENGTH, 31, 23, 11, 0.05f),
                        companion(4 * LENGTH, 1, 17, 8, 0.1f))),
            new Trial(
                "companion 128 → 64, four vectors, by matvec_f32",
                null,
                kernels ->
                    kernels.f32(
                        64,
                        LENGTH,
                        companion(64 * LENGTH, 23, 19, 9, 0.05f),
                        companion(4 * LENGTH, 1, 13, 6, 0.1f)))),
        List.of(
            "That orders of addition give the same bits: these two happen to. The same eight lanes "
                + "in another tree already differ in the last bit; where terms cancel, orders "
                + "differ by any factor.",
            "That a kernel is deterministic: the companions ran one loop twice, which cannot "
                + "differ. Here their bits are held against another implementation."));
  }

  private static OrderOfAdditions run() {
    float[] a = a();
    float[] b = b();
    float[] cancellingA = new float[LENGTH + 8];
    float[] cancellingB = new float[LENGTH + 8];
    System.arraycopy(a, 0, cancellingA, 1, LENGTH);
    System.arraycopy(b, 0, cancellingB, 1, LENGTH);
    cancellingA[0] = 0x1p24f * a[0];
    cancellingA[LENGTH + 7] = -cancellingA[0];
    cancellingB[0] = b[0];
    cancellingB[LENGTH + 7] = b[0];
    return new OrderOfAdditions(
        Dot.sequential(a, b),
        Dot.acrossNeighbours(Dot.lanes(a, b)),
        Dot.acrossHalves(Dot.lanes(a, b)),
        Dot.sequential(cancellingA, cancellingB),
        Dot.acrossNeighbours(Dot.lanes(cancellingA, cancellingB)));
  }

  private double difference() {
    return Math.abs((double) sequential - lanes) / Math.abs(sequential);
  }

  private double controlDifference() {
    return Math.abs((double) controlSequential - controlLanes)
        / Math.max(Math.abs(controlSequential), Math.abs(controlLanes));
  }

  private static float[] a() {
    float[] a = new float[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      a[i] = (i - 64) * 0.1f + i % 7 * 0.013f;
    }
    return a;
  }

  private static float[] b() {
    float[] b = new float[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      b[i] = (i * 0.7f - 50) * 0.05f + i % 11 * 0.011f;
    }
    return b;
  }

  /** Values (factor·i mod modulus − offset)·step. */
  private static float[] companion(int length, int factor, int modulus, int offset, float step) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (factor * i % modulus - offset) * step;
    }
    return values;
  }
}
