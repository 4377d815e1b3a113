package dev.witnessmark.causal.diff;

import dev.witnessmark.fingerprint.Projection;
import java.util.Comparator;

/**
 * One projection of one block. The order is by block, then by the projection's label.
 *
 * @param block number of the block
 * @param projection which of its projections
 */
public record HeadKey(long block, Projection projection) implements Comparable<HeadKey> {

  private static final Comparator<HeadKey> ORDER =
      Comparator.comparingLong(HeadKey::block).thenComparing(key -> key.projection().label());

  @Override
  public int compareTo(HeadKey other) {
    return ORDER.compare(this, other);
  }
}
