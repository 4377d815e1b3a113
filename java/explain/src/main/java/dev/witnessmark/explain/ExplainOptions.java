package dev.witnessmark.explain;

import dev.witnessmark.explain.score.Null;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What is asked for.
 *
 * @param candidateWidth directions of every candidate (PCS)
 * @param broadWidth directions of what is projected away (K_BROAD), below the model's width
 * @param layers those that summaries average over; empty for all that were tuned
 * @param everyLayer whether rows are made for all layers, not only for those averaged over
 * @param nulls exact, or from draws
 * @param headwise whether the strict candidates with whole heads of keys and values are ranked; the
 *     published ones, which repeat rows in place, are if not. All are scored either way
 * @param sinkToken token of the attention sink, empty for what the model begins or ends texts with
 * @param quantisedDelta whether a delta of quantised weights, mostly rounding, is scored all the
 *     same
 * @param spectra whether deltas are held against the singular vectors of the matrices they change,
 *     which takes all of those
 * @param gramBytes bytes of Gram matrices kept between the two passes over the layers
 */
public record ExplainOptions(
    int candidateWidth,
    int broadWidth,
    Optional<LayerRange> layers,
    boolean everyLayer,
    Null.Mode nulls,
    boolean headwise,
    OptionalInt sinkToken,
    boolean quantisedDelta,
    boolean spectra,
    long gramBytes) {

  /** As published, but with exact nulls and whole heads. */
  public static final ExplainOptions DEFAULT =
      new ExplainOptions(
          8,
          64,
          Optional.empty(),
          false,
          new Null.Mode.Exact(),
          true,
          OptionalInt.empty(),
          false,
          true,
          1L << 30);

  public ExplainOptions {
    if (candidateWidth < 1 || broadWidth < candidateWidth) {
      throw new IllegalArgumentException(
          "%d directions, %d broadly".formatted(candidateWidth, broadWidth));
    }
  }

  /**
   * Consecutive layers.
   *
   * @param first number of the first, from 0
   * @param last number of the last
   */
  public record LayerRange(int first, int last) {
    public LayerRange {
      if (first < 0 || last < first) {
        throw new IllegalArgumentException("layers %d..%d".formatted(first, last));
      }
    }

    boolean contains(int layer) {
      return first <= layer && layer <= last;
    }
  }
}
