package dev.witnessmark.causal.diff;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.causal.testing.Golden;
import dev.witnessmark.causal.testing.RowsInMemory;
import dev.witnessmark.causal.truth.Truth;
import dev.witnessmark.fingerprint.Fingerprint;
import dev.witnessmark.fingerprint.FingerprintModel;
import dev.witnessmark.fingerprint.LayerType;
import dev.witnessmark.fingerprint.Projection;
import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.Progress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class CausalDiffTest {

  @ParameterizedTest
  @CsvSource({"base,tuned", "base,tuned2", "tuned,tuned2", "small_base,small_tuned"})
  void edgesAndTablesOfGoldenPairs(String base, String tuned) {
    JsonNode golden = Golden.json(base + "_to_" + tuned.replace("small_", "") + ".json");
    List<Edge> edges = new ArrayList<>();
    CausalResult result = Golden.diff(base, tuned, edges);

    JsonNode stats = golden.get("stats");
    JsonNode extra = golden.get("correct_extra_stats");
    assertThat(result.tensors()).hasSize(extra.get("tensors_compared").asInt());
    assertThat(result.unequal()).hasSize(extra.get("tensors_row_count_mismatch").asInt());
    assertThat(result.onlyInBase()).hasSize(extra.get("tensors_only_in_base").asInt());
    assertThat(result.onlyInTuned()).hasSize(extra.get("tensors_only_in_tuned").asInt());
    assertThat(result.tensors().size() + result.unequal().size())
        .isEqualTo(stats.get("tensors_matched").asInt());
    assertThat(result.onlyInBase()).hasSize(stats.get("tensors_unmatched").asInt());
    assertThat(result.total().rows()).isEqualTo(stats.get("rows_compared").asLong());
    assertThat(result.total().shifted()).isEqualTo(stats.get("rows_shifted").asLong());

    JsonNode byProjection = stats.get("by_projection");
    assertThat(result.projections()).hasSize(byProjection.size());
    result
        .projections()
        .forEach((projection, shift) -> {
          JsonNode expected = byProjection.get(projection.label());
          assertThat(shift.shift().shifted()).isEqualTo(expected.get("shifted").asLong());
          assertThat(shift.shift().rows()).isEqualTo(expected.get("total").asLong());
          assertThat(shift.mean()).isEqualTo(expected.get("mean_l1").asDouble());
        });
    heads(result, golden.get("head_clusters_correct"));
    scaffold(result, golden.get("scaffold_correct"));
    edges(edges, golden.get("edges"));
  }

  private static void heads(CausalResult result, JsonNode golden) {
    long withShiftedRows =
        result.heads().values().stream().filter(shift -> shift.shifted() > 0).count();
    assertThat(golden.size()).isGreaterThanOrEqualTo((int) withShiftedRows);
    for (JsonNode expected : golden) {
      HeadKey key =
          new HeadKey(
              expected.get("block").asLong(),
              PackedEdgeTest.projection(expected.get("projection").asString()));
      Shift shift = result.head(key);
      assertThat(shift.shifted()).isEqualTo(expected.get("shifted").asLong());
      assertThat(shift.rows()).isEqualTo(expected.get("total_rows").asLong());
      assertThat(shift.ratio()).isEqualTo(expected.get("ratio").asDouble());
      assertThat(shift.mean()).isEqualTo(expected.get("mean_l1_of_all").asDouble());
      if (shift.shifted() > 0) {
        assertThat(shift.meanOfShifted()).isEqualTo(expected.get("mean_l1_of_shifted").asDouble());
      }
    }
  }

  private static void scaffold(CausalResult result, JsonNode golden) {
    List<Long> blocks = new ArrayList<>();
    golden.get("blocks").forEach(block -> blocks.add(block.asLong()));
    assertThat(result.scaffold().numbers()).isEqualTo(blocks);
    for (JsonNode expected : golden.get("detail")) {
      ScaffoldBlock block =
          result.scaffold().blocks().stream()
              .filter(each -> each.block() == expected.get("block").asLong())
              .findFirst()
              .orElseThrow();
      assertThat(block.q().orElse(0)).isEqualTo(expected.get("q").asDouble());
      assertThat(block.k().orElse(0)).isEqualTo(expected.get("k").asDouble());
      assertThat(block.o().orElse(0)).isEqualTo(expected.get("o").asDouble());
      assertThat(block.scaffold()).isEqualTo(expected.get("scaffold").asBoolean());
    }
  }

  private static void edges(List<Edge> edges, JsonNode golden) {
    assertThat(edges).hasSize(golden.size());
    for (int i = 0; i < edges.size(); i++) {
      Edge edge = edges.get(i);
      JsonNode expected = golden.get(i);
      assertThat(edge.tensor()).isEqualTo(expected.get(0).asString());
      assertThat(edge.row()).isEqualTo(expected.get(1).asLong());
      assertThat(edge.block())
          .isEqualTo(
              expected.get(2).isNull()
                  ? OptionalLong.empty()
                  : OptionalLong.of(expected.get(2).asLong()));
      assertThat(edge.projection().label()).isEqualTo(expected.get(3).asString());
      assertThat(edge.layerType().label()).isEqualTo(expected.get(4).asString());
      assertThat(edge.verb().name()).isEqualTo(expected.get(5).asString());
      assertThat(edge.distance()).isEqualTo(expected.get(6).asDouble());
      assertThat(edge.truth())
          .isEqualTo(new Truth(expected.get(7).floatValue(), expected.get(8).floatValue()));
      assertThat(PackedEdge.of(edge).word()).isEqualTo(Golden.word(expected.get(9)));
    }
  }

  @Test
  void rowsShiftedByThreshold() {
    JsonNode golden = Golden.json("base_to_tuned.json").get("rows_shifted_by_threshold");
    assertThat(golden.size()).isEqualTo(6);
    for (JsonNode expected : golden) {
      CausalResult result =
          Golden.diff("base", "tuned", Threshold.of(expected.get(0).asDouble()), new ArrayList<>());
      assertThat(result.total().shifted()).isEqualTo(expected.get(1).asLong());
    }
  }

  /** D2: the true number of rows is the denominator; heads that did not move are there too. */
  @Test
  void denominatorsAreTrueRowCountsD2() throws IOException {
    FingerprintModel base =
        model("base", tensor("blk.1.attn_q.weight", 64, 0), tensor("blk.1.attn_k.weight", 16, 0));
    FingerprintModel tuned =
        model("tuned", tensor("blk.1.attn_q.weight", 64, 4), tensor("blk.1.attn_k.weight", 16, 0));
    CausalResult result = diff(base, tuned, Threshold.of(100));
    assertThat(result.head(new HeadKey(1, Projection.Q)).ratio()).isEqualTo(4.0 / 64);
    assertThat(result.head(new HeadKey(1, Projection.K)).rows()).isEqualTo(16);
    assertThat(result.head(new HeadKey(1, Projection.K)).ratio()).isZero();
  }

  /** D2: tensors of one head add up, numerator and denominator alike. */
  @Test
  void tensorsOfOneHeadAddUpD2() throws IOException {
    FingerprintModel base =
        model("base", tensor("blk.0.ffn_gate.weight", 4, 0), tensor("blk.0.ffn_gate_exps", 4, 0));
    FingerprintModel tuned =
        model("tuned", tensor("blk.0.ffn_gate.weight", 4, 4), tensor("blk.0.ffn_gate_exps", 4, 4));
    CausalResult result = diff(base, tuned, Threshold.of(100));
    Shift shift = result.head(new HeadKey(0, Projection.FFN_GATE));
    assertThat(shift.shifted()).isEqualTo(8);
    assertThat(shift.rows()).isEqualTo(8);
  }

  /** D9: a tensor without rows leaves the mean a number. */
  @Test
  void tensorsWithoutRowsDoNotSpoilTheMeanD9() {
    CausalResult result = Golden.diff("zero_rows_a", "zero_rows_b", new ArrayList<>());
    ProjectionShift q = result.projection(Projection.Q);
    assertThat(q.shift().shifted()).isEqualTo(1);
    assertThat(q.shift().rows()).isEqualTo(2);
    assertThat(q.mean()).isEqualTo(85.0);
  }

  /** D15: what was not compared is counted apart, on both sides; columns must agree too. */
  @Test
  void unequalTensorsAreNotComparedAndCountedD15() throws IOException {
    FingerprintModel base =
        model(
            "base",
            new RowsInMemory("blk.0.attn_q.weight", LayerType.ATTENTION, 64, new short[34]),
            tensor("blk.0.attn_k.weight", 3, 0),
            tensor("blk.0.attn_v.weight", 3, 0));
    FingerprintModel tuned =
        model(
            "tuned",
            new RowsInMemory("blk.0.attn_q.weight", LayerType.ATTENTION, 65, new short[34]),
            tensor("blk.0.attn_v.weight", 3, 0),
            tensor("blk.0.attn_o.weight", 3, 0));
    CausalResult result = diff(base, tuned, Threshold.of(100));
    assertThat(result.unequal())
        .containsExactly(new UnequalTensor("blk.0.attn_q.weight", 2, 64, 2, 65));
    assertThat(result.onlyInBase()).containsExactly("blk.0.attn_k.weight");
    assertThat(result.onlyInTuned()).containsExactly("blk.0.attn_o.weight");
    assertThat(result.total().rows()).isEqualTo(3);
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
  }

  /** D16: what could not be read makes the result incomplete, never smaller in silence. */
  @Test
  void missingShardsLeaveNoAnswerD16() throws IOException {
    FingerprintModel base = model("base", tensor("blk.0.attn_q.weight", 4, 0));
    FingerprintModel tuned =
        new FingerprintModel(
            "tuned",
            List.of(tensor("blk.0.attn_q.weight", 4, 4)),
            List.of(),
            List.of("shard 2 of 4 is missing"),
            List.of(),
            List.of());
    CausalResult result = diff(base, tuned, Threshold.of(100));
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.COULD_NOT_COMPARE);
    assertThat(result.verdict().basis()).anyMatch(line -> line.contains("shard 2 of 4"));
  }

  /** A block of linear attention has no K: absent is not stable. */
  @Test
  void absentKIsToldApartFromStableK() throws IOException {
    FingerprintModel base =
        model(
            "base", tensor("blk.0.attn_q.weight", 8, 0), tensor("blk.0.attn_output.weight", 8, 0));
    FingerprintModel tuned =
        model(
            "tuned", tensor("blk.0.attn_q.weight", 8, 8), tensor("blk.0.attn_output.weight", 8, 8));
    CausalResult usual = diff(base, tuned, Threshold.of(100));
    assertThat(usual.scaffold().numbers()).containsExactly(0L);
    assertThat(usual.scaffold().blocks().getFirst().k()).isEqualTo(OptionalDouble.empty());
    CausalResult strict =
        CausalDiff.run(
            FingerprintPairs.of(base, tuned),
            new CausalOptions(Threshold.of(100), 0.3, true, 1),
            EdgeSink.NONE,
            Progress.NONE);
    assertThat(strict.scaffold().numbers()).isEmpty();
  }

  @Test
  void formsOfDifferentEcosystemsMeet() throws IOException {
    FingerprintModel base = model("base", tensor("blk.0.attn_q.weight", 8, 0));
    FingerprintModel tuned = model("tuned", tensor("model.layers.0.self_attn.q_proj.weight", 8, 3));
    CausalResult result = diff(base, tuned, Threshold.of(100));
    assertThat(result.total().shifted()).isEqualTo(3);
    assertThat(result.onlyInBase()).isEmpty();
    assertThat(result.onlyInTuned()).isEmpty();
  }

  /** No shifted row says nothing where unrelated rows would not have counted either. */
  @Test
  void aThresholdBeyondUnrelatedRowsIsBlind() throws IOException {
    short[] base = new short[40 * Fingerprint.DIMENSIONS];
    for (int i = 0; i < base.length; i++) {
      base[i] = (short) (i * 31 % 7);
    }
    short[] tuned = base.clone();
    tuned[0]++;
    CausalResult result =
        diff(
            model("a", new RowsInMemory("blk.0.attn_q.weight", LayerType.ATTENTION, 64, base)),
            model("b", new RowsInMemory("blk.0.attn_q.weight", LayerType.ATTENTION, 64, tuned)),
            Threshold.of(100));
    TensorShift tensor = result.tensors().getFirst();
    assertThat(tensor.unrelated().pairs()).isEqualTo(40);
    assertThat(tensor.unrelated().mean()).isBetween(1.0, 100.0);
    assertThat(tensor.blind()).isTrue();
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.INCONCLUSIVE);
  }

  @Test
  void aThresholdInUnitsOfTheNullFollowsEachTensor() throws IOException {
    short[] base = new short[40 * Fingerprint.DIMENSIONS];
    for (int i = 0; i < base.length; i++) {
      base[i] = (short) (i * 31 % 7);
    }
    short[] tuned = base.clone();
    tuned[0]++;
    CausalResult result =
        diff(
            model("a", new RowsInMemory("blk.0.attn_q.weight", LayerType.ATTENTION, 64, base)),
            model("b", new RowsInMemory("blk.0.attn_q.weight", LayerType.ATTENTION, 64, tuned)),
            new Threshold(0.01, true));
    TensorShift tensor = result.tensors().getFirst();
    assertThat(tensor.threshold()).isEqualTo(0.01 * tensor.unrelated().mean());
    assertThat(tensor.shift().shifted()).isEqualTo(1);
    assertThat(tensor.shift().beyondNull().counts()).containsExactly(1L, 0L, 0L, 0L);
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
  }

  /** One row has no other to be held against. */
  @Test
  void aThresholdInUnitsOfNoNullIsBlind() throws IOException {
    CausalResult result =
        diff(
            model("a", tensor("blk.0.attn_q.weight", 1, 0)),
            model("b", tensor("blk.0.attn_q.weight", 1, 1)),
            new Threshold(0.01, true));
    assertThat(result.blindRows()).isEqualTo(1);
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.INCONCLUSIVE);
  }

  @Test
  void equalFingerprintsAreTheSame() throws IOException {
    FingerprintModel base = model("base", tensor("blk.0.attn_q.weight", 4, 0));
    CausalResult result = diff(base, base, Threshold.of(0));
    assertThat(result.verdict().label()).isEqualTo("identical");
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.SAME);
  }

  @Test
  void nothingInCommonIsNoAnswer() throws IOException {
    CausalResult result =
        diff(
            model("base", tensor("blk.0.attn_q.weight", 4, 0)),
            model("tuned", tensor("blk.1.attn_q.weight", 4, 0)),
            Threshold.of(100));
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.COULD_NOT_COMPARE);
  }

  @Test
  void threadsDoNotShowInTheResult() throws IOException {
    List<Edge> one = new ArrayList<>();
    List<Edge> four = new ArrayList<>();
    FingerprintPairs pairs = FingerprintPairs.of(Golden.index("base"), Golden.index("tuned"));
    CausalResult a =
        CausalDiff.run(
            pairs, new CausalOptions(Threshold.of(100), 0.3, false, 1), one::add, Progress.NONE);
    CausalResult b =
        CausalDiff.run(
            pairs, new CausalOptions(Threshold.of(100), 0.3, false, 4), four::add, Progress.NONE);
    assertThat(four).isEqualTo(one);
    assertThat(b).isEqualTo(a);
  }

  static FingerprintModel model(String name, RowsInMemory... tensors) {
    return new FingerprintModel(name, List.of(tensors), List.of(), List.of(), List.of(), List.of());
  }

  /** A tensor whose first {@code shifted} rows are far from zero. */
  static RowsInMemory tensor(String name, int rows, int shifted) {
    short[] values = new short[rows * Fingerprint.DIMENSIONS];
    for (int row = 0; row < shifted; row++) {
      values[row * Fingerprint.DIMENSIONS] = 1000;
    }
    return new RowsInMemory(name, LayerType.ATTENTION, 64, values);
  }

  private static CausalResult diff(
      FingerprintModel base, FingerprintModel tuned, Threshold threshold) throws IOException {
    return CausalDiff.run(
        FingerprintPairs.of(base, tuned),
        new CausalOptions(threshold, 0.3, false, 2),
        EdgeSink.NONE,
        Progress.NONE);
  }
}
