package dev.witnessmark.bench.guard;

import dev.witnessmark.bench.CellKey;
import org.jspecify.annotations.Nullable;

/**
 * The answer for one cell.
 *
 * @param key what was measured, as the old side has it, or the only side that has it
 * @param outcome the answer
 * @param reason why there is none, or null
 * @param explanation the reason with its numbers and what to do; empty where there is an answer
 * @param statistics the basis, or null if nothing was compared
 */
public record CellResult(
    CellKey key,
    Outcome outcome,
    @Nullable Reason reason,
    String explanation,
    @Nullable CellStatistics statistics) {

  static CellResult notCompared(CellKey key, Reason reason, String explanation) {
    return new CellResult(key, Outcome.NOT_COMPARED, reason, explanation, null);
  }
}
