package dev.witnessmark.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.model.Role;
import dev.witnessmark.model.TensorIdentity;
import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Label and exit code for every mixture that matters. */
class DiffVerdictTest {

  private static final TensorIdentity IDENTITY =
      new TensorIdentity(Role.OTHER, -1, -1, "weight", "t");

  private static TensorDifference tensor(String name, TensorStatus status) {
    Side side = new Side(name, TensorType.F32, List.of(1L));
    return new TensorDifference(
        side, side, IDENTITY, false, status, "because", List.of(), null, null);
  }

  private static List<TensorDifference> tensors(String statuses) {
    List<TensorDifference> tensors = new ArrayList<>();
    for (String status : statuses.isBlank() ? new String[0] : statuses.split(" ", -1)) {
      tensors.add(tensor("t" + tensors.size(), TensorStatus.valueOf(status)));
    }
    return tensors;
  }

  private static Expectation expectation(@Nullable Long... beyond) {
    List<Expectation.ExpectedTensor> tensors = new ArrayList<>();
    for (Long count : beyond) {
      tensors.add(
          new Expectation.ExpectedTensor(
              "t" + tensors.size(), IDENTITY, 1, 1, 1, 1.0, 0.0, 1.0, 0, 0, 0, count, null));
    }
    return new Expectation("adapter", tensors);
  }

  @ParameterizedTest
  @CsvSource({
    "'', could-not-compare, 3",
    "BIT_IDENTICAL, bit-identical, 0",
    "IDENTICAL, identical, 0",
    "WITHIN_QUANTISATION, within-quantisation, 0",
    "MOVED, differs, 1",
    "INCOMPATIBLE, could-not-compare, 3",
    "ONLY_IN_A, could-not-compare, 3",
    "ONLY_IN_B, could-not-compare, 3",
    "ONLY_IN_A ONLY_IN_B INCOMPATIBLE, could-not-compare, 3",
    "BIT_IDENTICAL IDENTICAL, identical, 0",
    "WITHIN_QUANTISATION BIT_IDENTICAL IDENTICAL, within-quantisation, 0",
    "BIT_IDENTICAL MOVED, differs, 1",
    "BIT_IDENTICAL INCOMPATIBLE, differs, 1",
    "BIT_IDENTICAL ONLY_IN_A, differs, 1",
    "BIT_IDENTICAL ONLY_IN_B, differs, 1",
    "MOVED ONLY_IN_B, differs, 1"
  })
  void theWorstTensorDecides(String statuses, String label, int exit) {
    Verdict verdict = DiffVerdict.of(tensors(statuses), List.of(), null);
    assertThat(verdict.label()).isEqualTo(label);
    assertThat(verdict.exit().code()).isEqualTo(exit);
  }

  @ParameterizedTest
  @EnumSource(TensorStatus.class)
  void whatWasSkippedIsSaidFirstAndIsNoComparison(TensorStatus status) {
    List<TensorDifference> tensors =
        List.of(tensor("t0", status), tensor("t1", TensorStatus.BIT_IDENTICAL));
    for (Expectation expectation : new Expectation[] {null, expectation(0L)}) {
      Verdict verdict =
          DiffVerdict.of(tensors, List.of(new Skipped("x", "unreadable")), expectation);
      assertThat(verdict.label()).isEqualTo("could-not-compare");
      assertThat(verdict.exit().code()).isEqualTo(3);
      assertThat(verdict.basis().getFirst()).isEqualTo("1 asked for but not compared");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "MOVED, as-expected, 0",
    "BIT_IDENTICAL, as-expected, 0",
    "MOVED BIT_IDENTICAL IDENTICAL WITHIN_QUANTISATION, as-expected, 0",
    "MOVED MOVED, differs, 1",
    "MOVED ONLY_IN_A, differs, 1",
    "MOVED ONLY_IN_B, differs, 1",
    "MOVED INCOMPATIBLE, differs, 1",
    "'', could-not-compare, 3"
  })
  void withAnExpectationOnlyTheOthersMustAgree(String statuses, String label, int exit) {
    Verdict verdict = DiffVerdict.of(tensors(statuses), List.of(), expectation(0L));
    assertThat(verdict.label()).isEqualTo(label);
    assertThat(verdict.exit().code()).isEqualTo(exit);
  }

  @Test
  void everyExpectedUpdateMustArrive() {
    List<TensorDifference> tensors = tensors("MOVED MOVED BIT_IDENTICAL");
    assertThat(DiffVerdict.of(tensors, List.of(), expectation(0L, 0L)).exit())
        .isEqualTo(ExitCode.SAME);
    assertThat(DiffVerdict.of(tensors, List.of(), expectation(0L, 1L)).exit())
        .isEqualTo(ExitCode.DIFFERS);
    assertThat(DiffVerdict.of(tensors, List.of(), expectation(0L, null)).exit())
        .as("a type without a bound cannot show that it arrived")
        .isEqualTo(ExitCode.DIFFERS);
    assertThat(DiffVerdict.of(tensors, List.of(), expectation()).exit())
        .as("an adapter of which nothing was checked")
        .isEqualTo(ExitCode.COULD_NOT_COMPARE);
  }

  @Test
  void exitCodesAreFixed() {
    assertThat(ExitCode.values()).extracting(ExitCode::code).containsExactly(0, 1, 2, 3, 4, 5, 130);
  }
}
