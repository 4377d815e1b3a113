package dev.witnessmark.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.witnessmark.compare.match.Operand;
import dev.witnessmark.explain.candidate.Candidate;
import dev.witnessmark.explain.candidate.Need;
import dev.witnessmark.explain.score.Null;
import dev.witnessmark.explain.score.Score;
import dev.witnessmark.explain.source.Captures;
import dev.witnessmark.explain.source.TensorPlace;
import dev.witnessmark.explain.testing.GoldenTensors;
import dev.witnessmark.format.Limits;
import dev.witnessmark.model.Role;
import dev.witnessmark.verdict.Progress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/**
 * All candidates, scores, nulls and means of a small model and its tuned copy against numbers that
 * were computed elsewhere in double precision, at two widths.
 */
@ParameterizedClass
@CsvSource({"expected.json, 4, 12", "expected_pcs8.json, 8, 24"})
class GoldenSweepTest {

  /** What the golden data allows scores in double precision. */
  private static final double SCORES = 1e-7;

  /** Numbers up to 100 were written with twelve digits. */
  private static final double DIGITS = 1e-8;

  /** The same for z, relative. */
  private static final double Z = 1e-5;

  /** Token of the attention sink. */
  private static final int SINK = 2;

  /** These need states of single tokens, which are not among the golden data. */
  private static final Set<Candidate> NEED_TOKENS =
      EnumSet.of(
          Candidate.ATTN_MIN_TASKDIFF,
          Candidate.ATTN_MAX_TASKDIFF,
          Candidate.ATTN_DIFF_TASKDIFF,
          Candidate.ATTN_MIN_X_DIFFNORM_TASKDIFF);

  /** Explained once for all tests of a file. */
  private static final Map<String, ExplainResult> RESULTS = new HashMap<>();

  private final int pcs;
  private final int broad;
  private final JsonNode expected;
  private final ExplainResult result;

  /** Everything that is not as expected, so that all of it is seen at once. */
  private final List<String> wrong = new ArrayList<>();

  GoldenSweepTest(String file, int pcs, int broad) throws IOException {
    this.pcs = pcs;
    this.broad = broad;
    expected = GoldenTensors.json(file);
    ExplainResult ready = RESULTS.get(file);
    result = ready == null ? explain(pcs, broad, new Null.Mode.Exact()) : ready;
    RESULTS.put(file, result);
  }

  static ExplainResult explain(int pcs, int broad, Null.Mode nulls) throws IOException {
    try (Operand base = open("base");
        Operand tuned = open("tuned");
        Captures captures = Captures.open(GoldenTensors.path("captures"), Limits.DEFAULT)) {
      return Explanation.of(
          base,
          tuned,
          Optional.of(captures),
          new ExplainOptions(
              pcs,
              broad,
              Optional.of(new ExplainOptions.LayerRange(1, 2)),
              true,
              nulls,
              false,
              OptionalInt.of(SINK),
              false,
              true,
              1 << 20),
          Progress.NONE);
    }
  }

  private static Operand open(String name) throws IOException {
    return Operand.open(GoldenTensors.path(name).toString(), Limits.DEFAULT);
  }

  private static Stream<JsonNode> elements(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }

  private static Candidate candidate(JsonNode name) {
    return Stream.of(Candidate.values())
        .filter(each -> each.label().equals(name.asString()))
        .findFirst()
        .orElseThrow();
  }

  /** The row of a candidate of the golden data in one layer. */
  private LayerRow row(Candidate candidate, JsonNode row) {
    return result.rows().stream()
        .filter(each -> each.candidate() == candidate)
        .filter(each -> each.layer() == row.get("layer").asInt())
        .findFirst()
        .orElseThrow(() -> new AssertionError(candidate + " is not there"));
  }

  /** The published number, NaN for null. */
  private static double number(JsonNode node, String field) {
    JsonNode value = node.get(field);
    return value == null || value.isNull() ? Double.NaN : value.asDouble();
  }

  private void close(String what, double actual, double wanted, double tolerance) {
    boolean equal =
        Double.isNaN(wanted) ? Double.isNaN(actual) : Math.abs(actual - wanted) <= tolerance;
    if (!equal) {
      wrong.add("%s is %s, not %s".formatted(what, actual, wanted));
    }
  }

  private void same(String what, Object actual, Object wanted) {
    if (!actual.equals(wanted)) {
      wrong.add("%s is %s, not %s".formatted(what, actual, wanted));
    }
  }

  private void close(String what, Score actual, JsonNode row, String suffix) {
    double concentration = number(row, "conc_" + suffix);
    double z = number(row, "z_" + suffix);
    // Concentrations have twelve digits and reach 16.
    close(what + " conc", actual.concentration(), concentration, SCORES);
    close(what + " energy", actual.energy(), number(row, "energy_frac_" + suffix), SCORES);
    close(what + " z", actual.z(), z, Z * Math.max(1e-3, Math.abs(z)));
    close(what + " oracle", actual.oracleShare(), number(row, "pct_oracle_" + suffix), SCORES);
  }

  @Test
  void everyCandidateOfEveryLayer() {
    List<JsonNode> candidates = elements(expected.get("candidates")).toList();
    assertThat(candidates).hasSize(Candidate.values().length).hasSize(50);
    for (JsonNode each : candidates) {
      String name = each.get("name").asString();
      Candidate candidate = candidate(each.get("name"));
      same(name, candidate.family().label(), each.get("family").asString());
      same(name, candidate.axis().label(), each.get("axis_kind").asString());
      same(name, candidate.isPublished(), each.get("in_v7").asBoolean());
      if (NEED_TOKENS.contains(candidate)) {
        continue;
      }
      for (JsonNode row : each.get("layers")) {
        LayerRow actual = row(candidate, row);
        String what = name + " " + actual.layer();
        same(what, actual.rank(), row.get("rank").asInt());
        same(what, actual.publishedColumns(), row.get("columns_as_published").asInt());
        close(what + " gap", actual.boundaryGap(), number(row, "boundary_gap"), SCORES);
        close(what + " act", actual.activation(), row, "act");
        close(what + " oproj", actual.output(), row, "w_oproj");
        close(what + " downproj", actual.down(), row, "w_downproj");
        close(what + " combined", actual.combined(), row, "w_combined");
        close(what + " cos", actual.cosineWithDelta(), number(row, "cos_with_dW"), SCORES);
        close(what + " overlap", actual.overlapWithDelta(), number(row, "overlap_with_dW"), SCORES);
        same(what, actual.specificRank(), row.get("specific_rank").asInt());
        close(
            what + " specific",
            actual.specific().concentration(),
            number(row, "specific_conc_act"),
            SCORES);
        double z = number(row, "specific_z_act");
        close(what + " specific z", actual.specific().z(), z, Z * Math.max(1e-3, Math.abs(z)));
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void deltas() {
    List<JsonNode> rows = elements(expected.get("delta")).toList();
    assertThat(result.targets()).hasSameSizeAs(rows);
    for (int i = 0; i < rows.size(); i++) {
      JsonNode row = rows.get(i);
      TargetRow actual = result.targets().get(i);
      String what = actual.target() + " " + actual.layer();
      same(what, actual.layer(), row.get("layer").asInt());
      same(what, actual.target(), row.get("tensor").asString());
      close(what, actual.participationRank(), number(row, "participation_rank"), DIGITS);
      close(what, actual.stableRank(), number(row, "stable_rank"), DIGITS);
      close(what, actual.oracleShare(), number(row, "oracle_energy_frac_at_pcs"), SCORES);
      if (actual.target().equals("combined")) {
        continue;
      }
      Role role = actual.target().equals("oproj") ? Role.ATTENTION_OUTPUT : Role.FFN_DOWN;
      DeltaRow delta =
          result.deltas().stream()
              .filter(d -> d.place().equals(new TensorPlace(role, actual.layer())))
              .findFirst()
              .orElseThrow();
      close(what, delta.norm(), number(row, "frobenius"), DIGITS);
      close(what, delta.participationRank(), number(row, "participation_rank"), DIGITS);
      close(what, delta.stableRank(), number(row, "stable_rank"), DIGITS);
      List<JsonNode> values = elements(row.get("top_singular_values")).toList();
      for (int k = 0; k < values.size(); k++) {
        close(what, delta.singularValues()[k], values.get(k).asDouble(), DIGITS);
      }
    }
    assertThat(wrong).isEmpty();
  }

  /** Rounding of float32 is nothing, and a tensor that is equal on both sides is no delta. */
  @Test
  void usability() {
    assertThat(result.usability()).isEqualTo(DeltaRow.Usability.USABLE);
    assertThat(result.deltas()).hasSize(10).allMatch(row -> row.roundingShare() < 1e-6);
    assertThat(result.deltas())
        .noneMatch(row -> row.place().equals(new TensorPlace(Role.ATTENTION_OUTPUT, 0)));
    assertThat(result.unchanged()).isEqualTo(2);
  }

  @Test
  void label() {
    List<JsonNode> rows = elements(expected.get("activation_label")).toList();
    assertThat(result.label()).hasSameSizeAs(rows);
    for (int i = 0; i < rows.size(); i++) {
      JsonNode row = rows.get(i);
      LabelRow actual = result.label().get(i);
      String what = "label " + i;
      same(what, actual.layer(), row.get("layer").asInt());
      close(what, actual.participationRank(), number(row, "participation_rank"), DIGITS);
      close(what, actual.leadingShare(), number(row, "top_eigenvalue"), SCORES);
      close(what, actual.meanShare(), number(row, "mean_direction_share"), SCORES);
      close(what, actual.oracleShare(), number(row, "oracle_energy_frac_at_pcs"), SCORES);
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void summary() {
    assumeThat(expected.has("summary")).as("means are golden at one width").isTrue();
    List<JsonNode> rows =
        elements(expected.get("summary"))
            .filter(row -> !NEED_TOKENS.contains(candidate(row.get("subspace"))))
            .toList();
    assertThat(result.averaged()).containsExactly(1, 2);
    assertThat(result.summary()).hasSameSizeAs(rows);
    for (int i = 0; i < rows.size(); i++) {
      JsonNode row = rows.get(i);
      SummaryRow actual = result.summary().get(i);
      String what = actual.candidate().label();
      same(what, what, row.get("subspace").asString());
      same(what, actual.candidate().axis().label(), row.get("axis_kind").asString());
      close(what, actual.activation().concentration(), number(row, "mean_conc_act"), SCORES);
      close(what, actual.activation().z(), number(row, "mean_z_act"), DIGITS);
      close(what, actual.activation().energy(), number(row, "mean_energy_frac_act"), SCORES);
      close(what, actual.output().concentration(), number(row, "mean_conc_w_oproj"), SCORES);
      close(what, actual.down().concentration(), number(row, "mean_conc_w_downproj"), SCORES);
      close(what, actual.combined().concentration(), number(row, "mean_conc_w_combined"), SCORES);
      close(what, actual.combined().z(), number(row, "mean_z_w_combined"), DIGITS);
      close(what, actual.cosineWithDelta(), number(row, "mean_cos_with_dW"), SCORES);
      close(what, actual.activation().oracleShare(), number(row, "mean_pct_oracle_act"), SCORES);
      close(
          what, actual.combined().oracleShare(), number(row, "mean_pct_oracle_w_combined"), SCORES);
      close(what, actual.specific().concentration(), number(row, "mean_specific_conc_act"), SCORES);
      close(what, actual.rank(), number(row, "mean_rank"), 0);
      close(what, actual.jointScore(), number(row, "joint_score"), SCORES);
      close(what, actual.gapLog2(), number(row, "act_w_gap_log2"), SCORES);
      close(what, actual.jointOracleShare(), number(row, "joint_pct_oracle"), SCORES);
      close(what, actual.activationOfCeiling(), number(row, "pct_act_ceiling"), DIGITS);
      close(what, actual.outputOfCeiling(), number(row, "pct_w_oracle_oproj"), DIGITS);
      close(what, actual.downOfCeiling(), number(row, "pct_w_oracle_downproj"), DIGITS);
      close(what, actual.combinedOfCeiling(), number(row, "pct_w_oracle_combined"), DIGITS);
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void rankings() {
    assumeThat(expected.has("summary")).as("means are golden at one width").isTrue();
    Rankings rankings = result.rankings();
    assertThat(rankings.by()).isEqualTo("joint score");
    assertThat(rankings.writeAndMixed().stream().map(Candidate::label).toList())
        .isEqualTo(names("ranking_write_mixed"));
    assertThat(rankings.read().stream().map(Candidate::label).toList())
        .isEqualTo(names("ranking_read"));
    assertThat(rankings.withoutScore().stream().map(Candidate::label).toList())
        .isEqualTo(names("rows_without_joint_score"));
  }

  private List<String> names(String field) {
    return elements(expected.get(field))
        .filter(name -> !NEED_TOKENS.contains(candidate(name)))
        .map(JsonNode::asString)
        .toList();
  }

  @Test
  void scope() {
    assumeThat(expected.has("summary")).as("means are golden at one width").isTrue();
    List<JsonNode> rows = elements(expected.get("v9_scope")).toList();
    assertThat(result.scope()).hasSameSizeAs(rows);
    for (int i = 0; i < rows.size(); i++) {
      JsonNode row = rows.get(i);
      ScopeRow actual = result.scope().get(i);
      String what = "scope " + i;
      close(
          what, actual.weightsWithCumulative(), number(row, "overlap_w_vs_act_cumulative"), SCORES);
      close(what, actual.weightsWithBlock(), number(row, "overlap_w_vs_act_block"), SCORES);
      close(what, actual.cumulativeWithBlock(), number(row, "overlap_act_cum_vs_block"), SCORES);
      close(what, actual.blockNorm(), number(row, "block_diff_norm"), SCORES);
      close(what, actual.cumulativeNorm(), number(row, "cumulative_diff_norm"), SCORES);
    }
    assertThat(wrong).isEmpty();
    double gained =
        rows.stream()
            .filter(row -> row.get("is_lora_layer").asBoolean())
            .mapToDouble(row ->
                number(row, "overlap_w_vs_act_block") - number(row, "overlap_w_vs_act_cumulative"))
            .average()
            .orElseThrow();
    assertThat(result.blockHelps()).isEqualTo(gained > 0.01);
  }

  @Test
  void arbitraryColumnsOfThePublishedProcedure() {
    List<String> seen = new ArrayList<>();
    for (JsonNode each : expected.get("candidates")) {
      for (JsonNode row : each.get("layers")) {
        JsonNode range = row.get("published_conc_range");
        if (range != null) {
          Candidate candidate = candidate(each.get("name"));
          String name = candidate.label();
          LayerRow actual = row(candidate, row);
          seen.add(name);
          LayerRow.PublishedRange published = actual.publishedRange().orElseThrow();
          close(name, published.activation().orElseThrow(), range.get("act"));
          close(name, published.combined().orElseThrow(), range.get("w_combined"));
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(seen).contains("attention_sink", "chars_clusters", "churn");
  }

  private void close(String what, LayerRow.Range actual, JsonNode range) {
    close(what + " low", actual.low(), range.get(0).asDouble(), SCORES);
    close(what + " high", actual.high(), range.get(1).asDouble(), SCORES);
  }

  @Test
  void whatIsNotThereIsSaid() {
    assertThat(result.unavailable())
        .extracting(Unavailable::candidate)
        .containsExactlyElementsOf(NEED_TOKENS);
    assertThat(result.unavailable())
        .allMatch(each -> each.layers().equals(List.of(0, 1, 2)))
        .allMatch(each -> each.reason().equals(Need.TOKENS.label()));
    // Five readers each of two layers are not in the tuned copy.
    assertThat(result.notes())
        .hasSize(10)
        .allMatch(note -> note.contains("model.layers.0.") || note.contains("model.layers.2."));
  }

  @Test
  void spectra() {
    JsonNode alignment = expected.get("svd_alignment");
    // Only one of the two files has it; the numbers do not depend on the width.
    if (alignment == null) {
      alignment = GoldenTensors.json("expected.json").get("svd_alignment");
    }
    List<JsonNode> rows = elements(alignment.get("rows")).toList();
    assertThat(result.spectra()).hasSameSizeAs(rows);
    for (JsonNode row : rows) {
      String name = row.get("name").asString();
      SpectrumRow actual =
          result.spectra().stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow();
      same(name, actual.top(), row.get("k").asInt());
      same(name, actual.frame(), row.get("r").asInt());
      close(name, actual.norm(), number(row, "norm"), DIGITS);
      close(name + " top", actual.topShare(), number(row, "energy_top"), SCORES);
      close(name + " bottom", actual.bottomShare(), number(row, "energy_bottom"), SCORES);
      close(name, actual.topNull(), number(row, "null_top"), DIGITS);
      close(name + " ratio", actual.topRatio(), number(row, "ratio_top"), 100 * SCORES);
      close(name + " gap", actual.boundaryGap(), number(row, "boundary_gap"), SCORES);
      close(name + " weak", actual.weakShare(), number(row, "energy_weak"), SCORES);
      if (row.has("k_weak")) {
        same(name, actual.weak(), row.get("k_weak").asInt());
        close(name, actual.weakNull(), number(row, "null_weak"), DIGITS);
        close(name, actual.weakRatio(), number(row, "ratio_weak"), 100 * SCORES);
      }
    }
    assertThat(wrong).isEmpty();
  }

  /** A z from draws is close to the exact one, and the scores themselves are the same. */
  @Test
  void nullsFromDraws() throws IOException {
    ExplainResult drawn = explain(pcs, broad, new Null.Mode.Sampled(400, 1));
    for (LayerRow row : drawn.rows()) {
      LayerRow exact =
          result.rows().stream()
              .filter(r -> r.candidate() == row.candidate() && r.layer() == row.layer())
              .findFirst()
              .orElseThrow();
      same(
          row.candidate().label(),
          row.combined().concentration(),
          exact.combined().concentration());
      if (row.rank() > 0) {
        closeTo(row, row.activation().z(), exact.activation().z());
        closeTo(row, row.combined().z(), exact.combined().z());
      }
      if (row.specificRank() > 0) {
        closeTo(row, row.specific().z(), exact.specific().z());
      }
    }
    assertThat(wrong).isEmpty();
  }

  /** 400 draws: the mean is off by a twentieth of a deviation, the deviation by 4 %; four times. */
  private void closeTo(LayerRow row, double drawn, double exact) {
    close(row.candidate().label() + row.layer(), drawn, exact, 0.2 + 0.16 * Math.abs(exact));
  }
}
