package dev.witnessmark.explain;

import dev.witnessmark.explain.source.CaptureDescription;
import java.util.List;
import java.util.Optional;

/**
 * What was found.
 *
 * @param base as named
 * @param tuned as named
 * @param options what was asked for
 * @param width of the hidden state
 * @param layers number of blocks
 * @param averaged layers that summaries average over
 * @param captures what the activations are of, empty without any
 * @param deltas every matrix that changed
 * @param unchanged number of matrices that did not
 * @param usability the worst of the deltas that scores are made of
 * @param targets what there is to be explained in the weights, layer by layer
 * @param label the same in the activations
 * @param rows candidates by layer
 * @param summary candidates over the averaged layers, best joint score first
 * @param rankings the order of the candidates
 * @param unavailable candidates that could not be made, and why
 * @param scope overlaps of the oracles, empty without the block's own label
 * @param spectra deltas against the singular vectors of their matrices, empty if not asked for
 * @param notes what else should be known: directions dropped, tensors left out
 */
public record ExplainResult(
    String base,
    String tuned,
    ExplainOptions options,
    int width,
    int layers,
    List<Integer> averaged,
    Optional<CaptureDescription> captures,
    List<DeltaRow> deltas,
    int unchanged,
    DeltaRow.Usability usability,
    List<TargetRow> targets,
    List<LabelRow> label,
    List<LayerRow> rows,
    List<SummaryRow> summary,
    Rankings rankings,
    List<Unavailable> unavailable,
    List<ScopeRow> scope,
    List<SpectrumRow> spectra,
    List<String> notes) {

  /** By how much overlap with the block's own label must exceed that with the whole one. */
  private static final double HELPS = 0.01;

  public ExplainResult {
    averaged = List.copyOf(averaged);
    deltas = List.copyOf(deltas);
    targets = List.copyOf(targets);
    label = List.copyOf(label);
    rows = List.copyOf(rows);
    summary = List.copyOf(summary);
    unavailable = List.copyOf(unavailable);
    scope = List.copyOf(scope);
    spectra = List.copyOf(spectra);
    notes = List.copyOf(notes);
  }

  /**
   * Whether the block's own label lies closer to the weights, on the mean of the layers averaged.
   */
  public boolean blockHelps() {
    return scope.stream()
            .filter(row -> averaged.contains(row.layer()))
            .mapToDouble(row -> row.weightsWithBlock() - row.weightsWithCumulative())
            .average()
            .orElse(0)
        > HELPS;
  }
}
