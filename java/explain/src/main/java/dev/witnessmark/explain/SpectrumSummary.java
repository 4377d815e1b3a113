package dev.witnessmark.explain;

import dev.witnessmark.model.Role;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Deltas of one kind of matrix against the singular vectors of what they change, over all layers.
 *
 * @param role what the matrices are for
 * @param count number of them
 * @param meanNorm mean Frobenius norm of the deltas
 * @param topRatio how many times more of them lies among the leading vectors than by chance
 * @param weakRatio how many times more is written where it is hardly read than by chance; NaN for
 *     matrices that do not write
 * @param intruders singular vectors that the matrices did not have before, all together
 */
public record SpectrumSummary(
    Role role, int count, double meanNorm, Spread topRatio, Spread weakRatio, int intruders) {

  /**
   * Mean and standard deviation, {@code n − 1} below.
   *
   * @param deviation NaN of one value
   */
  public record Spread(double mean, double deviation) {

    static Spread of(List<SpectrumRow> rows, ToDoubleFunction<SpectrumRow> value) {
      double mean = rows.stream().mapToDouble(value).average().orElse(Double.NaN);
      double squares =
          rows.stream().mapToDouble(value).map(each -> (each - mean) * (each - mean)).sum();
      return new Spread(mean, Math.sqrt(squares / (rows.size() - 1)));
    }
  }

  /** One summary per role, in the order of the forward pass. */
  static List<SpectrumSummary> of(List<SpectrumRow> rows) {
    Map<Role, List<SpectrumRow>> byRole = new EnumMap<>(Role.class);
    rows.forEach(
        row -> byRole.computeIfAbsent(row.place().role(), _ -> new ArrayList<>()).add(row));
    List<SpectrumSummary> summaries = new ArrayList<>();
    byRole.forEach((role, each) ->
        summaries.add(
            new SpectrumSummary(
                role,
                each.size(),
                each.stream().mapToDouble(SpectrumRow::norm).average().orElse(Double.NaN),
                Spread.of(each, SpectrumRow::topRatio),
                Spread.of(each, SpectrumRow::weakRatio),
                each.stream().mapToInt(SpectrumRow::intruders).sum())));
    return summaries;
  }
}
