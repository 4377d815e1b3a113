package dev.witnessmark.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.witnessmark.compare.match.Operand;
import dev.witnessmark.explain.candidate.Candidate;
import dev.witnessmark.explain.score.Null;
import dev.witnessmark.explain.source.TensorPlace;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.model.Role;
import dev.witnessmark.verdict.CouldNotCompare;
import dev.witnessmark.verdict.Progress;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** A trained model of 5 M values with six blocks, and what is known of its fine-tunes. */
class RealModelTest {

  private static final String BASE = "../../src/dist/demo/base-q4_k_m.gguf";
  private static final String REASONING = "../../src/dist/demo/reasoning-q4_k_m.gguf";

  /** Rank 4, on the two writers of all six blocks. */
  private static final String ADAPTER = "../format/src/test/resources/golden/psalms-lora";

  private static ExplainResult explain(
      String base, String tuned, Optional<ExplainOptions.LayerRange> layers, boolean quantised)
      throws IOException {
    ExplainOptions options =
        new ExplainOptions(
            8,
            64,
            layers,
            false,
            new Null.Mode.Exact(),
            true,
            OptionalInt.empty(),
            quantised,
            false,
            1 << 28);
    try (Operand before = Operand.open(base, Limits.DEFAULT);
        Operand after = Operand.open(tuned, Limits.DEFAULT)) {
      return Explanation.of(before, after, Optional.empty(), options, Progress.NONE);
    }
  }

  /** The norms are of 2·B·A, computed elsewhere. */
  @Test
  void theFactorsOfAnAdapterAreItsDelta() throws IOException {
    ExplainResult result =
        explain(
            BASE, BASE + "+" + ADAPTER, Optional.of(new ExplainOptions.LayerRange(5, 5)), false);
    assertThat(result.usability()).isEqualTo(DeltaRow.Usability.USABLE);
    assertThat(result.unchanged()).isEqualTo(44 - 12);
    assertThat(result.deltas())
        .hasSize(12)
        .allSatisfy(row -> {
          assertThat(row.distinct()).isEqualTo(4);
          assertThat(row.roundingShare()).isZero();
          assertThat(row.storage()).isEqualTo("low-rank factors");
        });
    DeltaRow last =
        result.deltas().stream()
            .filter(row -> row.place().equals(new TensorPlace(Role.FFN_DOWN, 5)))
            .findFirst()
            .orElseThrow();
    assertThat(last.norm()).isCloseTo(11.973642150457234, within(1e-11));
    assertThat(last.singularValues()[3]).isCloseTo(0.6977829172803921, within(1e-11));
    assertThat(last.participationRank()).isCloseTo(1.0642462522037335, within(1e-11));
    SummaryRow ceiling =
        result.summary().stream()
            .filter(row -> row.candidate() == Candidate.DW_LEFT_BASIS_CEILING)
            .findFirst()
            .orElseThrow();
    // Both tensors together have eight directions: the ceiling reaches all there is.
    assertThat(ceiling.output().energy()).isCloseTo(1, within(1e-9));
    assertThat(ceiling.down().energy()).isCloseTo(1, within(1e-9));
    assertThat(ceiling.combined().oracleShare()).isCloseTo(1, within(1e-9));
  }

  @Test
  void deltasOfQuantisedWeightsAreRefusedUnlessAskedFor() throws IOException {
    assertThatExceptionOfType(Refusal.Unsupported.class)
        .isThrownBy(() -> explain(BASE, REASONING, Optional.empty(), false))
        .satisfies(refusal -> assertThat(refusal.subject()).isEqualTo("blk.2.attn_output.weight"));
    ExplainResult result = explain(BASE, REASONING, Optional.empty(), true);
    assertThat(result.averaged()).containsExactly(2, 3, 4);
    assertThat(result.deltas())
        .extracting(row -> row.place().role())
        .containsOnly(Role.ATTENTION_Q, Role.ATTENTION_OUTPUT);
    assertThat(result.deltas()).hasSize(6).allMatch(row -> row.roundingShare() > 0.001);
    assertThat(result.usability()).isNotEqualTo(DeltaRow.Usability.USABLE);
    // The down projection did not change: the other one is all there is.
    assertThat(result.rows())
        .allSatisfy(row -> {
          assertThat(row.down().energy()).isNaN();
          assertThat(row.combined().energy()).isCloseTo(row.output().energy(), within(1e-9));
        });
  }

  @Test
  void anAdapterIsExplainedOnItsOwnBase() {
    assertThatExceptionOfType(CouldNotCompare.class)
        .isThrownBy(() -> explain(REASONING, BASE + "+" + ADAPTER, Optional.empty(), false));
  }
}
