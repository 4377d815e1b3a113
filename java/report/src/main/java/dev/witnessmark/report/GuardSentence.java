package dev.witnessmark.report;

import dev.witnessmark.bench.guard.CellResult;
import dev.witnessmark.bench.guard.CellStatistics;
import dev.witnessmark.bench.guard.Interval;
import java.util.Locale;

/** The answer for one cell in a sentence, for reports that have no columns. */
final class GuardSentence {

  private GuardSentence() {}

  /** For example {@code slower: speed −3.4 % [−3.9, −2.8], A/A noise 0.6 %, 1210 → 1253 ns}. */
  static String of(CellResult cell) {
    String outcome = cell.outcome().label();
    CellStatistics statistics = cell.statistics();
    if (statistics == null) {
      return outcome + ": " + cell.explanation();
    }
    Interval interval = statistics.time().speedInterval();
    return String.format(
        Locale.ROOT,
        "%s: %sspeed %s %% [%s, %s], A/A noise %s, %s → %s ns",
        outcome,
        cell.explanation().isEmpty() ? "" : cell.explanation() + "; ",
        Numbers.signed(statistics.time().speed()),
        Numbers.signed(interval.low()),
        Numbers.signed(interval.high()),
        Numbers.percent(statistics.noise()),
        Numbers.measure(statistics.before().median()),
        Numbers.measure(statistics.after().median()));
  }
}
