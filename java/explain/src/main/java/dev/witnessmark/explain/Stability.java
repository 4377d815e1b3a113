package dev.witnessmark.explain;

import dev.witnessmark.explain.candidate.Axis;
import dev.witnessmark.explain.candidate.Candidate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * How stable the order of the candidates is over several fine-tunes. Only candidates that are
 * ranked in all of them are compared; places are counted among these, from 1.
 *
 * @param rows candidates of both rankings, by mean place within each
 * @param agreementOfWriting Kendall's W of the ranking of writing and mixed candidates: 1 if all
 *     fine-tunes order them alike, 0 if there is nothing in common; NaN with fewer than two of them
 * @param agreementOfReading the same of the candidates that read
 */
public record Stability(List<Row> rows, double agreementOfWriting, double agreementOfReading) {

  /**
   * One candidate.
   *
   * @param candidate which
   * @param places its place for each fine-tune
   */
  public record Row(Candidate candidate, List<Integer> places) {

    public Row {
      places = List.copyOf(places);
    }

    /** Mean place. */
    public double mean() {
      return places.stream().mapToInt(place -> place).average().orElse(Double.NaN);
    }

    /** Best place. */
    public int best() {
      return places.stream().mapToInt(place -> place).min().orElse(0);
    }

    /** Worst place. */
    public int worst() {
      return places.stream().mapToInt(place -> place).max().orElse(0);
    }
  }

  public Stability {
    rows = List.copyOf(rows);
  }

  /** Compares the rankings of at least two results. */
  public static Stability of(List<ExplainResult> results) {
    List<Row> writing =
        rows(results.stream().map(result -> result.rankings().writeAndMixed()).toList());
    List<Row> reading = rows(results.stream().map(result -> result.rankings().read()).toList());
    List<Row> all = new ArrayList<>(writing);
    all.addAll(reading);
    return new Stability(
        all, agreement(writing, results.size()), agreement(reading, results.size()));
  }

  private static List<Row> rows(List<List<Candidate>> rankings) {
    Set<Candidate> common = new TreeSet<>(rankings.getFirst());
    rankings.forEach(common::retainAll);
    Map<Candidate, List<Integer>> places = new EnumMap<>(Candidate.class);
    for (List<Candidate> ranking : rankings) {
      List<Candidate> here = ranking.stream().filter(common::contains).toList();
      for (int i = 0; i < here.size(); i++) {
        places.computeIfAbsent(here.get(i), each -> new ArrayList<>()).add(i + 1);
      }
    }
    return places.entrySet().stream()
        .map(each -> new Row(each.getKey(), each.getValue()))
        .sorted(Comparator.comparingDouble(Row::mean).thenComparing(row -> row.candidate().label()))
        .toList();
  }

  /** {@code 12·Σ(R − mean R)² / (m²·(n³ − n))} for n candidates and m rankings without ties. */
  private static double agreement(List<Row> rows, int rankings) {
    double n = rows.size();
    if (n < 2) {
      return Double.NaN;
    }
    double expected = rankings * (n + 1) / 2;
    double squares = 0;
    for (Row row : rows) {
      double sum = row.places().stream().mapToInt(place -> place).sum();
      squares += (sum - expected) * (sum - expected);
    }
    return 12 * squares / ((double) rankings * rankings * (n * n * n - n));
  }

  /** The rows of one ranking. */
  public List<Row> rows(boolean reading) {
    return rows.stream().filter(row -> (row.candidate().axis() == Axis.READ) == reading).toList();
  }
}
