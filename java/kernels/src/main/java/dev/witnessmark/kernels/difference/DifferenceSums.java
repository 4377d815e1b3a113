package dev.witnessmark.kernels.difference;

import dev.witnessmark.kernels.CompensatedSum;
import dev.witnessmark.kernels.LaneSum;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What {@link DifferenceKernel#reduce} accumulates: the sums of the segment it saw last and the
 * totals of all segments, with the working memory of the reduction. One object serves one thread.
 *
 * <p>A total is the sum of its segment sums up to {@link CompensatedSum}'s bound, so its distance
 * to the true sum stays below 3e-14 of the sum of magnitudes for any length up to 2⁴⁰ elements and
 * any order of signs. Totals of consecutive chunks, merged in chunk order, do not depend on which
 * thread made them.
 */
public final class DifferenceSums {

  final LaneSum deltaLanes = new LaneSum();
  final LaneSum deltaSquaredLanes = new LaneSum();
  final LaneSum aSquaredLanes = new LaneSum();
  final LaneSum bSquaredLanes = new LaneSum();
  final LaneSum productLanes = new LaneSum();

  /** Bins of the segment's pairs; a little longer so that stores may overrun. */
  final byte[] bins = new byte[DifferenceKernel.SEGMENT + Long.BYTES];

  /** Counts on their way into the histogram. */
  final byte[] nibbles = new byte[DifferenceKernel.SEGMENT / 2];

  /** Two vectors, in native memory, so that what is stored can be read as another type. */
  final MemorySegment scratch = Arena.ofAuto().allocate(2 * LaneSum.COUNT * Float.BYTES, 64);

  /** Largest d of the segment, as its float32 bits. */
  int largestBits;

  private double segmentDelta;
  private double segmentDeltaSquared;
  private double segmentASquared;
  private double segmentBSquared;
  private double segmentProduct;

  private final CompensatedSum delta = new CompensatedSum();
  private final CompensatedSum deltaSquared = new CompensatedSum();
  private final CompensatedSum aSquared = new CompensatedSum();
  private final CompensatedSum bSquared = new CompensatedSum();
  private final CompensatedSum product = new CompensatedSum();
  private final MagnitudeHistogram histogram = new MagnitudeHistogram();
  private final NonFinitePairs nonFinite = new NonFinitePairs();
  private long pairs;
  private long outOfRange;
  private long signedZeros;

  /** Starts a segment. */
  void begin() {
    deltaLanes.clear();
    deltaSquaredLanes.clear();
    aSquaredLanes.clear();
    bSquaredLanes.clear();
    productLanes.clear();
    largestBits = 0;
  }

  /**
   * Whether a² and b² of what the lanes hold so far are finite; for float32, whether a and b are.
   */
  boolean finite() {
    return Double.isFinite(aSquaredLanes.total() + bSquaredLanes.total());
  }

  /** Takes the finite pair at index {@code i} of the segment, whose d is {@code magnitude}. */
  void take(int i, double a, double b, double difference, float magnitude) {
    deltaLanes.add(i, difference);
    deltaSquaredLanes.addProduct(i, difference, difference);
    aSquaredLanes.addProduct(i, a, a);
    bSquaredLanes.addProduct(i, b, b);
    productLanes.addProduct(i, a, b);
    largestBits = Math.max(largestBits, Float.floatToRawIntBits(magnitude));
    histogram.add(MagnitudeHistogram.bin(magnitude), 1);
  }

  /** Ends a segment of {@code elements} pairs. */
  void end(int elements) {
    segmentDelta = deltaLanes.total();
    segmentDeltaSquared = deltaSquaredLanes.total();
    segmentASquared = aSquaredLanes.total();
    segmentBSquared = bSquaredLanes.total();
    segmentProduct = productLanes.total();
    addSegmentSums();
    pairs += elements;
  }

  private void addSegmentSums() {
    delta.add(segmentDelta);
    deltaSquared.add(segmentDeltaSquared);
    aSquared.add(segmentASquared);
    bSquared.add(segmentBSquared);
    product.add(segmentProduct);
  }

  /**
   * Adds a segment that a device has reduced, without its histogram and without the pairs of two
   * NaN, which are for {@link #addNaNPairs}.
   */
  public void add(ComparedSegment segment) {
    segmentDelta = segment.delta();
    segmentDeltaSquared = segment.deltaSquared();
    segmentASquared = segment.aSquared();
    segmentBSquared = segment.bSquared();
    segmentProduct = segment.product();
    largestBits = Float.floatToRawIntBits(segment.largest());
    addSegmentSums();
    long before = nonFinite.total();
    nonFinite.add(segment);
    pairs += segment.finite() + nonFinite.total() - before;
    signedZeros += segment.signedZeros();
  }

  /**
   * Adds pairs of two NaN.
   *
   * @param same how many have the same bits
   * @param different how many have not
   */
  public void addNaNPairs(int same, int different) {
    nonFinite.addNaNPairs(same, different);
    pairs += (long) same + different;
  }

  /** Adds the histogram of segments that a device has reduced: {@code counts} by bin, as int64. */
  public void addHistogram(MemorySegment counts) {
    histogram.add(counts);
  }

  void countSignedZeros(int found) {
    signedZeros += found;
  }

  void countOutOfRange() {
    outOfRange++;
  }

  /** Adds the totals of the elements that follow those of this one; the segment is left alone. */
  public void merge(DifferenceSums next) {
    delta.add(next.delta);
    deltaSquared.add(next.deltaSquared);
    aSquared.add(next.aSquared);
    bSquared.add(next.bSquared);
    product.add(next.product);
    histogram.add(next.histogram);
    nonFinite.add(next.nonFinite);
    pairs += next.pairs;
    outOfRange += next.outOfRange;
    signedZeros += next.signedZeros;
  }

  /** ΣΔ of the last segment. */
  public double segmentDelta() {
    return segmentDelta;
  }

  /** ΣΔ² of the last segment. */
  public double segmentDeltaSquared() {
    return segmentDeltaSquared;
  }

  /** Σa² of the last segment. */
  public double segmentASquared() {
    return segmentASquared;
  }

  /** Σb² of the last segment. */
  public double segmentBSquared() {
    return segmentBSquared;
  }

  /** Σab of the last segment. */
  public double segmentProduct() {
    return segmentProduct;
  }

  /** The largest d of the last segment's finite pairs; 0 if there are none. */
  public float segmentLargest() {
    return Float.intBitsToFloat(largestBits);
  }

  /** ΣΔ over the finite pairs. */
  public double delta() {
    return delta.value();
  }

  /** ΣΔ² over the finite pairs. */
  public double deltaSquared() {
    return deltaSquared.value();
  }

  /** Σa² over the finite pairs. */
  public double aSquared() {
    return aSquared.value();
  }

  /** Σb² over the finite pairs. */
  public double bSquared() {
    return bSquared.value();
  }

  /** Σab over the finite pairs. */
  public double product() {
    return product.value();
  }

  /** All pairs seen. */
  public long pairs() {
    return pairs;
  }

  /** Pairs that entered the sums. */
  public long finitePairs() {
    return pairs - nonFinite.total();
  }

  /**
   * Pairs that are numerically equal (−0 and +0 are), NaN of the same bits, or the same infinity.
   */
  public long equal() {
    return histogram.count(0) + nonFinite.equal();
  }

  /** Equal pairs of zeros of different sign. */
  public long signedZeros() {
    return signedZeros;
  }

  /**
   * Pairs of float64 values of which Δ, Δ², a², b² or ab leaves the range of normal doubles, so
   * that the sums are not right to their bound (and may be infinite or NaN); always 0 for float32.
   */
  public long outOfRange() {
    return outOfRange;
  }

  /** The finite pairs by magnitude of their difference. */
  public MagnitudeHistogram histogram() {
    return histogram;
  }

  /** The pairs with a NaN or an infinity. */
  public NonFinitePairs nonFinite() {
    return nonFinite;
  }
}
