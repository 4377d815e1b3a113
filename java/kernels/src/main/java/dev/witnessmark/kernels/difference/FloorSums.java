package dev.witnessmark.kernels.difference;

import dev.witnessmark.kernels.CompensatedSum;
import dev.witnessmark.kernels.LaneSum;

/**
 * What {@link DifferenceKernel#judge} accumulates, with its working memory: how many pairs differ,
 * and how many of them by no more than rounding allows. One object serves one thread; merged in the
 * order of the elements, the bits do not depend on which thread made what.
 */
public final class FloorSums {

  final LaneSum withinLanes = new LaneSum();

  private long segmentDiffering;
  private long segmentWithin;
  private boolean segmentMayHaveRecord;
  private double segmentDeltaSquaredWithin;

  private long differing;
  private long within;
  private final CompensatedSum deltaSquaredWithin = new CompensatedSum();
  private double largestRatio;
  private long largestRatioIndex = -1;

  /** Starts a segment. */
  void begin() {
    withinLanes.clear();
    segmentDiffering = 0;
    segmentWithin = 0;
    segmentMayHaveRecord = false;
  }

  /** Takes the pair at index {@code i} of the segment, which differs. */
  void take(int i, double difference, boolean allowed, double ratio, long index) {
    segmentDiffering++;
    if (allowed) {
      segmentWithin++;
      withinLanes.addProduct(i, difference, difference);
    }
    takeRatio(ratio, index);
  }

  /**
   * Takes the counts of several lanes.
   *
   * @param mayHaveRecord whether a ratio may be larger than {@link #record}, or is not a number
   */
  void takeLanes(int differs, int inside, boolean mayHaveRecord) {
    segmentDiffering += differs;
    segmentWithin += inside;
    segmentMayHaveRecord |= mayHaveRecord;
  }

  /** Whether the ratios of the lanes taken are to be looked at. */
  boolean segmentMayHaveRecord() {
    return segmentMayHaveRecord;
  }

  /**
   * Ratios of float32 up to this one are no records at or after {@code index}; before the largest
   * one so far, any ratio may be.
   */
  float record(long index) {
    return index < largestRatioIndex ? 0 : (float) largestRatio;
  }

  /** Whether a pair with this ratio at or after {@code index} could be the largest. */
  boolean isRecord(double ratio, long index) {
    return ratio > largestRatio
        || (ratio == largestRatio && ratio > 0 && index < largestRatioIndex);
  }

  /** Takes one ratio; NaN (both infinite, or nothing of nothing) is none. */
  void takeRatio(double ratio, long index) {
    if (isRecord(ratio, index)) {
      largestRatio = ratio;
      largestRatioIndex = index;
    }
  }

  /** Ends a segment. */
  void end() {
    segmentDeltaSquaredWithin = withinLanes.total();
    deltaSquaredWithin.add(segmentDeltaSquaredWithin);
    differing += segmentDiffering;
    within += segmentWithin;
  }

  /** Back to nothing. */
  public void clear() {
    begin();
    segmentDeltaSquaredWithin = 0;
    differing = 0;
    within = 0;
    deltaSquaredWithin.clear();
    largestRatio = 0;
    largestRatioIndex = -1;
  }

  /**
   * Adds a segment that a device has judged.
   *
   * @param firstIndex index of the segment's first element in its tensor
   */
  public void add(JudgedSegment segment, long firstIndex) {
    segmentDeltaSquaredWithin = segment.deltaSquaredWithin();
    deltaSquaredWithin.add(segmentDeltaSquaredWithin);
    differing += segment.differing();
    within += segment.within();
    if (segment.index() >= 0) {
      takeRatio(segment.ratio(), firstIndex + segment.index());
    }
  }

  /** Adds the pairs that follow those of this one. */
  public void merge(FloorSums next) {
    differing += next.differing;
    within += next.within;
    deltaSquaredWithin.add(next.deltaSquaredWithin);
    takeRatio(next.largestRatio, next.largestRatioIndex);
  }

  /** Pairs that differ. */
  public long differing() {
    return differing;
  }

  /** Pairs that differ by no more than their allowance. */
  public long within() {
    return within;
  }

  /** Pairs that differ by more than their allowance, or in a NaN or an infinity. */
  public long beyond() {
    return differing - within;
  }

  /** ΣΔ² over the pairs within. */
  public double deltaSquaredWithin() {
    return deltaSquaredWithin.value();
  }

  /** ΣΔ² over the pairs within of the last segment. */
  public double segmentDeltaSquaredWithin() {
    return segmentDeltaSquaredWithin;
  }

  /** Largest difference as a multiple of its allowance; 0 if nothing differs. */
  public double largestRatio() {
    return largestRatio;
  }

  /** Index of the pair of {@link #largestRatio}, the first of several; -1 if nothing differs. */
  public long largestRatioIndex() {
    return largestRatioIndex;
  }
}
