package dev.witnessmark.explain;

import dev.witnessmark.explain.candidate.Axis;
import dev.witnessmark.explain.candidate.Candidate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * How far scores depend on which prompts happened to be asked: prompts are drawn with replacement,
 * the same ones in all layers and for all candidates. Weights do not vary.
 *
 * @param draws how often
 * @param seed of the generator
 * @param rows candidates that are ranked and have a joint score, the best first
 */
public record Bootstrap(int draws, long seed, List<Row> rows) {

  /** Share of the draws on either side of an interval. */
  private static final double TAIL = 0.025;

  /**
   * A candidate over all draws.
   *
   * @param candidate which
   * @param activation 95 % of its mean concentration on activations
   * @param joint 95 % of its joint score
   * @param firstShare share of draws in which it is the best of its ranking
   * @param places 95 % of its place in its ranking, from 1
   */
  public record Row(
      Candidate candidate,
      Interval activation,
      Interval joint,
      double firstShare,
      Interval places) {}

  /** From {@code low} to {@code high}. */
  public record Interval(double low, double high) {

    static Interval of(double[] values) {
      double[] sorted = values.clone();
      Arrays.sort(sorted);
      int cut = (int) (TAIL * sorted.length);
      return new Interval(sorted[cut], sorted[sorted.length - 1 - cut]);
    }
  }

  /** The draws of one candidate. */
  private record Drawn(SummaryRow row, double[] activations, double[] joint, double[] places) {}

  /**
   * Draws prompts.
   *
   * @param result with activations
   */
  public static Bootstrap of(ExplainResult result, int draws, long seed) {
    List<Drawn> all = new ArrayList<>();
    Map<Candidate, List<LayerRow>> layers = new EnumMap<>(Candidate.class);
    for (LayerRow row : result.rows()) {
      if (result.averaged().contains(row.layer())) {
        layers.computeIfAbsent(row.candidate(), _ -> new ArrayList<>()).add(row);
      }
    }
    for (SummaryRow row : result.summary()) {
      if (row.ranked() && !Double.isNaN(row.jointScore())) {
        all.add(new Drawn(row, new double[draws], new double[draws], new double[draws]));
      }
    }
    SplittableRandom random = new SplittableRandom(seed);
    for (int draw = 0; draw < draws; draw++) {
      int[] counts = null;
      for (Drawn each : all) {
        List<LayerRow> rows = layers.getOrDefault(each.row().candidate(), List.of());
        int prompts = rows.getFirst().promptShares().length;
        counts = counts == null ? counts(random, prompts) : counts;
        double sum = 0;
        for (LayerRow row : rows) {
          sum += concentration(row, counts, result.width());
        }
        each.activations()[draw] = sum / rows.size();
        each.joint()[draw] =
            Math.sqrt(each.activations()[draw] * each.row().combined().concentration());
      }
      place(all.stream().filter(each -> isRead(each)).toList(), draw);
      place(all.stream().filter(each -> !isRead(each)).toList(), draw);
    }
    return new Bootstrap(
        draws,
        seed,
        all.stream()
            .map(each ->
                new Row(
                    each.row().candidate(),
                    Interval.of(each.activations()),
                    Interval.of(each.joint()),
                    Arrays.stream(each.places()).filter(place -> place == 1).count()
                        / (double) draws,
                    Interval.of(each.places())))
            .toList());
  }

  private static boolean isRead(Drawn drawn) {
    return drawn.row().candidate().axis() == Axis.READ;
  }

  /** How often each of {@code prompts} was drawn. */
  private static int[] counts(SplittableRandom random, int prompts) {
    int[] counts = new int[prompts];
    for (int i = 0; i < prompts; i++) {
      counts[random.nextInt(prompts)]++;
    }
    return counts;
  }

  private static double concentration(LayerRow row, int[] counts, int width) {
    double energy = 0;
    for (int i = 0; i < counts.length; i++) {
      energy += counts[i] * row.promptShares()[i];
    }
    return row.rank() == 0 ? 0 : energy / counts.length * width / row.rank();
  }

  private static void place(List<Drawn> ranking, int draw) {
    List<Drawn> sorted = new ArrayList<>(ranking);
    sorted.sort(Comparator.comparingDouble(each -> -each.joint()[draw]));
    for (int i = 0; i < sorted.size(); i++) {
      sorted.get(i).places()[draw] = i + 1;
    }
  }
}
