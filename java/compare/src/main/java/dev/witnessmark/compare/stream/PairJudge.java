package dev.witnessmark.compare.stream;

import static java.util.Objects.requireNonNull;

import dev.witnessmark.compare.Extreme;
import dev.witnessmark.compare.FloorUse;
import dev.witnessmark.compare.HistogramBin;
import dev.witnessmark.compare.RowChanges;
import dev.witnessmark.compare.TensorStatus;
import dev.witnessmark.compare.ValueDifference;
import dev.witnessmark.compare.match.TensorPair;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.difference.DifferenceSums;
import dev.witnessmark.kernels.difference.FloorSums;
import dev.witnessmark.kernels.difference.MagnitudeHistogram;
import dev.witnessmark.kernels.difference.NonFinitePairs;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a pair that was read to the end is found to be.
 *
 * @param status what became of the tensor
 * @param basis why, in one sentence
 * @param difference the numbers
 */
public record PairJudge(TensorStatus status, String basis, ValueDifference difference) {

  /** Up to here float64 holds every integer. */
  private static final double LARGEST_EXACT_INTEGER = 0x1p53;

  /** A square below 2⁻¹⁰²² may be lost; that is no loss to a sum of at least this much for each. */
  private static final double SURE_SQUARE = 0x1p-960;

  /** Judges a pair by its sums. */
  static PairJudge of(TensorPair pair, PairResult result) {
    return switch (result) {
      case PairResult.SameBytes(boolean nonZero) -> sameBytes(pair, nonZero);
      case PairResult.Compared compared -> compared(pair, compared);
      case PairResult.Failed(String reason) -> throw new IllegalArgumentException(reason);
    };
  }

  private static final Map<TensorType, String> SAME_BYTES =
      bases(" on both sides, all bytes equal");

  private static final Map<TensorType, String> SWAPPED_BYTES =
      bases(" on both sides, equal but for the order of bytes: big-endian against little-endian");

  /** One text for each type: there may be very many tensors of it. */
  private static Map<TensorType, String> bases(String what) {
    Map<TensorType, String> bases = new EnumMap<>(TensorType.class);
    for (TensorType type : TensorType.values()) {
      bases.put(type, type + what);
    }
    return Collections.unmodifiableMap(bases);
  }

  private static PairJudge sameBytes(TensorPair pair, boolean nonZero) {
    long values = pair.a().elements();
    RowChanges rows =
        ChunkPlan.rowWise(pair) ? new RowChanges(pair.a().rows(), 0, List.of()) : null;
    boolean sameOrder = pair.a().isSwapped() == pair.b().isSwapped();
    return new PairJudge(
        sameOrder ? TensorStatus.BIT_IDENTICAL : TensorStatus.IDENTICAL,
        requireNonNull((sameOrder ? SAME_BYTES : SWAPPED_BYTES).get(pair.a().type())),
        new ValueDifference(
            values,
            values,
            0,
            0,
            null,
            0,
            0,
            null,
            0,
            0,
            null,
            0.0,
            0.0,
            0.0,
            nonZero ? 1.0 : null,
            null,
            null,
            List.of(),
            List.of(),
            rows,
            null));
  }

  private static PairJudge compared(TensorPair pair, PairResult.Compared compared) {
    DifferenceSums sums = compared.sums();
    long columns = Math.max(1, pair.a().columns());
    List<Extreme> top =
        compared.top().entries().stream()
            .map(e ->
                new Extreme(
                    e.index(), e.index() / columns, e.index() % columns, e.a(), e.b(), e.delta()))
            .toList();
    FloorSums floorSums = compared.floor();
    FloorUse floor = floorSums == null ? null : floorUse(floorSums, sums);
    Double normA = norm(sums.aSquared(), sums);
    Double normB = norm(sums.bSquared(), sums);
    NonFinitePairs nonFinite = sums.nonFinite();
    long finite = sums.finitePairs();
    // Where no finite pair differs, nothing has been rounded away.
    boolean still = sums.equal() - nonFinite.equal() == finite;
    Double delta = still ? Double.valueOf(0) : norm(sums.deltaSquared(), sums);
    ValueDifference difference =
        new ValueDifference(
            sums.pairs(),
            sums.equal(),
            sums.signedZeros(),
            sums.outOfRange(),
            nonFinite.nanSame() + nonFinite.nanDifferent(),
            nonFinite.nanOnlyA(),
            nonFinite.nanOnlyB(),
            nonFinite.infinitySame() + nonFinite.infinityOpposite(),
            nonFinite.infinityOnlyA(),
            nonFinite.infinityOnlyB(),
            top.isEmpty() ? null : top.getFirst(),
            mean(sums.delta(), finite),
            delta == null ? null : rms(sums, still),
            relative(delta, normA),
            cosine(sums, delta, normA, normB),
            normA,
            normB,
            top,
            histogram(sums.histogram()),
            ChunkPlan.rowWise(pair)
                ? new RowChanges(pair.a().rows(), compared.rowsMoved(), compared.topRows().rows())
                : null,
            floor);
    return status(pair, difference, floor);
  }

  private static PairJudge status(
      TensorPair pair, ValueDifference difference, @Nullable FloorUse floor) {
    TensorType typeA = pair.a().type();
    TensorType typeB = pair.b().type();
    if (difference.equal() == difference.values()) {
      if (mayHideDifferences(typeA, typeB, difference)) {
        boolean integers = isLong(typeA) && isLong(typeB);
        return new PairJudge(
            integers ? TensorStatus.MOVED : TensorStatus.WITHIN_QUANTISATION,
            integers
                ? "64-bit integers beyond 2^53: equal as float64, which does not tell them apart"
                : "64-bit integers beyond 2^53 against %s: equal up to the rounding of float64"
                    .formatted(isLong(typeA) ? typeB : typeA),
            difference);
      }
      if (difference.values() == 0 && typeA == typeB) {
        return new PairJudge(TensorStatus.BIT_IDENTICAL, "no values on either side", difference);
      }
      return new PairJudge(
          TensorStatus.IDENTICAL,
          "%s and %s decode to equal numbers".formatted(typeA, typeB),
          difference);
    }
    if (difference.max() == null) {
      return new PairJudge(
          TensorStatus.MOVED,
          "%s against %s: all finite values are equal, %d are NaN or infinite otherwise than on the"
                  .formatted(typeA, typeB, difference.values() - difference.equal())
              + " other side",
          difference);
    }
    if (floor == null) {
      String why =
          pair.a().bounded() && pair.b().bounded()
              ? "%s on both sides, so any change counts as moved".formatted(typeA)
              : "no bound on the rounding of %s is known, so any change counts as moved"
                  .formatted(pair.a().bounded() ? typeB : typeA);
      return new PairJudge(TensorStatus.MOVED, why, difference);
    }
    if (floor.beyond() == 0) {
      return new PairJudge(
          TensorStatus.WITHIN_QUANTISATION,
          "%s against %s: no value differs by more than their rounding, at most %.3f of it used"
              .formatted(typeA, typeB, floor.used()),
          difference);
    }
    return new PairJudge(
        TensorStatus.MOVED,
        "%s against %s: %d values differ by more than their rounding, up to %.4g times"
            .formatted(typeA, typeB, floor.beyond(), floor.used()),
        difference);
  }

  /**
   * True if equal float64 values do not mean equal integers: some may be beyond 2^53, as the norm
   * shows, and their bytes are not known to be equal.
   */
  private static boolean mayHideDifferences(
      TensorType typeA, TensorType typeB, ValueDifference difference) {
    Double norm = difference.normA();
    return (isLong(typeA) || isLong(typeB)) && norm != null && norm >= LARGEST_EXACT_INTEGER;
  }

  private static boolean isLong(TensorType type) {
    return type == TensorType.I64 || type == TensorType.U64;
  }

  private static FloorUse floorUse(FloorSums floor, DifferenceSums sums) {
    double all = sums.deltaSquared();
    return new FloorUse(
        floor.within(),
        floor.beyond(),
        all > 0 && Double.isFinite(all) ? Math.min(1, floor.deltaSquaredWithin() / all) : 0,
        floor.largestRatio(),
        floor.largestRatioIndex() < 0 ? null : floor.largestRatioIndex());
  }

  /**
   * The root of a sum of squares; null if the sum left the range of float64, or is so small that
   * squares which did may be missing.
   */
  private static @Nullable Double norm(double squares, DifferenceSums sums) {
    boolean sure =
        sums.outOfRange() == 0
            || (Double.isFinite(squares) && squares >= sums.outOfRange() * SURE_SQUARE);
    return sure ? Math.sqrt(squares) : null;
  }

  private static double rms(DifferenceSums sums, boolean still) {
    return still ? 0 : Math.sqrt(sums.deltaSquared() / sums.finitePairs());
  }

  private static @Nullable Double mean(double delta, long finite) {
    if (!Double.isFinite(delta)) {
      return null;
    }
    return finite == 0 ? 0 : delta / finite;
  }

  private static @Nullable Double relative(@Nullable Double delta, @Nullable Double normA) {
    if (delta != null && delta == 0) {
      return 0.0;
    }
    return delta == null || normA == null || normA == 0 ? null : Double.valueOf(delta / normA);
  }

  private static @Nullable Double cosine(
      DifferenceSums sums, @Nullable Double delta, @Nullable Double normA, @Nullable Double normB) {
    if (normA == null || normB == null || normA == 0 || normB == 0) {
      return null;
    }
    if (delta != null && delta == 0) {
      return 1.0;
    }
    return Math.clamp(sums.product() / normA / normB, -1.0, 1.0);
  }

  private static List<HistogramBin> histogram(MagnitudeHistogram histogram) {
    List<HistogramBin> bins = new ArrayList<>();
    for (int bin = 1; bin < MagnitudeHistogram.BINS; bin++) {
      if (histogram.count(bin) > 0) {
        bins.add(new HistogramBin(MagnitudeHistogram.upperEdge(bin), histogram.count(bin)));
      }
    }
    return bins;
  }
}
