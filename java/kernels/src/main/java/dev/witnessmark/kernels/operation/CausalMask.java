package dev.witnessmark.kernels.operation;

/**
 * Which positions are seen by the last ones of a sequence: query i is at position {@code positions
 * - queries + i} and sees all up to and with its own.
 *
 * @param queries number of positions that ask
 * @param positions length of the sequence, those of the queries included
 */
public record CausalMask(int queries, int positions) {

  public CausalMask {
    Check.positive("queries", queries);
    Check.notMore("queries", queries, "cached", positions);
  }

  /** How many positions query {@code query} sees: the first ones. */
  public int visible(int query) {
    return positions - queries + query + 1;
  }

  /** Pairs of a query and a position that it sees. */
  public long pairs() {
    return (long) queries * positions - (long) queries * (queries - 1) / 2;
  }
}
