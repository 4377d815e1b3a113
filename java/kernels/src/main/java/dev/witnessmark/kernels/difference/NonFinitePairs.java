package dev.witnessmark.kernels.difference;

/**
 * Counts of the pairs in which at least one side is NaN or infinite. A NaN goes before an infinity:
 * NaN against +Inf counts as NaN on one side.
 */
public final class NonFinitePairs {

  private long nanSame;
  private long nanDifferent;
  private long nanOnlyA;
  private long nanOnlyB;
  private long infinitySame;
  private long infinityOpposite;
  private long infinityOnlyA;
  private long infinityOnlyB;

  /**
   * Counts one pair.
   *
   * @param sameBits whether both are stored as the same bits
   * @return true if they count as equal: NaN of the same bits, or the same infinity
   */
  boolean count(double a, double b, boolean sameBits) {
    boolean nanA = Double.isNaN(a);
    boolean nanB = Double.isNaN(b);
    if (nanA && nanB) {
      if (sameBits) {
        nanSame++;
      } else {
        nanDifferent++;
      }
      return sameBits;
    }
    if (nanA) {
      nanOnlyA++;
    } else if (nanB) {
      nanOnlyB++;
    } else if (a == b) {
      infinitySame++;
      return true;
    } else if (a == -b) {
      infinityOpposite++;
    } else if (Double.isInfinite(a)) {
      infinityOnlyA++;
    } else {
      infinityOnlyB++;
    }
    return false;
  }

  void add(NonFinitePairs other) {
    nanSame += other.nanSame;
    nanDifferent += other.nanDifferent;
    nanOnlyA += other.nanOnlyA;
    nanOnlyB += other.nanOnlyB;
    infinitySame += other.infinitySame;
    infinityOpposite += other.infinityOpposite;
    infinityOnlyA += other.infinityOnlyA;
    infinityOnlyB += other.infinityOnlyB;
  }

  void addNaNPairs(int same, int different) {
    nanSame += same;
    nanDifferent += different;
  }

  /** Adds the pairs of {@code segment} that are not of two NaN. */
  void add(ComparedSegment segment) {
    nanOnlyA += segment.nanOnlyA();
    nanOnlyB += segment.nanOnlyB();
    infinitySame += segment.infinitySame();
    infinityOpposite += segment.infinityOpposite();
    infinityOnlyA += segment.infinityOnlyA();
    infinityOnlyB += segment.infinityOnlyB();
  }

  /** NaN on both sides with the same bits: equal. */
  public long nanSame() {
    return nanSame;
  }

  /** NaN on both sides with different bits: a difference. */
  public long nanDifferent() {
    return nanDifferent;
  }

  /** NaN in a, something else in b. */
  public long nanOnlyA() {
    return nanOnlyA;
  }

  /** NaN in b, something else in a. */
  public long nanOnlyB() {
    return nanOnlyB;
  }

  /** The same infinity on both sides: equal. */
  public long infinitySame() {
    return infinitySame;
  }

  /** Infinities of opposite sign. */
  public long infinityOpposite() {
    return infinityOpposite;
  }

  /** An infinity in a, a finite number in b. */
  public long infinityOnlyA() {
    return infinityOnlyA;
  }

  /** An infinity in b, a finite number in a. */
  public long infinityOnlyB() {
    return infinityOnlyB;
  }

  /** Pairs that count as equal. */
  public long equal() {
    return nanSame + infinitySame;
  }

  /** All pairs counted here. */
  public long total() {
    return equal()
        + nanDifferent
        + nanOnlyA
        + nanOnlyB
        + infinityOpposite
        + infinityOnlyA
        + infinityOnlyB;
  }
}
