package dev.witnessmark.kernels.operation;

import dev.witnessmark.kernels.summary.SummaryKernel;
import java.util.List;
import java.util.Optional;

/**
 * What float32 values are like, in one {@link Summary}.
 *
 * <p>A record of {@value #RECORD_BYTES} bytes: Σx and Σx² of the finite values as float64, {@link
 * #hash} of all as int64; as int64 how many are NaN, +∞, −∞ and zero; as int64 the index of the
 * first finite value of the largest magnitude; as float32 that magnitude, the smallest and the
 * largest finite value (−0 is below +0); then 4 bytes of 0. If nothing is finite, the index is −1
 * and the three numbers are 0.
 *
 * @param elements how many
 */
public record Summarise(long elements) implements Operation {

  /** Elements of a segment; the last one may be shorter. */
  public static final int SEGMENT = SummaryKernel.SEGMENT;

  /** Lanes that the sums of segments are added in. */
  public static final int FOLDED = 256;

  /** Bytes of the record. */
  public static final int RECORD_BYTES = 80;

  private static final long GOLDEN_GAMMA = 0x9e37_79b9_7f4a_7c15L;

  public Summarise {
    Check.notNegative("elements", elements);
    Check.elements(elements);
  }

  /**
   * What a value adds to the hash, which is their sum modulo 2⁶⁴: it may be added in any order, and
   * one value that changes by a single bit changes it for certain. The number is what SplitMix64
   * gives first for the seed {@code rotateLeft(index, 32) ^ bits}.
   *
   * @param index place of the value
   * @param bits the value as it is stored
   */
  public static long hash(long index, int bits) {
    long z = (Long.rotateLeft(index, 32) ^ Integer.toUnsignedLong(bits)) + GOLDEN_GAMMA;
    z = (z ^ (z >>> 30)) * 0xbf58_476d_1ce4_e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d0_49bb_1331_11ebL;
    return z ^ (z >>> 31);
  }

  /** Number of segments. */
  public long segments() {
    return Math.ceilDiv(elements, SEGMENT);
  }

  @Override
  public Family family() {
    return Family.SUMMARISE;
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
        Operand.in("values", Element.FLOAT32, elements),
        Operand.out("summary", Element.BYTE, RECORD_BYTES));
  }

  @Override
  public String shape() {
    return Long.toString(elements);
  }

  @Override
  public long arithmeticOperations() {
    return 3 * elements;
  }
}
