package dev.witnessmark.explain;

import dev.witnessmark.explain.candidate.Candidate;
import dev.witnessmark.explain.score.Score;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Means over layers.
 *
 * @param layers that are averaged over
 * @param headwise whether the variants with whole heads are ranked in place of the published ones
 */
record Summary(List<Integer> layers, boolean headwise) {

  /** One row per candidate that is in all the layers, the best joint score first. */
  List<SummaryRow> of(List<LayerRow> rows) {
    Map<Candidate, List<LayerRow>> byCandidate = new EnumMap<>(Candidate.class);
    for (LayerRow row : rows) {
      if (layers.contains(row.layer())) {
        byCandidate.computeIfAbsent(row.candidate(), _ -> new ArrayList<>()).add(row);
      }
    }
    byCandidate.values().removeIf(each -> each.size() < layers.size());
    Score activationCeiling =
        mean(
            byCandidate.getOrDefault(Candidate.TASK_DIFF_LORA_CEILING, List.of()),
            LayerRow::activation);
    List<LayerRow> weightCeiling =
        byCandidate.getOrDefault(Candidate.DW_LEFT_BASIS_CEILING, List.of());
    List<SummaryRow> summary = new ArrayList<>();
    byCandidate.forEach((candidate, each) -> {
      Score activation = mean(each, LayerRow::activation);
      Score output = mean(each, LayerRow::output);
      Score down = mean(each, LayerRow::down);
      Score combined = mean(each, LayerRow::combined);
      summary.add(
          new SummaryRow(
              candidate,
              isRanked(candidate),
              activation,
              output,
              down,
              combined,
              mean(each, LayerRow::specific),
              number(each, LayerRow::cosineWithDelta),
              number(each, LayerRow::rank),
              percent(activation, activationCeiling),
              percent(output, mean(weightCeiling, LayerRow::output)),
              percent(down, mean(weightCeiling, LayerRow::down)),
              percent(combined, mean(weightCeiling, LayerRow::combined))));
    });
    summary.sort(
        Comparator.comparingDouble((SummaryRow row) ->
                Double.isNaN(row.jointScore()) ? Double.POSITIVE_INFINITY : -row.jointScore())
            .thenComparing(SummaryRow::candidate));
    return summary;
  }

  private boolean isRanked(Candidate candidate) {
    return switch (candidate) {
      case QK_CIRCUIT, ATTN_OV_WRITE -> !headwise;
      case QK_CIRCUIT_HEADWISE, ATTN_OV_WRITE_HEADWISE -> headwise;
      default -> !candidate.isCeiling() && candidate.isPublished();
    };
  }

  private static Score mean(List<LayerRow> rows, Function<LayerRow, Score> score) {
    return new Score(
        number(rows, row -> score.apply(row).energy()),
        number(rows, row -> score.apply(row).concentration()),
        number(rows, row -> score.apply(row).z()),
        number(rows, row -> score.apply(row).oracleShare()));
  }

  private static double number(List<LayerRow> rows, ToDoubleFunction<LayerRow> of) {
    return rows.stream().mapToDouble(of).average().orElse(Double.NaN);
  }

  private static double percent(Score score, Score ceiling) {
    return 100 * score.concentration() / ceiling.concentration();
  }
}
