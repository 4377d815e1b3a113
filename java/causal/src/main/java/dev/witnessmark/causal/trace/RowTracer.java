package dev.witnessmark.causal.trace;

import dev.witnessmark.causal.diff.Edge;
import dev.witnessmark.causal.diff.EdgeSink;
import dev.witnessmark.causal.diff.FingerprintPairs;
import dev.witnessmark.fingerprint.Fingerprint;
import dev.witnessmark.fingerprint.FingerprintTensor;
import dev.witnessmark.verdict.CouldNotCompare;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Takes down the rows that shifted, which then are the candidates of a {@link BackwardTrace}. */
public final class RowTracer implements EdgeSink {

  /** Candidates that are compared at every step. */
  private static final int MOST_CANDIDATES = 1 << 20;

  private final EdgeSink next;
  private final List<Edge> edges = new ArrayList<>();

  /**
   * @param next takes the edges too
   */
  public RowTracer(EdgeSink next) {
    this.next = next;
  }

  @Override
  public void accept(Edge edge) throws IOException {
    if (edges.size() == MOST_CANDIDATES) {
      throw new CouldNotCompare(
          "more than %d rows shifted: too many to trace back; raise the threshold"
              .formatted(MOST_CANDIDATES));
    }
    edges.add(edge);
    next.accept(edge);
  }

  /**
   * Traces a row of the tuned model back through the rows that were taken down.
   *
   * @param pairs what was compared
   * @param tensor name in the base
   * @throws CouldNotCompare if there is no such row
   */
  public RowTrace trace(
      FingerprintPairs pairs, String tensor, long row, int depth, long threshold, boolean revisit)
      throws IOException {
    Map<String, FingerprintTensor> tuned = new HashMap<>();
    for (int i = 0; i < pairs.pairs().size(); i++) {
      tuned.put(pairs.pairs().get(i).name(), pairs.tunedTensors().get(i));
    }
    FingerprintTensor traced = tuned.get(tensor);
    if (traced == null) {
      throw new CouldNotCompare(
          tensor + ": is not among the compared tensors; names are those of the base");
    }
    if (row < 0 || row >= traced.rows()) {
      throw new CouldNotCompare("%s has no row %d, only %d".formatted(tensor, row, traced.rows()));
    }
    List<Fingerprint> candidates = new ArrayList<>(edges.size());
    for (Edge edge : edges) {
      FingerprintTensor from = tuned.get(edge.tensor());
      if (from == null) {
        throw new IllegalStateException(edge.tensor());
      }
      candidates.add(read(from, edge.row()));
    }
    BackwardTrace found =
        BackwardTrace.of(read(traced, row), candidates, depth, threshold, revisit);
    return new RowTrace(
        tensor,
        row,
        candidates.size(),
        revisit,
        found.steps().stream()
            .map(step -> new RowTrace.TracedRow(edges.get(step.candidate()), step))
            .toList());
  }

  private static Fingerprint read(FingerprintTensor tensor, long row) throws IOException {
    short[] values = new short[Fingerprint.DIMENSIONS];
    tensor.read(row, 1, values);
    return Fingerprint.row(values, 0);
  }
}
