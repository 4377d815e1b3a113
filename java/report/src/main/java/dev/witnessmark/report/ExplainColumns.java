package dev.witnessmark.report;

import dev.witnessmark.explain.DeltaRow;
import dev.witnessmark.explain.LayerRow;
import dev.witnessmark.explain.ScopeRow;
import dev.witnessmark.explain.SpectrumRow;
import dev.witnessmark.explain.SummaryRow;
import dev.witnessmark.explain.TargetRow;
import dev.witnessmark.explain.candidate.Candidate;
import dev.witnessmark.explain.score.Score;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Columns of the tables of {@code wmark explain}, with the published names where there are any.
 * Those that end in {@code pct_oracle} are shares of the best subspace of the same rank, in per
 * cent.
 */
final class ExplainColumns {

  private static final double PERCENT = 100;

  private static final int LEADING = 8;

  /** A candidate in one layer. */
  static final List<Column<LayerRow>> LAYER = layer();

  /** A candidate over the averaged layers. */
  static final List<Column<SummaryRow>> SUMMARY = summary();

  /** A candidate without the directions of plain states, in one layer. */
  static final List<Column<LayerRow>> SPECIFIC =
      List.of(
          new Column<>("layer", LayerRow::layer),
          new Column<>("subspace", row -> row.candidate().label()),
          new Column<>("specific_rank", LayerRow::specificRank),
          Column.number("specific_conc_act", row -> row.specific().concentration()),
          Column.number("specific_z_act", row -> row.specific().z()),
          Column.number("specific_energy_frac_act", row -> row.specific().energy()));

  /** A matrix that changed. */
  static final List<Column<DeltaRow>> DELTA =
      List.of(
          new Column<>("tensor", row -> plain(row.name())),
          new Column<>("role", row -> row.place().role().label()),
          new Column<>("layer", row -> row.place().layer() < 0 ? null : row.place().layer()),
          new Column<>("storage", DeltaRow::storage),
          new Column<>("rows", DeltaRow::rows),
          new Column<>("columns", DeltaRow::columns),
          Column.number("norm", DeltaRow::norm),
          Column.number("relative", DeltaRow::relative),
          Column.number("participation_rank", DeltaRow::participationRank),
          Column.number("stable_rank", DeltaRow::stableRank),
          Column.number("share_in_top_8", row -> row.leadingShare(LEADING)),
          Column.number("rounding_share", DeltaRow::roundingShare),
          new Column<>("rank_above_rounding", DeltaRow::distinct),
          new Column<>("usability", row -> row.usability().name()));

  /** What the deltas of a layer offer. */
  static final List<Column<TargetRow>> TARGET =
      List.of(
          new Column<>("layer", TargetRow::layer),
          new Column<>("target", TargetRow::target),
          Column.number("participation_rank", TargetRow::participationRank),
          Column.number("stable_rank", TargetRow::stableRank),
          Column.number("oracle_share", TargetRow::oracleShare));

  /** Overlaps of the oracles. */
  static final List<Column<ScopeRow>> SCOPE =
      List.of(
          new Column<>("layer", ScopeRow::layer),
          Column.number("overlap_w_act", ScopeRow::weightsWithCumulative),
          Column.number("overlap_w_block", ScopeRow::weightsWithBlock),
          Column.number("overlap_act_block", ScopeRow::cumulativeWithBlock),
          Column.number("block_norm", ScopeRow::blockNorm),
          Column.number("cumulative_norm", ScopeRow::cumulativeNorm));

  /** A delta against the matrix that it changes. */
  static final List<Column<SpectrumRow>> SPECTRUM =
      List.of(
          new Column<>("tensor", row -> plain(row.name())),
          new Column<>("role", row -> row.place().role().label()),
          new Column<>("layer", row -> row.place().layer() < 0 ? null : row.place().layer()),
          Column.number("norm", SpectrumRow::norm),
          Column.number("energy_top", SpectrumRow::topShare),
          Column.number("energy_bot", SpectrumRow::bottomShare),
          Column.number("null_top", SpectrumRow::topNull),
          Column.number("ratio_top", SpectrumRow::topRatio),
          Column.number("energy_in_frame", SpectrumRow::kept),
          Column.number("boundary_gap", SpectrumRow::boundaryGap),
          Column.number("energy_weak", SpectrumRow::weakShare),
          Column.number("null_weak", row -> row.weak() == 0 ? Double.NaN : row.weakNull()),
          Column.number("ratio_weak", row -> row.weak() == 0 ? Double.NaN : row.weakRatio()),
          new Column<>("intruders", SpectrumRow::intruders));

  private ExplainColumns() {}

  /** What the published tables call a candidate made of what is to be explained, or not. */
  static String kind(Candidate candidate) {
    return candidate.isCeiling() ? "ceiling" : "A-hypothesis";
  }

  /** Names come from files: no separator may be in a cell. */
  private static String plain(String name) {
    return name.replaceAll("[,\t\r\n\"]", "_");
  }

  private static List<Column<LayerRow>> layer() {
    List<Column<LayerRow>> columns = new ArrayList<>();
    columns.add(new Column<>("layer", LayerRow::layer));
    columns.add(new Column<>("subspace", row -> row.candidate().label()));
    columns.add(new Column<>("family", row -> row.candidate().family().label()));
    columns.add(new Column<>("axis_kind", row -> row.candidate().axis().label()));
    columns.add(new Column<>("source", row -> row.candidate().source().label()));
    columns.add(new Column<>("kind", row -> kind(row.candidate())));
    columns.add(new Column<>("rank", LayerRow::rank));
    score(columns, "act", "act", LayerRow::activation);
    score(columns, "w_oproj", "w_oproj", LayerRow::output);
    score(columns, "w_downproj", "w_downproj", LayerRow::down);
    score(columns, "w_combined", "w_combined", LayerRow::combined);
    columns.add(Column.number("cos_with_dW", LayerRow::cosineWithDelta));
    columns.add(Column.number("overlap_with_dW", LayerRow::overlapWithDelta));
    columns.add(new Column<>("published_columns", LayerRow::publishedColumns));
    columns.add(Column.number("boundary_gap", LayerRow::boundaryGap));
    columns.add(new Column<>("ill_posed", LayerRow::illPosed));
    return List.copyOf(columns);
  }

  private static <T> void score(
      List<Column<T>> columns, String name, String energy, Function<T, Score> score) {
    columns.add(Column.number("conc_" + name, row -> score.apply(row).concentration()));
    columns.add(Column.number("z_" + name, row -> score.apply(row).z()));
    columns.add(Column.number("energy_frac_" + energy, row -> score.apply(row).energy()));
    columns.add(
        Column.number("pct_oracle_" + name, row -> PERCENT * score.apply(row).oracleShare()));
  }

  private static List<Column<SummaryRow>> summary() {
    List<Column<SummaryRow>> columns = new ArrayList<>();
    columns.add(new Column<>("subspace", row -> row.candidate().label()));
    columns.add(new Column<>("family", row -> row.candidate().family().label()));
    columns.add(new Column<>("axis_kind", row -> row.candidate().axis().label()));
    columns.add(new Column<>("source", row -> row.candidate().source().label()));
    columns.add(new Column<>("kind", row -> kind(row.candidate())));
    columns.add(new Column<>("ranked", SummaryRow::ranked));
    mean(columns, "act", SummaryRow::activation);
    mean(columns, "w_oproj", SummaryRow::output);
    mean(columns, "w_downproj", SummaryRow::down);
    mean(columns, "w_combined", SummaryRow::combined);
    columns.add(Column.number("mean_cos_dW", SummaryRow::cosineWithDelta));
    columns.add(Column.number("mean_rank", SummaryRow::rank));
    columns.add(Column.number("joint_score", SummaryRow::jointScore));
    columns.add(Column.number("act_w_gap_log2", SummaryRow::gapLog2));
    columns.add(Column.number("joint_pct_oracle", row -> PERCENT * row.jointOracleShare()));
    columns.add(Column.number("mean_specific_conc_act", row -> row.specific().concentration()));
    columns.add(Column.number("mean_specific_z_act", row -> row.specific().z()));
    columns.add(Column.number("pct_act_of_ceiling", SummaryRow::activationOfCeiling));
    columns.add(Column.number("pct_w_oproj_of_ceiling", SummaryRow::outputOfCeiling));
    columns.add(Column.number("pct_w_downproj_of_ceiling", SummaryRow::downOfCeiling));
    columns.add(Column.number("pct_w_combined_of_ceiling", SummaryRow::combinedOfCeiling));
    return List.copyOf(columns);
  }

  private static void mean(
      List<Column<SummaryRow>> columns, String name, Function<SummaryRow, Score> score) {
    columns.add(Column.number("mean_conc_" + name, row -> score.apply(row).concentration()));
    columns.add(Column.number("mean_z_" + name, row -> score.apply(row).z()));
    columns.add(Column.number("mean_energy_frac_" + name, row -> score.apply(row).energy()));
    columns.add(
        Column.number("mean_pct_oracle_" + name, row -> PERCENT * score.apply(row).oracleShare()));
  }
}
