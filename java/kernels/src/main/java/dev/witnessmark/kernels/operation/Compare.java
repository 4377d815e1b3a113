package dev.witnessmark.kernels.operation;

import dev.witnessmark.kernels.difference.DifferenceKernel;
import dev.witnessmark.kernels.difference.MagnitudeHistogram;
import java.util.List;
import java.util.Optional;

/**
 * The comparator's one pass over two sequences of float32: one record for each segment and one
 * histogram for all.
 *
 * <p>A record of {@value #RECORD_BYTES} bytes: ΣΔ, ΣΔ², Σa², Σb² and Σab as float64; the largest |a
 * − b| as float32 with the index, within the segment, of the first pair that has it (0 and −1 if no
 * finite pair differs); then as int32 the counts of NaN on both sides with the same bits, NaN with
 * other bits, NaN only in a, only in b, the same infinity, opposite infinities, infinity only in a,
 * only in b; then of zeros of different sign, and of finite pairs. The histogram counts the finite
 * pairs by |a − b| in the 256 bins of {@link MagnitudeHistogram}, as int64.
 *
 * @param elements length of both
 */
public record Compare(long elements) implements Operation {

  /** Elements of a segment; the last one may be shorter. */
  public static final int SEGMENT = DifferenceKernel.SEGMENT;

  /** Bytes of a segment's record. */
  public static final int RECORD_BYTES = 88;

  /** Bins of the histogram. */
  public static final int BINS = MagnitudeHistogram.BINS;

  public Compare {
    Check.notNegative("elements", elements);
    Check.elements(elements);
  }

  /** Number of records. */
  public long segments() {
    return Math.ceilDiv(elements, SEGMENT);
  }

  @Override
  public Family family() {
    return Family.COMPARE;
  }

  @Override
  public Optional<String> variant() {
    return Optional.empty();
  }

  @Override
  public List<Number> parameters() {
    return List.of(elements);
  }

  @Override
  public List<Operand> operands() {
    return List.of(
        Operand.in("a", Element.FLOAT32, elements),
        Operand.in("b", Element.FLOAT32, elements),
        Operand.out("segments", Element.BYTE, RECORD_BYTES * segments()),
        Operand.out("histogram", Element.INT64, BINS));
  }

  @Override
  public String shape() {
    return Long.toString(elements);
  }

  @Override
  public long arithmeticOperations() {
    return 11 * elements;
  }
}
