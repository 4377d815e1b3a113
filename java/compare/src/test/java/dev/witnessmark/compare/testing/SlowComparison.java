package dev.witnessmark.compare.testing;

import dev.witnessmark.compare.Extreme;
import dev.witnessmark.compare.RowChange;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The comparison as its definition reads, without speed: exact sums, sorted lists.
 *
 * @param meanMagnitude mean of |Δ|, the scale of the error of {@code mean}
 * @param moved all rows that moved, most first
 */
public record SlowComparison(
    long values,
    long equal,
    long signedZeros,
    long nanBoth,
    long nanOnlyA,
    long nanOnlyB,
    long infBoth,
    long infOnlyA,
    long infOnlyB,
    double mean,
    double meanMagnitude,
    double rms,
    @Nullable Double relative,
    @Nullable Double cosine,
    double normA,
    double normB,
    List<Extreme> top,
    SortedMap<Double, Long> histogram,
    List<RowChange> moved) {

  /** Whole numbers below this are summed in 64 bits: as exact, and quick. */
  private static final int SMALL = 1 << 16;

  /**
   * Compares matrices {@code [rows, columns]}; {@code wide} if float32 does not hold the values.
   */
  public static SlowComparison of(
      double[] a, double[] b, int rows, int columns, boolean wide, int keep) {
    Tally all = new Tally();
    List<Extreme> extremes = new ArrayList<>();
    SortedMap<Double, Long> histogram = new TreeMap<>();
    List<RowChange> moved = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      Tally one = new Tally();
      for (int column = 0; column < columns; column++) {
        int i = row * columns + column;
        all.add(a[i], b[i]);
        one.add(a[i], b[i]);
        if (Double.isFinite(a[i]) && Double.isFinite(b[i]) && a[i] != b[i]) {
          extremes.add(new Extreme(i, row, column, a[i], b[i], a[i] - b[i]));
          histogram.merge(bin(a[i], b[i], wide), 1L, Long::sum);
        }
      }
      if (one.equal < one.values) {
        moved.add(new RowChange(row, one.total().rowChange()));
      }
    }
    all.total();
    extremes.sort(
        Comparator.comparingDouble((Extreme e) -> -Math.abs(e.delta()))
            .thenComparingLong(Extreme::index));
    moved.sort(
        Comparator.comparingDouble((RowChange change) -> -change.relative())
            .thenComparingLong(RowChange::row));
    long finite = all.finite;
    double normA = root(all.aSquared);
    double normB = root(all.bSquared);
    boolean aZero = all.aSquared.signum() == 0;
    boolean deltaZero = all.deltaSquared.signum() == 0;
    return new SlowComparison(
        all.values,
        all.equal,
        all.signedZeros,
        all.nanBoth,
        all.nanOnlyA,
        all.nanOnlyB,
        all.infBoth,
        all.infOnlyA,
        all.infOnlyB,
        finite == 0 ? 0 : all.delta.doubleValue() / finite,
        finite == 0 ? 0 : all.magnitudes.doubleValue() / finite,
        finite == 0 ? 0 : Math.sqrt(all.deltaSquared.doubleValue() / finite),
        deltaZero ? Double.valueOf(0) : aZero ? null : root(all.deltaSquared) / normA,
        normA == 0 || normB == 0 ? null : all.product.doubleValue() / normA / normB,
        normA,
        normB,
        extremes.subList(0, Math.min(keep, extremes.size())),
        histogram,
        moved);
  }

  /** The smallest power of two, at least 2⁻¹²⁶, that is not below |a − b| in float32. */
  private static double bin(double a, double b, boolean wide) {
    double magnitude =
        wide ? Math.max(Float.MIN_VALUE, (float) Math.abs(a - b)) : Math.abs((float) a - (float) b);
    double edge = 0x1p-126;
    while (edge < magnitude) {
      edge *= 2;
    }
    return edge > 0x1p127 ? Double.POSITIVE_INFINITY : edge;
  }

  private static double root(BigDecimal value) {
    return value.sqrt(MathContext.DECIMAL64).doubleValue();
  }

  private static final class Tally {
    long values;
    long finite;
    long equal;
    long signedZeros;
    long nanBoth;
    long nanOnlyA;
    long nanOnlyB;
    long infBoth;
    long infOnlyA;
    long infOnlyB;
    BigDecimal delta = BigDecimal.ZERO;
    BigDecimal magnitudes = BigDecimal.ZERO;
    BigDecimal deltaSquared = BigDecimal.ZERO;
    BigDecimal aSquared = BigDecimal.ZERO;
    BigDecimal bSquared = BigDecimal.ZERO;
    BigDecimal product = BigDecimal.ZERO;
    long wholeDelta;
    long wholeMagnitudes;
    long wholeDeltaSquared;
    long wholeASquared;
    long wholeBSquared;
    long wholeProduct;

    void add(double a, double b) {
      values++;
      boolean sameBits = Double.doubleToRawLongBits(a) == Double.doubleToRawLongBits(b);
      if (Double.isNaN(a) || Double.isNaN(b)) {
        if (!Double.isNaN(b)) {
          nanOnlyA++;
        } else if (!Double.isNaN(a)) {
          nanOnlyB++;
        } else {
          nanBoth++;
          equal += sameBits ? 1 : 0;
        }
      } else if (Double.isInfinite(a) || Double.isInfinite(b)) {
        if (!Double.isInfinite(b)) {
          infOnlyA++;
        } else if (!Double.isInfinite(a)) {
          infOnlyB++;
        } else {
          infBoth++;
          equal += sameBits ? 1 : 0;
        }
      } else {
        finite++;
        equal += a == b ? 1 : 0;
        signedZeros += a == b && !sameBits ? 1 : 0;
        if (a == (int) a && b == (int) b && Math.abs(a) < SMALL && Math.abs(b) < SMALL) {
          addWhole((int) a, (int) b);
          return;
        }
        BigDecimal exactA = new BigDecimal(a);
        BigDecimal exactB = new BigDecimal(b);
        aSquared = aSquared.add(exactA.multiply(exactA));
        bSquared = bSquared.add(exactB.multiply(exactB));
        product = product.add(exactA.multiply(exactB));
        BigDecimal difference = exactA.subtract(exactB);
        if (difference.signum() != 0) {
          delta = delta.add(difference);
          magnitudes = magnitudes.add(difference.abs());
          deltaSquared = deltaSquared.add(difference.multiply(difference));
        }
      }
    }

    private void addWhole(long a, long b) {
      wholeDelta += a - b;
      wholeMagnitudes += Math.abs(a - b);
      wholeDeltaSquared += (a - b) * (a - b);
      wholeASquared += a * a;
      wholeBSquared += b * b;
      wholeProduct += a * b;
    }

    /** Puts the sums over whole numbers to the others. */
    Tally total() {
      delta = delta.add(BigDecimal.valueOf(wholeDelta));
      magnitudes = magnitudes.add(BigDecimal.valueOf(wholeMagnitudes));
      deltaSquared = deltaSquared.add(BigDecimal.valueOf(wholeDeltaSquared));
      aSquared = aSquared.add(BigDecimal.valueOf(wholeASquared));
      bSquared = bSquared.add(BigDecimal.valueOf(wholeBSquared));
      product = product.add(BigDecimal.valueOf(wholeProduct));
      return this;
    }

    double rowChange() {
      if (deltaSquared.signum() == 0) {
        return 0;
      }
      return aSquared.signum() == 0
          ? Double.POSITIVE_INFINITY
          : Math.sqrt(deltaSquared.doubleValue() / aSquared.doubleValue());
    }
  }
}
