package dev.witnessmark.compare;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one pass over two tensors found. Sums run in float64 with compensation over all pairs of
 * finite values; Δ = a − b.
 *
 * @param values number of pairs
 * @param equal pairs of equal numbers, of bit-equal NaNs, of equal infinities
 * @param signedZeros pairs +0, −0 among the equal ones
 * @param outOfRange pairs of float64 values whose squares leave its range; where that makes a sum
 *     of squares wrong, what follows from it is null
 * @param nanBoth pairs of NaNs; null if the bytes are equal, which are not decoded
 * @param nanOnlyA pairs with a NaN in A only
 * @param nanOnlyB pairs with a NaN in B only
 * @param infBoth pairs of infinities; null as above
 * @param infOnlyA pairs with an infinity in A only
 * @param infOnlyB pairs with an infinity in B only
 * @param max the largest |Δ|, the first one on ties; null if no pair of finite values differs
 * @param mean mean of Δ; null if it is out of range
 * @param rms root of the mean of Δ²; null if it is out of range
 * @param relative ‖Δ‖ / ‖A‖ (Frobenius); null if A is zero and Δ is not, or one of them is out of
 *     range
 * @param cosine cosine of the angle between A and B, clamped to [−1, 1]; null if one is zero or out
 *     of range
 * @param normA ‖A‖; null if the bytes are equal, or it is out of range
 * @param normB ‖B‖; null as above
 * @param top pairs with the largest |Δ|, largest first
 * @param histogram of |Δ| over differing pairs, empty bins left out
 * @param rows per-row changes, or null for vectors
 * @param floor use of the rounding allowance, or null if both sides are stored the same unquantised
 *     way, or no bound is known for one of the types
 */
public record ValueDifference(
    long values,
    long equal,
    long signedZeros,
    long outOfRange,
    @Nullable Long nanBoth,
    long nanOnlyA,
    long nanOnlyB,
    @Nullable Long infBoth,
    long infOnlyA,
    long infOnlyB,
    @Nullable Extreme max,
    @Nullable Double mean,
    @Nullable Double rms,
    @Nullable Double relative,
    @Nullable Double cosine,
    @Nullable Double normA,
    @Nullable Double normB,
    List<Extreme> top,
    List<HistogramBin> histogram,
    @Nullable RowChanges rows,
    @Nullable FloorUse floor) {

  public ValueDifference {
    top = List.copyOf(top);
    histogram = List.copyOf(histogram);
  }
}
