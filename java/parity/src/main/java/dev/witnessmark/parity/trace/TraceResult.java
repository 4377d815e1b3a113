package dev.witnessmark.parity.trace;

import dev.witnessmark.capture.Manifest;
import dev.witnessmark.capture.Provenance;
import java.util.List;
import java.util.Optional;

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
}
