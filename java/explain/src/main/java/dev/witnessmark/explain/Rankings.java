package dev.witnessmark.explain;

import dev.witnessmark.explain.candidate.Axis;
import dev.witnessmark.explain.candidate.Candidate;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Candidates by how much they explain, best first; reading apart from the rest, ceilings nowhere.
 *
 * @param by {@code joint score}, or {@code weights} where there are no activations
 * @param writeAndMixed candidates that write, or are both
 * @param read candidates that read: their score on weights is coincidence of two spaces
 * @param withoutScore candidates that have no number in some layer
 * @param onBothAxes candidates among the five best by activations, and among the five best writing
 *     or mixed ones by weights; by name
 */
public record Rankings(
    String by,
    List<Candidate> writeAndMixed,
    List<Candidate> read,
    List<Candidate> withoutScore,
    List<Candidate> onBothAxes) {

  private static final int BEST = 5;

  /**
   * Ranks the rows that may be.
   *
   * @param activations whether there is an activation target
   */
  static Rankings of(List<SummaryRow> summary, boolean activations) {
    ToDoubleFunction<SummaryRow> score =
        activations ? SummaryRow::jointScore : row -> row.combined().concentration();
    List<SummaryRow> ranked = summary.stream().filter(SummaryRow::ranked).toList();
    return new Rankings(
        activations ? "joint score" : "weights",
        best(ranked.stream().filter(row -> row.candidate().axis() != Axis.READ), score).toList(),
        best(ranked.stream().filter(row -> row.candidate().axis() == Axis.READ), score).toList(),
        ranked.stream()
            .filter(row -> Double.isNaN(score.applyAsDouble(row)))
            .map(SummaryRow::candidate)
            .toList(),
        onBothAxes(ranked));
  }

  private static List<Candidate> onBothAxes(List<SummaryRow> ranked) {
    TreeSet<Candidate> both = new TreeSet<>(Comparator.comparing(Candidate::label));
    both.addAll(
        best(ranked.stream(), row -> row.activation().concentration()).limit(BEST).toList());
    both.retainAll(
        best(
                ranked.stream().filter(row -> row.candidate().axis() != Axis.READ),
                row -> row.combined().concentration())
            .limit(BEST)
            .toList());
    return List.copyOf(both);
  }

  private static Stream<Candidate> best(
      Stream<SummaryRow> rows, ToDoubleFunction<SummaryRow> score) {
    return rows.filter(row -> !Double.isNaN(score.applyAsDouble(row)))
        .sorted(Comparator.comparingDouble(score).reversed())
        .map(SummaryRow::candidate);
  }
}
