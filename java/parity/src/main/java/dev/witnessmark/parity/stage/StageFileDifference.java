package dev.witnessmark.parity.stage;

import dev.witnessmark.verdict.RunRecord;
import dev.witnessmark.verdict.Verdict;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How two APRT files differ.
 *
 * @param a the left file as it was named
 * @param b the right one
 * @param layer the layer of both, or {@link dev.witnessmark.capture.AprtHeader#WHOLE_MODEL}
 * @param values values of each
 * @param bitEqual pairs of equal bits
 * @param differing pairs that are not the same number: −0 and +0 are, NaN of other bits is not
 * @param nanOnlyA pairs with a NaN in A only
 * @param nanOnlyB pairs with a NaN in B only
 * @param nanBoth pairs of NaN, whatever their bits
 * @param furthest largest |a − b| in float32 of a pair without a NaN, 0 if there is none above
 * @param furthestIndex the first place where it is; 0 if it is 0
 * @param rms square root of the mean of |a − b|², added up in float64 in the order of the file; NaN
 *     if some pair with a NaN differs
 * @param cosine cosine of the two tensors, from sums in float64 in the order of the file; 0 if one
 *     of them is zero, null if both are, or a sum is not finite
 * @param pairs those furthest apart, in the order of {@link ValuePair#FURTHEST}
 * @param verdict the answer
 * @param run what was asked and what ran
 */
public record StageFileDifference(
    String a,
    String b,
    long layer,
    long values,
    long bitEqual,
    long differing,
    long nanOnlyA,
    long nanOnlyB,
    long nanBoth,
    float furthest,
    long furthestIndex,
    float rms,
    @Nullable Double cosine,
    List<ValuePair> pairs,
    Verdict verdict,
    RunRecord run) {

  public StageFileDifference {
    pairs = List.copyOf(pairs);
  }
}
