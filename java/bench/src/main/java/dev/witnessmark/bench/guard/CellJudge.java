package dev.witnessmark.bench.guard;

import dev.witnessmark.bench.CellKey;
import dev.witnessmark.bench.guard.CellPair.CellSide;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Judges one cell. A change stands if all of this holds:
 *
 * <ol>
 *   <li>the bootstrap's interval of the ratio of medians lies outside 1 ± the threshold, which is
 *       the cell's own A/A noise and at least the smallest effect;
 *   <li>the rank test, corrected for the number of cells, is significant;
 *   <li>the medians are further apart than the timer resolves;
 *   <li>it is there in clock cycles as well, where the clock was sampled;
 *   <li>both halves of the samples show it.
 * </ol>
 *
 * <p>A cell is the same if its ratio is within the threshold, and the interval, widened by the
 * threshold, excludes a change of the sensitivity that was asked for: such a change would have
 * stood. Everything else is unclear.
 */
final class CellJudge {

  /**
   * Dropping the slowest share s of a normal sample moves its median to the (1−s)/2 quantile: 0.13
   * standard deviations for a tenth, 0.25 for a fifth. Up to a tenth that is less than half of the
   * standard error of a median of 20 (1.25/√20 = 0.28).
   */
  private static final double MOST_THROTTLED = 0.1;

  /**
   * Where memory lies and what a run-time compiles is dealt anew to every process: equal code was
   * seen 9 % apart from one process to the next, with samples that agreed to 2 %.
   */
  private static final String CPU = "cpu";

  private final GuardOptions options;
  private final Bootstrap bootstrap;
  private final boolean interleaved;

  /**
   * @param interleaved whether both sides were measured in turns, so that what drifts, drifts alike
   */
  CellJudge(GuardOptions options, boolean interleaved) {
    this.options = options;
    this.interleaved = interleaved;
    bootstrap = new Bootstrap(options.resamples(), 1 - options.alpha());
  }

  /** The statistics of a pair that has samples on both sides; not yet corrected for other cells. */
  CellStatistics measure(CellPair pair) {
    boolean forksAreUnits = pair.forksAreUnits();
    Sample before = pair.before().times(forksAreUnits);
    Sample after = pair.after().times(forksAreUnits);
    long seed = seed(pair.key());
    double noise = noise(pair, before, after, seed);
    double p = MannWhitney.pValue(before, after);
    return new CellStatistics(
        pair.before().summary(forksAreUnits),
        pair.after().summary(forksAreUnits),
        change(before, after, seed),
        cycles(pair, seed),
        Quantiles.median(after.firstHalf()) / Quantiles.median(before.firstHalf()),
        Quantiles.median(after.secondHalf()) / Quantiles.median(before.secondHalf()),
        noise,
        Math.max(noise, options.minEffect()),
        p,
        p,
        null);
  }

  private double noise(CellPair pair, Sample before, Sample after, long seed) {
    double quantile = 1 - options.alpha();
    double noise =
        Math.max(
            Math.max(
                AaNoise.ofHalves(before, quantile, seed), AaNoise.ofHalves(after, quantile, seed)),
            Math.max(measured(pair.before(), quantile), measured(pair.after(), quantile)));
    // Measured one after the other, the sides can be as far apart as both of them wander.
    return interleaved ? noise : Math.max(noise, AaNoise.drift(before) + AaNoise.drift(after));
  }

  private static double measured(CellSide side, double quantile) {
    return AaNoise.ofRatios(
        side.cell().aaRatios().stream().mapToDouble(Double::doubleValue).toArray(), quantile);
  }

  private @Nullable Change cycles(CellPair pair, long seed) {
    Sample before = pair.before().cycles(pair.forksAreUnits());
    Sample after = pair.after().cycles(pair.forksAreUnits());
    return before == null || after == null ? null : change(before, after, seed);
  }

  private Change change(Sample before, Sample after, long seed) {
    return new Change(
        after.median() / before.median(), bootstrap.ratioOfMedians(after, before, seed));
  }

  /** Drawn from what was measured, so that the same files always give the same answer. */
  private static long seed(CellKey key) {
    CRC32 checksum = new CRC32();
    checksum.update(key.label().getBytes(StandardCharsets.UTF_8));
    return checksum.getValue();
  }

  /**
   * The answer.
   *
   * @param statistics those of {@code pair}, corrected for other cells
   * @param cells how many cells are judged together
   */
  CellResult judge(CellPair pair, CellStatistics statistics, int cells) {
    Unclear unclear = hindrance(pair, cells);
    Change time = statistics.time();
    if (unclear == null && time.beyond(statistics.threshold())) {
      unclear = doubt(pair, statistics);
      if (unclear == null) {
        return new CellResult(
            pair.key(),
            time.slower(statistics.threshold()) ? Outcome.SLOWER : Outcome.FASTER,
            null,
            "",
            statistics);
      }
    }
    if (unclear == null) {
      unclear = blindness(pair, statistics);
    }
    return unclear == null
        ? new CellResult(pair.key(), Outcome.SAME, null, "", statistics)
        : new CellResult(
            pair.key(), Outcome.UNCLEAR, unclear.reason(), unclear.explanation(), statistics);
  }

  /** What keeps any answer from being given. */
  private @Nullable Unclear hindrance(CellPair pair, int cells) {
    for (CellSide side : new CellSide[] {pair.before(), pair.after()}) {
      if (side.throttled() > MOST_THROTTLED * side.taken()) {
        return new Unclear(
            Reason.THROTTLED,
            "%d of %d samples throttled; run again".formatted(side.throttled(), side.taken()));
      }
    }
    boolean forksAreUnits = pair.forksAreUnits();
    int before = pair.before().times(forksAreUnits).units().length;
    int after = pair.after().times(forksAreUnits).units().length;
    double level = options.alpha() / cells;
    return MannWhitney.smallest(before, after) <= level
        ? null
        : new Unclear(
            Reason.TOO_FEW,
            "%d and %d %s; %d a side are needed with %d %s"
                .formatted(
                    before,
                    after,
                    forksAreUnits ? "forks" : "samples",
                    MannWhitney.unitsNeeded(level),
                    cells,
                    cells == 1 ? "cell" : "cells"));
  }

  /** Why a change outside the noise does not stand. */
  private @Nullable Unclear doubt(CellPair pair, CellStatistics statistics) {
    if (!pair.forksAreUnits() && pair.key().device().kind().equals(CPU)) {
      return new Unclear(
          Reason.ONE_FORK,
          "time %s, but from one process a side, and processes differ; measure with more forks"
              .formatted(percent(statistics.time().ratio() - 1)));
    }
    if (statistics.adjustedP() > options.alpha()) {
      return new Unclear(
          Reason.NOT_SIGNIFICANT,
          String.format(
              Locale.ROOT,
              "ranks could be chance (p = %.3g, corrected for all cells); measure more",
              statistics.adjustedP()));
    }
    double apart = Math.abs(statistics.after().median() - statistics.before().median());
    Unclear timer = timer(pair, apart, "the medians are");
    if (timer != null) {
      return timer;
    }
    boolean slower = statistics.time().slower(statistics.threshold());
    Change cycles = statistics.cycles();
    if (cycles != null
        && !(slower
            ? cycles.slower(statistics.threshold())
            : cycles.faster(statistics.threshold()))) {
      return clock(statistics, cycles);
    }
    double bound = slower ? 1 + statistics.threshold() : 1 - statistics.threshold();
    boolean steady =
        slower
            ? Math.min(statistics.firstHalf(), statistics.secondHalf()) > bound
            : Math.max(statistics.firstHalf(), statistics.secondHalf()) < bound;
    return steady
        ? null
        : new Unclear(
            Reason.NOT_STEADY,
            "time %s in the first half of the samples, %s in the second; run again"
                .formatted(
                    percent(statistics.firstHalf() - 1), percent(statistics.secondHalf() - 1)));
  }

  /** Why it cannot be said that nothing changed. */
  private @Nullable Unclear blindness(CellPair pair, CellStatistics statistics) {
    Change time = statistics.time();
    if (Math.abs(time.ratio() - 1) > statistics.threshold()) {
      return new Unclear(
          Reason.NOT_SIGNIFICANT,
          "time %s, but from %s to %s with noise %s; measure more"
              .formatted(
                  percent(time.ratio() - 1),
                  percent(time.interval().low() - 1),
                  percent(time.interval().high() - 1),
                  magnitude(statistics.noise())));
    }
    // A change stands if its interval clears the noise: with less room than that, one could hide.
    if (!time.interval().within(1, options.sensitivity() - statistics.threshold())) {
      return new Unclear(
          Reason.NOISE,
          "noise %s, time from %s to %s: a change of %s could hide; measure more"
              .formatted(
                  magnitude(statistics.noise()),
                  percent(time.interval().low() - 1),
                  percent(time.interval().high() - 1),
                  magnitude(options.sensitivity())));
    }
    Unclear timer =
        timer(
            pair,
            options.sensitivity() * statistics.before().median(),
            "a change of " + magnitude(options.sensitivity()) + " is");
    if (timer != null) {
      return timer;
    }
    Change cycles = statistics.cycles();
    return cycles != null && cycles.beyond(statistics.threshold())
        ? clock(statistics, cycles)
        : null;
  }

  /** Says that a difference of {@code apart} nanoseconds is too small for the timer, if it is. */
  private static @Nullable Unclear timer(CellPair pair, double apart, String what) {
    double resolution =
        Math.max(pair.before().device().timerResolution(), pair.after().device().timerResolution());
    long launches =
        Math.min(pair.before().cell().launchesPerSample(), pair.after().cell().launchesPerSample());
    return apart * launches > resolution
        ? null
        : new Unclear(
            Reason.BELOW_TIMER,
            String.format(
                Locale.ROOT,
                "%s %.4g ns apart over %d launches, the timer resolves %.4g; more launches per sample",
                what,
                apart * launches,
                launches,
                resolution));
  }

  private static Unclear clock(CellStatistics statistics, Change cycles) {
    return new Unclear(
        Reason.CLOCK,
        String.format(
            Locale.ROOT,
            "time %s, but cycles %s at %.0f → %.0f MHz: the clock changed; run again",
            percent(statistics.time().ratio() - 1),
            percent(cycles.ratio() - 1),
            statistics.before().megahertz(),
            statistics.after().megahertz()));
  }

  private static String percent(double share) {
    // Adding zero turns what was rounded to −0 into 0.
    double rounded = Math.rint(1000 * share) / 10 + 0.0;
    return String.format(Locale.ROOT, "%+.1f %%", rounded).replace('-', '−');
  }

  private static String magnitude(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  private record Unclear(Reason reason, String explanation) {}
}
