package dev.witnessmark.causal.diff;

import dev.witnessmark.causal.truth.Truth;
import dev.witnessmark.fingerprint.Projection;
import java.util.OptionalLong;

/**
 * An edge in 64 bits: from the top block (6 bits), projection (4), verb (2), row (16), L1 distance
 * (16), frequency (10), confidence (10).
 *
 * <p>What does not fit is lost: block 64 looks like block 0 and so does no block at all, row 65,536
 * like row 0, distances above 65,535 like 65,535. {@link #fits} tells. Frequency and confidence
 * keep three digits; the frequency of a diff packs to 0 for every distance below 545, which is
 * nearly every edge between real models.
 *
 * @param word the 64 bits
 */
public record PackedEdge(long word) {

  private static final int BLOCK_AT = 58;
  private static final int PROJECTION_AT = 54;
  private static final int VERB_AT = 52;
  private static final int ROW_AT = 36;
  private static final int DISTANCE_AT = 20;
  private static final int FREQUENCY_AT = 10;

  private static final int LARGEST_BLOCK = 63;
  private static final int LARGEST_PROJECTION = 15;
  private static final int LARGEST_VERB = 3;
  private static final int LARGEST_ROW = 65_535;
  private static final int LARGEST_DISTANCE = 65_535;

  /** The largest number of ten bits, which stands for 1. */
  private static final int ONE = 1023;

  /** Packs an edge between fingerprints. */
  public static PackedEdge of(Edge edge) {
    return of(
        edge.block(),
        edge.projection(),
        edge.verb(),
        edge.row(),
        (long) edge.distance(),
        edge.truth().frequency(),
        edge.truth().confidence());
  }

  /** Packs the fields of an edge. */
  public static PackedEdge of(
      OptionalLong block,
      Projection projection,
      Verb verb,
      long row,
      long distance,
      float frequency,
      float confidence) {
    return new PackedEdge(
        (block.orElse(0) & LARGEST_BLOCK) << BLOCK_AT
            | (long) projection.code() << PROJECTION_AT
            | (long) verb.code() << VERB_AT
            | (row & LARGEST_ROW) << ROW_AT
            | Math.min(distance, LARGEST_DISTANCE) << DISTANCE_AT
            | tenBits(frequency) << FREQUENCY_AT
            | tenBits(confidence));
  }

  /** Whether block, row and distance come back as they were. */
  public static boolean fits(OptionalLong block, long row, long distance) {
    return block.isPresent()
        && block.getAsLong() <= LARGEST_BLOCK
        && row <= LARGEST_ROW
        && distance <= LARGEST_DISTANCE;
  }

  /** {@code value · 1023} in float32, rounded half away from zero, in ten bits. */
  private static long tenBits(float value) {
    float scaled = value * ONE;
    float whole = (float) Math.floor(scaled);
    return (long) (scaled - whole >= 0.5f ? whole + 1 : whole) & ONE;
  }

  public int block() {
    return (int) (word >>> BLOCK_AT);
  }

  public Projection projection() {
    return Projection.ofCode((int) (word >>> PROJECTION_AT) & LARGEST_PROJECTION);
  }

  public Verb verb() {
    return Verb.ofCode((int) (word >>> VERB_AT) & LARGEST_VERB);
  }

  public int row() {
    return (int) (word >>> ROW_AT) & LARGEST_ROW;
  }

  public int distance() {
    return (int) (word >>> DISTANCE_AT) & LARGEST_DISTANCE;
  }

  public float frequency() {
    return (float) ((word >>> FREQUENCY_AT) & ONE) / ONE;
  }

  public float confidence() {
    return (float) (word & ONE) / ONE;
  }

  /** Frequency and confidence; the latter at most {@link Truth#HIGHEST_CONFIDENCE}. */
  public Truth truth() {
    return Truth.of(frequency(), confidence());
  }
}
