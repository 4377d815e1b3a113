package dev.witnessmark.report;

import dev.witnessmark.explain.DeltaRow;
import dev.witnessmark.explain.ExplainResult;
import dev.witnessmark.explain.SummaryRow;
import dev.witnessmark.explain.candidate.Candidate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the numbers say, in sentences made from them alone, with what they do not say. */
final class ExplainConclusion {

  private static final double CHANCE = 1;

  /** Standard deviations of chance that count as more than it. */
  private static final double BEYOND = 3;

  private ExplainConclusion() {}

  /** The sentences, one after the other. */
  static List<String> of(ExplainResult result) {
    List<String> sentences = new ArrayList<>();
    best(result, false).ifPresent(row -> sentences.add(sentence(result, row, "writing or mixed")));
    best(result, true)
        .ifPresent(row ->
            sentences.add(
                sentence(result, row, "reading")
                    + ". Of a subspace that is read, a share of what is written is coincidence of"
                    + " two spaces"));
    ceiling(result).ifPresent(sentences::add);
    long ill = result.rows().stream().filter(row -> row.illPosed()).count();
    if (ill > 0) {
      sentences.add(
          "%d of %d rows are ill-posed: the singular values hardly fall where they were cut"
              .formatted(ill, result.rows().size()));
    }
    long rounded =
        result.deltas().stream()
            .filter(delta -> delta.usability() != DeltaRow.Usability.USABLE)
            .count();
    if (rounded > 0) {
      sentences.add(
          "Of %d of %d deltas a tenth or more is rounding, or that cannot be told: what explains"
                  .formatted(rounded, result.deltas().size())
              + " them may explain rounding; the adapter itself has none");
    }
    if (result.captures().isEmpty()) {
      sentences.add(
          "Without activations this is about weights alone, and candidates made of activations are"
              + " missing");
    }
    sentences.add("One fine-tune has no error bars; share of energy in a subspace is no cause");
    return sentences;
  }

  private static Optional<SummaryRow> best(ExplainResult result, boolean reading) {
    List<Candidate> ranking =
        reading ? result.rankings().read() : result.rankings().writeAndMixed();
    return ranking.isEmpty()
        ? Optional.empty()
        : result.summary().stream()
            .filter(row -> row.candidate() == ranking.getFirst())
            .findFirst();
  }

  private static String sentence(ExplainResult result, SummaryRow row, String what) {
    double concentration = row.combined().concentration();
    boolean activations = !Double.isNaN(row.activation().concentration());
    String against =
        Math.abs(row.combined().z()) < BEYOND
            ? "no more than chance gives"
            : concentration > CHANCE ? "more than chance gives" : "less than chance gives";
    return "Of %s candidates %s is first by %s: weight deltas are %s times as concentrated there as in"
            .formatted(
                what,
                row.candidate().label(),
                result.rankings().by(),
                Numbers.measure(concentration))
        + " a random subspace (z %s, %s), %s of what the best subspace of its rank holds%s"
            .formatted(
                Numbers.measure(row.combined().z()),
                against,
                share(row.combined().oracleShare()),
                activations
                    ? "; activations %s times (z %s)"
                        .formatted(
                            Numbers.measure(row.activation().concentration()),
                            Numbers.measure(row.activation().z()))
                    : "");
  }

  private static String share(double share) {
    return Double.isNaN(share) ? Numbers.UNDEFINED : Numbers.percent(share);
  }

  private static Optional<String> ceiling(ExplainResult result) {
    return result.summary().stream()
        .filter(row -> row.candidate() == Candidate.DW_LEFT_BASIS_CEILING)
        .findFirst()
        .map(row ->
            "The leading directions of the deltas themselves, the weight ceiling, hold %s of their energy: %s times chance"
                .formatted(
                    share(row.combined().energy()),
                    Numbers.measure(row.combined().concentration())));
  }
}
