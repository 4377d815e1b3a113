package dev.witnessmark.parity.trace;

import dev.witnessmark.capture.Manifest;
import dev.witnessmark.capture.Provenance;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What a trace did.
 *
 * @param provenance what ran
 * @param sequence the tokens, generated ones included
 * @param logits of the last position
 * @param manifest what is on disk, where stages were captured
 * @param summaries of every stage, where they were asked for
 * @param residentLayers layers whose weights stayed on the device
 * @param quantisedRows rows that were looked at for crushed blocks
 * @param crushedRows rows that took float32 activations because of one
 */
public record TraceResult(
    Provenance provenance,
    Sequence sequence,
    float[] logits,
    Optional<Manifest> manifest,
    List<StageSummary> summaries,
    int residentLayers,
    long quantisedRows,
    long crushedRows) {

  public TraceResult {
    summaries = List.copyOf(summaries);
  }

  /** The tokens of the largest logits, largest first; equal ones by id. */
  public List<Integer> likeliest(int most) {
    return IntStream.range(0, logits.length)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer token) -> -logits[token]))
        .limit(most)
        .toList();
  }
}
