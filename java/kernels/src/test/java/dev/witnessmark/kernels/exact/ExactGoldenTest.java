package dev.witnessmark.kernels.exact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.witnessmark.kernels.operation.Attention;
import dev.witnessmark.kernels.operation.MatVecQ8;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.kernels.operation.Rotary;
import dev.witnessmark.kernels.testing.GoldenCase;
import dev.witnessmark.kernels.testing.GoldenFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Results that others computed in float64, and canonical ones computed by others, side by side. */
class ExactGoldenTest {

  static Stream<GoldenCase> golden() {
    return GoldenCase.all().filter(golden -> exact(golden).isPresent());
  }

  @Test
  void everyKindHasGoldenResults() {
    assertThat(golden().map(golden -> golden.operation().family()).distinct()).hasSize(7);
    assertThat(golden()).hasSize(10 + 10 + 4 + 4 + 3 + 6);
  }

  /** The real numbers are theirs, and the canonical ones are within the budgets of them. */
  @ParameterizedTest
  @MethodSource("golden")
  void realNumbersAreGoldenAndCanonicalOnesWithinTheirBudgets(GoldenCase golden) {
    Operation o = golden.operation();
    double[] exact = exact(golden).orElseThrow();
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> operands = operands(golden, arena);
      Reference ours = Exact.of(o, operands).getFirst();
      double[] budgets = budgets(o, operands, ours);
      double share =
          switch (o.family()) {
            case ROTARY -> 1; // their table is not rounded
            case RMS_NORM -> 0.1; // nor is their ε
            default -> 1e-6;
          };
      assertThat(ours.values()).hasSameSizeAs(exact);
      for (int i = 0; i < exact.length; i++) {
        assertThat(ours.values()[i])
            .as("number %d", i)
            .isCloseTo(exact[i], within(share * budgets[i]));
      }

      Judgement judgement =
          new Reference(ours.output(), ours.operand(), exact, budgets, ours.reading())
              .judge(operands.getLast());
      assertThat(judgement.outside()).isZero();
      assertThat(judgement.unlimited()).isZero();
      boolean oneKey = o instanceof Attention attention && attention.cached() == 1;
      assertThat(judgement.used()).isBetween(oneKey ? 0 : 0.01, 1.0);
    }
  }

  static Stream<GoldenCase> quantisedProducts() {
    return golden().filter(golden -> golden.operation() instanceof MatVecQ8);
  }

  @ParameterizedTest
  @MethodSource("quantisedProducts")
  void quantisingTheActivationsCostsWhatItMay(GoldenCase golden) {
    double[] exact = doubles(matrix(golden) + ".exact.f64").orElseThrow();
    MatVecQ8 o = (MatVecQ8) golden.operation();
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> operands = operands(golden, arena);
      float[] activations = GoldenCase.goldenFloats("ggml/matvec/activations.f32");
      Reference ours =
          Exact.beforeQuantisation(
              o, operands, arena.allocateFrom(ValueLayout.JAVA_FLOAT, activations));
      for (int i = 0; i < exact.length; i++) {
        assertThat(ours.values()[i]).isCloseTo(exact[i], within(1e-9 * ours.budgets()[i]));
      }
      Judgement judgement = ours.judge(operands.getLast());
      assertThat(judgement.within()).isTrue();
      assertThat(judgement.used()).isBetween(0.01, 0.5);
      assertThat(Exact.judge(o, operands).getFirst().used() * budget(ours))
          .as("far more than rounding may cost")
          .isGreaterThan(100 * budget(Exact.of(o, operands).getFirst()));
    }
  }

  private static double budget(Reference reference) {
    return Arrays.stream(reference.budgets()).max().orElseThrow();
  }

  private static double[] budgets(
      Operation operation, List<MemorySegment> operands, Reference reference) {
    return operation instanceof Rotary o
        ? withUnroundedTable(o, operands.getFirst(), reference.budgets())
        : reference.budgets();
  }

  /** Cosine and sine of their own are off by u of themselves, at most u. */
  private static double[] withUnroundedTable(
      Rotary o, MemorySegment activations, double[] budgets) {
    double[] wider = budgets.clone();
    for (int i = 0; i < wider.length; i++) {
      int half = o.rotated() / 2;
      int inHead = i % o.headSize();
      int other =
          o.layout() == Rotary.Layout.INTERLEAVED ? i ^ 1 : inHead < half ? i + half : i - half;
      wider[i] +=
          Bounded.U
              * (Math.abs(Numbers.f32(activations, i)) + Math.abs(Numbers.f32(activations, other)));
    }
    return wider;
  }

  private static List<MemorySegment> operands(GoldenCase golden, Arena arena) {
    List<MemorySegment> operands = new ArrayList<>();
    for (byte[] input : golden.inputs()) {
      operands.add(arena.allocateFrom(ValueLayout.JAVA_BYTE, input));
    }
    operands.add(arena.allocateFrom(ValueLayout.JAVA_BYTE, golden.expected()));
    return operands;
  }

  private static Optional<double[]> exact(GoldenCase golden) {
    if (golden.name().endsWith(".q8")) {
      return doubles(matrix(golden) + ".q8.f64");
    }
    if (golden.name().endsWith(".f32path")) {
      return doubles(matrix(golden) + ".exact.f64");
    }
    String name = golden.name().replace("numerics/", "ggml/ops/");
    return doubles(name.equals("ggml/ops/silu") ? "ggml/ops/swiglu.silu.f64" : name + ".out.f64");
  }

  private static String matrix(GoldenCase golden) {
    String name = golden.name().replace("numerics/", "ggml/matvec/");
    return name.substring(0, name.lastIndexOf('.'));
  }

  private static Optional<double[]> doubles(String file) {
    return GoldenFile.find(file)
        .map(bytes -> MemorySegment.ofArray(bytes).toArray(ValueLayout.JAVA_DOUBLE_UNALIGNED));
  }
}
