package dev.witnessmark.causal.diff;

import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Rows beyond each of {@link UnrelatedRows#FRACTIONS}: what a threshold in units of the null would
 * count.
 *
 * @param counts one number for each fraction
 */
public record Ladder(List<Long> counts) {

  static final Ladder EMPTY = new Ladder(Collections.nCopies(UnrelatedRows.FRACTIONS.size(), 0L));

  public Ladder {
    counts = List.copyOf(counts);
  }

  Ladder plus(Ladder other) {
    return new Ladder(
        IntStream.range(0, counts.size())
            .mapToObj(i -> counts.get(i) + other.counts.get(i))
            .toList());
  }
}
