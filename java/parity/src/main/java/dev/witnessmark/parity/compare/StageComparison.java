package dev.witnessmark.parity.compare;

import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.parity.measure.StageMetrics;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A stage on both sides.
 *
 * @param key which one
 * @param sameBits whether every bit is equal
 * @param metrics how far B is from A
 * @param truth how far both are from the truth
 * @param ownA what A is off by itself
 * @param ownB what B is off by itself
 * @param inherited of the whole distance, relative to the rms of A, what is there already when the
 *     stage is computed on A's path from B's inputs: what came in from before
 * @param added the rest: B's distance from that
 * @param remarks crushed blocks, cancellation
 */
public record StageComparison(
    StageKey key,
    boolean sameBits,
    StageMetrics metrics,
    Optional<Truth> truth,
    Optional<OwnError> ownA,
    Optional<OwnError> ownB,
    @Nullable Double inherited,
    @Nullable Double added,
    List<String> remarks) {

  public StageComparison {
    remarks = List.copyOf(remarks);
  }

  /**
   * Distances from the truth.
   *
   * @param a of A
   * @param b of B
   */
  public record Truth(StageMetrics a, StageMetrics b) {

    /** The side that is further away: A, B, or empty where they are equally far. */
    public Optional<String> off() {
      int order = Double.compare(weight(a), weight(b));
      return order == 0 ? Optional.empty() : Optional.of(order > 0 ? "A" : "B");
    }

    private static double weight(StageMetrics metrics) {
      return metrics.notFinite() > 0 ? Double.POSITIVE_INFINITY : metrics.rms();
    }
  }
}
