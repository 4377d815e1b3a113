package dev.witnessmark.kernels.exact;

import static dev.witnessmark.format.TensorType.F64;
import static dev.witnessmark.format.TensorType.I32;
import static dev.witnessmark.format.TensorType.I64;
import static dev.witnessmark.format.TensorType.Q2_K;
import static dev.witnessmark.format.TensorType.Q4_1;
import static dev.witnessmark.format.TensorType.Q4_K;
import static dev.witnessmark.format.TensorType.Q5_1;
import static dev.witnessmark.format.TensorType.Q5_K;
import static dev.witnessmark.format.TensorType.Q8_K;
import static dev.witnessmark.format.TensorType.U32;
import static dev.witnessmark.format.TensorType.U64;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.conformance.Inputs;
import dev.witnessmark.kernels.conformance.Pattern;
import dev.witnessmark.kernels.conformance.Trial;
import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.kernels.operation.Dequantise;
import dev.witnessmark.kernels.operation.Family;
import dev.witnessmark.kernels.operation.RmsNorm;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The canonical arithmetic on the whole table of operations and patterns. */
class ExactTest {

  private static final Map<Trial, List<Judgement>> JUDGED =
      Trial.all().stream().collect(toMap(Function.identity(), ExactTest::judge));

  private static List<Judgement> judge(Trial trial) {
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> operands = Inputs.of(trial.operation(), trial.pattern(), arena);
      HostDevice.scalar().run(trial.operation(), operands);
      return Exact.judge(trial.operation(), operands);
    }
  }

  @Test
  void canonicalResultsAreWithinTheirBudgets() {
    assertThat(JUDGED)
        .hasSizeGreaterThan(1000)
        .allSatisfy(
            (trial, outputs) -> assertThat(outputs).isNotEmpty().allMatch(Judgement::within));
  }

  /** A budget that is much too large would never be noticed otherwise. */
  @Test
  void ordinaryNumbersUseTheirBudgets() {
    Map<Family, Double> used = new EnumMap<>(Family.class);
    JUDGED.forEach((trial, outputs) -> {
      if (trial.pattern() == Pattern.RANDOM) {
        double most = outputs.stream().mapToDouble(Judgement::used).max().orElseThrow();
        used.merge(trial.operation().family(), most, Math::max);
      }
    });
    assertThat(used)
        .containsOnlyKeys(Family.values())
        .allSatisfy((family, share) -> {
          switch (family) {
            case ARG_MAX, TOP_K, ROUNDING_BOUNDS -> assertThat(share).isZero();
            case COMPARE, JUDGE -> assertThat(share).isBetween(0.03, 1.0); // sums of thousands
            case SUMMARISE -> assertThat(share).isBetween(0.01, 1.0);
            case ATTENTION -> assertThat(share).isBetween(0.05, 1.0);
            case RMS_NORM, SOFTMAX, CAUSAL_SOFTMAX, ATTENTION_SCORES ->
                assertThat(share).isBetween(0.2, 1.0);
            case SILU, GATED_SILU, WEIGHTED_SUM, CRUSHED_BLOCKS, MATVEC_F32, MATVEC_Q8 ->
                assertThat(share).isBetween(0.5, 1.0);
            default -> assertThat(share).isBetween(0.9, 1.0); // one rounding, or two
          }
        });
  }

  /** Long sums of random signs use about the root of what a bound must allow them. */
  @Test
  void noShapeHasABudgetThatItHardlyUses() {
    assertThat(judgements(Pattern.RANDOM).filter(j -> j.used() > 0 && j.elements() > 10))
        .hasSizeGreaterThan(50)
        .extracting(Judgement::used)
        .allSatisfy(share -> assertThat(share).isGreaterThan(0.005));
  }

  @Test
  void onlyOverflowAndVanishingSumsHaveNoBudget() {
    JUDGED.forEach((trial, outputs) -> {
      if (trial.pattern() != Pattern.HUGE) {
        boolean all = outputs.stream().allMatch(judgement -> judgement.unlimited() == 0);
        boolean vanishes =
            trial.operation() instanceof RmsNorm norm
                && norm.epsilon() == 0
                && trial.pattern() == Pattern.SUBNORMAL;
        assertThat(all).as("%s", trial).isNotEqualTo(vanishes);
      }
    });
    assertThat(judgements(Pattern.HUGE)).anyMatch(judgement -> judgement.unlimited() > 0);
  }

  @Test
  void decodingRoundsOnlyWhereItsBoundSaysSo() {
    Set<TensorType> rounded = EnumSet.noneOf(TensorType.class);
    JUDGED.forEach((trial, outputs) -> {
      if (trial.operation() instanceof Dequantise o && outputs.getFirst().used() > 0) {
        rounded.add(o.type());
      }
    });
    assertThat(rounded)
        .contains(Q4_K, Q5_K, Q8_K, I32)
        .isSubsetOf(Q2_K, Q4_K, Q5_K, Q8_K, Q4_1, Q5_1, F64, I32, U32, I64, U64);
  }

  private static Stream<Judgement> judgements(Pattern pattern) {
    return JUDGED.entrySet().stream()
        .filter(judged -> judged.getKey().pattern() == pattern)
        .flatMap(judged -> judged.getValue().stream());
  }
}
